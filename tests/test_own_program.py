"""How the program starts itself."""

from __future__ import annotations

import sys

import pytest

from realm_desktop.own_program import own_program


def test_from_source_python_runs_the_package() -> None:
    assert own_program() == [sys.executable, "-m", "realm_desktop"]


def test_frozen_program_is_its_own_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)

    assert own_program() == [sys.executable]
