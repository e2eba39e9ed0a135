"""Headers of thoughts: what they say, and how they fold."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from realm_desktop.store.records import MessageId
from realm_desktop.ui.chat.message_list_model import MessageListModel
from realm_desktop.ui.chat.thought_header import ThoughtHeader, thought_title
from realm_desktop.ui.chat.transcript_view import TranscriptView
from realm_desktop.ui.theme import Theme
from tests.support.chat_views import long_chat, question_and_answer, settle, streaming
from tests.support.widgets import press
from tests.ui.chat.conftest import ShowChat

NBSP = "\u00a0"
REPLY = "<think>Hm.</think>Because."


def _header(view: TranscriptView) -> ThoughtHeader:
    return next(child for child in view.findChildren(ThoughtHeader) if not child.isHidden())


def _words(model: MessageListModel, role: Qt.ItemDataRole) -> str:
    return str(model.data(model.index(1), role))


@pytest.mark.parametrize(
    ("seconds", "is_live", "title"),
    [
        (12.4, True, f"Thinking… 12{NBSP}s"),
        (12.4, False, f"Thought for 12{NBSP}s"),
        (None, True, "Thinking…"),
        (None, False, "Thought"),
    ],
)
def test_title_tells_the_time_where_it_is_known(
    seconds: float | None, is_live: bool, title: str
) -> None:
    assert thought_title(seconds, is_live=is_live) == title


def test_header_stands_above_the_answer(show_chat: ShowChat) -> None:
    view = show_chat(*question_and_answer(REPLY))
    header = _header(view)

    assert header.geometry().top() == view.visualRect(view.transcript_model.index(1)).top()
    assert (header.accessibleName(), header.isChecked()) == ("Thought", False)


def test_click_unfolds_and_folds(show_chat: ShowChat) -> None:
    view = show_chat(*question_and_answer(REPLY))
    item = view.item(1)
    assert item is not None
    QTest.mouseClick(_header(view), Qt.MouseButton.LeftButton)

    assert item.thought.is_expanded
    assert _header(view).accessibleDescription() == "Shown; press to hide"
    QTest.mouseClick(_header(view), Qt.MouseButton.LeftButton)
    assert not item.thought.is_expanded


def test_space_unfolds(show_chat: ShowChat) -> None:
    view = show_chat(*question_and_answer(REPLY))
    _header(view).setFocus(Qt.FocusReason.TabFocusReason)
    press(_header(view), Qt.Key.Key_Space)

    assert view.transcript_model.is_thought_open(MessageId("a"))


def test_header_stays_where_it_was_pressed(show_chat: ShowChat) -> None:
    chat = long_chat(20)
    user, reply = question_and_answer(f"<think>{'Hm. ' * 2000}</think>Because.")
    view = show_chat(*chat, user, reply)
    before = _header(view).geometry().top()
    QTest.mouseClick(_header(view), Qt.MouseButton.LeftButton)
    settle(view)

    assert _header(view).geometry().top() == before


def test_other_theme_keeps_the_header(show_chat: ShowChat, theme: Theme) -> None:
    view = show_chat(*question_and_answer(REPLY))
    theme.choose("dark")
    settle(view)

    assert _header(view).text() == "Thought"


def test_setting_unfolds_all_thoughts(show_chat: ShowChat) -> None:
    view = show_chat(*question_and_answer(REPLY))
    view.transcript_model.toggle_thought(MessageId("a"))
    view.transcript_model.set_thoughts_open(are_open=True)
    item = view.item(1)

    assert item is not None
    assert item.thought.is_expanded


def test_screen_reader_hears_the_answer_and_that_it_thought(show_chat: ShowChat) -> None:
    model = show_chat(*question_and_answer(REPLY)).transcript_model

    assert _words(model, Qt.ItemDataRole.AccessibleTextRole) == "Reply: Because."
    assert _words(model, Qt.ItemDataRole.DisplayRole) == "Because."
    assert "Thought" in _words(model, Qt.ItemDataRole.AccessibleDescriptionRole)


def test_screen_reader_hears_a_thought_that_is_shown(show_chat: ShowChat) -> None:
    model = show_chat(*question_and_answer(REPLY)).transcript_model
    model.toggle_thought(MessageId("a"))

    heard = _words(model, Qt.ItemDataRole.AccessibleTextRole)
    assert heard == "Reply: thought: Hm.\nAnswer: Because."


def test_running_thought_says_that_it_thinks(show_chat: ShowChat) -> None:
    view = show_chat(*streaming("<think>Hm"))

    assert _header(view).text() == "Thinking…"


def test_setting_reaches_an_empty_chat(show_chat: ShowChat) -> None:
    model = show_chat().transcript_model
    model.set_thoughts_open(are_open=True)

    assert model.is_thought_open(MessageId("a"))
