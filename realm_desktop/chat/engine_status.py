"""What every chat needs to know of the engine: which model is loaded, how far a load is.

Filled from the client's events; one per client, shared by all sessions. Belongs to the GUI thread.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from typing import Final

from realm_desktop.chat.listeners import Listeners
from realm_desktop.client import EngineClient
from realm_desktop.engine_stats import EngineStats
from realm_desktop.events import (
    EngineDown,
    EngineReady,
    EngineRestarted,
    ErrorInfo,
    Event,
    LoadFailed,
    LoadProgress,
    ModelInfo,
    ModelLoaded,
    ModelUnloaded,
    TokensCounted,
)
from realm_desktop.protocol import CountTokens

MAX_COUNTED: Final = 256 * 1024
"""Characters counted at once; they take the engine about a tenth of a second."""


class EngineStatus:
    """The engine's state between requests.

    Attributes:
        model: The loaded model; None while there is none.
        load_progress: How far the running load is; None while nothing loads.
        is_starting: No engine answered yet.
        is_down: The engine stays down until the user starts it.
        error: Why the last load failed, or the engine is down; None when all is well.
        num_restarts: How often the engine was restarted after a death.
    """

    def __init__(self, client: EngineClient) -> None:
        self.model: ModelInfo | None = None
        self.load_progress: LoadProgress | None = None
        self.is_starting = True
        self.is_down = False
        self.error: ErrorInfo | None = None
        self.num_restarts = 0
        self._client = client
        self._counts: dict[str, asyncio.Future[int | None]] = {}
        self._is_closed = False
        self._listeners: Listeners[[Event]] = Listeners()
        self._unsubscribe = client.subscribe(self._on_event)

    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Call `listener` with each event but figures, after this object took it in.

        Returns:
            The way to stop.
        """
        return self._listeners.add(listener)

    async def count_tokens(self, text: str) -> int | None:
        """Tokens of a text for the loaded model; None where nobody can tell.

        A long text is counted in pieces, so that replies need not wait behind all of it; where it
        is cut, the sum can be one too high.
        """
        total = 0
        for start in range(0, max(len(text), 1), MAX_COUNTED):
            if self.model is None or self._is_closed:
                return None
            num_tokens = await self._count_piece(text[start : start + MAX_COUNTED])
            if num_tokens is None:
                return None
            total += num_tokens
        return total

    def close(self) -> None:
        """Listen to the client no longer; what is counted from now on has no number."""
        # A tab that closes last may still want a count, for which no answer would come.
        self._is_closed = True
        self._unsubscribe()
        self._drop_counts()

    async def _count_piece(self, text: str) -> int | None:
        count_id = uuid.uuid4().hex
        waiting: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()
        self._counts[count_id] = waiting
        try:
            self._client.count_tokens(CountTokens(count_id, text))
            return await waiting
        finally:
            self._counts.pop(count_id, None)

    def _drop_counts(self) -> None:
        """Let nobody wait for an engine that is gone."""
        for waiting in self._counts.values():
            if not waiting.done():
                waiting.set_result(None)

    def _on_event(self, event: Event) -> None:
        match event:
            case TokensCounted(count_id, num_tokens):
                waiting = self._counts.get(count_id)
                if waiting is not None and not waiting.done():
                    waiting.set_result(num_tokens)
                return
            case EngineStats():
                # Once a second, of an idle engine too: every chat and the list were shown anew by it.
                return
            case LoadProgress():
                self.load_progress, self.error = event, None
            case ModelLoaded():
                self.model, self.load_progress, self.error = event.info, None, None
            case ModelUnloaded():
                self.model = None
            case LoadFailed():
                self.load_progress, self.error = None, event.error
                self.model = None if event.is_unloaded else self.model
            case EngineRestarted():
                self.num_restarts = event.num_restarts
                self._drop_counts()
            case EngineDown():
                self._drop_counts()
                self.model, self.load_progress = None, None
                self.is_starting, self.is_down = False, True
                self.error = ErrorInfo(
                    "EngineStopped", f"the engine stopped: {event.reason}", "Start it again."
                )
            case EngineReady():
                self.is_starting, self.is_down = False, False
                self.error = None
        self._listeners.notify(event)
