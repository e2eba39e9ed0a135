"""What the window does to compare: opens and leaves lanes in the tab in front, for adapters too.

The hands between the chat library on one side, tabs and Adapters page on the other. GUI thread.
"""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from realm_desktop.adapter_mix import AdapterMix, MixEntry
from realm_desktop.chat.chat_library import ChatLibrary
from realm_desktop.chat.lanes import LaneSettings
from realm_desktop.protocol import AdapterId
from realm_desktop.store.records import GENERAL_WORKSPACE_ID
from realm_desktop.ui.action_set import ActionSet
from realm_desktop.ui.task_keeper import TaskKeeper
from realm_desktop.ui.window_parts import WindowParts


class CompareCommands(QObject):
    """Commands of comparisons; each starts its work and returns at once."""

    def __init__(
        self,
        library: ChatLibrary,
        tasks: TaskKeeper,
        parts: WindowParts,
        actions: ActionSet,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._library = library
        self._tasks = tasks
        self._parts = parts
        actions["compare"].triggered.connect(self._on_action)
        parts.adapters_page.details.compare_requested.connect(self.compare_adapter)

    def toggle(self) -> None:
        """Compare in the tab in front, or show its messages again."""
        self._parts.show_page("chat")
        page = self._parts.tabs.current.current_chat
        if page is not None:
            page.toggle_compare()

    def compare_adapter(self, adapter_id: str) -> None:
        """Compare the base model with an adapter."""
        chosen = AdapterId(adapter_id)
        entries = (workspace.adapters.entry(chosen) for workspace in self._library.workspaces)
        # As strong as it is used, so that the lane shows what replies will be like.
        weight = next((e.weight for e in entries if e is not None and e.weight > 0), 1.0)
        mix = AdapterMix((MixEntry(chosen, weight),))
        self._tasks.start(self._compare(LaneSettings(mix)))

    async def _compare(self, wanted: LaneSettings) -> None:
        """Open lanes in the tab in front, or in a new chat if there is none."""
        self._parts.show_page("chat")
        if self._parts.tabs.current.current_chat is None:
            session = await self._library.new_conversation(GENERAL_WORKSPACE_ID)
            self._parts.tabs.show_session(session)
        page = self._parts.tabs.current.current_chat
        if page is not None:
            page.enter_compare(wanted=wanted)

    def _on_action(self) -> None:
        self.toggle()
