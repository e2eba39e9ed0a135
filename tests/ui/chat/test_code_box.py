"""Tests of a laid-out code block."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF

from realm_desktop.ui.chat.blocks import CodeBlock, Place
from realm_desktop.ui.chat.chat_style import ChatStyle
from realm_desktop.ui.chat.code_box import FOLDED_LINES, CodeBox

LONG = "\n".join(f"line {number}" for number in range(140))


def _box(style: ChatStyle, text: str, width: float = 400, *, is_open: bool = False) -> CodeBox:
    box = CodeBox(CodeBlock(text, "python", is_open=is_open), style)
    box.lay_out(width)
    return box


def _folded(style: ChatStyle) -> CodeBox:
    box = _box(style, LONG)
    box.fold(is_folded=True)
    box.lay_out(400)
    return box


def test_height_is_head_padding_and_lines(style: ChatStyle) -> None:
    assert _box(style, "a\nb\nc").height == 32 + 2 * 10 + 3 * 20


def test_long_code_is_folded_to_its_first_lines(style: ChatStyle) -> None:
    assert _folded(style).height == 32 + 2 * 10 + FOLDED_LINES * 20 + 32


def test_short_code_is_never_folded(style: ChatStyle) -> None:
    box = _box(style, "a\nb")
    box.fold(is_folded=True)

    assert not box.is_folded


def test_foot_of_folded_code_unfolds_it(style: ChatStyle) -> None:
    box = _folded(style)

    assert box.hit(QPointF(200, box.height - 10)).part == "fold"


def test_buttons_are_at_the_right_of_the_head(style: ChatStyle) -> None:
    box = _box(style, "a")

    assert box.hit(QPointF(400 - 16, 16)).part == "copy"
    assert box.hit(QPointF(400 - 44, 16)).part == "wrap"
    assert box.hit(QPointF(40, 16)).part == ""


def test_hit_finds_line_and_column(style: ChatStyle) -> None:
    box = _box(style, "abc\ndef")
    column = style.character_width("code")

    assert box.hit(QPointF(12 + 1.1 * column, 32 + 10 + 25)).position == 5


def test_hit_below_the_end_is_the_last_line(style: ChatStyle) -> None:
    assert _box(style, "abc\ndef").hit(QPointF(380, 1_000)).position == 7


def test_hit_counts_from_the_inset(style: ChatStyle) -> None:
    box = CodeBox(CodeBlock("abc", place=Place(("ordered",))), style)
    box.lay_out(400)

    assert box.hit(QPointF(26 + 12, 50)).position == 0


def test_wrapped_code_is_higher(style: ChatStyle) -> None:
    box = _box(style, "word " * 100)
    before = box.height
    box.toggle_wrap()
    box.lay_out(400)

    assert box.height > before


def test_wide_code_scrolls_sideways_and_stops_at_its_end(style: ChatStyle) -> None:
    box = _box(style, "x" * 200)

    assert box.is_wide
    assert box.scroll(50)
    assert box.scroll(1e9)
    assert not box.scroll(10)


def test_narrow_code_does_not_scroll(style: ChatStyle) -> None:
    assert not _box(style, "x").scroll(50)


def test_scrolled_code_is_hit_where_it_is_seen(style: ChatStyle) -> None:
    box = _box(style, "x" * 200)
    box.scroll(10 * style.character_width("code"))

    assert box.hit(QPointF(12, 50)).position == 10


def test_growing_code_gets_higher_and_keeps_its_text(style: ChatStyle) -> None:
    box = _box(style, "a", is_open=True)
    box.grow(CodeBlock("a\nb", "python"))

    assert box.height == 32 + 2 * 10 + 2 * 20
    assert box.text == "a\nb"


def test_code_is_coloured_in_time(style: ChatStyle) -> None:
    box = _box(style, "def f(): pass")

    assert box.colour(1.0)
    assert box.is_coloured


def test_caret_stands_behind_the_last_line(style: ChatStyle) -> None:
    end = _box(style, "abc\nde").end_point()

    assert end.y() == 32 + 10 + 20 + 10
    assert 12 < end.x() < 60


@pytest.mark.usefixtures("mirrored")
def test_code_runs_from_left_to_right_in_a_mirrored_window(style: ChatStyle) -> None:
    box = _box(style, "    return x:")

    assert box.hit(QPointF(12, 50)).position == 0
    assert box.end_point().x() > box.hit(QPointF(12, 50)).position + 80


@pytest.mark.usefixtures("mirrored")
def test_buttons_of_code_stay_at_the_right_in_a_mirrored_window(style: ChatStyle) -> None:
    assert _box(style, "a").hit(QPointF(385, 16)).part == "copy"
