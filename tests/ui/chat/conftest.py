"""Fixtures of the chat tests: a store that nothing is written to, documents, views."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from realm_desktop.chat.session import ChatSession
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.database import Database
from realm_desktop.store.records import Message, MessageId
from realm_desktop.ui.chat.chat_style import ChatStyle
from realm_desktop.ui.chat.markdown import MarkdownParser
from realm_desktop.ui.chat.message_document import MessageDocument
from realm_desktop.ui.chat.transcript_model import TranscriptModel
from realm_desktop.ui.chat.transcript_view import TranscriptView
from realm_desktop.ui.theme import Theme
from tests.support.chat_views import make_session, question_and_answer, settle, streaming
from tests.support.stores import database_path

ShowChat = Callable[..., TranscriptView]
MakeDocument = Callable[..., MessageDocument]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ConversationStore]:
    """A store over an empty database."""
    database = Database.open(database_path(tmp_path))
    yield ConversationStore(database)
    database.close()


@pytest.fixture
def style(theme: Theme) -> ChatStyle:
    """The light theme's measures."""
    return ChatStyle(theme)


@pytest.fixture
def show_chat(qtbot: QtBot, theme: Theme, store: ConversationStore) -> ShowChat:
    """Shows messages in a view of 800 by 600 px and lets it settle."""

    def show(*messages: Message) -> TranscriptView:
        view = TranscriptView(TranscriptModel(make_session(store, *messages)), theme)
        view.transcript_model.setParent(view)
        qtbot.addWidget(view)
        view.resize(800, 600)
        view.show()
        settle(view)
        return view

    return show


@pytest.fixture
def make_document(style: ChatStyle) -> MakeDocument:
    """A document of a text, parsed and laid out for 600 px."""

    def make(text: str, *, is_plain: bool = False, is_open: bool = False) -> MessageDocument:
        document = MessageDocument(style, MarkdownParser(), is_plain=is_plain)
        document.set_width(600)
        document.set_text(text, is_open=is_open)
        while document.has_work:
            document.work(1.0)
        document.lay_out(0, 1e6)
        return document

    return make


@pytest.fixture
def shelf(qtbot: QtBot) -> QWidget:
    """A window of 600 by 400 px for the widget under test."""
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.resize(600, 400)
    return widget


@pytest.fixture
def session(qapp: QApplication, store: ConversationStore) -> ChatSession:
    """A chat whose reply is being written."""
    return make_session(store, *streaming("Some words."))


@pytest.fixture
def live(qtbot: QtBot, theme: Theme, session: ChatSession) -> TranscriptView:
    """A view of a reply that is being written."""
    view = TranscriptView(TranscriptModel(session), theme)
    view.transcript_model.setParent(view)
    qtbot.addWidget(view)
    view.resize(800, 600)
    view.show()
    settle(view)
    return view


def open_thought(show_chat: ShowChat, text: str) -> TranscriptView:
    """A view of one reply whose thought is unfolded."""
    view = show_chat(*question_and_answer(text))
    view.transcript_model.toggle_thought(MessageId("a"))
    settle(view)
    return view
