"""The self-test drops what lies, fails or ends its process, and remembers it."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from realm_desktop.engine.self_test import (
    BOUND,
    CannotRun,
    Check,
    CheckResult,
    Journal,
    Verdict,
    journal_key,
    relative_error,
    run_checks,
    told,
)

CPU = torch.device("cpu")
KEY = {"torch": "2.13", "device": "a card"}


def _check(name: str, error: float = 0.0, case: str = "") -> Check:
    return Check(name, case, lambda _: error)


def _raising(name: str, error: Exception) -> Check:
    def run(_: torch.device) -> float:
        raise error

    return Check(name, "", run)


def _verdict(tmp_path: Path, *checks: Check) -> Verdict:
    journal = Journal.open(tmp_path / "card.json", KEY)
    run_checks(CPU, checks, journal)
    return journal.verdict(checks)


def test_sound_subject_is_not_dropped(tmp_path: Path) -> None:
    verdict = _verdict(tmp_path, _check("flash", BOUND))

    assert verdict.why_not("flash") is None
    assert verdict.why_not("another") is None
    assert verdict.largest_errors == {"flash": BOUND}


def test_subject_that_lies_is_dropped_with_its_case(tmp_path: Path) -> None:
    checks = _check("flash", 0.001, "one row"), _check("flash", 0.25, "window")
    verdict = _verdict(tmp_path, *checks, _check("gather"))

    assert verdict.why_not("flash") == "its result is wrong by 0.25 (window)"
    assert verdict.why_not("gather") is None
    assert list(told(verdict)) == ["flash: its result is wrong by 0.25 (window)"]


@pytest.mark.parametrize("error", [math.nan, math.inf])
def test_result_that_is_no_number_is_dropped(error: float, tmp_path: Path) -> None:
    verdict = _verdict(tmp_path, _check("flash", error))

    assert "wrong by" in (verdict.why_not("flash") or "")
    assert verdict.largest_errors == {}


def test_check_that_raises_drops_its_subject_alone(tmp_path: Path) -> None:
    failing = _raising("flash", RuntimeError("no kernel image\nis available"))
    verdict = _verdict(tmp_path, failing, _check("gather"))

    assert verdict.faults == {"flash": "RuntimeError: no kernel image"}
    assert verdict.why_not("gather") is None


def test_subject_of_another_device_is_missing_and_no_fault(tmp_path: Path) -> None:
    verdict = _verdict(tmp_path, _raising("metal", CannotRun("it computes on MPS")))

    assert verdict.why_not("metal") == "it computes on MPS"
    assert (verdict.faults, verdict.missing) == ({}, {"metal": "it computes on MPS"})


def test_results_are_not_computed_twice(tmp_path: Path) -> None:
    _verdict(tmp_path, _check("flash", 0.25))

    # Sound by now, yet what the same torch and card did before still holds.
    assert _verdict(tmp_path, _check("flash")).why_not("flash") is not None


def test_check_that_ended_its_process_is_dropped_and_the_rest_goes_on(tmp_path: Path) -> None:
    flash, gather = _check("flash"), _check("gather")
    Journal.open(tmp_path / "card.json", KEY).begin(flash)
    verdict = _verdict(tmp_path, flash, gather)

    assert "ended the process" in verdict.faults["flash"]
    assert verdict.why_not("gather") is None


def test_subject_that_was_not_reached_is_dropped(tmp_path: Path) -> None:
    verdict = Journal.open(tmp_path / "card.json", KEY).verdict([_check("flash")])

    assert verdict.faults == {"flash": "its test was not reached"}


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[: len(text) // 2],
        lambda text: "[]",
        lambda text: '{"key": 1}',
        lambda text: text.replace('"fault"', '"fold"'),
        lambda text: text.replace("2.13", "2.14"),
        lambda text: text.replace('"results": {', '"results": 3, "other": {'),
        lambda text: text + "\udcff",
    ],
)
def test_damaged_or_foreign_results_are_tested_anew(
    damage: Callable[[str], str], tmp_path: Path
) -> None:
    _verdict(tmp_path, _check("flash", 0.25))
    path = tmp_path / "card.json"
    path.write_bytes(damage(path.read_text()).encode("utf-8", "surrogateescape"))

    assert _verdict(tmp_path, _check("flash")).why_not("flash") is None


def test_folder_that_cannot_be_written_costs_the_memory_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    journal = Journal.open(tmp_path / "file" / "card.json", KEY)
    run_checks(CPU, [_check("flash", 0.25)], journal)

    assert journal.verdict([_check("flash")]).faults
    assert "not kept" in caplog.text


def test_key_follows_what_can_change_a_result() -> None:
    key = journal_key([_check("flash", case="window")], "a card")

    assert key["torch"] == torch.__version__
    assert key["checks"] == "flash: window 0.02"
    assert key != journal_key([_check("flash", case="window")], "another card")


def test_error_is_relative_to_the_largest_value() -> None:
    expected = torch.tensor([4.0, -8.0])

    assert relative_error(torch.tensor([4.0, -7.0], dtype=torch.bfloat16), expected) == 0.125


@pytest.mark.parametrize("found", [torch.tensor([4.0]), torch.tensor([4.0, math.nan])])
def test_wrong_shape_and_nan_are_infinitely_wrong(found: torch.Tensor) -> None:
    assert relative_error(found, torch.tensor([4.0, -8.0])) == math.inf


def test_missing_and_faulty_subject_is_faulty() -> None:
    results = (
        CheckResult("flash", "one", fault="not here", is_missing=True),
        CheckResult("flash", "two", 0.5, "wrong"),
    )

    assert Verdict(results).faults == {"flash": "wrong"}
    assert Verdict(results).missing == {}
