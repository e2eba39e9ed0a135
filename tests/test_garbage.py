"""Reference cycles are collected in the thread of the loop and nowhere else."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from collections.abc import Iterator

import pytest

from realm_desktop.garbage import GarbageCollector


class Knot:
    """An object in a reference cycle, so that only the collector can free it."""

    def __init__(self) -> None:
        self.itself = self


def make_garbage() -> None:
    for _ in range(2 * gc.get_threshold()[0]):
        Knot()


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


def test_other_threads_collect_nothing_while_it_runs(loop: asyncio.AbstractEventLoop) -> None:
    collector = GarbageCollector(loop)
    collector.start()
    knot = weakref.ref(Knot())
    thread = threading.Thread(target=make_garbage)

    thread.start()
    thread.join()

    assert knot() is not None
    collector.stop()


@pytest.mark.parametrize("was_automatic", [True, False])
def test_automatic_collector_is_left_as_it_was_found(
    loop: asyncio.AbstractEventLoop, was_automatic: bool
) -> None:
    if not was_automatic:
        gc.disable()
    collector = GarbageCollector(loop)
    collector.start()
    collector.stop()
    is_automatic = gc.isenabled()
    gc.enable()

    assert is_automatic == was_automatic


def test_collect_frees_what_is_due(loop: asyncio.AbstractEventLoop) -> None:
    collector = GarbageCollector(loop)
    collector.start()
    knot = weakref.ref(Knot())
    make_garbage()

    generation = collector.collect()

    assert generation is not None
    assert knot() is None
    collector.stop()


def test_collect_does_nothing_when_nothing_is_due(loop: asyncio.AbstractEventLoop) -> None:
    gc.collect()

    assert GarbageCollector(loop).collect() is None


def test_start_collects_again_and_again_from_the_loop(
    loop: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realm_desktop.garbage.PERIOD_S", 0.001)
    collector = GarbageCollector(loop)
    calls: list[None] = []

    def count_to_three() -> None:
        calls.append(None)
        if len(calls) == 3:
            loop.stop()

    monkeypatch.setattr(collector, "collect", count_to_three)
    collector.start()
    loop.run_forever()
    collector.stop()

    assert len(calls) == 3


def make_full_collection_due() -> None:
    """Let all three generations have more than their thresholds."""
    for _ in range(gc.get_threshold()[2] + 1):
        gc.collect(1)
    for _ in range(gc.get_threshold()[1] + 1):
        gc.collect(0)


def test_survivors_of_a_full_collection_are_not_looked_at_again(
    loop: asyncio.AbstractEventLoop,
) -> None:
    collector = GarbageCollector(loop)
    collector.start()
    kept = [Knot() for _ in range(2 * gc.get_threshold()[0])]
    make_full_collection_due()

    assert collector.collect() == 2
    num_left = len(gc.get_objects())
    assert kept
    collector.stop()

    assert num_left < len(kept)


def test_what_was_set_aside_is_freed_once_the_window_rests(
    loop: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    collector = GarbageCollector(loop)
    collector.start()
    made = [Knot()]
    knot = weakref.ref(made[0])
    make_full_collection_due()
    make_garbage()
    collector.collect()
    made.clear()
    monkeypatch.setattr(collector, "collect", lambda: None)
    ticks = 0
    while knot() is not None and ticks < 10:
        collector._tick()
        ticks += 1
    collector.stop()

    # Not before the period has grown to its longest: 0.5, 1, 2, 4 seconds.
    assert (knot(), ticks) == (None, 4)


def test_stop_gives_the_collector_back(loop: asyncio.AbstractEventLoop) -> None:
    collector = GarbageCollector(loop)
    collector.start()
    assert not gc.isenabled()

    collector.stop()

    assert gc.isenabled()


def test_idle_program_is_looked_at_less_often_until_there_is_garbage(
    loop: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    periods: list[float] = []
    later = loop.call_later(0, int)

    def note(delay_s: float, _call: object) -> asyncio.TimerHandle:
        periods.append(delay_s)
        return later

    monkeypatch.setattr(loop, "call_later", note)
    collector = GarbageCollector(loop)
    due = iter([None, None, None, None, 0, None])
    monkeypatch.setattr(collector, "collect", lambda: next(due))
    collector.start()
    for _ in range(6):
        collector._tick()
    collector.stop()

    assert periods == [0.5, 1.0, 2.0, 4.0, 4.0, 0.5, 1.0]
