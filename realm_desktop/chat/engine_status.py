"""What every chat needs to know of the engine: which model is loaded, how far a load is.

Filled from the client's events; one per client, shared by all sessions. Belongs to the GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable

from realm_desktop.chat.listeners import Listeners
from realm_desktop.client import EngineClient
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
)


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
        self._listeners: Listeners[[Event]] = Listeners()
        self._unsubscribe = client.subscribe(self._on_event)

    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Call `listener` with each event, after this object took it in; returns the way to stop."""
        return self._listeners.add(listener)

    def close(self) -> None:
        """Listen to the client no longer."""
        self._unsubscribe()

    def _on_event(self, event: Event) -> None:
        match event:
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
            case EngineDown():
                self.model, self.load_progress = None, None
                self.is_starting, self.is_down = False, True
                self.error = ErrorInfo(
                    "EngineStopped", f"the engine stopped: {event.reason}", "Start it again."
                )
            case EngineReady():
                self.is_starting, self.is_down = False, False
                self.error = None
        self._listeners.notify(event)
