"""Tests of a laid-out table."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPointF

from realm_desktop.ui.chat.blocks import Alignment, Cell, Span, SpanStyle, TableBlock
from realm_desktop.ui.chat.chat_style import ChatStyle
from realm_desktop.ui.chat.table_box import TableBox
from realm_desktop.ui.theme import Theme

TABLE = TableBlock(
    header=(Cell("Section"), Cell("Trips")),
    rows=((Cell("Quay wall"), Cell("38")), (Cell("Basin"), Cell("112"))),
    alignments=("left", "right"),
)


def _box(style: ChatStyle, block: TableBlock = TABLE, width: float = 400) -> TableBox:
    box = TableBox(block, style)
    box.lay_out(width)
    return box


def _wide(num_columns: int) -> TableBlock:
    row = tuple(Cell(f"some words {number}") for number in range(num_columns))
    left: Alignment = "left"
    return TableBlock(row, (row,), (left,) * num_columns)


def test_rows_are_as_high_as_the_design_says(style: ChatStyle) -> None:
    assert _box(style).height == 28 + 2 * 30


@pytest.mark.parametrize("is_lane", [False, True])
def test_compact_rows_are_closer(theme: Theme, is_lane: bool) -> None:
    theme.set_layout("compact", is_column_wide=False)

    assert _box(ChatStyle(theme, is_lane=is_lane)).height == 28 + 2 * 26


def test_lane_has_rows_as_high_as_any_table(theme: Theme) -> None:
    assert _box(ChatStyle(theme, is_lane=True)).height == 28 + 2 * 30


def test_copy_has_tabs_and_line_feeds(style: ChatStyle) -> None:
    assert _box(style).text == "Section\tTrips\nQuay wall\t38\nBasin\t112"


@pytest.mark.parametrize(("x", "y", "start"), [(12, 10, 0), (12, 40, 14), (12, 70, 27)])
def test_hit_finds_the_cell(style: ChatStyle, x: float, y: float, start: int) -> None:
    assert _box(style).hit(QPointF(x, y)).position == start


def test_hit_at_the_right_is_in_the_last_column(style: ChatStyle) -> None:
    box = _box(style)

    position = box.hit(QPointF(395, 70)).position

    assert box.text[position - 3 : position] == "112"


def test_long_cell_wraps(style: ChatStyle) -> None:
    row = (Cell("word " * 60), Cell("1"))
    box = _box(style, TableBlock(TABLE.header, (row,), TABLE.alignments))

    assert box.height > 28 + 2 * 30


def test_table_too_wide_scrolls_sideways(style: ChatStyle) -> None:
    box = _box(style, _wide(20))

    assert box.scroll(100)
    assert not _box(style).scroll(100)


def test_scrolled_table_is_hit_where_it_is_seen(style: ChatStyle) -> None:
    box = _box(style, _wide(20))
    before = box.hit(QPointF(12, 10)).position
    box.scroll(500)

    assert box.hit(QPointF(12, 10)).position > before


def test_link_in_a_cell_is_found(style: ChatStyle) -> None:
    cell = Cell("link", (Span(0, 4, SpanStyle.NORMAL, "https://a.b"),))
    box = _box(style, TableBlock((Cell("a"),), ((cell,),), ("left",)))

    assert box.hit(QPointF(16, 42)).address == "https://a.b"


def test_table_without_rows_is_its_head(style: ChatStyle) -> None:
    assert _box(style, TableBlock((Cell("a"),), (), ("left",))).height == 28


def test_estimate_is_near_the_height(style: ChatStyle) -> None:
    box = _box(style)

    assert box.estimate(400) == pytest.approx(box.height, abs=4)


def test_growing_table_is_laid_out_like_the_whole(style: ChatStyle) -> None:
    rows = tuple((Cell(f"Section {number}"), Cell(str(number))) for number in range(90))
    grown = _box(style, TableBlock(TABLE.header, (), TABLE.alignments))
    for num_rows in range(len(rows) + 1):
        grown.grow(TableBlock(TABLE.header, rows[:num_rows], TABLE.alignments))
    whole = _box(style, TableBlock(TABLE.header, rows, TABLE.alignments))

    assert (grown.height, grown.text) == (whole.height, whole.text)
    assert grown.hit(QPointF(20, 2_000)) == whole.hit(QPointF(20, 2_000))


def test_columns_follow_the_direction_of_the_head(style: ChatStyle) -> None:
    mirrored = replace(TABLE, header=(Cell("\u0642\u0633\u0645"), Cell("Trips")))
    box = _box(style, mirrored)

    assert box.text[box.hit(QPointF(395, 40)).position :].startswith("\t38")
    assert box.text[: box.hit(QPointF(12, 40)).position].endswith("\t")


def test_wide_table_from_right_to_left_begins_at_the_right(style: ChatStyle) -> None:
    table = _wide(12)
    box = _box(style, replace(table, header=(Cell("\u0642\u0633\u0645"), *table.header[1:])))

    assert not box.scroll(50)
    assert box.scroll(-50)
    assert box.hit(QPointF(399, 40)).position > box.text.index("\n")
