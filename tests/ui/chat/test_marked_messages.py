"""Several messages marked at once: copied together, dragged out as a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from realm_desktop.store.records import Attachment
from realm_desktop.ui.chat.marked_messages import MarkedMessages
from realm_desktop.ui.chat.message_actions import MessageAction, MessageActions
from realm_desktop.ui.chat.transcript_view import TranscriptView
from tests.support.stores import make_message, make_reply
from tests.support.widgets import press
from tests.ui.chat.conftest import ShowChat

KEY = Qt.Key
MODIFIER = Qt.KeyboardModifier
FILE = Attachment("a.py", "x\n")
BOTH = "## You\n\nWhy: *this*?\n\n## Reply · Tiny\n\nBecause.\n"


@pytest.fixture
def view(show_chat: ShowChat) -> TranscriptView:
    return show_chat(
        make_message("u", content="Why: *this*?"),
        make_reply("a", "u", "Because.", model_name="Tiny"),
        make_message("v", "a", "And?", attachments=(FILE,)),
    )


def _point(view: TranscriptView, row: int) -> QPoint:
    rect = view.visualRect(view.transcript_model.index(row))
    return rect.topLeft() + QPoint(300, 6)


def _click(view: TranscriptView, row: int, modifier: Qt.KeyboardModifier) -> None:
    button = Qt.MouseButton.LeftButton
    QTest.mouseClick(view.viewport(), button, modifier, _point(view, row))


def test_shift_click_marks_everything_in_between(view: TranscriptView) -> None:
    _click(view, 0, MODIFIER.NoModifier)
    _click(view, 2, MODIFIER.ShiftModifier)
    assert view.marked.rows == range(3)
    _click(view, 1, MODIFIER.ShiftModifier)

    assert view.marked.rows == range(2)


def test_marked_messages_are_copied_with_their_authors(qtbot: QtBot, view: TranscriptView) -> None:
    _click(view, 1, MODIFIER.NoModifier)
    _click(view, 0, MODIFIER.ShiftModifier)

    with qtbot.waitSignal(view.text_copied) as copied:
        press(view, KEY.Key_C, MODIFIER.ControlModifier)

    assert copied.args == [BOTH]


def test_plain_click_ends_the_marks(view: TranscriptView) -> None:
    _click(view, 0, MODIFIER.NoModifier)
    _click(view, 1, MODIFIER.ShiftModifier)
    _click(view, 1, MODIFIER.NoModifier)

    assert not view.marked.rows


def test_keys_mark_and_escape_ends_it(view: TranscriptView) -> None:
    view.setFocus()
    view.setCurrentIndex(view.transcript_model.index(0))
    view.marked.begin(0)
    press(view, KEY.Key_Down, MODIFIER.AltModifier | MODIFIER.ShiftModifier)
    assert view.marked.rows == range(2)
    press(view, KEY.Key_Escape)

    assert not view.marked.rows


def test_dragged_messages_are_text_and_a_file_written_when_asked_for(
    view: TranscriptView,
) -> None:
    view.marked.begin(0)
    view.marked.extend(1)
    data = view.marked.mime_data(view.marked.messages)
    assert data.text() == BOTH
    assert data.hasUrls()
    (url,) = data.urls()
    path = Path(url.toLocalFile())

    assert path.name == "Why this.md"
    assert path.read_text(encoding="utf-8") == BOTH


def test_file_is_not_written_before_somebody_asks(view: TranscriptView) -> None:
    view.marked.mime_data([view.transcript_model.message(0)])
    folder = view.marked._folder

    assert folder is not None
    assert list(Path(folder.path()).iterdir()) == []


def test_attachments_go_along(view: TranscriptView) -> None:
    data = view.marked.mime_data([view.transcript_model.message(2)])

    assert data.text() == "## You\n\na.py\n```py\nx\n```\n\nAnd?\n"


@pytest.mark.parametrize(("marked", "count"), [(False, 1), (True, 2)])
def test_copy_button_drags_its_message_or_all_marked(
    view: TranscriptView, monkeypatch: pytest.MonkeyPatch, *, marked: bool, count: int
) -> None:
    dragged: list[int] = []
    monkeypatch.setattr(MarkedMessages, "drag", lambda _self, found: dragged.append(len(found)))
    if marked:
        view.marked.begin(0)
        view.marked.extend(1)
    QTest.mouseMove(view.viewport(), _point(view, 0))
    actions = next(a for a in view.findChildren(MessageActions) if a.message_id == "u")
    button = actions._buttons[MessageAction.COPY]
    QTest.mousePress(button, Qt.MouseButton.LeftButton)
    QTest.mouseMove(button, QPoint(90, 90))

    assert dragged == [count]


def test_drag_of_a_marked_message_takes_all(
    view: TranscriptView, monkeypatch: pytest.MonkeyPatch
) -> None:
    dragged: list[int] = []
    monkeypatch.setattr(MarkedMessages, "drag", lambda _self, found: dragged.append(len(found)))
    _click(view, 0, MODIFIER.NoModifier)
    _click(view, 1, MODIFIER.ShiftModifier)
    start = _point(view, 1)
    QTest.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(view.viewport(), start + QPoint(2, 0))
    assert dragged == []
    QTest.mouseMove(view.viewport(), start + QPoint(60, 0))

    assert dragged == [2]


def test_marks_end_with_the_branch_they_were_on(view: TranscriptView) -> None:
    view.marked.begin(0)
    view.marked.extend(2)
    view.transcript_model.modelReset.emit()

    assert not view.marked.rows
