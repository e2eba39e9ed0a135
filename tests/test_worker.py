"""The worker keeps an engine in a real process alive: deaths, hangs, nonsense, restart, shutdown."""

from __future__ import annotations

import asyncio
import functools
import os
import random
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from realm_desktop.errors import EngineStopped
from realm_desktop.events import (
    AdapterFailed,
    EngineDown,
    EngineReady,
    EngineRestarted,
    Event,
    Failed,
    Finished,
    FinishReason,
    LoadFailed,
    ModelLoaded,
    TextDelta,
)
from realm_desktop.launcher import EngineHandle, start_thread
from realm_desktop.protocol import AdapterId, GenerateRequest, LoadAdapter, LoadModel, RequestId
from realm_desktop.sampling_params import SamplingParams
from realm_desktop.worker import LocalEngineClient, WorkerLimits
from tests.support.scripted_engine import (
    Fault,
    Kind,
    Plan,
    expected_text,
    serve_plan,
    start_scripted,
)

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="uses signals and descriptors")
Start = Callable[[], EngineHandle]


class Events:
    """Everything of no request that a client told, in order."""

    def __init__(self, client: LocalEngineClient) -> None:
        self.seen: list[Event] = []
        self._changed = asyncio.Event()
        client.subscribe(self._on_event)

    def of(self, *kinds: type) -> list[Event]:
        return [event for event in self.seen if isinstance(event, kinds)]

    async def wait_for(self, kind: type, count: int = 1) -> Event:
        while len(self.of(kind)) < count:
            self._changed.clear()
            await self._changed.wait()
        return self.of(kind)[count - 1]

    def _on_event(self, event: Event) -> None:
        self.seen.append(event)
        self._changed.set()


@asynccontextmanager
async def running(
    start: Start, limits: WorkerLimits | None = None
) -> AsyncIterator[tuple[LocalEngineClient, Events]]:
    client = LocalEngineClient(start, asyncio.get_running_loop(), limits)
    events = Events(client)
    client.start()
    try:
        yield client, events
    finally:
        await client.close()


def scripted(folder: Path, *faults: Fault | None, token_pause_s: float = 0.0) -> Start:
    return functools.partial(start_scripted, Plan(folder, faults, token_pause_s))


def request(name: str = "r", seed: int = 1, max_tokens: int | None = 20) -> GenerateRequest:
    sampling = SamplingParams(seed=seed, max_tokens=max_tokens)
    return GenerateRequest(RequestId(name), prompt="Hi", sampling=sampling)


async def read(client: LocalEngineClient, asked: GenerateRequest) -> tuple[str, Event]:
    """The whole text of a request and the event that ended it."""
    text, last = "", None
    async for event in client.generate(asked):
        text += event.text if isinstance(event, TextDelta) else ""
        last = event
    assert last is not None
    return text, last


def commands_of_life(folder: Path, number: int) -> list[str]:
    return (folder / f"life-{number}.log").read_text().split()[1:]


@pytest.mark.asyncio_qt
async def test_worker_streams_a_reply_from_a_process(tmp_path: Path) -> None:
    async with running(scripted(tmp_path)) as (client, events):
        text, end = await read(client, request())

    assert text == expected_text(request())
    assert isinstance(end, Finished)
    assert len(events.of(EngineReady)) == 1


KINDS: tuple[Kind, ...] = ("exit", "kill", "abort", "segfault", "nonsense", "raise")


@posix_only
@pytest.mark.asyncio_qt(limit_s=30)
@pytest.mark.parametrize("kind", KINDS)
async def test_worker_resumes_every_reply_after_a_death(tmp_path: Path, kind: Kind) -> None:
    requests = [request(f"r{seed}", seed) for seed in range(4)]

    async with running(scripted(tmp_path, Fault(kind, after_tokens=17))) as (client, events):
        replies = await asyncio.gather(*(read(client, asked) for asked in requests))

    assert [text for text, _ in replies] == [expected_text(asked) for asked in requests]
    assert len(events.of(EngineRestarted)) == 1


