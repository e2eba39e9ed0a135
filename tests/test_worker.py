"""The worker and an engine that lives: commands, replies, aborts, shutdown, wake-ups."""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from realm_desktop.events import (
    AdapterFailed,
    EngineDown,
    EngineReady,
    EngineRestarted,
    Event,
    Failed,
    Finished,
    LoadFailed,
    ModelLoaded,
    TextDelta,
)
from realm_desktop.launcher import start_thread
from realm_desktop.protocol import AdapterId, GenerateRequest, LoadAdapter, LoadModel, RequestId
from realm_desktop.sampling_params import SamplingParams
from realm_desktop.watchdog import WorkerLimits
from realm_desktop.worker import LocalEngineClient
from tests.support.scripted_engine import Fault, Plan, expected_text, serve_plan, start_scripted
from tests.support.workers import (
    commands_of_life,
    read_reply,
    running_worker,
    scripted,
    worker_request,
)


@pytest.mark.asyncio_qt
async def test_worker_streams_a_reply_from_a_process(tmp_path: Path) -> None:
    async with running_worker(scripted(tmp_path)) as (client, events):
        text, end = await read_reply(client, worker_request())

    assert text == expected_text(worker_request())
    assert isinstance(end, Finished)
    assert len(events.of(EngineReady)) == 1


@pytest.mark.asyncio_qt
async def test_worker_keeps_a_quiet_engine_that_sends_heartbeats(tmp_path: Path) -> None:
    async with running_worker(scripted(tmp_path), WorkerLimits(heartbeat_s=2.0)) as (_, events):
        await events.wait_for(EngineReady)
        await asyncio.sleep(2.5)

    assert events.of(EngineRestarted, EngineDown) == []


@pytest.mark.asyncio_qt
async def test_model_whose_path_cannot_be_sent_leaves_the_loaded_one(tmp_path: Path) -> None:
    async with running_worker(scripted(tmp_path, Fault("exit"))) as (client, events):
        client.load(LoadModel("/models/tiny.gguf"))
        await events.wait_for(ModelLoaded)
        client.load(LoadModel("/models/\udcff.gguf"))
        client.load_adapter(LoadAdapter(AdapterId("a"), "/adapters/\udcff"))
        refused = await events.wait_for(LoadFailed)
        await events.wait_for(AdapterFailed)
        await read_reply(client, worker_request())

    assert isinstance(refused, LoadFailed)
    assert not refused.is_unloaded
    assert len(events.of(ModelLoaded)) == 2
    assert commands_of_life(tmp_path, 1) == ["LoadModel", "Generate", "Shutdown"]


@pytest.mark.asyncio_qt
async def test_restart_leaves_a_running_engine_alone(tmp_path: Path) -> None:
    async with running_worker(scripted(tmp_path)) as (client, events):
        await events.wait_for(EngineReady)
        client.restart()
        await read_reply(client, worker_request())

    assert len(events.of(EngineReady)) == 1


@pytest.mark.asyncio_qt
async def test_abort_ends_an_endless_reply(tmp_path: Path) -> None:
    endless = worker_request(max_tokens=None)

    async with running_worker(scripted(tmp_path, token_pause_s=0.001)) as (client, _):
        seen: list[Event] = []
        async for event in client.generate(endless):
            if not seen:
                client.abort(endless.request_id)
            seen.append(event)

    assert [type(event) for event in seen] == [TextDelta, Finished]


@pytest.mark.asyncio_qt
async def test_leaving_a_reply_early_aborts_it(tmp_path: Path) -> None:
    async with running_worker(scripted(tmp_path, token_pause_s=0.001)) as (client, _):
        stream = client.generate(worker_request(max_tokens=None))
        await anext(stream)
        await stream.aclose()
        await read_reply(client, worker_request("other"))

    assert "Abort" in commands_of_life(tmp_path, 0)


