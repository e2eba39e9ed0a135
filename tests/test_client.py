"""Events reach their request, or the listeners, and a reader that leaves aborts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable

import pytest

from realm_desktop.client import EventRouter
from realm_desktop.engine_stats import EngineStats, GenerationStats
from realm_desktop.errors import RequestError
from realm_desktop.events import Event, Finished, FinishReason, ModelUnloaded, TextDelta
from realm_desktop.protocol import RequestId

A, B = RequestId("a"), RequestId("b")


def delta(request_id: RequestId, text: str = "x") -> TextDelta:
    return TextDelta(request_id, text, (1,))


def finished(request_id: RequestId) -> Finished:
    return Finished(request_id, FinishReason.STOP, GenerationStats())


def read_all(events: AsyncGenerator[Event, None]) -> list[Event]:
    async def read() -> list[Event]:
        return [event async for event in events]

    return asyncio.run(asyncio.wait_for(read(), 5))


def ignore(_request_id: RequestId) -> None:
    """For requests that nobody leaves early."""


def test_each_request_gets_its_own_events() -> None:
    router = EventRouter()
    to_a, to_b = router.open(A, ignore), router.open(B, ignore)

    router.deliver([delta(A), delta(B, "y"), finished(B), finished(A)])

    assert read_all(to_a) == [delta(A), finished(A)]
    assert read_all(to_b) == [delta(B, "y"), finished(B)]


def test_request_is_open_until_its_end() -> None:
    router = EventRouter()
    router.open(A, ignore)
    assert router.is_open(A)

    router.deliver([finished(A)])

    assert not router.is_open(A)


def test_second_request_with_the_same_id_is_refused() -> None:
    router = EventRouter()
    router.open(A, ignore)

    with pytest.raises(RequestError, match="'a' is open already"):
        router.open(A, ignore)


def test_id_can_be_used_again_after_its_end() -> None:
    router = EventRouter()
    first = router.open(A, ignore)
    router.deliver([finished(A)])

    second = router.open(A, ignore)
    router.deliver([delta(A), finished(A)])

    assert read_all(first) == [finished(A)]
    assert read_all(second) == [delta(A), finished(A)]


def test_events_of_unknown_requests_are_dropped() -> None:
    router = EventRouter()

    router.deliver([delta(A), finished(A)])

    assert not router.is_open(A)


def test_muted_request_gets_its_end_only() -> None:
    router = EventRouter()
    events = router.open(A, ignore)

    router.mute(A)
    router.deliver([delta(A), finished(A)])

    assert read_all(events) == [finished(A)]


def test_mute_drops_events_that_nobody_has_read_yet() -> None:
    router = EventRouter()
    events = router.open(A, ignore)
    router.deliver([delta(A), delta(A)])

    router.mute(A)
    router.deliver([finished(A)])

    assert read_all(events) == [finished(A)]


def test_mute_does_not_outlive_its_request() -> None:
    router = EventRouter()
    router.mute(A)
    router.open(A, ignore)
    router.mute(A)
    router.deliver([finished(A)])

    events = router.open(A, ignore)
    router.deliver([delta(A), finished(A)])

    assert read_all(events) == [delta(A), finished(A)]


def leave_after_one(leave: Callable[[AsyncGenerator[Event, None]], object]) -> list[RequestId]:
    """The requests reported as left early."""
    router, left = EventRouter(), list[RequestId]()
    events = router.open(A, left.append)

    async def read_one() -> None:
        router.deliver([delta(A)])
        await anext(events)
        leaving = leave(events)
        assert asyncio.iscoroutine(leaving)
        await leaving

    asyncio.run(read_one())
    assert not router.is_open(A)
    return left


def test_closing_early_tells_the_client() -> None:
    assert leave_after_one(lambda events: events.aclose()) == [A]


def test_cancelled_reader_tells_the_client() -> None:
    async def cancel(events: AsyncGenerator[Event, None]) -> None:
        task = asyncio.create_task(asyncio.wait_for(anext(events), 60))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    assert leave_after_one(cancel) == [A]


def test_reading_to_the_end_is_not_leaving_early() -> None:
    router, left = EventRouter(), list[RequestId]()
    events = router.open(A, left.append)
    router.deliver([finished(A)])

    read_all(events)

    assert left == []


def test_listeners_get_events_of_no_request() -> None:
    router, heard = EventRouter(), list[Event]()
    router.open(A, ignore)
    router.subscribe(heard.append)

    router.deliver([delta(A), EngineStats(), ModelUnloaded()])

    assert heard == [EngineStats(), ModelUnloaded()]


def test_unsubscribed_listener_hears_nothing() -> None:
    router, heard = EventRouter(), list[Event]()
    unsubscribe = router.subscribe(heard.append)

    unsubscribe()
    unsubscribe()
    router.deliver([ModelUnloaded()])

    assert heard == []


def test_failing_listener_does_not_harm_the_others(caplog: pytest.LogCaptureFixture) -> None:
    router, heard = EventRouter(), list[Event]()

    def fail(_event: Event) -> None:
        raise ValueError("at fault")

    router.subscribe(fail)
    router.subscribe(heard.append)

    router.deliver([ModelUnloaded()])

    assert heard == [ModelUnloaded()]
    assert "a listener failed on ModelUnloaded" in caplog.text


def test_listener_may_unsubscribe_while_it_is_called() -> None:
    router, heard = EventRouter(), list[Event]()
    unsubscribers: list[Callable[[], None]] = []
    unsubscribers.append(router.subscribe(lambda _event: unsubscribers[0]()))
    router.subscribe(heard.append)

    router.deliver([ModelUnloaded()])

    assert heard == [ModelUnloaded()]