@posix_only
@pytest.mark.asyncio_qt(limit_s=30)
@pytest.mark.parametrize("kind", ["hang", "half_frame"])
async def test_worker_replaces_an_engine_that_fell_silent(tmp_path: Path, kind: Kind) -> None:
    limits = WorkerLimits(heartbeat_s=1.0)

    async with running(scripted(tmp_path, Fault(kind)), limits) as (client, events):
        text, _ = await read(client, request())

    assert text == expected_text(request())
    restarted = events.of(EngineRestarted)[0]
    assert isinstance(restarted, EngineRestarted)
    assert restarted.reason == "The engine gave no sign of life for 1 seconds."


@posix_only
@pytest.mark.asyncio_qt
async def test_nonsense_is_named_as_the_reason(tmp_path: Path) -> None:
    async with running(scripted(tmp_path, Fault("nonsense"))) as (client, events):
        await read(client, request())

    restarted = events.of(EngineRestarted)[0]
    assert isinstance(restarted, EngineRestarted)
    assert "make no sense" in restarted.reason


@pytest.mark.asyncio_qt
async def test_worker_replaces_an_engine_that_never_speaks(tmp_path: Path) -> None:
    start = scripted(tmp_path, Fault("hang", "start"))

    async with running(start, WorkerLimits(start_s=3.0)) as (client, _):
        text, _ = await read(client, request())

    assert text == expected_text(request())


@pytest.mark.asyncio_qt
async def test_worker_keeps_a_quiet_engine_that_sends_heartbeats(tmp_path: Path) -> None:
    async with running(scripted(tmp_path), WorkerLimits(heartbeat_s=2.0)) as (_, events):
        await events.wait_for(EngineReady)
        await asyncio.sleep(2.5)

    assert events.of(EngineRestarted, EngineDown) == []


@pytest.mark.asyncio_qt
async def test_worker_replays_the_model_after_a_death(tmp_path: Path) -> None:
    async with running(scripted(tmp_path, Fault("exit"))) as (client, events):
        client.load(LoadModel("/models/tiny.gguf"))
        await read(client, request())

    assert len(events.of(ModelLoaded)) == 2
    assert commands_of_life(tmp_path, 1) == ["LoadModel", "Generate", "Shutdown"]


@pytest.mark.asyncio_qt
async def test_worker_gives_up_a_model_that_kills_the_engine_twice(tmp_path: Path) -> None:
    start = scripted(tmp_path, Fault("exit", "load"), Fault("exit", "load"))

    async with running(start) as (client, events):
        client.load(LoadModel("/models/bad.gguf"))
        failed = await events.wait_for(LoadFailed)
        text, _ = await read(client, request())

    assert isinstance(failed, LoadFailed)
    assert failed.path == "/models/bad.gguf"
    assert failed.is_unloaded
    assert text == expected_text(request())


@pytest.mark.asyncio_qt
async def test_model_whose_path_cannot_be_sent_leaves_the_loaded_one(tmp_path: Path) -> None:
    async with running(scripted(tmp_path, Fault("exit"))) as (client, events):
        client.load(LoadModel("/models/tiny.gguf"))
        await events.wait_for(ModelLoaded)
        client.load(LoadModel("/models/\udcff.gguf"))
        client.load_adapter(LoadAdapter(AdapterId("a"), "/adapters/\udcff"))
        refused = await events.wait_for(LoadFailed)
        await events.wait_for(AdapterFailed)
        await read(client, request())

    assert isinstance(refused, LoadFailed)
    assert not refused.is_unloaded
    assert len(events.of(ModelLoaded)) == 2
    assert commands_of_life(tmp_path, 1) == ["LoadModel", "Generate", "Shutdown"]


@pytest.mark.asyncio_qt
async def test_worker_fails_a_request_open_in_two_deaths(tmp_path: Path) -> None:
    start = scripted(tmp_path, Fault("exit"), Fault("exit"))

    async with running(start) as (client, _):
        _, end = await read(client, request("poison"))
        text, _ = await read(client, request("next"))

    assert isinstance(end, Failed)
    assert end.error.kind == "EngineStopped"
    assert end.error.message == "The engine stopped with exit code 3."
    assert text == expected_text(request("next"))


async def _down(client: LocalEngineClient, events: Events) -> EngineDown:
    down = await events.wait_for(EngineDown)
    assert isinstance(down, EngineDown)
    return down


