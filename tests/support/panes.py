"""Chats in the panes of a window."""

from __future__ import annotations

from realm_desktop.store.records import Conversation, ConversationId
from realm_desktop.ui.panes import Panes
from tests.support.stores import make_conversation
from tests.support.windows import OpenWindow


def make_chats(*names: str) -> list[Conversation]:
    """Conversations with their ids as titles."""
    return [make_conversation(name, name) for name in names]


async def open_tabs(opened: OpenWindow, *names: str) -> Panes:
    """Show these chats in tabs; returns the panes."""
    tabs = opened.window.parts.tabs
    for name in names:
        tabs.show_session(await opened.library.open(ConversationId(name)))
    return tabs


def titles(tabs: Panes) -> list[list[str]]:
    """Titles of the tabs of every pane."""
    return [[session.conversation.title for session in pane.sessions] for pane in tabs.panes]
