"""What chats know of the engine between requests."""

from __future__ import annotations

import asyncio

import pytest

from realm_desktop.chat.engine_status import MAX_COUNTED, EngineStatus
from realm_desktop.engine_stats import EngineStats
from realm_desktop.events import (
    EngineDown,
    EngineReady,
    EngineRestarted,
    ErrorInfo,
    Event,
    LoadFailed,
    LoadProgress,
    ModelLoaded,
    ModelUnloaded,
)
from tests.support.fake_client import FakeEngineClient, make_model_info

READY = EngineReady("1", "2", "cpu", 2, 9)
DOWN = EngineDown("three deaths")
ERROR = ErrorInfo("CorruptFile", "the file is cut")


@pytest.fixture
def client() -> FakeEngineClient:
    return FakeEngineClient()


@pytest.fixture
def status(client: FakeEngineClient) -> EngineStatus:
    return EngineStatus(client)


def test_nothing_is_known_at_first(status: EngineStatus) -> None:
    assert (status.model, status.load_progress, status.error) == (None, None, None)


def test_engine_starts_answers_and_goes_down(
    client: FakeEngineClient, status: EngineStatus
) -> None:
    states = [(status.is_starting, status.is_down)]
    for event in (READY, DOWN, READY):
        client.emit(event)
        states.append((status.is_starting, status.is_down))

    assert states == [(True, False), (False, False), (False, True), (False, False)]


def test_load_ends_with_the_model(client: FakeEngineClient, status: EngineStatus) -> None:
    progress = LoadProgress("/m", "reading", 0.5)
    client.emit(progress)
    assert status.load_progress == progress
    client.emit(ModelLoaded(make_model_info()))

    assert status.model == make_model_info()
    assert status.load_progress is None


@pytest.mark.parametrize("is_unloaded", [True, False])
def test_failed_load_keeps_the_old_model_unless_it_is_gone(
    client: FakeEngineClient, status: EngineStatus, is_unloaded: bool
) -> None:
    client.emit(ModelLoaded(make_model_info()), LoadFailed("/n", ERROR, is_unloaded))

    assert (status.model is None) == is_unloaded
    assert status.error == ERROR


def test_next_load_clears_the_error(client: FakeEngineClient, status: EngineStatus) -> None:
    client.emit(LoadFailed("/n", ERROR, True), LoadProgress("/m", "reading", 0.0))

    assert status.error is None


def test_unloaded_model_is_forgotten(client: FakeEngineClient, status: EngineStatus) -> None:
    client.emit(ModelLoaded(make_model_info()), ModelUnloaded())

    assert status.model is None


def test_restart_keeps_the_model_because_it_is_loaded_again(
    client: FakeEngineClient, status: EngineStatus
) -> None:
    client.emit(ModelLoaded(make_model_info()), EngineRestarted("killed", 1, 3))

    assert status.model is not None
    assert status.num_restarts == 3


def test_engine_that_stays_down_has_no_model_and_a_reason(
    client: FakeEngineClient, status: EngineStatus
) -> None:
    client.emit(ModelLoaded(make_model_info()), DOWN)
    assert status.model is None
    assert status.error is not None
    assert "three deaths" in status.error.message

    client.emit(READY)
    assert status.error is None


def test_listeners_see_the_new_status(client: FakeEngineClient, status: EngineStatus) -> None:
    seen: list[tuple[Event, bool]] = []
    status.subscribe(lambda event: seen.append((event, status.model is not None)))
    client.emit(ModelLoaded(make_model_info()))

    assert seen == [(ModelLoaded(make_model_info()), True)]


def test_closed_status_hears_nothing(client: FakeEngineClient, status: EngineStatus) -> None:
    status.close()
    client.emit(ModelLoaded(make_model_info()))

    assert status.model is None


def test_tokens_are_counted_piece_by_piece(client: FakeEngineClient, status: EngineStatus) -> None:
    client.emit(ModelLoaded(make_model_info()))
    text = "word " * MAX_COUNTED

    # Five pieces, each cut inside a word: the fake counts words.
    assert asyncio.run(status.count_tokens(text)) in range(MAX_COUNTED, MAX_COUNTED + 5)
    assert len(client.commands) == 5


def test_nothing_is_counted_without_a_model(client: FakeEngineClient, status: EngineStatus) -> None:
    assert asyncio.run(status.count_tokens("two words")) is None
    assert client.commands == []


@pytest.mark.parametrize("event", [EngineRestarted("died", 0, 1), DOWN])
def test_nobody_waits_for_a_count_of_a_dead_engine(
    client: FakeEngineClient, status: EngineStatus, event: Event
) -> None:
    client.emit(ModelLoaded(make_model_info()))
    client.answers_counts = False

    async def work() -> int | None:
        counting = asyncio.create_task(status.count_tokens("two words"))
        await asyncio.sleep(0)
        client.emit(event)
        return await counting

    assert asyncio.run(work()) is None


def test_nothing_is_counted_once_it_is_closed(
    client: FakeEngineClient, status: EngineStatus
) -> None:
    client.emit(ModelLoaded(make_model_info()))
    client.answers_counts = False
    status.close()

    assert asyncio.run(status.count_tokens("two words")) is None
    assert client.commands == []


def test_figures_of_the_engine_disturb_nobody(
    client: FakeEngineClient, status: EngineStatus
) -> None:
    heard: list[Event] = []
    status.subscribe(heard.append)
    client.emit(EngineStats())
    client.emit(READY)

    assert heard == [READY]