DEAD_AT_START = (Fault("exit", "start"),) * 3


@pytest.mark.asyncio_qt(limit_s=30)
async def test_third_death_leaves_the_engine_down(tmp_path: Path) -> None:
    async with running(scripted(tmp_path, *DEAD_AT_START)) as (client, events):
        down = await _down(client, events)
        _, end = await read(client, request())

    assert down.reason == "The engine stopped with exit code 3."
    assert len(events.of(EngineRestarted)) == 2
    assert isinstance(end, Failed)
    assert end.error.advice == "Start the engine and send again."


@pytest.mark.asyncio_qt(limit_s=30)
async def test_deaths_far_apart_do_not_add_up(tmp_path: Path) -> None:
    limits = WorkerLimits(deaths_window_s=0.0)

    async with running(scripted(tmp_path, *DEAD_AT_START), limits) as (_, events):
        await events.wait_for(EngineReady)

    assert events.of(EngineDown) == []
    assert len(events.of(EngineRestarted)) == 3


@pytest.mark.asyncio_qt(limit_s=30)
async def test_user_restarts_an_engine_that_is_down(tmp_path: Path) -> None:
    async with running(scripted(tmp_path, *DEAD_AT_START)) as (client, events):
        await _down(client, events)
        client.load(LoadModel("/models/other.gguf"))
        refused = await events.wait_for(LoadFailed)
        client.restart()
        await events.wait_for(ModelLoaded)
        text, _ = await read(client, request())

    assert isinstance(refused, LoadFailed)
    assert text == expected_text(request())


@pytest.mark.asyncio_qt
async def test_restart_leaves_a_running_engine_alone(tmp_path: Path) -> None:
    async with running(scripted(tmp_path)) as (client, events):
        await events.wait_for(EngineReady)
        client.restart()
        await read(client, request())

    assert len(events.of(EngineReady)) == 1


@pytest.mark.asyncio_qt
async def test_engine_that_cannot_start_is_reported_as_down() -> None:
    def refuse() -> EngineHandle:
        raise EngineStopped("no process to be had")

    async with running(refuse) as (client, events):
        down = await _down(client, events)

    assert down.reason == "no process to be had"


@pytest.mark.asyncio_qt
async def test_abort_ends_an_endless_reply(tmp_path: Path) -> None:
    endless = request(max_tokens=None)

    async with running(scripted(tmp_path, token_pause_s=0.001)) as (client, _):
        seen: list[Event] = []
        async for event in client.generate(endless):
            if not seen:
                client.abort(endless.request_id)
            seen.append(event)

    assert [type(event) for event in seen] == [TextDelta, Finished]


@pytest.mark.asyncio_qt
async def test_abort_of_a_request_survives_a_death(tmp_path: Path) -> None:
    endless = request(max_tokens=None)
    start = scripted(tmp_path, Fault("hang", after_tokens=1))

    async with running(start, WorkerLimits(heartbeat_s=1.0)) as (client, events):
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
async def test_leaving_a_reply_early_aborts_it(tmp_path: Path) -> None:
    async with running(scripted(tmp_path, token_pause_s=0.001)) as (client, _):
        stream = client.generate(request(max_tokens=None))
        await anext(stream)
        await stream.aclose()
        await read(client, request("other"))

    assert "Abort" in commands_of_life(tmp_path, 0)


@pytest.mark.asyncio_qt
async def test_request_that_cannot_be_sent_fails_alone(tmp_path: Path) -> None:
    broken = GenerateRequest(RequestId("broken"), prompt="\ud800")

    async with running(scripted(tmp_path)) as (client, _):
        _, end = await read(client, broken)
        text, _ = await read(client, request())

    assert isinstance(end, Failed)
    assert end.error.kind == "RequestError"
    assert text == expected_text(request())


@pytest.mark.asyncio_qt
async def test_prompt_larger_than_the_pipe_does_not_hold_the_worker(tmp_path: Path) -> None:
    large = GenerateRequest(
        RequestId("large"), prompt="x" * 8_000_000, sampling=SamplingParams(max_tokens=3)
    )

    async with running(scripted(tmp_path)) as (client, _):
        replies = await asyncio.gather(read(client, large), read(client, request()))

    assert [len(text) > 0 for text, _ in replies] == [True, True]


