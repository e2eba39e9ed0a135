"""The worker and an engine that dies: replies go on, the third death is the last, users restart it."""

from __future__ import annotations

import asyncio
import functools
import os
import random
import signal
from pathlib import Path

import pytest

from realm_desktop.errors import EngineStopped
from realm_desktop.events import (
    EngineDown,
    EngineReady,
    EngineRestarted,
    Failed,
    Finished,
    FinishReason,
    LoadFailed,
    ModelLoaded,
)
from realm_desktop.launcher import EngineHandle, start_thread
from realm_desktop.protocol import LoadModel
from realm_desktop.watchdog import WorkerLimits
from realm_desktop.worker import LocalEngineClient
from tests.support.posix import posix_only
from tests.support.scripted_engine import Fault, Kind, Plan, expected_text, serve_plan
from tests.support.workers import (
    Events,
    commands_of_life,
    read_reply,
    running_worker,
    scripted,
    worker_request,
)

KINDS: tuple[Kind, ...] = ("exit", "kill", "abort", "segfault", "nonsense", "raise")


@posix_only
@pytest.mark.asyncio_qt(limit_s=30)
@pytest.mark.parametrize("kind", KINDS)
async def test_worker_resumes_every_reply_after_a_death(tmp_path: Path, kind: Kind) -> None:
    requests = [worker_request(f"r{seed}", seed) for seed in range(4)]

    async with running_worker(scripted(tmp_path, Fault(kind, after_tokens=17))) as (client, events):
        replies = await asyncio.gather(*(read_reply(client, asked) for asked in requests))

    assert [text for text, _ in replies] == [expected_text(asked) for asked in requests]
    assert len(events.of(EngineRestarted)) == 1


@posix_only
@pytest.mark.asyncio_qt(limit_s=30)
@pytest.mark.parametrize("kind", ["hang", "half_frame"])
async def test_worker_replaces_an_engine_that_fell_silent(tmp_path: Path, kind: Kind) -> None:
    limits = WorkerLimits(heartbeat_s=1.0)

    async with running_worker(scripted(tmp_path, Fault(kind)), limits) as (client, events):
        text, _ = await read_reply(client, worker_request())

    assert text == expected_text(worker_request())
    restarted = events.of(EngineRestarted)[0]
    assert isinstance(restarted, EngineRestarted)
    assert restarted.reason == "The engine gave no sign of life for 1 seconds."


@posix_only
@pytest.mark.asyncio_qt
async def test_nonsense_is_named_as_the_reason(tmp_path: Path) -> None:
    async with running_worker(scripted(tmp_path, Fault("nonsense"))) as (client, events):
        await read_reply(client, worker_request())

    restarted = events.of(EngineRestarted)[0]
    assert isinstance(restarted, EngineRestarted)
    assert "make no sense" in restarted.reason


@pytest.mark.asyncio_qt
async def test_worker_replaces_an_engine_that_never_speaks(tmp_path: Path) -> None:
    start = scripted(tmp_path, Fault("hang", "start"))

    async with running_worker(start, WorkerLimits(start_s=3.0)) as (client, _):
        text, _ = await read_reply(client, worker_request())

    assert text == expected_text(worker_request())


@pytest.mark.asyncio_qt
async def test_worker_replays_the_model_after_a_death(tmp_path: Path) -> None:
    async with running_worker(scripted(tmp_path, Fault("exit"))) as (client, events):
        client.load(LoadModel("/models/tiny.gguf"))
        await read_reply(client, worker_request())

    assert len(events.of(ModelLoaded)) == 2
    assert commands_of_life(tmp_path, 1) == ["LoadModel", "Generate", "Shutdown"]


@pytest.mark.asyncio_qt
async def test_worker_gives_up_a_model_that_kills_the_engine_twice(tmp_path: Path) -> None:
    start = scripted(tmp_path, Fault("exit", "load"), Fault("exit", "load"))

    async with running_worker(start) as (client, events):
        client.load(LoadModel("/models/bad.gguf"))
        failed = await events.wait_for(LoadFailed)
        text, _ = await read_reply(client, worker_request())

    assert isinstance(failed, LoadFailed)
    assert failed.path == "/models/bad.gguf"
    assert failed.is_unloaded
    assert text == expected_text(worker_request())


