"""Tests of the text selection of a message."""

from __future__ import annotations

import pytest

from realm_desktop.ui.chat.box import Hit
from realm_desktop.ui.chat.message_cursor import RowHit, TextSelection
from realm_desktop.ui.chat.message_document import DocumentHit
from tests.ui.chat.conftest import MakeDocument


def _at(box: int, position: int, row: int = 3) -> RowHit:
    return RowHit(row, DocumentHit(box, Hit(position)))


def test_new_selection_is_empty() -> None:
    selection = TextSelection()
    assert selection.is_empty

    selection.begin(_at(0, 5))
    assert selection.is_empty


def test_selection_is_in_order_whichever_way_it_was_made() -> None:
    selection = TextSelection()
    selection.begin(_at(2, 1))
    selection.extend(_at(0, 5).hit)

    assert selection.range[:2] == ((0, 5), (2, 1))


def test_selection_belongs_to_one_row() -> None:
    selection = TextSelection()
    selection.begin(_at(0, 1))
    selection.extend(_at(0, 5).hit)

    assert selection.for_row(3) == selection.range
    assert selection.for_row(2) is None


def test_selection_knows_whether_it_is_in_a_thought(make_document: MakeDocument) -> None:
    selection = TextSelection()
    selection.begin(RowHit(3, DocumentHit(0, Hit(0), in_thought=True)))
    began_there = selection.range.in_thought
    selection.select_all(3, make_document("some words"))

    assert began_there
    assert not selection.range.in_thought


def test_cleared_selection_is_empty(make_document: MakeDocument) -> None:
    selection = TextSelection()
    selection.select_all(3, make_document("some words"))
    assert not selection.is_empty

    selection.clear()
    assert selection.is_empty


@pytest.mark.parametrize(
    ("text", "position", "word"),
    [
        ("some words here", 7, "words"),
        ("some words here", 5, "words"),
        ("it's so", 1, "it's"),
        ("😀 wörd 😀", 5, "wörd"),
        ("a  b", 2, ""),
    ],
)
def test_double_click_takes_the_word(
    make_document: MakeDocument, text: str, position: int, word: str
) -> None:
    document = make_document(text)
    selection = TextSelection()
    selection.select_word(_at(0, position), document)

    assert document.selected_text(selection.range) == word


def test_word_of_an_empty_message_is_nothing(make_document: MakeDocument) -> None:
    selection = TextSelection()
    selection.select_word(_at(0, 0), make_document(""))

    assert selection.is_empty
