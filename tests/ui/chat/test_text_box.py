"""Tests of a laid-out paragraph."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF

from realm_desktop.ui.chat.blocks import (
    LINE_BREAK,
    Place,
    RuleBlock,
    Span,
    SpanStyle,
    TextBlock,
)
from realm_desktop.ui.chat.chat_style import ChatStyle
from realm_desktop.ui.chat.text_box import RuleBox, TextBox

ARABIC = "\u0645\u0631\u062d\u0628\u0627"


def _box(style: ChatStyle, block: TextBlock, width: float = 400) -> TextBox:
    box = TextBox(block, style)
    box.lay_out(width)
    return box


def test_one_line_is_as_high_as_the_design_says(style: ChatStyle) -> None:
    assert _box(style, TextBlock("words")).height == 24


def test_heading_has_the_line_height_of_its_level(style: ChatStyle) -> None:
    assert _box(style, TextBlock("Title", level=1)).height == 28


def test_text_wraps_at_the_width(style: ChatStyle) -> None:
    text = TextBlock("some words " * 20)

    assert _box(style, text, 200).height > _box(style, text, 600).height


def test_line_never_gets_longer_than_is_readable(style: ChatStyle) -> None:
    text = TextBlock("some words " * 40)

    assert _box(style, text, 740).height == _box(style, text, 3_000).height


def test_line_break_adds_a_line(style: ChatStyle) -> None:
    assert _box(style, TextBlock(f"a{LINE_BREAK}b")).height == 48


def test_text_for_a_copy_has_line_feeds(style: ChatStyle) -> None:
    assert _box(style, TextBlock(f"a{LINE_BREAK}b")).text == "a\nb"


def test_estimate_is_near_the_height(style: ChatStyle) -> None:
    box = _box(style, TextBlock("some words and more " * 60))

    assert box.estimate(400) == pytest.approx(box.height, rel=0.25)


def test_hit_finds_the_character_under_the_point(style: ChatStyle) -> None:
    box = _box(style, TextBlock("some words"))

    assert box.hit(QPointF(0, 12)).position == 0
    assert box.hit(QPointF(390, 12)).position == 10


def test_hit_counts_from_the_inset(style: ChatStyle) -> None:
    box = _box(style, TextBlock("some words", place=Place(("quote", "bullet"))))

    assert box.hit(QPointF(16 + 20, 12)).position == 0


def test_hit_on_a_link_gives_its_address(style: ChatStyle) -> None:
    spans = (Span(0, 4, SpanStyle.NORMAL, "https://a.b"),)
    box = _box(style, TextBlock("link and text", spans))

    assert box.hit(QPointF(5, 12)).address == "https://a.b"
    assert box.hit(QPointF(80, 12)).address == ""


def test_hit_beside_the_text_is_no_link(style: ChatStyle) -> None:
    box = _box(style, TextBlock("link", (Span(0, 4, SpanStyle.NORMAL, "https://a.b"),)))

    assert box.hit(QPointF(390, 12)).address == ""


def test_link_behind_an_emoji_is_found(style: ChatStyle) -> None:
    box = _box(style, TextBlock("😀😀 link", (Span(3, 4, SpanStyle.NORMAL, "https://a.b"),)))

    assert box.hit(box.end_point() - QPointF(4, 0)).address == "https://a.b"


def test_inline_code_is_wider_than_its_letters(style: ChatStyle) -> None:
    plain = _box(style, TextBlock("a x b", (Span(2, 1, SpanStyle.BOLD),)))
    code = _box(style, TextBlock("a x b", (Span(2, 1, SpanStyle.CODE),)))

    assert code.end_point().x() > plain.end_point().x() + style.code_padding


def test_caret_stands_behind_the_last_character(style: ChatStyle) -> None:
    box = _box(style, TextBlock("words"))

    assert box.end_point().x() == pytest.approx(box.natural_width(), abs=2)
    assert box.end_point().y() == pytest.approx(12, abs=2)


def test_rule_is_copied_as_markdown(style: ChatStyle) -> None:
    assert RuleBox(RuleBlock(), style).text == "---"


def test_text_from_right_to_left_ends_at_the_left(style: ChatStyle) -> None:
    box = _box(style, TextBlock(ARABIC), 780)

    assert box.hit(QPointF(779, 10)).position == 0
    assert box.end_point().x() < 780 - 3


@pytest.mark.usefixtures("mirrored")
def test_text_keeps_its_own_direction_in_a_mirrored_window(style: ChatStyle) -> None:
    box = _box(style, TextBlock("Some words."), 780)

    assert box.hit(QPointF(0, 10)).position == 0


def test_marker_of_an_item_stands_where_its_text_begins(style: ChatStyle) -> None:
    place = Place(("bullet",), marker="\u2022")

    left = _box(style, TextBlock("words", place=place), 400).inset_x(4, 5)
    right = _box(style, TextBlock(ARABIC, place=place), 400).inset_x(4, 5)

    assert (left, right) == (4, 400 - 4 - 5)


def test_frame_of_code_has_room_in_text_from_right_to_left(style: ChatStyle) -> None:
    span = Span(len(ARABIC) + 1, 4, SpanStyle.CODE)
    plain = _box(style, TextBlock(f"{ARABIC} code {ARABIC}"))
    framed = _box(style, TextBlock(f"{ARABIC} code {ARABIC}", spans=(span,)))

    assert framed.natural_width() == plain.natural_width()
    assert framed.end_point().x() < plain.end_point().x()
