"""Tests of what a screen reader hears of a reply that is being written."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from realm_desktop.chat.session import ChatSession
from realm_desktop.events import ErrorInfo
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.records import MessageState
from realm_desktop.ui.chat.reply_announcer import MAX_SILENT, ReplyAnnouncer
from realm_desktop.ui.chat.transcript_model import TranscriptModel
from tests.support.chat_views import make_session, streaming
from tests.support.stores import make_reply


class Listener:
    """A chat with an announcer, and what it said."""

    def __init__(self, session: ChatSession, view: QWidget) -> None:
        self.said: list[str] = []
        self.session = session
        self.model = TranscriptModel(session, view)
        self.announcer = ReplyAnnouncer(self.model, view)

    def hear(self, event: QAccessibleEvent) -> None:
        """What Qt would hand to a screen reader."""
        if isinstance(event, QAccessibleAnnouncementEvent):
            self.said.append(event.message())

    def write(self, text: str, state: MessageState = MessageState.STREAMING) -> None:
        """The reply so far."""
        self.session.transcript.replace(make_reply("a", "u", text, state=state))
        self.model.flush()


@pytest.fixture
def view(qtbot: QtBot) -> QWidget:
    view = QWidget()
    qtbot.addWidget(view)
    view.show()
    return view


@pytest.fixture
def chat(store: ConversationStore, view: QWidget, monkeypatch: pytest.MonkeyPatch) -> Listener:
    listener = Listener(make_session(store, *streaming("")), view)
    monkeypatch.setattr(QAccessible, "isActive", lambda: True)
    monkeypatch.setattr(QAccessible, "updateAccessibility", listener.hear)
    return listener


def test_tokens_are_not_read_until_their_sentence_ends(chat: Listener) -> None:
    for text in ("The", "The sea", "The sea rises.", "The sea rises. Then"):
        chat.write(text)

    assert chat.said == ["The sea rises."]


def test_rest_is_read_when_the_reply_is_complete(chat: Listener) -> None:
    chat.write("One. Two")
    chat.write("One. Two three", MessageState.COMPLETE)

    assert chat.said == ["One.", "Two three"]


def test_several_sentences_are_read_at_once_and_once(chat: Listener) -> None:
    chat.write("One. Two! Three? Fo")
    chat.write("One. Two! Three? Four")

    assert chat.said == ["One. Two! Three?"]


@pytest.mark.parametrize("text", ["Version 3.11 of", "e.g", "example.org is", "1.5"])
def test_point_inside_a_word_ends_no_sentence(chat: Listener, text: str) -> None:
    chat.write(text)

    assert chat.said == []


@pytest.mark.parametrize("text", ["- a line\nx", "海が上がる。そ", 'He said "yes." A'])
def test_lines_and_quotes_and_other_scripts_end_sentences(chat: Listener, text: str) -> None:
    chat.write(text)

    assert len(chat.said) == 1


def test_long_sentence_is_read_in_parts_of_whole_words(chat: Listener) -> None:
    text = "word " * (MAX_SILENT // 5 + 1)
    chat.write("x")
    chat.write(text + "wo")

    assert chat.said == [text.strip()]


def test_hidden_chat_is_silent_and_goes_on_with_what_is_new(chat: Listener, view: QWidget) -> None:
    view.hide()
    chat.write("Unseen. Te")
    view.show()
    chat.write("Unseen. Text. N")

    assert chat.said == ["xt."]


def test_reply_that_was_there_before_is_not_read(chat: Listener) -> None:
    chat.write("Old words.", MessageState.COMPLETE)

    assert chat.said == []


def test_failure_is_read(chat: Listener) -> None:
    chat.write("One")
    error = ErrorInfo("EngineStopped", "The engine stopped.")
    failed = make_reply("a", "u", "One", state=MessageState.FAILED, error=error)
    chat.session.transcript.replace(failed)
    chat.model.flush()

    assert chat.said == ["One", "The engine stopped."]


def test_nobody_listens_nothing_is_followed(
    chat: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QAccessible, "isActive", lambda: False)

    chat.write("One. Two")

    assert chat.said == []


def test_thoughts_are_not_read(chat: Listener) -> None:
    text = "<think>First. Second. </think>The sea rises. Then"
    for end in (5, 12, 20, 28, 40, len(text)):
        chat.write(text[:end])
    chat.write(text, MessageState.COMPLETE)

    assert chat.said == ["The sea rises.", "Then"]
