"""Tests of the strip of tabs."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from realm_desktop.ui.tab_strip import MAX_TAB_PX, MIN_TAB_PX, TabStrip
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.state_glyph import Glyph, GlyphState, SpinnerClock
from tests.support.pictures import has_colour, picture_of
from tests.support.widgets import click


@pytest.fixture
def clock(theme: Theme) -> SpinnerClock:
    return SpinnerClock(theme)


@pytest.fixture
def strip(theme: Theme, clock: SpinnerClock, qtbot: QtBot) -> TabStrip:
    strip = TabStrip(theme, clock)
    qtbot.addWidget(strip)
    for title in ("Tides", "Bread", "A title that is far too long for any tab of this strip"):
        strip.add(title)
    strip.resize(800, 36)
    strip.show()
    return strip


def test_tabs_are_as_wide_as_the_design_allows(strip: TabStrip) -> None:
    widths = [strip.tabRect(index).width() for index in range(3)]

    assert widths[0] == MIN_TAB_PX
    assert widths[2] == MAX_TAB_PX


def test_state_of_a_tab_moves_no_tab(strip: TabStrip) -> None:
    strip.add("A lighthouse story")
    before = [strip.tabSizeHint(index) for index in range(4)]

    strip.set_state(3, GlyphState(Glyph.DECODE))

    assert [strip.tabSizeHint(index) for index in range(4)] == before


def test_tabs_have_the_height_of_the_design(strip: TabStrip) -> None:
    assert strip.tabRect(0).height() == 36


def test_press_on_the_cross_closes(strip: TabStrip, qtbot: QtBot) -> None:
    with qtbot.waitSignal(strip.close_requested) as told:
        click(strip, strip.close_rect(1).center())

    assert told.args == [1]
    assert strip.currentIndex() == 0


def test_middle_click_closes(strip: TabStrip, qtbot: QtBot) -> None:
    with qtbot.waitSignal(strip.close_requested) as told:
        click(strip, strip.tabRect(2).center(), Qt.MouseButton.MiddleButton)

    assert told.args == [2]


def test_click_on_the_title_shows_the_tab(strip: TabStrip, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(strip.close_requested):
        click(strip, strip.tabRect(1).topLeft() + QPoint(20, 18))

    assert strip.currentIndex() == 1


def test_state_is_shown_and_said(strip: TabStrip) -> None:
    before = picture_of(strip)

    strip.set_state(1, GlyphState(Glyph.FAILED))

    assert picture_of(strip) != before
    assert strip.accessibleTabName(1) == strip.tabToolTip(1) == "Bread, failed"


def test_title_and_state_change_together(strip: TabStrip) -> None:
    strip.set_state(0, GlyphState(Glyph.DECODE))
    strip.set_title(0, "Tide gauges")

    assert strip.accessibleTabName(0) == "Tide gauges, writing"


@pytest.mark.parametrize(
    ("title", "shown"), [("", "New chat"), ("two\nlines", "two lines"), ("R&D", "R&D")]
)
def test_title_is_one_line(strip: TabStrip, title: str, shown: str) -> None:
    strip.set_title(0, title)

    assert strip.tabText(0) == shown


def test_state_moves_with_its_tab(strip: TabStrip) -> None:
    strip.set_state(0, GlyphState(Glyph.FAILED))

    strip.moveTab(0, 2)

    assert strip.state_of(2).glyph is Glyph.FAILED
    assert strip.state_of(0).glyph is Glyph.NONE


def test_current_tab_has_ground_and_accent(strip: TabStrip, theme: Theme) -> None:
    strip.setCurrentIndex(1)
    rect = strip.tabRect(1)

    assert has_colour(strip, theme.colour("surface"), rect)
    assert has_colour(strip, theme.colour("accent"), rect.adjusted(0, 0, 0, -34))


def test_other_tabs_stand_on_the_sidebar_s_colour(strip: TabStrip, theme: Theme) -> None:
    assert not has_colour(strip, theme.colour("accent"), strip.tabRect(1))


def test_ring_turns_with_the_clock(strip: TabStrip, clock: SpinnerClock, qtbot: QtBot) -> None:
    strip.set_state(1, GlyphState(Glyph.DECODE))
    before = picture_of(strip)

    with qtbot.waitSignal(clock.ticked):
        clock.set_needed(True)
    clock.set_needed(False)

    assert picture_of(strip) != before


def test_right_to_left_puts_the_cross_on_the_left(strip: TabStrip) -> None:
    strip.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    rect = strip.tabRect(0)

    assert strip.close_rect(0).center().x() < rect.center().x()


def test_tabs_grow_with_the_zoom(strip: TabStrip, theme: Theme) -> None:
    theme.set_zoom(2.0)

    assert strip.tabRect(0).height() == 72


def _pull(strip: TabStrip, distance: int) -> None:
    """Press on the second tab and move the mouse down by so many px."""
    start = strip.tabRect(1).center() - QPoint(20, 0)
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QTest.mousePress(strip, left, none, start)
    QTest.mouseMove(strip, start + QPoint(0, distance))
    QTest.mouseRelease(strip, left, none, start + QPoint(0, distance))


def test_tab_pulled_out_of_the_strip_is_dragged(strip: TabStrip, qtbot: QtBot) -> None:
    with qtbot.waitSignal(strip.drag_begun) as told:
        _pull(strip, 80)

    assert told.args == [1]


def test_tab_moved_a_little_is_not_dragged(strip: TabStrip, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(strip.drag_begun):
        _pull(strip, 20)


def test_facts_stand_in_the_tooltip_below_the_title(strip: TabStrip) -> None:
    strip.set_facts(0, "Research · Tiny")

    assert strip.tabToolTip(0) == "Tides\nResearch · Tiny"
