"""`doctor` tells what a report needs, and what is wrong, whatever fails while it looks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from realm_desktop import __version__
from realm_desktop.cli.doctor import report as report_module
from realm_desktop.cli.doctor.engine_start import EngineStart
from realm_desktop.engine.kernels.library import OFF, SWITCH
from realm_desktop.errors import EngineStopped, RealmError
from realm_desktop.torch_folder import TorchState, write_state
from tests.support.command_line import Result, run


@pytest.fixture(autouse=True)
def _window(monkeypatch: pytest.MonkeyPatch) -> None:
    """Qt is not started for each of these; `test_window_start` does."""
    qt = {"is_found": True, "platform": "offscreen"}
    monkeypatch.setattr(report_module, "describe_window", lambda _: qt)


def _run(folder: Path, *flags: object) -> Result:
    return run("doctor", "--no-engine-test", "--data-dir", folder, *flags)


def _report(folder: Path, *flags: object) -> Any:
    return _run(folder, "--json", *flags).value


def test_one_object_tells_everything(tmp_path: Path) -> None:
    result = _run(tmp_path, "--json", "--threads", 3)

    assert result.status == 0
    report = result.value
    assert report["versions"]["realm-desktop"] == __version__
    assert "cpu" in report["devices"]
    assert all(report["backends"][device]["is_sound"] for device in report["devices"])
    assert report["memory"]["available_bytes"] > 0
    assert report["cpu"]["threads"] == 3
    assert report["paths"]["data_dir"] == str(tmp_path)
    assert report["disk"]["free_bytes"] == report["data"]["free_bytes"] > 0
    assert (report["is_sound"], report["problems"]) == (True, [])


def test_kernels_are_named_or_their_absence_is_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = _report(tmp_path)["cpu"]["kernels"]
    monkeypatch.setenv(SWITCH, OFF)
    switched_off = _report(tmp_path)["cpu"]["kernels"]

    assert (found["instruction_set"] is None) != (found["why_not"] is None)
    assert switched_off == {"instruction_set": None, "why_not": "REALM_CPU_KERNELS is 'off'"}


def test_a_folder_that_does_not_exist_is_not_created(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"

    assert _run(folder).status == 0
    assert not folder.parent.exists()


def test_people_get_a_list_with_problems_at_its_end(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text("{")
    result = _run(tmp_path)

    assert result.status == 1
    assert "devices: " in result.out
    assert "\nproblem: the settings cannot be read\n  Start Realm Desktop: " in result.out


def test_problems_are_in_the_object_and_in_the_status(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text("{")
    result = _run(tmp_path, "--json")

    (problem,) = result.value["problems"]
    assert (problem["area"], problem["what"]) == ("data", "the settings cannot be read")
    assert (result.status, result.value["is_sound"]) == (1, False)


def test_home_folder_is_not_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    (tmp_path / "settings.json").write_text("{")

    assert _report(tmp_path / "data")["paths"]["data_dir"] == f"~{Path('/data')}"
    assert str(tmp_path) not in _run(tmp_path / "data").out


def test_torch_that_cannot_be_imported_is_a_problem_among_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "realm_desktop.cli.doctor.compute", None)
    report = _report(tmp_path)

    assert "torch cannot be imported" in report["problems"][0]["what"]
    assert report["devices"] == []
    assert report["data"]["is_writable"]


def test_check_that_fails_costs_only_its_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(report_module, "describe_models", fail)
    report = _report(tmp_path)

    assert report["models"] == {"error": "ZeroDivisionError: by zero"}
    assert report["problems"][0]["area"] == "models"


def test_missing_starter_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: str) -> Path:
        raise RealmError("the starter is missing", advice="Install it.")

    monkeypatch.setattr(report_module, "model_path", refuse)
    report = _report(tmp_path)

    assert report["paths"]["starter"] is None
    assert report["problems"][0]["what"] == "the starter is missing"


def test_cuda_support_that_is_not_used_is_a_remark(tmp_path: Path) -> None:
    assert _report(tmp_path)["cuda_support"] == {"is_installed": False}
    folder = tmp_path / "cuda" / "torch"
    folder.mkdir(parents=True)
    write_state(folder, TorchState("2.13.0+cu130", fault="it finds no card"))
    report = _report(tmp_path)

    assert report["cuda_support"]["why_not"] == "it finds no card"
    assert "not used: it finds no card" in report["remarks"][-1]["what"]
    assert report["is_sound"]


def test_little_memory_is_a_remark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_module, "MIN_MEMORY_BYTES", 2**60)

    assert "of memory are free" in _report(tmp_path)["remarks"][-1]["what"]


@pytest.mark.parametrize("fails", [False, True])
def test_engine_is_tried_unless_told_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    def start(*_: object, **__: object) -> EngineStart:
        if fails:
            raise EngineStopped("it crashed")
        return EngineStart(1.234, 2.0, 8)

    monkeypatch.setattr(report_module, "try_engine", start)
    result = run("doctor", "--json", "--data-dir", tmp_path)

    assert "engine" not in _report(tmp_path)
    assert result.value["engine"]["is_working"] is not fails
    assert result.status == int(fails)
    assert bool(result.value["problems"]) is fails


@pytest.mark.slow
def test_program_tries_window_and_engine_and_imports_no_qt(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from realm_desktop.__main__ import main\n"
        "if __name__ == '__main__':\n"
        f"    status = main(['doctor', '--json', '--threads', '1', '--data-dir', {str(tmp_path)!r}])\n"
        "    sys.exit(status or 'PySide6' in sys.modules)\n"
    )
    script = tmp_path / "program.py"
    script.write_text(code)

    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    argv = [sys.executable, str(script)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, env=environment)

    assert done.returncode == 0, done.stdout + done.stderr
    assert '"platform": "offscreen"' in done.stdout
    assert '"tokens": 8' in done.stdout