@pytest.mark.asyncio_qt
async def test_worker_fails_a_request_open_in_two_deaths(tmp_path: Path) -> None:
    start = scripted(tmp_path, Fault("exit"), Fault("exit"))

    async with running_worker(start) as (client, _):
        _, end = await read_reply(client, worker_request("poison"))
        text, _ = await read_reply(client, worker_request("next"))

    assert isinstance(end, Failed)
    assert end.error.kind == "EngineStopped"
    assert end.error.message == "The engine stopped with exit code 3."
    assert text == expected_text(worker_request("next"))


async def _down(client: LocalEngineClient, events: Events) -> EngineDown:
    down = await events.wait_for(EngineDown)
    assert isinstance(down, EngineDown)
    return down


DEAD_AT_START = (Fault("exit", "start"),) * 3


@pytest.mark.asyncio_qt(limit_s=30)
async def test_third_death_leaves_the_engine_down(tmp_path: Path) -> None:
    async with running_worker(scripted(tmp_path, *DEAD_AT_START)) as (client, events):
        down = await _down(client, events)
        _, end = await read_reply(client, worker_request())

    assert down.reason == "The engine stopped with exit code 3."
    assert len(events.of(EngineRestarted)) == 2
    assert isinstance(end, Failed)
    assert end.error.advice == "Start the engine and send again."


@pytest.mark.asyncio_qt(limit_s=30)
async def test_deaths_far_apart_do_not_add_up(tmp_path: Path) -> None:
    limits = WorkerLimits(deaths_window_s=0.0)

    async with running_worker(scripted(tmp_path, *DEAD_AT_START), limits) as (_, events):
        await events.wait_for(EngineReady)

    assert events.of(EngineDown) == []
    assert len(events.of(EngineRestarted)) == 3


@pytest.mark.asyncio_qt(limit_s=30)
async def test_user_restarts_an_engine_that_is_down(tmp_path: Path) -> None:
    async with running_worker(scripted(tmp_path, *DEAD_AT_START)) as (client, events):
        await _down(client, events)
        client.load(LoadModel("/models/other.gguf"))
        refused = await events.wait_for(LoadFailed)
        client.restart()
        await events.wait_for(ModelLoaded)
        text, _ = await read_reply(client, worker_request())

    assert isinstance(refused, LoadFailed)
    assert text == expected_text(worker_request())


@pytest.mark.asyncio_qt
async def test_engine_that_cannot_start_is_reported_as_down() -> None:
    def refuse() -> EngineHandle:
        raise EngineStopped("no process to be had")

    async with running_worker(refuse) as (client, events):
        down = await _down(client, events)

    assert down.reason == "no process to be had"


@pytest.mark.asyncio_qt
async def test_abort_of_a_request_survives_a_death(tmp_path: Path) -> None:
    endless = worker_request(max_tokens=None)
    start = scripted(tmp_path, Fault("hang", after_tokens=1))

    async with running_worker(start, WorkerLimits(heartbeat_s=1.0)) as (client, events):
        stream = client.generate(endless)
        await anext(stream)
        client.abort(endless.request_id)
        rest = [event async for event in stream]
        await events.wait_for(EngineReady, 2)

    assert [event.finish_reason for event in rest if isinstance(event, Finished)] == [
        FinishReason.ABORT
    ]
    assert commands_of_life(tmp_path, 1) in ([], ["Shutdown"])


@pytest.mark.asyncio_qt
async def test_worker_restarts_an_engine_thread_that_raised(tmp_path: Path) -> None:
    plan = Plan(tmp_path, (Fault("raise"),))
    start = functools.partial(start_thread, serve=functools.partial(serve_plan, plan))

    async with running_worker(start) as (client, events):
        text, _ = await read_reply(client, worker_request())

    assert text == expected_text(worker_request())
    assert len(events.of(EngineRestarted)) == 1


@posix_only
@pytest.mark.asyncio_qt(limit_s=30)
@pytest.mark.parametrize("seed", range(4))
async def test_kill_at_any_moment_changes_no_text(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    requests = [worker_request(f"r{number}", number, max_tokens=200) for number in range(8)]

    async with running_worker(scripted(tmp_path, token_pause_s=0.001)) as (client, events):
        ready = await events.wait_for(EngineReady)
        assert isinstance(ready, EngineReady)
        replies = asyncio.gather(*(read_reply(client, asked) for asked in requests))
        asyncio.get_running_loop().call_later(
            dice.uniform(0.0, 0.15), os.kill, ready.process_id, signal.SIGKILL
        )
        texts = [text for text, _ in await replies]

    assert texts == [expected_text(asked) for asked in requests]
    assert len(events.of(EngineRestarted)) == 1
