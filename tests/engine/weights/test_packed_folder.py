"""The folder of kept weights: which files go, which stay, and what other processes do meanwhile."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from realm_desktop.engine.weights.packed_folder import make_room, remove


def put(folder: Path, name: str, num_bytes: int, *, age_s: float = 0.0) -> Path:
    path = folder / name
    path.write_bytes(bytes(num_bytes))
    then_s = time.time() - age_s
    os.utime(path, (then_s, then_s))
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three files of 100 bytes, `a` used longest ago."""
    for age, name in enumerate(("c.packed", "b.packed", "a.packed")):
        put(tmp_path, name, 100, age_s=60.0 * age)
    return tmp_path


def refuse(*_: object, **__: object) -> None:
    raise PermissionError(13, "mapped by another process")


@pytest.mark.parametrize(
    ("most_bytes", "left"),
    [
        (300, ["a.packed", "b.packed", "c.packed"]),
        (299, ["b.packed", "c.packed"]),
        (100, ["c.packed"]),
        (0, []),
    ],
)
def test_least_recently_used_go_first(folder: Path, most_bytes: int, left: list[str]) -> None:
    assert make_room(folder, most_bytes, ())

    assert names(folder) == left


def test_files_in_use_stay(folder: Path) -> None:
    assert make_room(folder, 100, {"a.packed"})

    assert names(folder) == ["a.packed"]


@pytest.mark.parametrize("most_bytes", [-1, 99])
def test_nothing_goes_where_that_would_not_help(folder: Path, most_bytes: int) -> None:
    assert not make_room(folder, most_bytes, {"a.packed"})

    assert len(names(folder)) == 3


def test_file_that_cannot_be_removed_makes_no_room(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "unlink", refuse)

    assert not make_room(folder, 200, ())


def test_next_one_goes_where_the_oldest_cannot(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlink = Path.unlink

    def unlink_others(path: Path, missing_ok: bool = False) -> None:
        refuse() if path.name == "a.packed" else unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", unlink_others)

    assert make_room(folder, 200, ())
    assert names(folder) == ["a.packed", "c.packed"]


def test_file_that_goes_while_it_is_looked_at_is_no_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stat = Path.stat

    def stat_others(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if path.name == "b.packed":
            raise FileNotFoundError(path)
        return stat(path, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(Path, "stat", stat_others)

    assert make_room(folder, 100, ())


@pytest.mark.parametrize("name", ["a.packed.1f2e", "a.packed.1f2e.part"])
def test_what_dead_writers_left_goes(tmp_path: Path, name: str) -> None:
    put(tmp_path, name, 100, age_s=3600.0)

    assert make_room(tmp_path, 0, ())

    assert names(tmp_path) == []


def test_what_another_process_writes_stays_and_counts(folder: Path) -> None:
    put(folder, "d.packed.1f2e.part", 100)

    assert make_room(folder, 200, ())

    assert names(folder) == ["c.packed", "d.packed.1f2e.part"]


def test_files_of_others_are_not_touched(tmp_path: Path) -> None:
    put(tmp_path, "download.gguf.part", 100, age_s=3600.0)
    put(tmp_path, "model.gguf", 100, age_s=3600.0)

    assert make_room(tmp_path, 0, ())

    assert len(names(tmp_path)) == 2


def test_folder_that_is_not_there_has_room(tmp_path: Path) -> None:
    assert make_room(tmp_path / "none", 0, ())


def test_file_that_is_gone_is_removed(tmp_path: Path) -> None:
    assert remove(tmp_path / "none.packed")


def test_file_that_stays_is_said(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Path, "unlink", refuse)

    with caplog.at_level("INFO"):
        assert not remove(folder / "a.packed")

    assert "a.packed stays" in caplog.text
