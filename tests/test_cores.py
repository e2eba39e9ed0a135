"""How many cores a process computes on."""

from __future__ import annotations

import os
import sys

import psutil
import pytest

from realm_desktop.cores import physical_cores


def pretend(
    monkeypatch: pytest.MonkeyPatch, physical: int | None, logical: int | None, allowed: int
) -> None:
    counts = {True: logical, False: physical}
    monkeypatch.setattr(psutil, "cpu_count", lambda logical=True: counts[logical])
    monkeypatch.setattr(os, "cpu_count", lambda: logical)
    if sys.platform == "linux":
        monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(allowed)))


def test_core_count_is_positive_and_within_the_machine() -> None:
    assert 1 <= physical_cores() <= (os.cpu_count() or 1)


def test_hyper_threads_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, physical=4, logical=8, allowed=8)

    assert physical_cores() == 4


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the cores of a process")
def test_cores_that_the_process_may_not_use_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, physical=32, logical=64, allowed=3)

    assert physical_cores() == 3


def test_logical_cores_stand_in_where_physical_ones_are_unknown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pretend(monkeypatch, physical=None, logical=6, allowed=8)

    assert physical_cores() == 6


def test_there_is_one_core_where_none_can_be_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, physical=None, logical=None, allowed=8)

    assert physical_cores() == 1