@pytest.mark.asyncio_qt
async def test_close_ends_an_engine_in_the_middle_of_replies(tmp_path: Path) -> None:
    async with running(scripted(tmp_path, token_pause_s=0.001)) as (client, _):
        streams = [client.generate(request(f"r{seed}", seed, None)) for seed in range(8)]
        for stream in streams:
            await anext(stream)
        await client.close()
        ends = [[event async for event in stream][-1] for stream in streams]

    assert all(isinstance(end, Failed) for end in ends)


@pytest.mark.asyncio_qt
async def test_close_ends_an_engine_that_ignores_it_within_its_time(tmp_path: Path) -> None:
    start = functools.partial(start_scripted, Plan(tmp_path, ignores_shutdown=True))

    async with running(start, WorkerLimits(shutdown_s=0.3)) as (client, events):
        await events.wait_for(EngineReady)
        before = time.monotonic()
        await client.close()

    assert time.monotonic() - before < 2.0


@pytest.mark.asyncio_qt
async def test_close_returns_when_the_engine_was_never_started(tmp_path: Path) -> None:
    client = LocalEngineClient(scripted(tmp_path), asyncio.get_running_loop())

    await client.close()
    await client.close()

    assert not (tmp_path / "life-0.log").exists()


@pytest.mark.asyncio_qt
async def test_request_after_close_fails_at_once(tmp_path: Path) -> None:
    async with running(scripted(tmp_path)) as (client, _):
        pass

    _, end = await read(client, request())

    assert isinstance(end, Failed)


@pytest.mark.asyncio_qt
async def test_commands_given_before_the_start_are_kept(tmp_path: Path) -> None:
    client = LocalEngineClient(scripted(tmp_path), asyncio.get_running_loop())
    stream = client.generate(request())

    client.start()
    ends = [event async for event in stream]
    await client.close()

    assert isinstance(ends[-1], Finished)


@pytest.mark.asyncio_qt
async def test_worker_hosts_an_engine_in_a_thread(tmp_path: Path) -> None:
    start = functools.partial(start_thread, serve=functools.partial(serve_plan, Plan(tmp_path)))

    async with running(start) as (client, _):
        text, _ = await read(client, request())

    assert text == expected_text(request())


@pytest.mark.asyncio_qt
async def test_worker_restarts_an_engine_thread_that_raised(tmp_path: Path) -> None:
    plan = Plan(tmp_path, (Fault("raise"),))
    start = functools.partial(start_thread, serve=functools.partial(serve_plan, plan))

    async with running(start) as (client, events):
        text, _ = await read(client, request())

    assert text == expected_text(request())
    assert len(events.of(EngineRestarted)) == 1


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
    async with running(scripted(tmp_path)) as (client, events):
        await events.wait_for(EngineReady)
        wakes.clear()
        stream = client.generate(request(max_tokens=2000))
        while not wakes:
            time.sleep(0.01)  # noqa: ASYNC251  (the window is busy while tokens arrive)
        time.sleep(0.3)  # noqa: ASYNC251  (and stays so: no second wake-up may come)
        num_wakes = len(wakes)
        await stream.aclose()

    assert num_wakes == 1


@posix_only
@pytest.mark.asyncio_qt(limit_s=30)
@pytest.mark.parametrize("seed", range(4))
async def test_kill_at_any_moment_changes_no_text(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    requests = [request(f"r{number}", number, max_tokens=200) for number in range(8)]

    async with running(scripted(tmp_path, token_pause_s=0.001)) as (client, events):
        ready = await events.wait_for(EngineReady)
        assert isinstance(ready, EngineReady)
        replies = asyncio.gather(*(read(client, asked) for asked in requests))
        asyncio.get_running_loop().call_later(
            dice.uniform(0.0, 0.15), os.kill, ready.process_id, signal.SIGKILL
        )
        texts = [text for text, _ in await replies]

    assert texts == [expected_text(asked) for asked in requests]
    assert len(events.of(EngineRestarted)) == 1
