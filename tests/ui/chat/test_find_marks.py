"""Tests of where hits are marked in the boxes of a message."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter

from realm_desktop.settings import ThemeChoice
from realm_desktop.store.records import MessageId
from realm_desktop.ui.chat.box import Painting
from realm_desktop.ui.chat.chat_style import ChatStyle
from realm_desktop.ui.chat.code_box import FOLDED_LINES, CodeBox
from realm_desktop.ui.chat.find_marks import FindMarks
from realm_desktop.ui.chat.find_query import FindQuery, Found
from realm_desktop.ui.chat.message_item import MessageItem
from realm_desktop.ui.chat.text_layout import Mark, Selected
from realm_desktop.ui.theme import Theme
from tests.support.chat_views import question_and_answer, settle
from tests.support.contrast import contrast
from tests.ui.chat.conftest import MakeDocument, ShowChat


def _marks(item: MessageItem, marks: FindMarks, number: int) -> list[Mark]:
    of_row = marks.of_row(1, item)
    return [] if of_row is None else list(of_row(number, item.document.boxes[number]))


def _item(show_chat: ShowChat, answer: str) -> MessageItem:
    item = show_chat(*question_and_answer(answer)).item(1)
    assert item is not None
    return item


def test_nothing_is_marked_without_a_query(show_chat: ShowChat) -> None:
    assert FindMarks().of_row(1, _item(show_chat, "a word")) is None


def test_every_hit_is_marked_and_one_is_the_present_one(show_chat: ShowChat) -> None:
    item = _item(show_chat, "a word and a word")
    marks = FindMarks()
    marks.set_query(FindQuery("word"))
    marks.current = (1, Found(0, 0, 13, 17))

    assert _marks(item, marks, 0) == [Mark(2, 6, False), Mark(13, 17, True)]


def test_hits_of_thought_and_answer_are_marked_apart(show_chat: ShowChat) -> None:
    view = show_chat(*question_and_answer("<think>a word</think>a word"))
    view.transcript_model.toggle_thought(MessageId("a"))
    settle(view)
    item = view.item(1)
    assert item is not None
    marks = FindMarks()
    marks.set_query(FindQuery("word"))
    marks.current = (1, Found(0, 0, 2, 6, in_thought=True))
    of_row = marks.of_row(1, item)
    assert of_row is not None

    assert of_row(0, item.thought.document.boxes[0]) == [Mark(2, 6, True)]
    assert of_row(0, item.document.boxes[0]) == [Mark(2, 6, False)]


def test_marks_count_as_qt_does(show_chat: ShowChat) -> None:
    item = _item(show_chat, "\U0001f600 word")
    marks = FindMarks()
    marks.set_query(FindQuery("word"))

    assert _marks(item, marks, 0) == [Mark(3, 7)]


def test_marks_of_a_table_count_through_its_cells(show_chat: ShowChat) -> None:
    item = _item(show_chat, "| ab | word |\n|---|---|\n| word | c |")
    marks = FindMarks()
    marks.set_query(FindQuery("word"))

    assert _marks(item, marks, 0) == [Mark(3, 7), Mark(8, 12)]


def test_another_query_marks_other_words(show_chat: ShowChat) -> None:
    item = _item(show_chat, "one two")
    marks = FindMarks()
    marks.set_query(FindQuery("one"))
    first = _marks(item, marks, 0)
    marks.set_query(FindQuery("two"))

    assert first == [Mark(0, 3)]
    assert _marks(item, marks, 0) == [Mark(4, 7)]


def test_box_of_another_document_is_not_marked(show_chat: ShowChat) -> None:
    item, other = _item(show_chat, "word"), _item(show_chat, "word")
    marks = FindMarks()
    marks.set_query(FindQuery("word"))
    of_row = marks.of_row(1, item)

    assert of_row is not None
    assert not of_row(0, other.document.boxes[0])


def test_place_of_a_hit_in_text_is_in_its_line(make_document: MakeDocument) -> None:
    box = make_document("words " * 60 + "needle").boxes[0]
    place = box.places(0, [(360, 366)])[0]
    rect = box.rect_of(place)

    assert place == Selected(360, 366)
    assert rect.top() > 20
    assert 0 <= rect.left() < rect.right() <= box.width


def test_place_of_a_hit_in_code_is_in_its_line(make_document: MakeDocument) -> None:
    box = make_document("```\none\ntwo\nthree\n```").boxes[0]
    first, last = (box.rect_of(place) for place in box.places(0, [(0, 3), (8, 13)]))

    assert first.left() == last.left()
    assert last.top() > first.bottom()


def test_code_below_the_fold_is_hidden(make_document: MakeDocument) -> None:
    box = make_document("```\n" + "ab\n" * (FOLDED_LINES + 5) + "```").boxes[0]
    assert isinstance(box, CodeBox)
    last = 3 * FOLDED_LINES

    assert box.is_folded
    assert not box.hides(Selected(last - 3, last - 1))
    assert box.hides(Selected(last, last + 2))


def test_place_of_a_hit_in_a_cell_is_in_its_column(make_document: MakeDocument) -> None:
    box = make_document("| a | b |\n|---|---|\n| c | d |").boxes[0]
    left, right = (box.rect_of(box.places(part, [(0, 1)])[0]) for part in (2, 3))

    assert left.top() == right.top()
    assert left.right() < right.left()


def test_rule_has_no_places(make_document: MakeDocument) -> None:
    box = make_document("---").boxes[0]

    assert box.places(0, []) == []
    assert box.rect_of(Selected(0, 0)).height() == box.height


def test_only_marks_in_sight_are_painted(make_document: MakeDocument, style: ChatStyle) -> None:
    document = make_document("word " * 600, is_plain=True)
    image = QImage(600, 60, QImage.Format.Format_ARGB32)
    image.fill(style.colour("surface"))
    painter = QPainter(image)
    painting = Painting(painter, style, QRectF(0, 0, 600, 60))
    painting.marks_of = lambda _number, _box: [Mark(0, 4), Mark(2500, 2504)]
    document.paint(painting, QPointF(0, 0), None, None)
    painter.end()
    colours = [image.pixelColor(x, 12).name() for x in range(600)]

    assert 10 < colours.count(style.colour("heat-3").name()) < 60


@pytest.mark.parametrize("choice", ["light", "dark", "high_contrast"])
def test_marks_can_be_read_in_every_theme(choice: ThemeChoice) -> None:
    theme = Theme(choice)
    style = ChatStyle(theme)
    for text_format in (style.hit, style.current_hit):
        ink, ground = text_format.foreground().color(), text_format.background().color()
        assert contrast(ink.name(), ground.name()) >= 4.5

    current = style.current_hit.background().color()
    assert contrast(current.name(), theme.colour("surface").name()) >= 4.5
