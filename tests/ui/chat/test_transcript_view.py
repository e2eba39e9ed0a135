"""Tests of the message list."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from realm_desktop.chat.session import ChatSession
from realm_desktop.events import ErrorInfo
from realm_desktop.store.records import MessageId, MessageState
from realm_desktop.ui.chat.error_card import ErrorCard
from realm_desktop.ui.chat.latest_pill import LatestPill
from realm_desktop.ui.chat.message_actions import MessageAction, MessageActions
from realm_desktop.ui.chat.transcript_model import TranscriptModel
from realm_desktop.ui.chat.transcript_view import TranscriptView
from realm_desktop.ui.theme import Theme
from tests.support.chat_views import (
    long_chat,
    point_in,
    question_and_answer,
    settle,
)
from tests.support.stores import make_message, make_reply
from tests.support.widgets import child, click, press
from tests.ui.chat.conftest import ShowChat, open_thought

ALT = Qt.KeyboardModifier.AltModifier
A = MessageId("a")


def test_short_chat_starts_at_the_top(show_chat: ShowChat) -> None:
    view = show_chat(*question_and_answer("Because."))

    assert view.visualRect(view.transcript_model.index(0)).top() == 24
    assert view.verticalScrollBar().maximum() == 0


def test_messages_have_the_gap_of_the_design(show_chat: ShowChat) -> None:
    view = show_chat(*question_and_answer("Because."))
    first, second = (view.visualRect(view.transcript_model.index(row)) for row in (0, 1))

    assert second.top() - first.bottom() - 1 == 20


def test_column_is_centred_and_at_most_780_wide(show_chat: ShowChat) -> None:
    view = show_chat(*question_and_answer("Because."))
    view.resize(1200, 600)
    rect = view.visualRect(view.transcript_model.index(1))

    assert (rect.left(), rect.width()) == (210, 780)


def test_long_chat_opens_at_its_end(show_chat: ShowChat) -> None:
    view = show_chat(*long_chat(200))
    bar = view.verticalScrollBar()

    assert bar.value() == bar.maximum() > 0
    assert view.item(199) is not None


def test_only_messages_near_the_visible_part_have_items(show_chat: ShowChat) -> None:
    view = show_chat(*long_chat(400))

    assert sum(view.item(row) is not None for row in range(400)) < 30


def test_items_far_away_are_dropped(show_chat: ShowChat) -> None:
    view = show_chat(*long_chat(400))
    bar = view.verticalScrollBar()
    for step in range(60):
        bar.setValue(bar.maximum() * step // 60)

    assert sum(view.item(row) is not None for row in range(400)) < 60


def test_scrolling_up_shows_what_is_there_without_a_jump(show_chat: ShowChat) -> None:
    view = show_chat(*long_chat(100))
    bar = view.verticalScrollBar()
    bar.setValue(bar.value() - 2_000)
    row = view.indexAt(QPoint(100, 300)).row()
    before = view.visualRect(view.transcript_model.index(row)).top()
    bar.setValue(bar.value() - 10)

    assert view.visualRect(view.transcript_model.index(row)).top() == before + 10


def test_view_follows_text_that_streams_in(live: TranscriptView, session: ChatSession) -> None:
    for _ in range(100):
        session.transcript.append_text(A, "More words in a new paragraph.\n\n")
    settle(live)

    assert live.is_following
    assert live.verticalScrollBar().value() == live.verticalScrollBar().maximum() > 0


def test_view_stays_where_the_user_scrolled(live: TranscriptView, session: ChatSession) -> None:
    session.transcript.append_text(A, "Words.\n\n" * 100)
    settle(live)
    live.verticalScrollBar().setValue(400)
    session.transcript.append_text(A, "More.\n\n" * 100)
    settle(live)

    assert not live.is_following
    assert live.verticalScrollBar().value() == 400


def test_pill_leads_back_to_the_end(live: TranscriptView, session: ChatSession) -> None:
    session.transcript.append_text(A, "Words.\n\n" * 100)
    settle(live)
    pill = child(live, LatestPill)
    assert not pill.isVisible()

    live.verticalScrollBar().setValue(100)
    assert pill.isVisible()
    click(pill)

    assert not pill.isVisible()
    assert live.is_following


def test_page_up_releases_and_end_follows_again(live: TranscriptView, session: ChatSession) -> None:
    session.transcript.append_text(A, "Words.\n\n" * 200)
    settle(live)
    press(live, Qt.Key.Key_PageUp)
    assert not live.is_following

    press(live, Qt.Key.Key_End)
    assert live.is_following


def test_message_of_the_user_is_brought_into_sight(qtbot: QtBot, show_chat: ShowChat) -> None:
    view = show_chat(*long_chat(60))
    view.verticalScrollBar().setValue(0)
    model = view.transcript_model
    assert isinstance(model, TranscriptModel)
    session = model._session
    session.transcript.add(make_message("new", "m59", "And now?"))
    settle(view)

    assert view.is_following


def test_hidden_view_lays_out_nothing(live: TranscriptView, session: ChatSession) -> None:
    live.hide()
    item = live.item(1)
    assert item is not None
    before = item.height
    session.transcript.append_text(A, "More.\n\n" * 50)
    live.transcript_model.flush()
    assert item.height == before

    live.show()
    settle(live)
    assert item.height > before


def test_alt_arrows_move_between_messages(show_chat: ShowChat) -> None:
    view = show_chat(*long_chat(10))
    press(view, Qt.Key.Key_Up, ALT)
    assert view.currentIndex().row() == 9

    press(view, Qt.Key.Key_Up, ALT)
    press(view, Qt.Key.Key_Up, ALT)
    assert view.currentIndex().row() == 7
    assert view.visualRect(view.currentIndex()).intersects(view.viewport().rect())

    press(view, Qt.Key.Key_Down, ALT)
    assert view.currentIndex().row() == 8


def test_alt_left_asks_for_the_version_before(qtbot: QtBot, show_chat: ShowChat) -> None:
    view = show_chat(*question_and_answer("Because."))
    press(view, Qt.Key.Key_Up, ALT)

    with qtbot.waitSignal(view.action_requested) as asked:
        press(view, Qt.Key.Key_Left, ALT)

    assert asked.args == [MessageAction.PREVIOUS, "a"]


def test_last_reply_has_its_buttons(show_chat: ShowChat) -> None:
    view = show_chat(*question_and_answer("Because."))

    assert [row.message_id for row in view.findChildren(MessageActions) if row.isVisible()] == ["a"]


def test_message_under_the_pointer_has_its_buttons(show_chat: ShowChat) -> None:
    view = show_chat(*question_and_answer("Because."))
    QTest.mouseMove(view.viewport(), point_in(view, 0, 5, 12))

    shown = {row.message_id for row in view.findChildren(MessageActions) if row.isVisible()}
    assert shown == {"u", "a"}


def test_streaming_reply_can_only_be_copied(live: TranscriptView) -> None:
    QTest.mouseMove(live.viewport(), point_in(live, 1, 5, 12))

    shown = [button for button in live.findChildren(QToolButton) if button.isVisible()]
    assert [button.accessibleName() for button in shown] == ["Copy"]


def test_button_of_a_message_asks_for_its_action(qtbot: QtBot, show_chat: ShowChat) -> None:
    view = show_chat(*question_and_answer("Because."))
    row = next(row for row in view.findChildren(MessageActions) if row.isVisible())

    with qtbot.waitSignal(view.action_requested) as asked:
        click(child(row, QToolButton, "Regenerate"))

    assert asked.args == [MessageAction.REGENERATE, "a"]


def test_failed_reply_shows_its_card_in_its_room(show_chat: ShowChat) -> None:
    error = ErrorInfo("OutOfMemory", "It needs 9.8 GB")
    view = show_chat(
        make_message("u"), make_reply("a", "u", "Bec", state=MessageState.FAILED, error=error)
    )
    card = child(view, ErrorCard)
    item = view.item(1)

    assert card.isVisible()
    assert item is not None
    assert item.card_room.height() == card.height() > 60


def test_card_goes_when_the_reply_is_no_longer_failed(
    qtbot: QtBot, live: TranscriptView, session: ChatSession
) -> None:
    failed = make_reply("a", "u", "x", state=MessageState.FAILED, error=ErrorInfo("x", "y"))
    session.transcript.replace(failed)
    settle(live)
    card = child(live, ErrorCard)

    with qtbot.waitSignal(card.destroyed):
        session.transcript.replace(make_reply("a", "u", "x"))
        live.transcript_model.flush()


def test_screen_reader_finds_every_message(show_chat: ShowChat) -> None:
    view = show_chat(*question_and_answer("Because."))
    interface = QAccessible.queryAccessibleInterface(view)
    names = [interface.child(n).text(QAccessible.Text.Name) for n in range(interface.childCount())]

    assert interface.role() == QAccessible.Role.List
    assert names[:2] == ["You: Why?", "Reply: Because."]


def test_screen_reader_hears_position_and_place(show_chat: ShowChat) -> None:
    view = show_chat(*question_and_answer("Because."))
    message = QAccessible.queryAccessibleInterface(view).child(1)

    assert message.text(QAccessible.Text.Description) == "2 of 2"
    assert message.rect().height() == view.visualRect(view.transcript_model.index(1)).height()


def test_screen_reader_knows_which_message_has_the_focus(show_chat: ShowChat) -> None:
    view = show_chat(*question_and_answer("Because."))
    view.activateWindow()
    view.setFocus()

    press(view, Qt.Key.Key_Up, ALT)

    messages = QAccessible.queryAccessibleInterface(view)
    states = [messages.child(row).state() for row in range(2)]
    assert [state.focusable for state in states] == [1, 1]
    assert [state.focused for state in states] == [1, 0]


def test_new_theme_and_zoom_are_taken(theme: Theme, show_chat: ShowChat) -> None:
    view = show_chat(*question_and_answer("Because."))
    before = view.visualRect(view.transcript_model.index(1)).height()
    theme.set_zoom(2.0)
    settle(view)

    assert view.visualRect(view.transcript_model.index(1)).height() > 1.5 * before


def test_narrow_view_keeps_its_margins(show_chat: ShowChat) -> None:
    view = show_chat(*question_and_answer("Because of many words. " * 20))
    view.resize(360, 600)
    settle(view)
    rect = view.visualRect(view.transcript_model.index(1))

    assert (rect.left(), rect.width()) == (24, 312)


def test_resize_keeps_what_is_read(show_chat: ShowChat) -> None:
    view = show_chat(*long_chat(80))
    view.verticalScrollBar().setValue(3_000)
    settle(view)
    row = view.indexAt(QPoint(100, 5)).row()
    view.resize(500, 600)
    settle(view)

    assert view.indexAt(QPoint(100, 5)).row() == row


def test_resize_keeps_the_place_in_a_long_thought(show_chat: ShowChat) -> None:
    words = "\n\n".join(f"{number} " + "words " * 60 for number in range(60))
    view = open_thought(show_chat, f"<think>{words}</think>Yes.")
    view.verticalScrollBar().setValue(2_000)
    settle(view)
    before = view.place
    view.resize(500, 600)
    settle(view)

    assert before is not None
    assert before.in_thought
    assert view.place is not None
    assert view.place[:2] == before[:2]


def test_focus_comes_to_the_last_message(show_chat: ShowChat) -> None:
    view = show_chat(*long_chat(10))
    view.setFocus(Qt.FocusReason.TabFocusReason)

    assert view.currentIndex().row() == 9
