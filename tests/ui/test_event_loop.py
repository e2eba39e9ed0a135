"""The order of callbacks between asyncio and Qt."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from PySide6.QtCore import QEvent, QObject, QTimer, QTimerEvent
from PySide6.QtWidgets import QApplication

from realm_desktop.ui.event_loop import TURN_S, WindowEventLoop


def _run(work: Callable[[asyncio.AbstractEventLoop], Awaitable[None]], app: QApplication) -> None:
    """Run `work` to its end on a loop of its own."""

    async def main() -> None:
        await work(asyncio.get_running_loop())

    with asyncio.Runner(loop_factory=lambda: WindowEventLoop(app)) as runner:
        runner.run(main())


class _Ticks(QObject):
    """Counts the turns of Qt's loop: a timer without delay fires once in each."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self.startTimer(0)

    def timerEvent(self, _event: QTimerEvent) -> None:  # noqa: N802  # Qt's name
        self.count += 1


def test_callbacks_run_in_the_order_they_were_asked_for(qapp: QApplication) -> None:
    async def work(loop: asyncio.AbstractEventLoop) -> None:
        seen: list[int] = []
        for number in range(3):
            loop.call_soon(seen.append, number)
        loop.call_later(0, seen.append, 3)
        loop.call_soon_threadsafe(seen.append, 4)
        await asyncio.sleep(0)

        assert seen == [0, 1, 2, 3, 4]

    _run(work, qapp)


def test_callbacks_that_follow_each_other_take_one_turn_of_qt(qapp: QApplication) -> None:
    async def work(_loop: asyncio.AbstractEventLoop) -> None:
        await asyncio.sleep(0.001)
        ticks = _Ticks()
        for _ in range(20):
            await asyncio.sleep(0)

        assert ticks.count <= 1

    _run(work, qapp)


def test_qt_has_its_turn_however_much_is_due(qapp: QApplication) -> None:
    async def work(_loop: asyncio.AbstractEventLoop) -> None:
        ticks = _Ticks()
        for _ in range(5):
            end_s = time.perf_counter() + TURN_S
            while time.perf_counter() < end_s:
                pass
            await asyncio.sleep(0)

        assert ticks.count >= 3

    _run(work, qapp)


def test_answer_of_another_thread_wakes_the_loop(qapp: QApplication) -> None:
    async def work(loop: asyncio.AbstractEventLoop) -> None:
        with ThreadPoolExecutor(1) as executor:
            names = [
                await loop.run_in_executor(executor, lambda: threading.current_thread().name)
                for _ in range(50)
            ]

        assert threading.current_thread().name not in names

    _run(work, qapp)


def test_many_threads_are_heard_and_none_is_missed(qapp: QApplication) -> None:
    async def work(loop: asyncio.AbstractEventLoop) -> None:
        heard: list[int] = []

        def call(number: int) -> None:
            for _ in range(250):
                loop.call_soon_threadsafe(heard.append, number)

        with ThreadPoolExecutor(8) as executor:
            await asyncio.gather(*(loop.run_in_executor(executor, call, n) for n in range(8)))
        await asyncio.sleep(0.01)

        assert sorted(heard) == sorted(n for n in range(8) for _ in range(250))

    _run(work, qapp)


def test_cancelled_callback_is_not_called(qapp: QApplication) -> None:
    async def work(loop: asyncio.AbstractEventLoop) -> None:
        seen: list[str] = []
        loop.call_soon(seen.append, "no").cancel()
        await asyncio.sleep(0)

        assert seen == []

    _run(work, qapp)


def test_fault_of_a_callback_is_told_and_the_next_one_runs(qapp: QApplication) -> None:
    async def work(loop: asyncio.AbstractEventLoop) -> None:
        faults: list[object] = []
        loop.set_exception_handler(lambda _loop, fault: faults.append(fault["exception"]))
        seen: list[str] = []
        loop.call_soon(lambda: 1 // 0)
        loop.call_soon(seen.append, "next")
        await asyncio.sleep(0)

        assert [type(fault) for fault in faults] == [ZeroDivisionError]
        assert seen == ["next"]

    _run(work, qapp)


def test_delayed_callback_comes_after_its_delay(qapp: QApplication) -> None:
    async def work(loop: asyncio.AbstractEventLoop) -> None:
        begin_s = time.perf_counter()
        done = asyncio.Event()
        loop.call_later(0.02, done.set)
        await done.wait()

        assert time.perf_counter() - begin_s >= 0.015

    _run(work, qapp)


class _Seen(QObject):
    """Notes the kinds of events that arrive at another object."""

    def __init__(self, watched: QObject) -> None:
        super().__init__()
        self.kinds: set[QEvent.Type] = set()
        watched.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802  # Qt's name
        self.kinds.add(event.type())
        return False


def test_loop_is_woken_by_events_of_qts_own_making(qapp: QApplication) -> None:
    """One made in Python and posted by another thread was deleted twice: the window crashed."""

    async def work(loop: asyncio.AbstractEventLoop) -> None:
        assert isinstance(loop, WindowEventLoop)
        seen = _Seen(loop._waker)
        with ThreadPoolExecutor(1) as executor:
            # Until the loop has nothing to do: what is due in the same turn needs no waking.
            await loop.run_in_executor(executor, time.sleep, 0.02)

        assert seen.kinds == {QEvent.Type.MetaCall}

    _run(work, qapp)


def test_idle_loop_is_not_woken(qapp: QApplication) -> None:
    async def work(loop: asyncio.AbstractEventLoop) -> None:
        turns: list[None] = []
        assert isinstance(loop, WindowEventLoop)
        run_due = loop._run_due

        def noting() -> None:
            turns.append(None)
            run_due()

        loop._waker._run = noting
        done = asyncio.Event()
        QTimer.singleShot(30, done.set)
        await done.wait()

        assert len(turns) <= 2

    _run(work, qapp)


def test_closed_loop_takes_no_callbacks(qapp: QApplication) -> None:
    loop = WindowEventLoop(qapp)
    loop.close()

    with pytest.raises(RuntimeError, match="closed"):
        loop.call_soon_threadsafe(print)
