"""What the bottom dock shows and does: requests and figures of the engine, and the logs.

Refreshed four times a second, and only what is on the screen. GUI thread; logs are read on another.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QTimer

from realm_desktop.chat.chat_library import ChatLibrary
from realm_desktop.client import EngineClient
from realm_desktop.log import last_lines
from realm_desktop.protocol import Priority
from realm_desktop.ui.chat_commands import ChatCommands
from realm_desktop.ui.model_state import ModelState
from realm_desktop.ui.panels.batch_rows import BatchRow, batch_rows, counts_text, find_reply
from realm_desktop.ui.panels.bottom_dock import BottomDock, DockPage
from realm_desktop.ui.stats_history import StatsHistory
from realm_desktop.ui.task_keeper import TaskKeeper
from realm_desktop.ui.widgets.throttle import Throttle
from realm_desktop.ui.window_commands import WindowCommands
from realm_desktop.ui.window_parts import WindowParts

REFRESH_MS: Final = 250
LOG_MS: Final = 1000


class DockCommands(QObject):
    """Keeps the dock in step with the engine while it is seen.

    Attributes:
        history: The figures of the last two minutes; taken down whether the dock is seen or not.
    """

    def __init__(
        self,
        library: ChatLibrary,
        client: EngineClient,
        state: ModelState,
        parts: WindowParts,
        chats: ChatCommands,
        commands: WindowCommands,
        logs_dir: Path,
    ) -> None:
        super().__init__(parts.dock)
        self._library = library
        self._client = client
        self._state = state
        self._parts = parts
        self._chats = chats
        self._commands = commands
        self._tasks = TaskKeeper(self)
        self._logs_dir = logs_dir
        self.history = StatsHistory()
        self._throttle = Throttle(REFRESH_MS, self)
        self._log_timer = QTimer(self)
        self._log_timer.setInterval(LOG_MS)
        self._is_reading = False
        self._connect()

    def toggle(self) -> None:
        """Show the dock at the page it had, or hide it."""
        self.set_visible(is_visible=self._dock.isHidden())

    def show_page(self, page: DockPage) -> None:
        """Show a page of the dock."""
        self._dock.show_page(page)
        self.set_visible(is_visible=True)

    def show_log(self) -> None:
        """Show the last lines of the logs."""
        self.show_page("log")

    def set_visible(self, *, is_visible: bool) -> None:
        """Show or hide the dock."""
        self._dock.setVisible(is_visible)
        self._commands.actions["toggle-dock"].setChecked(is_visible)

    def close(self) -> None:
        """Refresh nothing any more."""
        self._throttle.stop()
        self._log_timer.stop()

    @property
    def _dock(self) -> BottomDock:
        return self._parts.dock

    def _connect(self) -> None:
        dock, actions, status = self._dock, self._commands.actions, self._parts.status
        actions["toggle-dock"].triggered.connect(self.toggle)
        actions["show-performance"].triggered.connect(self._show_performance)
        actions["show-log-page"].triggered.connect(self.show_log)
        status.batch_requested.connect(self._show_batch)
        self._state.measured.connect(self._on_measured)
        self._state.changed.connect(self._on_state_changed)
        self._throttle.triggered.connect(self._refresh)
        self._log_timer.timeout.connect(self._read_log)
        dock.built.connect(self._on_built)
        dock.page_shown.connect(self._on_page_shown)
        dock.closed.connect(self.toggle)
        self._parts.tabs.current_changed.connect(self._throttle.request)

    def _show_batch(self) -> None:
        self.show_page("batch")

    def _show_performance(self) -> None:
        self.show_page("performance")

    def _on_built(self) -> None:
        dock = self._dock
        dock.batch.opened.connect(self._open)
        dock.batch.abort_requested.connect(self._abort)
        dock.batch.priority_chosen.connect(self._set_priority)
        dock.batch.parking_chosen.connect(self._set_parked)
        dock.log.folder_requested.connect(self._commands.show_logs)

    def _on_measured(self) -> None:
        # Kept while the dock is closed too: whoever opens it wants to know what just happened.
        self.history.add(self._state.stats)
        if self._dock.seen_page is not None:
            self._throttle.request()

    def _on_state_changed(self) -> None:
        if self._state.is_down:
            # Nobody measures any more: without a last sample the curves would go on as they were.
            self.history.add(self._state.stats)
        self._throttle.request()

    def _on_page_shown(self, page: str) -> None:
        self._refresh()
        if page == "log":
            self._log_timer.start()
            self._read_log()
        else:
            self._log_timer.stop()

    def _refresh(self) -> None:
        """Show the engine's figures on the page that is seen."""
        dock, stats = self._dock, self._state.stats
        page = dock.seen_page
        if page is not None:
            dock.summary.set_text(counts_text(stats))
        if page == "batch":
            self._refresh_batch()
        elif page == "performance":
            dock.performance.show_history(self.history)

    def _refresh_batch(self) -> None:
        stats, library = self._state.stats, self._library
        shown = self._parts.tabs.current_session
        workspaces = library.workspaces
        rows = batch_rows(stats, library.sessions, workspaces, library.adapters, shown)
        self._dock.batch.show_rows(rows)
        self._dock.batch.show_figures(stats, workspaces)

    def _read_log(self) -> None:
        # A slow disk must not pile up reads that nobody waits for.
        if not self._is_reading:
            self._is_reading = True
            self._tasks.start(self._show_log())

    async def _show_log(self) -> None:
        try:
            lines = await asyncio.to_thread(last_lines, self._logs_dir)
        finally:
            self._is_reading = False
        # The page may have changed while the files were read.
        if self._dock.seen_page == "log":
            self._dock.log.show_lines(lines)

    def _open(self, row: BatchRow) -> None:
        if row.conversation_id is not None:
            self._parts.show_page("chat")
            self._chats.open(row.conversation_id)

    def _abort(self, row: BatchRow) -> None:
        found = find_reply(self._library.sessions.values(), row.request_id)
        if found is None:
            # Its chat has given up waiting, but the engine still computes it.
            self._client.abort(row.request_id)
        else:
            found[1].stop()

    def _set_priority(self, row: BatchRow, priority: Priority) -> None:
        found = find_reply(self._library.sessions.values(), row.request_id)
        if found is not None:
            found[1].set_priority(priority, is_chosen=True)
            self._refresh()

    def _set_parked(self, row: BatchRow, is_parked: bool) -> None:  # a Qt slot
        found = find_reply(self._library.sessions.values(), row.request_id)
        if found is not None:
            found[1].set_parked(is_parked=is_parked)
