"""A chat in its tab, over a real session and store, and a way to wait for what it does."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from realm_desktop.chat.engine_status import EngineStatus
from realm_desktop.chat.session import ChatSession
from realm_desktop.events import (
    ModelLoaded,
    TextDelta,
)
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.records import GENERAL_WORKSPACE_ID, Workspace
from realm_desktop.ui.chat.chat_tab import ChatTab
from realm_desktop.ui.chat.message_actions import MessageAction
from realm_desktop.ui.theme import Theme
from tests.support.fake_client import FakeEngineClient, make_model_info
from tests.support.stores import make_conversation, open_store
from tests.support.widgets import press

KEY = Qt.Key


@dataclass
class TabChat:
    """A tab and everything behind it."""

    tab: ChatTab
    session: ChatSession
    client: FakeEngineClient
    store: ConversationStore

    def type_and_send(self, text: str) -> None:
        """As a user does, with Enter."""
        self.tab.composer.set_text(text)
        press(self.tab.composer.edit, KEY.Key_Return)

    async def exchange(self, text: str, reply: str) -> None:
        """Send as a user does, and have it answered."""
        num_asked = len(self.client.requests)
        self.type_and_send(text)
        await until(lambda: len(self.client.requests) > num_asked)
        self.client.reply(reply)
        await until(lambda: not self.session.is_busy)

    def emit_text(self, text: str) -> None:
        """Let the engine send one piece of the latest reply."""
        self.client.emit(TextDelta(self.client.requests[-1].request_id, text, (1,)))

    def act(self, action: MessageAction, row: int) -> None:
        """Ask for an action of a message."""
        message = self.session.transcript.messages[row]
        self.tab.view.action_requested.emit(action, message.message_id)

    @property
    def contents(self) -> list[str]:
        """Texts of the visible branch."""
        return [message.content for message in self.session.transcript.messages]

    @property
    def placeholder(self) -> str:
        """What stands in the empty composer."""
        return self.tab.composer.edit.placeholderText()


async def until(condition: Callable[[], bool]) -> None:
    """Let the event loop run until something is so."""
    while not condition():  # noqa: ASYNC110  # the state of a session has no event of its own
        await asyncio.sleep(0.002)


@contextlib.asynccontextmanager
async def open_chat(
    folder: Path, *, has_model: bool = True, unsent: str = ""
) -> AsyncIterator[TabChat]:
    """A chat without messages in a tab of 700 by 500 px."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    app.setQuitOnLastWindowClosed(False)
    client = FakeEngineClient()
    engine = EngineStatus(client)
    if has_model:
        client.emit(ModelLoaded(make_model_info()))
    async with open_store(folder) as store:
        conversation = make_conversation(unsent_text=unsent)
        await store.save_conversation(conversation)
        workspace = Workspace(GENERAL_WORKSPACE_ID, "General", 100.0, 100.0)
        session = ChatSession(client, store, conversation, workspace, engine=engine)
        await session.saved.load()
        tab = ChatTab(session, Theme("light"), engine=engine)
        tab.resize(700, 500)
        tab.show()
        yield TabChat(tab, session, client, store)
        tab.close()
        await until(lambda: tab.num_tasks == 0)
        await session.close()
        # The task of a reply that just ended may still have its last step to go.
        await until(lambda: len(asyncio.all_tasks()) == 1)
        tab.deleteLater()
        await asyncio.sleep(0)
