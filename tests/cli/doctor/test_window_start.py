"""Whether Qt starts is tried, and told in words."""

from __future__ import annotations

import sys

import pytest

from realm_desktop.cli.doctor import window_start
from realm_desktop.cli.doctor.findings import Findings
from realm_desktop.cli.doctor.window_start import describe_window

DISPLAY = {"DISPLAY": ":0"}


def _program(source: str) -> list[str]:
    """A program that stands for ours."""
    return [sys.executable, "-c", source]


@pytest.fixture
def findings(monkeypatch: pytest.MonkeyPatch) -> Findings:
    monkeypatch.setattr(sys, "platform", "linux")
    return Findings()


def test_platform_is_told(findings: Findings) -> None:
    program = _program("""print('{"platform": "xcb", "qt": "6.11.3"}')""")
    found = describe_window(findings, program, DISPLAY)

    assert found == {"is_found": True, "platform": "xcb", "qt": "6.11.3"}
    assert findings == Findings()


def test_window_that_cannot_open_is_a_problem_with_its_reason(findings: Findings) -> None:
    program = _program("import sys; sys.exit('no Qt platform plugin\\ncould be initialized')")
    describe_window(findings, program, DISPLAY)

    (problem,) = findings.problems
    assert problem.what == "the window cannot open: no Qt platform plugin could be initialized"
    assert "README" in problem.advice


def test_death_without_a_word_is_told_by_its_status(findings: Findings) -> None:
    found = describe_window(findings, _program("import os; os._exit(7)"), DISPLAY)

    assert found["why_not"] == "exit status 7"


def test_machine_without_a_display_is_no_fault(findings: Findings) -> None:
    describe_window(findings, _program("import sys; sys.exit('no display')"), {})

    assert not findings.problems
    assert "no display" in findings.remarks[0].what


def test_program_that_is_not_there_is_told(findings: Findings) -> None:
    describe_window(findings, ["/no/such/program"], DISPLAY)

    assert "No such file" in findings.problems[0].what


def test_window_that_hangs_is_given_up(findings: Findings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window_start, "LIMIT_S", 0.05)
    program = _program("import threading; threading.Event().wait()")
    describe_window(findings, program, DISPLAY)

    assert "did not start within 0.05 s" in findings.problems[0].what


def test_installation_without_qt_is_told(
    findings: Findings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)

    assert describe_window(findings)["is_found"] is False
    assert "not installed" in findings.problems[0].what
