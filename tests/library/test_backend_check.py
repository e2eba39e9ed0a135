"""Tests of the question whether backends are sound: reports, and what is no report."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from realm_desktop.errors import EngineStopped
from realm_desktop.library import backend_check
from realm_desktop.library.backend_check import BackendCheck, check_machine, machine_report

REPORT = {
    "backends": {"cpu": {"attention": "cpu kernels", "max_error": 1e-6, "is_sound": True}},
    "cpu": {"kernels": {"instruction_set": None, "why_not": "not built"}},
}


def _program(folder: Path, source: str) -> list[str]:
    """A program that stands for ours."""
    script = folder / "program.py"
    script.write_text(source, encoding="utf-8")
    return [sys.executable, str(script)]


def test_report_is_read(tmp_path: Path) -> None:
    found = check_machine(_program(tmp_path, f"print({json.dumps(json.dumps(REPORT))})"))

    assert found.backends == (BackendCheck("cpu", "cpu kernels", 1e-6, is_sound=True),)
    assert (found.kernels, found.why_no_kernels) == ("", "not built")


def test_program_is_asked_for_its_report_as_json(tmp_path: Path) -> None:
    source = "import sys; sys.exit(' '.join(sys.argv[1:]))"

    with pytest.raises(EngineStopped, match="doctor --json"):
        check_machine(_program(tmp_path, source))


@pytest.mark.parametrize("output", ["", "[]", "{}", '{"cpu": 1, "backends": 2}'])
def test_what_is_no_report_is_told_as_such(tmp_path: Path, output: str) -> None:
    with pytest.raises(EngineStopped, match="without a report"):
        check_machine(_program(tmp_path, f"print({output!r})"))


def test_program_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(EngineStopped, match="without a report"):
        check_machine([str(tmp_path / "missing")])


def test_program_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backend_check, "LIMIT_S", 0.05)

    with pytest.raises(EngineStopped, match="timed out"):
        check_machine(_program(tmp_path, "import threading; threading.Event().wait()"))


def test_report_is_asked_for_the_folder_in_use(tmp_path: Path) -> None:
    source = "import json, sys; print(json.dumps({'asked': sys.argv[1:]}))"
    text = machine_report(tmp_path / "data", _program(tmp_path, source))

    wanted = ["doctor", "--json", "--data-dir", str(tmp_path / "data")]
    assert json.loads(text)["asked"] == wanted


def _failing(folder: Path, report: dict[str, object]) -> list[str]:
    """A program that says something is wrong with its exit status too."""
    return _program(folder, f"import sys; print({json.dumps(json.dumps(report))}); sys.exit(1)")


def test_problems_are_read_though_the_status_is_a_failure(tmp_path: Path) -> None:
    problem = {"area": "data", "what": "the disk is full", "advice": "Free some."}
    found = check_machine(_failing(tmp_path, {**REPORT, "problems": [problem]}))

    assert found.problems == (("the disk is full", "Free some."),)


def test_problems_of_an_installation_without_torch_are_read(tmp_path: Path) -> None:
    problem = {"area": "torch", "what": "torch cannot be imported", "advice": "Install it."}
    found = check_machine(_failing(tmp_path, {"cpu": {}, "backends": {}, "problems": [problem]}))

    assert found.problems[0][0] == "torch cannot be imported"
    assert (found.kernels, found.why_no_kernels) == ("", "")


def test_failure_that_is_no_report_is_told(tmp_path: Path) -> None:
    with pytest.raises(EngineStopped, match="no such folder"):
        check_machine(_failing(tmp_path, {"error": {"message": "no such folder"}}))


def test_report_that_is_none_is_not_copied(tmp_path: Path) -> None:
    with pytest.raises(EngineStopped, match="cannot be read"):
        machine_report(tmp_path, _program(tmp_path, "print('[]')"))


@pytest.mark.slow
def test_backends_of_this_machine_are_sound(tmp_path: Path) -> None:
    # An engine of its own is started in the tests of `doctor`, once for all.
    source = (
        "import sys\n"
        f"sys.path[:0] = {sys.path!r}\n"
        "from realm_desktop.__main__ import main\n"
        "sys.exit(main([*sys.argv[1:], '--no-engine-test']))\n"
    )
    found = check_machine(_program(tmp_path, source))

    assert found.backends
    assert all(backend.is_sound for backend in found.backends)
