"""The tabs that were closed, so that the last one can come back as it was. Knows no widget."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from realm_desktop.store.records import ConversationId
from realm_desktop.window_settings import Place

MAX_CLOSED: Final = 20


@dataclass(frozen=True, slots=True)
class ClosedTab:
    """One closed tab; its unsent text is with the conversation.

    Attributes:
        place: What was read in it; None is the end.
    """

    conversation_id: ConversationId
    place: Place | None = None


class ClosedTabs:
    """The latest closed tabs of all panes, each chat once."""

    def __init__(self) -> None:
        self._tabs: list[ClosedTab] = []

    def add(self, tab: ClosedTab) -> None:
        """Remember a tab that closes."""
        self.forget(tab.conversation_id)
        self._tabs.append(tab)
        del self._tabs[:-MAX_CLOSED]

    def forget(self, conversation_id: ConversationId) -> None:
        """No longer offer a chat."""
        self._tabs = [tab for tab in self._tabs if tab.conversation_id != conversation_id]

    def take(self, open_ids: Collection[ConversationId]) -> ClosedTab | None:
        """The tab that was closed last and is not open again; it counts as reopened."""
        while self._tabs:
            tab = self._tabs.pop()
            if tab.conversation_id not in open_ids:
                return tab
        return None