@pytest.mark.asyncio_qt
async def test_request_that_cannot_be_sent_fails_alone(tmp_path: Path) -> None:
    broken = GenerateRequest(RequestId("broken"), prompt="\ud800")

    async with running_worker(scripted(tmp_path)) as (client, _):
        _, end = await read_reply(client, broken)
        text, _ = await read_reply(client, worker_request())

    assert isinstance(end, Failed)
    assert end.error.kind == "RequestError"
    assert text == expected_text(worker_request())


@pytest.mark.asyncio_qt
async def test_prompt_larger_than_the_pipe_does_not_hold_the_worker(tmp_path: Path) -> None:
    large = GenerateRequest(
        RequestId("large"), prompt="x" * 8_000_000, sampling=SamplingParams(max_tokens=3)
    )

    async with running_worker(scripted(tmp_path)) as (client, _):
        replies = await asyncio.gather(
            read_reply(client, large), read_reply(client, worker_request())
        )

    assert [len(text) > 0 for text, _ in replies] == [True, True]


@pytest.mark.asyncio_qt
async def test_close_ends_an_engine_in_the_middle_of_replies(tmp_path: Path) -> None:
    async with running_worker(scripted(tmp_path, token_pause_s=0.001)) as (client, _):
        streams = [client.generate(worker_request(f"r{seed}", seed, None)) for seed in range(8)]
        for stream in streams:
            await anext(stream)
        await client.close()
        ends = [[event async for event in stream][-1] for stream in streams]

    assert all(isinstance(end, Failed) for end in ends)


@pytest.mark.asyncio_qt
async def test_close_ends_an_engine_that_ignores_it_within_its_time(tmp_path: Path) -> None:
    start = functools.partial(start_scripted, Plan(tmp_path, ignores_shutdown=True))

    async with running_worker(start, WorkerLimits(shutdown_s=0.3)) as (client, events):
        await events.wait_for(EngineReady)
        before = time.monotonic()
        await client.close()

    # Without its limit it would wait for ever; a busy machine may need longer than 0.3 s.
    assert time.monotonic() - before < 5.0


@pytest.mark.asyncio_qt
async def test_close_returns_when_the_engine_was_never_started(tmp_path: Path) -> None:
    client = LocalEngineClient(scripted(tmp_path), asyncio.get_running_loop())

    await client.close()
    await client.close()

    assert not (tmp_path / "life-0.log").exists()


@pytest.mark.asyncio_qt
async def test_request_after_close_fails_at_once(tmp_path: Path) -> None:
    async with running_worker(scripted(tmp_path)) as (client, _):
        pass

    _, end = await read_reply(client, worker_request())

    assert isinstance(end, Failed)


@pytest.mark.asyncio_qt
async def test_commands_given_before_the_start_are_kept(tmp_path: Path) -> None:
    client = LocalEngineClient(scripted(tmp_path), asyncio.get_running_loop())
    stream = client.generate(worker_request())

    client.start()
    ends = [event async for event in stream]
    await client.close()

    assert isinstance(ends[-1], Finished)


@pytest.mark.asyncio_qt
async def test_worker_hosts_an_engine_in_a_thread(tmp_path: Path) -> None:
    start = functools.partial(start_thread, serve=functools.partial(serve_plan, Plan(tmp_path)))

    async with running_worker(start) as (client, _):
        text, _ = await read_reply(client, worker_request())

    assert text == expected_text(worker_request())


@pytest.mark.asyncio_qt
async def test_events_wake_the_loop_once_for_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    wakes: list[object] = []
    wake = loop.call_soon_threadsafe

    def counting(*call: Callable[[], None]) -> None:
        wakes.append(call)
        wake(*call)

    monkeypatch.setattr(loop, "call_soon_threadsafe", counting)
    async with running_worker(scripted(tmp_path)) as (client, events):
        await events.wait_for(EngineReady)
        wakes.clear()
        stream = client.generate(worker_request(max_tokens=2000))
        while not wakes:
            time.sleep(0.01)  # noqa: ASYNC251  (the window is busy while tokens arrive)
        time.sleep(0.3)  # noqa: ASYNC251  (and stays so: no second wake-up may come)
        num_wakes = len(wakes)
        await stream.aclose()

    assert num_wakes == 1
