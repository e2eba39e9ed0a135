"""The harness of async tests itself, and the binding it runs on."""

from __future__ import annotations

import asyncio
import sys

import pytest
from PySide6.QtCore import QObject, Signal

from realm_desktop.ui.event_loop import WindowEventLoop
from tests.support.qt_loop import run_on_qt_loop


class Emitter(QObject):
    fired = Signal()


def test_emitting_keeps_the_references_of_true() -> None:
    emitter = Emitter()
    before = sys.getrefcount(True)

    for _ in range(2000):
        emitter.fired.emit()

    assert sys.getrefcount(True) > before - 100


@pytest.mark.asyncio_qt
async def test_marked_test_runs_on_the_qt_loop() -> None:
    assert isinstance(asyncio.get_running_loop(), WindowEventLoop)


@pytest.mark.asyncio_qt
async def test_marked_test_gets_its_fixtures(tmp_path: object) -> None:
    assert tmp_path is not None


def test_loop_fails_a_test_that_leaks_a_task() -> None:
    tasks: set[asyncio.Task[None]] = set()

    async def leak() -> None:
        tasks.add(asyncio.create_task(asyncio.sleep(60)))

    with pytest.raises(AssertionError, match="left tasks running"):
        run_on_qt_loop(leak)


def test_loop_fails_a_test_whose_callback_raises() -> None:
    async def schedule_a_fault() -> None:
        asyncio.get_running_loop().call_soon(lambda: 1 / 0)
        await asyncio.sleep(0.01)

    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        run_on_qt_loop(schedule_a_fault)


def test_loop_ends_a_test_at_its_limit() -> None:
    async def hang() -> None:
        await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        run_on_qt_loop(hang, limit_s=0.05)


def test_loop_passes_on_a_failed_assertion() -> None:
    async def fail() -> None:
        raise ValueError("told so")

    with pytest.raises(ValueError, match="told so"):
        run_on_qt_loop(fail)
