"""Log files of both processes."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from realm_desktop.log import last_lines, start_logging, stop_logging


@pytest.fixture(autouse=True)
def _root_level() -> Iterator[None]:
    root = logging.getLogger()
    level = root.level
    yield
    root.setLevel(level)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_log_file_starts_with_versions(tmp_path: Path) -> None:
    handler = start_logging(tmp_path / "logs", "gui", versions={"device": "cpu, 2 threads"})
    stop_logging(handler)

    text = _read(tmp_path / "logs" / "gui.log")
    assert "Realm Desktop" in text.splitlines()[0]
    assert "Python: 3." in text
    assert "device: cpu, 2 threads" in text


def test_each_process_has_its_own_file(tmp_path: Path) -> None:
    stop_logging(start_logging(tmp_path, "gui"))
    stop_logging(start_logging(tmp_path, "engine"))

    assert {path.name for path in tmp_path.iterdir()} == {"gui.log", "engine.log"}


def test_debug_lines_are_kept_only_on_request(tmp_path: Path) -> None:
    quiet = start_logging(tmp_path, "gui")
    logging.getLogger("realm_desktop.x").debug("a detail")
    stop_logging(quiet)
    loud = start_logging(tmp_path, "engine", is_debug=True)
    logging.getLogger("realm_desktop.x").debug("a detail")
    stop_logging(loud)

    assert "a detail" not in _read(tmp_path / "gui.log")
    assert "a detail" in _read(tmp_path / "engine.log")


def test_lone_surrogates_do_not_break_a_line(tmp_path: Path) -> None:
    handler = start_logging(tmp_path, "gui")
    logging.getLogger("realm_desktop.x").info("name %s", "\ud800")
    stop_logging(handler)

    assert "name \\ud800" in _read(tmp_path / "gui.log")


def test_impossible_folder_logs_to_standard_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()

    stop_logging(start_logging(tmp_path / "file" / "logs", "gui"))

    assert "Realm Desktop" in capsys.readouterr().err


def _write(folder: Path, process: str, *lines: str) -> None:
    (folder / f"{process}.log").write_text("".join(f"{line}\n" for line in lines), "utf-8")


def test_last_lines_of_both_logs_are_merged_by_time(tmp_path: Path) -> None:
    _write(tmp_path, "gui", "2026-01-01T10:00:01.000Z a", "2026-01-01T10:00:03.000Z c")
    _write(tmp_path, "engine", "2026-01-01T10:00:02.000Z b")

    lines = last_lines(tmp_path)

    assert [line[-1] for line in lines] == ["a", "b", "c"]
    assert [line.split()[0] for line in lines] == ["gui", "engine", "gui"]


def test_traceback_stays_with_its_line(tmp_path: Path) -> None:
    _write(tmp_path, "gui", "2026-01-01T10:00:01.000Z a", "Traceback", "  File")
    _write(tmp_path, "engine", "2026-01-01T10:00:00.000Z x", "2026-01-01T10:00:02.000Z b")

    assert [line[7:][-9:] for line in last_lines(tmp_path)][2:4] == ["Traceback", "  File"]


def test_last_lines_are_whole_lines(tmp_path: Path) -> None:
    _write(tmp_path, "engine", *(f"2026-01-01T10:00:00.000Z {n:04}" for n in range(100)))

    lines = last_lines(tmp_path, max_bytes=1000)

    assert 30 < len(lines) < 40
    assert all(line.startswith("engine 2026") for line in lines)


def test_missing_logs_have_no_lines(tmp_path: Path) -> None:
    assert last_lines(tmp_path / "nowhere") == []
