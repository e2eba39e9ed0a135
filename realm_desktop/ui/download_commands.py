"""What the window does with downloads: shows them, obeys their buttons, uses what they brought.

The hands between the list of downloads on one side, Downloads page, rail and status bar on the other.
GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, Signal

from realm_desktop.library.download_values import Download, DownloadRequest, DownloadState
from realm_desktop.library.downloads import Downloads
from realm_desktop.ui.file_manager import show_in_folder
from realm_desktop.ui.panels.download_texts import fraction_of, summary_text
from realm_desktop.ui.widgets.throttle import Throttle
from realm_desktop.ui.window_actions import trigger
from realm_desktop.ui.window_parts import WindowParts

REFRESH_MS: Final = 100


class DownloadCommands(QObject):
    """Commands on downloads; each starts its work and returns at once.

    Attributes:
        model_ready: Path of a model whose download ended well.
        adapter_ready: Likewise of an adapter.
        model_chosen: Path of a model to load.
        adapter_chosen: Path of an adapter to show.
    """

    model_ready = Signal(str)
    adapter_ready = Signal(str)
    model_chosen = Signal(str)
    adapter_chosen = Signal(str)

    def __init__(self, downloads: Downloads, parts: WindowParts, window: QObject) -> None:
        super().__init__(window)
        self._downloads = downloads
        self._parts = parts
        self._known: set[str] = set()
        self._done: set[str] = set()
        self._throttle = Throttle(REFRESH_MS, self)
        self._throttle.triggered.connect(self._show)
        self._unsubscribe = downloads.subscribe(self._on_changed)
        parts.downloads_page.commanded.connect(self.obey)

    async def load(self) -> None:
        """List what earlier runs left; nothing of it goes on by itself."""
        await self._downloads.load()

    def start(self, request: DownloadRequest) -> str:
        """Begin a download; returns its id."""
        return self._downloads.start(request)

    def obey(self, command: str, download_id: str) -> None:
        """Do what the button of a row says."""
        downloads = self._downloads
        slots: dict[str, Callable[[str], object]] = {
            "pause": downloads.pause,
            "resume": downloads.resume,
            "retry": downloads.resume,
            "verify": downloads.verify,
            "cancel": downloads.cancel,
            "remove": downloads.cancel,
            "use": self._use,
            "folder": self._show_folder,
            "mirror": self._show_network,
            "space": self._show_storage,
        }
        slots[command](download_id)

    def close(self) -> None:
        """Hear no more changes."""
        self._unsubscribe()
        self._throttle.stop()

    def _use(self, download_id: str) -> None:
        item = self._downloads.find(download_id)
        chosen = {"model": self.model_chosen, "adapter": self.adapter_chosen}
        if item is not None and item.request.kind in chosen:
            chosen[item.request.kind].emit(str(item.target))

    def _show_folder(self, download_id: str) -> None:
        item = self._downloads.find(download_id)
        if item is not None:
            show_in_folder(item.target)

    def _show_network(self, _download_id: str) -> None:
        """Mirror and proxy hold for all downloads."""
        trigger(self._parts.downloads_page, "network")

    def _show_storage(self, _download_id: str) -> None:
        """What may go so that a download has room."""
        trigger(self._parts.downloads_page, "storage")

    def _on_changed(self) -> None:
        for item in self._downloads.items:
            self._note_state(item)
        self._throttle.request()

    def _note_state(self, item: Download) -> None:
        """Tell of a download that became complete in this run."""
        is_known = item.download_id in self._known
        self._known.add(item.download_id)
        if item.state is not DownloadState.DONE or item.download_id in self._done:
            return
        self._done.add(item.download_id)
        # What is done when it is first seen was told by an earlier run.
        ready = {"model": self.model_ready, "adapter": self.adapter_ready}
        # An update is never used by this program: the user opens it.
        if is_known and item.request.kind in ready:
            ready[item.request.kind].emit(str(item.target))

    def _show(self) -> None:
        items = self._downloads.items
        self._parts.downloads_page.set_items(items)
        is_active = any(item.is_active for item in items)
        self._parts.rail.show_downloads(fraction_of(items), is_active=is_active)
        self._parts.status.show_downloads(summary_text(items))
