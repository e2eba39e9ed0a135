"""Tests of the rail."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, Qt
from pytestqt.qtbot import QtBot

from realm_desktop.ui.rail import Rail, RailButton
from realm_desktop.ui.theme import Theme
from tests.support.pictures import has_colour
from tests.support.widgets import click, press


@pytest.fixture
def rail(theme: Theme, qtbot: QtBot) -> Rail:
    rail = Rail(theme)
    qtbot.addWidget(rail)
    rail.resize(48, 500)
    rail.show()
    return rail


def test_rail_is_as_wide_as_the_design(rail: Rail) -> None:
    assert rail.width() == 48


def test_chat_is_shown_at_first(rail: Rail) -> None:
    assert rail.chat_button.isChecked()
    assert not rail.models_button.isChecked()


def test_press_chooses_a_page(rail: Rail, qtbot: QtBot) -> None:
    with qtbot.waitSignal(rail.page_chosen) as told:
        click(rail.models_button)

    assert told.args == ["models"]
    assert rail.models_button.isChecked()


def test_adapters_have_a_page_of_their_own(rail: Rail, qtbot: QtBot) -> None:
    with qtbot.waitSignal(rail.page_chosen) as told:
        click(rail.adapters_button)

    assert told.args == ["adapters"]


def test_key_chooses_a_page(rail: Rail, qtbot: QtBot) -> None:
    with qtbot.waitSignal(rail.page_chosen):
        press(rail.models_button, Qt.Key.Key_Space)


def test_page_shown_by_others_is_marked_silently(rail: Rail, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(rail.page_chosen):
        rail.show_page("models")

    assert rail.models_button.isChecked()
    assert not rail.chat_button.isChecked()


def test_gear_asks_for_the_settings(rail: Rail, qtbot: QtBot) -> None:
    with qtbot.waitSignal(rail.settings_requested):
        click(rail.settings_button)


def test_shown_page_has_a_bar_at_the_window_s_edge(rail: Rail, theme: Theme) -> None:
    edge = QRect(0, 0, 3, 40)

    assert has_colour(rail.chat_button, theme.colour("accent"), edge)
    assert not has_colour(rail.models_button, theme.colour("accent"), edge)


def test_every_button_has_a_name_and_a_tooltip(rail: Rail) -> None:
    for button in rail.findChildren(RailButton):
        assert button.accessibleName()
        assert button.toolTip()


def test_downloads_have_a_page_of_their_own(rail: Rail, qtbot: QtBot) -> None:
    with qtbot.waitSignal(rail.page_chosen) as told:
        click(rail.downloads_button)

    assert told.args == ["downloads"]


def test_a_ring_shows_how_far_the_downloads_are(rail: Rail, theme: Theme) -> None:
    quiet = has_colour(rail.downloads_button, theme.colour("accent"))
    rail.show_downloads(0.25, is_active=True)

    assert not quiet
    assert has_colour(rail.downloads_button, theme.colour("accent"))
    assert rail.downloads_button.accessibleName() == "Downloads, 25 %"


def test_the_ring_leaves_with_the_last_download(rail: Rail, theme: Theme) -> None:
    rail.show_downloads(0.25, is_active=True)
    rail.show_downloads(0.0, is_active=False)

    assert not has_colour(rail.downloads_button, theme.colour("accent"))
    assert rail.downloads_button.accessibleName() == "Downloads"
