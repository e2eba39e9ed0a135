"""The real engine in a process of its own, with the means to end it in every way."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Literal

from realm_desktop.channel import Channel
from realm_desktop.events import EngineReady, Event, TextDelta
from realm_desktop.launcher import EngineHandle, ProcessHandle, start_process
from realm_desktop.protocol import GenerateRequest
from realm_desktop.watchdog import WorkerLimits
from realm_desktop.worker import LocalEngineClient

Death = Literal["exit", "segfault", "kill", "abort", "hang"]
_SIGNALS: dict[Death, str] = {
    "exit": "SIGUSR1",
    "segfault": "SIGSEGV",
    "kill": "SIGKILL",
    "abort": "SIGABRT",
    "hang": "SIGSTOP",
}


def serve_mortal(channel: Channel) -> None:
    """The engine's own loop, in a process that SIGUSR1 ends by `os._exit`."""
    from realm_desktop.engine.service import serve  # in the engine process only

    signal.signal(signal.SIGUSR1, lambda number, frame: os._exit(3))
    serve(channel)


class Engines:
    """Starts engine processes and ends the newest of them."""

    def __init__(self) -> None:
        self.started: list[ProcessHandle] = []

    def start(self) -> EngineHandle:
        """For `LocalEngineClient`."""
        self.started.append(start_process(serve=serve_mortal))
        return self.started[-1]

    def end(self, death: Death) -> None:
        """End the newest process this way."""
        process_id = self.started[-1].process_id
        assert process_id is not None
        os.kill(process_id, getattr(signal, _SIGNALS[death]))


class Watched:
    """A client, all its events, and a bell that rings for each."""

    def __init__(self, engines: Engines, limits: WorkerLimits) -> None:
        self.engines = engines
        self.client = LocalEngineClient(engines.start, asyncio.get_running_loop(), limits)
        self.events: list[Event] = []
        self._listeners: list[Callable[[Event], None]] = []
        self.client.subscribe(self.note)

    def note(self, event: Event) -> None:
        """Take note of an event of any kind."""
        self.events.append(event)
        for listener in tuple(self._listeners):
            listener(event)

    async def wait_for(self, fits: Callable[[Event], bool], count: int = 1) -> Event:
        """The `count`-th event from now on that fits."""
        left = count
        found: asyncio.Future[Event] = asyncio.get_running_loop().create_future()

        def listen(event: Event) -> None:
            nonlocal left
            left -= fits(event)
            if left == 0 and not found.done():
                found.set_result(event)

        self._listeners.append(listen)
        try:
            return await found
        finally:
            self._listeners.remove(listen)

    def count(self, kind: type[Event]) -> int:
        """How many events of a kind came."""
        return sum(isinstance(event, kind) for event in self.events)

    async def read(self, request: GenerateRequest) -> tuple[str, tuple[int, ...], Event]:
        """Text, token ids and end of one reply."""
        text, ids, last = "", list[int](), None
        async for event in self.client.generate(request):
            self.note(event)
            last = event
            if isinstance(event, TextDelta):
                text += event.text
                ids += event.token_ids
        assert last is not None
        return text, tuple(ids), last


@asynccontextmanager
async def watched_engine(limits: WorkerLimits) -> AsyncIterator[Watched]:
    """A client of a real engine, closed at the end."""
    watched = Watched(Engines(), limits)
    ready = asyncio.ensure_future(watched.wait_for(lambda event: isinstance(event, EngineReady)))
    watched.client.start()
    await ready
    try:
        yield watched
    finally:
        await watched.client.close()
