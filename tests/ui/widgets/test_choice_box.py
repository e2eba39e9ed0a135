"""Tests of the choice box."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.choice_box import ChoiceBox
from tests.support.pictures import has_colour
from tests.support.widgets import press


@pytest.fixture
def box(theme: Theme, qtbot: QtBot) -> ChoiceBox:
    box = ChoiceBox(theme, (("light", "Light"), ("dark", "Dark and deep")))
    qtbot.addWidget(box)
    box.resize(box.sizeHint())
    return box


def test_first_choice_is_shown_at_first(box: ChoiceBox) -> None:
    assert box.value == "light"
    assert box.currentText() == "Light"


def test_choice_is_made_by_value(box: ChoiceBox, qtbot: QtBot) -> None:
    with qtbot.waitSignal(box.currentIndexChanged):
        box.choose("dark")

    assert box.value == "dark"


def test_unknown_value_changes_nothing(box: ChoiceBox, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(box.currentIndexChanged):
        box.choose("purple")

    assert box.value == "light"


def test_keys_choose(box: ChoiceBox) -> None:
    press(box, Qt.Key.Key_Down)

    assert box.value == "dark"


def test_longest_text_fits(box: ChoiceBox) -> None:
    text = box.fontMetrics().horizontalAdvance("Dark and deep")

    assert box.minimumSizeHint().width() > text


def test_box_is_drawn_in_the_colours_of_the_theme(box: ChoiceBox, theme: Theme) -> None:
    assert has_colour(box, theme.colour("surface-raised"))
    theme.choose("dark")

    assert has_colour(box, theme.colour("surface-raised"))


def test_box_grows_with_the_zoom(box: ChoiceBox, theme: Theme) -> None:
    theme.set_zoom(2.0)

    assert box.height() == 60
