"""Whether a true release could be told from a false one is tried with a made-up key."""

from __future__ import annotations

import sys

import pytest

from realm_desktop.cli.doctor.findings import Findings
from realm_desktop.cli.doctor.update_part import describe_updates
from realm_desktop.library import release_feed


def test_signatures_can_be_verified_here() -> None:
    found = describe_updates(findings := Findings())

    assert found["is_verification_sound"]
    assert isinstance(found["has_key"], bool)
    assert findings == Findings()


def test_library_that_is_missing_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "realm_desktop.library.release_feed", None)
    found = describe_updates(findings := Findings())

    assert found["is_verification_sound"] is False
    assert "signatures of releases cannot be verified" in findings.problems[0].what


def test_verification_that_believes_everything_is_a_problem(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(release_feed, "_is_signed", lambda *_: True)
    describe_updates(findings := Findings())

    assert "a false signature was believed" in findings.problems[0].what


def test_verification_that_believes_nothing_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release_feed, "_is_signed", lambda *_: False)
    describe_updates(findings := Findings())

    assert "not signed by the key" in findings.problems[0].what
