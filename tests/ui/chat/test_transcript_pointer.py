"""Tests of the message list under the pointer: selections, links, code, figures."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from realm_desktop.chat.session import ChatSession
from realm_desktop.store.records import MessageId
from realm_desktop.ui.chat.message_actions import MessageAction
from realm_desktop.ui.chat.transcript_view import TranscriptView
from tests.support.chat_views import (
    point_in,
    question_and_answer,
    settle,
)
from tests.support.widgets import click, press
from tests.ui.chat.conftest import ShowChat, open_thought

ALT = Qt.KeyboardModifier.AltModifier
A = MessageId("a")


def _drag(view: TranscriptView, start: QPoint, end: QPoint) -> None:
    viewport = view.viewport()
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
    QTest.mouseMove(viewport, end)
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, end)


def test_drag_selects_text_and_copies_it(qtbot: QtBot, show_chat: ShowChat) -> None:
    view = show_chat(*question_and_answer("some *words* here"))
    _drag(view, point_in(view, 1, 0, 12), point_in(view, 1, 700, 12))

    assert view.selected_text() == "some words here"
    with qtbot.waitSignal(view.text_copied) as copied:
        QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert copied.args == ["some *words* here"]


def test_drag_out_of_a_thought_selects_up_to_its_end(show_chat: ShowChat) -> None:
    view = open_thought(show_chat, "<think>Why not?</think>Yes.")
    item = view.item(1)
    assert item is not None
    above = item.thought.text_origin.y() - item.text_origin.y()
    _drag(view, point_in(view, 1, 14, above + 10), point_in(view, 1, 700, 12))

    assert view.selected_text() == "Why not?"


def test_drag_up_into_a_thought_stays_in_the_answer(show_chat: ShowChat) -> None:
    view = open_thought(show_chat, "<think>Why not?</think>Yes.")
    _drag(view, point_in(view, 1, 700, 12), point_in(view, 1, 0, -30))

    assert view.selected_text() == "Yes."


def test_copy_button_of_code_in_a_thought_copies_it(qtbot: QtBot, show_chat: ShowChat) -> None:
    view = open_thought(show_chat, "<think>```\nx = 1\n```</think>Yes.")
    item = view.item(1)
    assert item is not None
    above = item.thought.text_origin - item.text_origin
    right = above.x() + item.thought.document.width - 16
    with qtbot.waitSignal(view.text_copied) as copied:
        click(view.viewport(), point_in(view, 1, right, above.y() + 16))

    assert copied.args == ["x = 1"]


def test_drag_across_blocks_selects_both(show_chat: ShowChat) -> None:
    view = show_chat(*question_and_answer("one\n\n```\ntwo\n```"))
    _drag(view, point_in(view, 1, 0, 12), point_in(view, 1, 300, 24 + 12 + 32 + 10 + 10))

    assert view.selected_text() == "one\n\ntwo"


def test_double_click_selects_the_word(show_chat: ShowChat) -> None:
    view = show_chat(*question_and_answer("some words here"))
    point = point_in(view, 1, 60, 12)
    QTest.mouseDClick(
        view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, point
    )

    assert view.selected_text() == "words"


def test_selecting_stops_following(live: TranscriptView, session: ChatSession) -> None:
    _drag(live, point_in(live, 1, 0, 12), point_in(live, 1, 60, 12))
    session.transcript.append_text(A, "\n\nMore." * 100)
    settle(live)

    assert not live.is_following
    assert live.selected_text()


def test_click_on_a_link_asks_for_its_address(qtbot: QtBot, show_chat: ShowChat) -> None:
    view = show_chat(*question_and_answer("[a link](https://a.b/c)"))

    with qtbot.waitSignal(view.link_activated) as activated:
        click(view.viewport(), point_in(view, 1, 10, 12))

    assert activated.args == ["https://a.b/c"]


@pytest.mark.parametrize("button", [Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton])
def test_other_buttons_do_not_follow_a_link(
    qtbot: QtBot, show_chat: ShowChat, button: Qt.MouseButton
) -> None:
    view = show_chat(*question_and_answer("[a link](https://a.b/c)"))

    with qtbot.assertNotEmitted(view.link_activated):
        click(view.viewport(), point_in(view, 1, 10, 12), button)


def test_copy_button_of_code_copies_the_code(qtbot: QtBot, show_chat: ShowChat) -> None:
    view = show_chat(*question_and_answer("```py\nx = 1\n```"))
    width = view.visualRect(view.transcript_model.index(1)).width()

    with qtbot.waitSignal(view.text_copied) as copied:
        click(view.viewport(), point_in(view, 1, width - 16, 16))

    assert copied.args == ["x = 1"]


def test_foot_of_folded_code_unfolds_it(show_chat: ShowChat) -> None:
    code = "\n".join(f"line {number}" for number in range(40))
    view = show_chat(*question_and_answer(f"```\n{code}\n```"))
    item = view.item(1)
    assert item is not None
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum())
    before = item.height
    click(view.viewport(), point_in(view, 1, 300, item.document.height - 10))

    assert item.height == before + 16 * 20 - 32


def test_click_on_a_figure_explains_it(
    show_chat: ShowChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda _point, text, _view: told.append(text))
    view = show_chat(*question_and_answer("Because."))
    item = view.item(1)
    assert item is not None
    corner = view.visualRect(view.transcript_model.index(1)).topLeft()
    spots = (QPoint(20, y) for y in range(0, round(item.height), 4))
    spot = next(s for s in spots if item.explanation_at(QPointF(s)))
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=corner + spot)

    assert told == ["Tokens per second after the first one."]


def test_copy_key_copies_the_focused_message(qtbot: QtBot, show_chat: ShowChat) -> None:
    view = show_chat(*question_and_answer("Because."))
    press(view, Qt.Key.Key_Up, ALT)

    with qtbot.waitSignal(view.action_requested) as asked:
        press(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)

    assert asked.args == [MessageAction.COPY, "a"]


def test_select_all_copies_the_exact_source(qtbot: QtBot, show_chat: ShowChat) -> None:
    source = "# A *title*\n\n- one\n- two\n" + "x" * 5_000
    view = show_chat(*question_and_answer(source))
    press(view, Qt.Key.Key_Up, ALT)
    press(view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)

    with qtbot.waitSignal(view.text_copied) as copied:
        press(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)

    assert copied.args == [source]


def test_tooltip_of_a_link_is_its_address_and_no_markup(
    show_chat: ShowChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda _point, text, _widget: shown.append(text))
    view = show_chat(*question_and_answer("[words](https://a.b/?c=1&d=2)"))
    point = point_in(view, 1, 10, 8)
    QApplication.sendEvent(
        view.viewport(),
        QHelpEvent(QEvent.Type.ToolTip, point, view.viewport().mapToGlobal(point)),
    )

    assert shown == ["https://a.b/?c=1&d=2"]
