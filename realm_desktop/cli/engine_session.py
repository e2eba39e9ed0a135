"""An engine in a thread of this process, spoken to through its channel like any other engine."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import cast

from realm_desktop.cli.output import as_error
from realm_desktop.events import (
    AdapterFailed,
    AdapterInfo,
    AdapterLoaded,
    Event,
    LoadFailed,
    LoadProgress,
    ModelInfo,
    ModelLoaded,
)
from realm_desktop.launcher import EngineSetup, start_thread
from realm_desktop.protocol import Command, LoadAdapter, LoadModel, Shutdown

_POLL_S = 0.2
_SHUTDOWN_S = 10.0


class EngineSession:
    """One engine for the duration of a command. Owner: the main thread.

    Args:
        num_threads: CPU threads; None takes the physical cores.
    """

    def __init__(self, num_threads: int | None) -> None:
        self._handle = start_thread(EngineSetup(num_threads=num_threads))

    def __enter__(self) -> EngineSession:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._handle.is_alive():
            self.send(Shutdown())
        self._handle.join(_SHUTDOWN_S)

    def load(self, command: LoadModel, show_progress: Callable[[str], None]) -> ModelInfo:
        """Load a model and wait for it.

        Raises:
            RealmError: The reason why it could not be loaded.
        """
        self.send(command)
        while True:
            for event in self.receive():
                if isinstance(event, ModelLoaded):
                    show_progress("")
                    return event.info
                if isinstance(event, LoadFailed):
                    raise as_error(event.error)
                if isinstance(event, LoadProgress):
                    show_progress(f"{event.phase} {event.fraction:.0%}")

    def load_adapter(self, command: LoadAdapter) -> AdapterInfo:
        """Load an adapter and wait for it; no request may be open.

        Raises:
            RealmError: The reason why it was refused.
        """
        self.send(command)
        while True:
            for event in self.receive():
                if isinstance(event, AdapterLoaded):
                    return event.info
                if isinstance(event, AdapterFailed):
                    raise as_error(event.error)

    def send(self, *commands: Command) -> None:
        """Send commands as one frame."""
        self._handle.channel.send(commands)

    def receive(self) -> list[Event]:
        """Wait for events.

        Raises:
            EngineStopped: The engine ended.
        """
        # A wait without limit could not be interrupted by Ctrl+C on Windows.
        while not self._handle.channel.poll(_POLL_S):
            pass
        return cast("list[Event]", self._handle.channel.receive())
