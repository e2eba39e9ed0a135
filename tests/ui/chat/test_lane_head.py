"""The head of a lane: what it shows, and what a user changes there."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from realm_desktop.chat.lanes import LaneSettings
from realm_desktop.chat.new_messages import MAX_CHAT_SEED
from realm_desktop.ui.chat.lane_head import LaneHead
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.state_glyph import Glyph, GlyphState, SpinnerClock
from tests.support.pictures import has_colour
from tests.support.widgets import press

SETTINGS = LaneSettings(temperature=0.7, seed=12)


@pytest.fixture
def head(theme: Theme, shelf: QWidget) -> LaneHead:
    """Of a lane with its own temperature and seed."""
    head = LaneHead(theme, SpinnerClock(theme, shelf), shelf)
    head.resize(300, 80)
    head.name_parts(2)
    head.show_settings(SETTINGS, 0.7, "Tiny <b>", has_same_seed=True)
    shelf.show()
    return head


def test_head_shows_model_temperature_and_seed(head: LaneHead) -> None:
    assert head.model.text == "Tiny <b>"
    assert (head.temperature.value(), head.seed.text()) == (0.7, "12")


def test_another_temperature_is_told(head: LaneHead, qtbot: QtBot) -> None:
    with qtbot.waitSignal(head.changed) as told:
        press(head.temperature, Qt.Key.Key_Up)

    assert told.args == [LaneSettings(temperature=0.8, seed=12)]


def test_typed_seed_is_told(head: LaneHead, qtbot: QtBot) -> None:
    head.seed.clear()
    QTest.keyClicks(head.seed, "7x3")
    with qtbot.waitSignal(head.changed) as told:
        press(head.seed, Qt.Key.Key_Return)

    assert told.args == [LaneSettings(temperature=0.7, seed=73)]


def test_emptied_seed_is_that_of_the_round(head: LaneHead, qtbot: QtBot) -> None:
    head.seed.clear()
    with qtbot.waitSignal(head.changed) as told:
        press(head.seed, Qt.Key.Key_Return)

    assert told.args == [LaneSettings(temperature=0.7)]


def test_huge_seed_is_the_largest_one(head: LaneHead, qtbot: QtBot) -> None:
    head.seed.setText("9" * 16)
    with qtbot.waitSignal(head.changed) as told:
        press(head.seed, Qt.Key.Key_Return)

    assert told.args == [LaneSettings(temperature=0.7, seed=MAX_CHAT_SEED - 1)]


def test_showing_settings_tells_nothing(head: LaneHead) -> None:
    told: list[object] = []
    head.changed.connect(told.append)
    head.show_settings(LaneSettings(), 1.3, "Other", has_same_seed=False)

    assert told == []
    assert head.temperature.value() == 1.3
    assert (head.seed.text(), head.seed.placeholderText()) == ("", "seed: new")


def test_seed_that_is_being_typed_stays(head: LaneHead) -> None:
    head.window().activateWindow()
    head.seed.setFocus()
    head.seed.setText("99")
    head.show_settings(SETTINGS, 0.7, "Tiny", has_same_seed=True)

    assert head.seed.text() == "99"


def test_menu_offers_what_can_be_done(head: LaneHead) -> None:
    head.show_abilities(can_repeat=True, can_copy=False, can_add=True, can_remove=False)
    menu = head.open_menu()
    enabled = {action.text() for action in menu.actions() if action.isEnabled()}
    menu.close()

    assert enabled == {"Choose adapters…", "Answer again", "Duplicate lane"}


def test_menu_entry_is_told(head: LaneHead, qtbot: QtBot) -> None:
    head.show_abilities(can_repeat=True, can_copy=True, can_add=True, can_remove=True)
    menu = head.open_menu()
    with qtbot.waitSignal(head.remove_requested):
        menu.actions()[-1].trigger()
    menu.close()


def test_done_lane_has_a_check_and_words(head: LaneHead, theme: Theme) -> None:
    head.glyph.show_state(GlyphState(), is_done=True)

    assert head.glyph.accessibleName() == "Done"
    assert has_colour(head.glyph, theme.colour("success"))


def test_state_of_a_running_lane_goes_before_the_check(head: LaneHead) -> None:
    head.glyph.show_state(GlyphState(Glyph.DECODE), is_done=False)

    assert head.glyph.accessibleName() == GlyphState(Glyph.DECODE).words
