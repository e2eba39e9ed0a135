"""Says above the chats when the engine computes without the CUDA support that is installed. GUI thread."""

from __future__ import annotations

import asyncio
from pathlib import Path

from PySide6.QtCore import QObject

from realm_desktop.client import EngineClient
from realm_desktop.events import EngineReady, Event
from realm_desktop.torch_folder import read_state
from realm_desktop.ui.main_window import MainWindow
from realm_desktop.ui.spoken import spoken


class CudaNotice(QObject):
    """Looks each time an engine is up: the one before may have died of the import.

    Args:
        client: Tells of engines.
        torch_folder: Where the CUDA build lies, if it is installed.
        window: Shows the notice, once for each reason.
    """

    def __init__(self, client: EngineClient, torch_folder: Path, window: MainWindow) -> None:
        super().__init__(window)
        self._torch_folder = torch_folder
        self._window = window
        self._told = ""
        self._unsubscribe = client.subscribe(self._on_event)
        window.closed.connect(self.end)

    def end(self) -> None:
        """Hear no more events."""
        self._unsubscribe()

    def _on_event(self, event: Event) -> None:
        if isinstance(event, EngineReady) and self._window.tasks.can_start:
            self._window.tasks.start(self._look())

    async def _look(self) -> None:
        state = await asyncio.to_thread(read_state, self._torch_folder)
        reason = "" if state is None else state.why_not
        if reason and reason != self._told:
            self._told = reason
            text = self.tr("CUDA support is not used: {}. The processor computes.")
            self._window.show_notice(text.format(spoken(reason)), self.tr("Settings"), "settings")
