"""A worker with a scripted engine behind it, and what it told."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from realm_desktop.events import Event, TextDelta
from realm_desktop.launcher import EngineHandle
from realm_desktop.protocol import GenerateRequest, RequestId
from realm_desktop.sampling_params import SamplingParams
from realm_desktop.watchdog import WorkerLimits
from realm_desktop.worker import LocalEngineClient
from tests.support.scripted_engine import Fault, Plan, start_scripted

Start = Callable[[], EngineHandle]


class Events:
    """Everything of no request that a client told, in order."""

    def __init__(self, client: LocalEngineClient) -> None:
        self.seen: list[Event] = []
        self._changed = asyncio.Event()
        client.subscribe(self._on_event)

    def of(self, *kinds: type) -> list[Event]:
        """Those of these kinds, so far."""
        return [event for event in self.seen if isinstance(event, kinds)]

    async def wait_for(self, kind: type, count: int = 1) -> Event:
        """The event of this kind with this number, when it is there."""
        while len(self.of(kind)) < count:
            self._changed.clear()
            await self._changed.wait()
        return self.of(kind)[count - 1]

    def _on_event(self, event: Event) -> None:
        self.seen.append(event)
        self._changed.set()


@asynccontextmanager
async def running_worker(
    start: Start, limits: WorkerLimits | None = None
) -> AsyncIterator[tuple[LocalEngineClient, Events]]:
    """A client with its events; closed at the end."""
    client = LocalEngineClient(start, asyncio.get_running_loop(), limits)
    events = Events(client)
    client.start()
    try:
        yield client, events
    finally:
        await client.close()


def scripted(folder: Path, *faults: Fault | None, token_pause_s: float = 0.0) -> Start:
    """Starts engines that fail so, one fault for each life."""
    return functools.partial(start_scripted, Plan(folder, faults, token_pause_s))


def worker_request(name: str = "r", seed: int = 1, max_tokens: int | None = 20) -> GenerateRequest:
    """A request whose text is known beforehand: `expected_text`."""
    sampling = SamplingParams(seed=seed, max_tokens=max_tokens)
    return GenerateRequest(RequestId(name), prompt="Hi", sampling=sampling)


async def read_reply(client: LocalEngineClient, asked: GenerateRequest) -> tuple[str, Event]:
    """The whole text of a request and the event that ended it."""
    text, last = "", None
    async for event in client.generate(asked):
        text += event.text if isinstance(event, TextDelta) else ""
        last = event
    assert last is not None
    return text, last


def commands_of_life(folder: Path, number: int) -> list[str]:
    """The names of the commands that one process was sent."""
    return (folder / f"life-{number}.log").read_text().split()[1:]
