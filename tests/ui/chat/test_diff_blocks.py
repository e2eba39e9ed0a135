"""A word diff as paragraphs."""

from __future__ import annotations

from realm_desktop.chat.word_diff import DiffKind, DiffPiece, word_diff
from realm_desktop.ui.chat.blocks import Span, SpanStyle, TextBlock
from realm_desktop.ui.chat.diff_blocks import diff_blocks
from realm_desktop.ui.chat.display_text import MAX_FRAGMENT

SAME, ADDED, REMOVED = DiffKind.SAME, DiffKind.ADDED, DiffKind.REMOVED


def _marked(block: TextBlock) -> list[tuple[str, SpanStyle]]:
    return [(block.text[s.start : s.start + s.length], s.style) for s in block.spans]


def test_added_and_removed_words_are_marked() -> None:
    (block,) = diff_blocks(word_diff("the tide rose fast", "the tide fell fast"))

    assert block.text == "the tide rose fell fast"
    assert _marked(block) == [("rose", SpanStyle.REMOVED), ("fell", SpanStyle.ADDED)]


def test_blank_lines_begin_paragraphs() -> None:
    blocks = diff_blocks(word_diff("one\n\ntwo", "one\n\ntwo\n\nthree"))

    assert [block.text for block in blocks] == ["one", "two", "three"]
    assert [_marked(block) for block in blocks] == [[], [], [("three", SpanStyle.ADDED)]]


def test_words_of_two_pieces_stay_apart() -> None:
    (block,) = diff_blocks((DiffPiece(REMOVED, "The"), DiffPiece(ADDED, "Storm")))

    assert block.text == "The Storm"
    assert block.spans == (Span(0, 3, SpanStyle.REMOVED), Span(4, 5, SpanStyle.ADDED))


def test_punctuation_stays_at_its_word() -> None:
    (block,) = diff_blocks((DiffPiece(SAME, "yes"), DiffPiece(ADDED, "!")))

    assert block.text == "yes!"


def test_long_paragraph_is_cut_with_its_marks() -> None:
    blocks = diff_blocks((DiffPiece(ADDED, "word " * MAX_FRAGMENT),))

    assert len(blocks) > 1
    assert all(block.spans == (Span(0, len(block.text), SpanStyle.ADDED),) for block in blocks)


def test_text_that_breaks_layouts_is_made_safe() -> None:
    (block,) = diff_blocks((DiffPiece(SAME, "a\x00b\u202ec"),))

    assert block.text == "a\u2400b\u21d0c"


def test_nothing_has_no_paragraphs() -> None:
    assert diff_blocks(()) == ()
