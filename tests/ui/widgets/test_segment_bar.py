"""Tests of the bar of named parts."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, Qt
from pytestqt.qtbot import QtBot

from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.segment_bar import Segment, SegmentBar
from tests.support.pictures import has_colour

PARTS = (Segment(3, "used 3", "plan-weights"), Segment(1, "free 1", ""))
LEFT_HALF, RIGHT_END = QRect(0, 22, 140, 12), QRect(250, 22, 40, 12)


@pytest.fixture
def bar(theme: Theme, qtbot: QtBot) -> SegmentBar:
    bar = SegmentBar(theme, "KV pool")
    qtbot.addWidget(bar)
    bar.resize(300, 60)
    return bar


def test_parts_are_as_long_as_their_amounts(bar: SegmentBar, theme: Theme) -> None:
    bar.show_segments(PARTS, "3 of 4")

    assert has_colour(bar, theme.colour("plan-weights"), LEFT_HALF)
    assert not has_colour(bar, theme.colour("plan-weights"), RIGHT_END)


def test_parts_begin_at_the_right_in_a_mirrored_window(bar: SegmentBar, theme: Theme) -> None:
    bar.setLayoutDirection(Qt.LayoutDirection.RightToLeft)

    bar.show_segments(PARTS)

    assert has_colour(bar, theme.colour("plan-weights"), RIGHT_END)


def test_figures_are_told_in_words(bar: SegmentBar) -> None:
    bar.show_segments(PARTS, "3 of 4")

    assert bar.accessibleName() == "KV pool"
    assert bar.accessibleDescription() == "3 of 4, used 3, free 1"


def test_many_parts_get_a_second_line(bar: SegmentBar) -> None:
    low = bar.sizeHint().height()

    bar.show_segments(tuple(Segment(1, f"workspace {n}", "accent") for n in range(5)))

    assert bar.sizeHint().height() > low
    assert not bar.grab().isNull()


def test_bar_without_parts_can_be_drawn(bar: SegmentBar) -> None:
    bar.show_segments((Segment(0, "used 0", "accent"),))

    assert not bar.grab().isNull()


def test_list_has_a_line_for_each_part(theme: Theme, qtbot: QtBot) -> None:
    heights = []
    for count in (2, 3, 6):
        bar = SegmentBar(theme, "Context", is_list=True)
        qtbot.addWidget(bar)
        bar.show_segments(tuple(Segment(1, f"part {n}", "accent") for n in range(count)))
        heights.append(bar.sizeHint().height())

    assert heights[2] - heights[1] == 3 * (heights[1] - heights[0]) > 0
