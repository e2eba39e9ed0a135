"""The real engine, killed while it answers, goes on with every reply as if nothing had happened."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from realm_desktop.events import EngineReady, EngineRestarted, Event, Parked, TextDelta
from realm_desktop.launcher import start_process
from realm_desktop.protocol import GenerateRequest, LoadModel, RequestId
from realm_desktop.sampling_params import SamplingParams
from realm_desktop.worker import LocalEngineClient
from tests.support.posix import posix_only
from tests.support.tiny_models import tiny_gguf

pytestmark = [
    pytest.mark.slow,
    posix_only,
]

NUM_REQUESTS = 4
KILL_AFTER_DELTAS = 60


def make_request(number: int) -> GenerateRequest:
    sampling = SamplingParams(seed=number, max_tokens=120, ignore_end=True)
    return GenerateRequest(RequestId(f"r{number}"), prompt="once upon a time", sampling=sampling)


class Readers:
    """Reads several replies at once and counts their deltas together."""

    def __init__(self, client: LocalEngineClient) -> None:
        self._client = client
        self._num_deltas = 0
        self.is_well_under_way = asyncio.Event()

    async def read_all(self) -> list[tuple[str, tuple[int, ...]]]:
        """Text and token ids of each reply."""
        return await asyncio.gather(*(self._read(number) for number in range(NUM_REQUESTS)))

    async def _read(self, number: int) -> tuple[str, tuple[int, ...]]:
        text, token_ids = "", list[int]()
        async for event in self._client.generate(make_request(number)):
            if isinstance(event, TextDelta):
                text += event.text
                token_ids += event.token_ids
                self._count()
        return text, tuple(token_ids)

    def _count(self) -> None:
        self._num_deltas += 1
        if self._num_deltas >= KILL_AFTER_DELTAS:
            self.is_well_under_way.set()


def start_client(folder: Path, events: list[Event]) -> LocalEngineClient:
    """An engine process that loads a tiny model; what it tells is added to the events."""
    model = tiny_gguf(folder, with_tokenizer=True, max_position_embeddings=2048)
    client = LocalEngineClient(start_process, asyncio.get_running_loop())
    client.subscribe(events.append)
    client.start()
    client.load(LoadModel(str(model), device="cpu", num_threads=1))
    return client


@pytest.mark.asyncio_qt(limit_s=200)
async def test_killed_engine_resumes_every_reply(tmp_path: Path) -> None:
    events: list[Event] = []
    client = start_client(tmp_path, events)
    undisturbed = await Readers(client).read_all()

    readers = Readers(client)
    reading = asyncio.create_task(readers.read_all())
    await readers.is_well_under_way.wait()
    ready = next(event for event in events if isinstance(event, EngineReady))
    os.kill(ready.process_id, signal.SIGKILL)
    resumed = await reading
    await client.close()

    assert resumed == undisturbed
    assert [event.num_resumed for event in events if isinstance(event, EngineRestarted)] == [
        NUM_REQUESTS
    ]


class PausedReply:
    """One reply, read while it is paused and an engine dies."""

    def __init__(self, client: LocalEngineClient) -> None:
        self._client = client
        self.text = ""
        self.num_parked = 0
        self.changed = asyncio.Event()

    async def read(self) -> str:
        """Its whole text."""
        async for event in self._client.generate(make_request(0)):
            self.text += event.text if isinstance(event, TextDelta) else ""
            self.num_parked += isinstance(event, Parked)
            self.changed.set()
        return self.text

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Wait until it is so."""
        while not is_so():
            self.changed.clear()
            await self.changed.wait()


@pytest.mark.asyncio_qt(limit_s=200)
async def test_paused_reply_outlives_the_engine_and_goes_on_where_it_was(tmp_path: Path) -> None:
    events: list[Event] = []
    client = start_client(tmp_path, events)
    undisturbed = await PausedReply(client).read()
    reply = PausedReply(client)
    reading = asyncio.create_task(reply.read())
    await reply.until(lambda: len(reply.text) > 20)
    client.set_parked(RequestId("r0"), is_parked=True)
    await reply.until(lambda: reply.num_parked == 1)
    paused = reply.text
    ready = next(event for event in events if isinstance(event, EngineReady))
    os.kill(ready.process_id, signal.SIGKILL)
    await reply.until(lambda: reply.num_parked == 2)
    is_still = reply.text == paused != undisturbed
    client.set_parked(RequestId("r0"), is_parked=False)
    resumed = await reading
    await client.close()

    assert is_still
    assert resumed == undisturbed
