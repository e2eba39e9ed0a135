"""Chats with given messages, shown without an engine."""

from __future__ import annotations

import time
from typing import Any

from PySide6.QtCore import QPoint, QPointF
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from realm_desktop.chat.engine_status import EngineStatus
from realm_desktop.chat.session import ChatSession
from realm_desktop.engine_stats import GenerationStats
from realm_desktop.events import FinishReason, ModelLoaded
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.records import (
    GENERAL_WORKSPACE_ID,
    Message,
    MessageState,
    Workspace,
)
from realm_desktop.ui.chat.chat_tab import ChatTab
from realm_desktop.ui.chat.transcript_view import TranscriptView
from realm_desktop.ui.theme import Theme
from tests.support.fake_client import FakeEngineClient, make_model_info
from tests.support.stores import make_conversation, make_message, make_reply

STATS = GenerationStats(
    num_prompt_tokens=13_000,
    num_cached_tokens=12_340,
    num_completion_tokens=412,
    ttft_s=0.41,
    decode_s=411 / 38.2,
)


def make_session(
    store: ConversationStore,
    *messages: Message,
    client: FakeEngineClient | None = None,
    **fields: Any,
) -> ChatSession:
    """A session of a loaded model with these messages as its visible branch."""
    engine_client = client or FakeEngineClient()
    engine = EngineStatus(engine_client)
    engine_client.emit(ModelLoaded(make_model_info()))
    workspace = Workspace(GENERAL_WORKSPACE_ID, "General", 100.0, 100.0)
    conversation = make_conversation(**fields)
    session = ChatSession(engine_client, store, conversation, workspace, engine=engine)
    session.transcript.load(messages)
    return session


def question_and_answer(
    answer: str, question: str = "Why?", **fields: Any
) -> tuple[Message, Message]:
    """A user message "u" and its complete reply "a" with figures."""
    figures = {"stats": STATS, "finish_reason": FinishReason.STOP, **fields}
    return make_message("u", content=question), make_reply("a", "u", answer, **figures)


def streaming(text: str = "", question: str = "Why?") -> tuple[Message, Message]:
    """A user message "u" and a reply "a" that is being written."""
    user = make_message("u", content=question)
    return user, make_reply("a", "u", text, state=MessageState.STREAMING)


def long_chat(num_messages: int, text: str = "Some words about nothing. " * 12) -> list[Message]:
    """Questions and answers in turn, ids "m0", "m1", …"""
    messages = []
    for number in range(num_messages):
        parent = f"m{number - 1}" if number else None
        make = make_reply if number % 2 else make_message
        messages.append(make(f"m{number}", parent, f"{number}: {text}"))
    return messages


def shown_tab(session: ChatSession, theme: Theme, qtbot: QtBot) -> ChatTab:
    """A chat on screen, laid out."""
    tab = ChatTab(session, theme)
    qtbot.addWidget(tab)
    # Kept by the bot's widget list alone, a tab is collected while its view is in use.
    tab.view.setProperty("tab", tab)
    tab.resize(700, 500)
    tab.show()
    settle(tab.view)
    return tab


def settle(view: TranscriptView, limit_s: float = 20.0) -> None:
    """Let a view parse, colour and lay out everything it has to."""
    end_s = time.monotonic() + limit_s
    app = QApplication.instance()
    assert app is not None
    view.transcript_model.flush()
    while view.has_work:
        app.processEvents()
        assert time.monotonic() < end_s, "the view does not come to an end"
    app.processEvents()


def point_in(view: TranscriptView, row: int, x: float, y: float) -> QPoint:
    """A point of the viewport, counted from the text of a message."""
    item = view.item(row)
    assert item is not None
    origin = view.visualRect(view.transcript_model.index(row)).topLeft()
    return (QPointF(origin) + item.text_origin + QPointF(x, y)).toPoint()
