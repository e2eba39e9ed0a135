"""Tests of the content of one message."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF

from realm_desktop.ui.chat.chat_style import ChatStyle
from realm_desktop.ui.chat.code_box import CodeBox
from realm_desktop.ui.chat.markdown import MarkdownParser
from realm_desktop.ui.chat.message_document import MessageDocument, Selection, TextPosition
from tests.ui.chat.conftest import MakeDocument

RICH = "# Title\n\nSome *words*.\n\n- one\n- two\n\n```py\nx = 1\n```\n\n> quoted\n>\n> more\n"


def test_boxes_stand_below_each_other(make_document: MakeDocument) -> None:
    document = make_document(RICH)
    tops = [document.box_top(number) for number in range(len(document.boxes))]

    assert tops == sorted(tops)
    assert document.height == tops[-1] + document.boxes[-1].height


def test_blocks_have_the_gaps_of_the_design(make_document: MakeDocument) -> None:
    document = make_document("a\n\nb\n\n- c\n- d")

    assert [document.box_top(number) for number in range(4)] == [0, 36, 72, 100]


def test_selection_of_everything_copies_everything(make_document: MakeDocument) -> None:
    document = make_document(RICH)

    copied = document.selected_text(document.everything())

    assert copied == "Title\n\nSome words.\n\n• one\n• two\n\nx = 1\n\nquoted\n\nmore"


def test_selection_inside_a_box_copies_that_part(make_document: MakeDocument) -> None:
    document = make_document("some words here")
    selection = Selection(TextPosition(0, 5), TextPosition(0, 10))

    assert document.selected_text(selection) == "words"


def test_selection_across_boxes_copies_both_ends(make_document: MakeDocument) -> None:
    document = make_document("first\n\nsecond\n\nthird")
    selection = Selection(TextPosition(0, 2), TextPosition(2, 3))

    assert document.selected_text(selection) == "rst\n\nsecond\n\nthi"


def test_cut_run_is_copied_without_a_break(make_document: MakeDocument) -> None:
    text = "a" * 9_000
    document = make_document(text)

    assert len(document.boxes) > 1
    assert document.selected_text(document.everything()) == text


def test_plain_document_shows_markdown_as_typed(make_document: MakeDocument) -> None:
    document = make_document("# *not* a title\n- no item", is_plain=True)

    assert document.selected_text(document.everything()) == "# *not* a title\n- no item"


def test_hit_finds_the_box_at_a_height(make_document: MakeDocument) -> None:
    document = make_document("a\n\nb\n\nc")

    assert [document.hit(QPointF(5, y)).box for y in (5, 45, 500)] == [0, 1, 2]


def test_only_boxes_in_sight_are_laid_out(style: ChatStyle) -> None:
    document = MessageDocument(style, MarkdownParser(), is_plain=False)
    document.set_width(600)
    document.set_text("words and words\n\n" * 500, is_open=False)
    while document.has_work:
        document.work(1.0)
    document.lay_out(0, 600)

    assert 0 < sum(box.width > 0 for box in document.boxes) < 30


def test_growing_text_keeps_the_boxes_that_are_done(make_document: MakeDocument) -> None:
    document = make_document("one\n\ntwo\n\nthr", is_open=True)
    first = document.boxes[0]
    document.set_text("one\n\ntwo\n\nthree", is_open=True)
    document.work(1.0)

    assert document.boxes[0] is first
    assert document.boxes[-1].text == "three"


def test_growing_code_stays_the_same_box(make_document: MakeDocument) -> None:
    document = make_document("```py\na", is_open=True)
    box = document.boxes[0]
    document.set_text("```py\na\nb\n```\nend", is_open=True)
    document.work(1.0)

    assert document.boxes[0] is box
    assert box.text == "a\nb"


def test_long_code_of_a_finished_message_is_folded(make_document: MakeDocument) -> None:
    box = make_document("```\n" + "line\n" * 100 + "```").boxes[0]

    assert isinstance(box, CodeBox)
    assert box.is_folded


def test_long_code_that_is_watched_stays_open(make_document: MakeDocument) -> None:
    box = make_document("```\n" + "line\n" * 100, is_open=True).boxes[0]

    assert isinstance(box, CodeBox)
    assert not box.is_folded


@pytest.mark.parametrize("part", ["fold", "wrap"])
def test_button_of_code_changes_the_height(make_document: MakeDocument, part: str) -> None:
    document = make_document("```\n" + "a long line of many words " * 12 + "\n" * 100 + "x\n```")
    before = document.height
    document.press(0, "fold" if part == "fold" else "wrap")

    assert document.height != before


def test_another_text_replaces_the_boxes(make_document: MakeDocument) -> None:
    document = make_document("one\n\ntwo")
    document.set_text("three", is_open=False)
    document.work(1.0)

    assert [box.text for box in document.boxes] == ["three"]


def test_new_width_is_laid_out_anew(make_document: MakeDocument) -> None:
    document = make_document("some words " * 40)
    before = document.height
    document.set_width(200)
    document.lay_out(0, 1e6)

    assert document.height > before


def test_bubble_is_as_wide_as_its_longest_line(make_document: MakeDocument) -> None:
    document = make_document("short\na longer line", is_plain=True)

    assert 60 < document.natural_width(600) < 200
    assert make_document("word " * 200, is_plain=True).natural_width(600) == 600


def test_empty_message_has_no_height(make_document: MakeDocument) -> None:
    assert make_document("").height == 0
