"""Tests of the button that shows an adapter mix as chips."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.mix_button import MixButton, MixChip
from tests.support.pictures import has_colour
from tests.support.widgets import press

CHIPS = (MixChip(0, "harbour-notes", "0.80"), MixChip(3, "terse-review", "0.60"))


@pytest.fixture
def button(theme: Theme, qtbot: QtBot) -> MixButton:
    button = MixButton(theme)
    qtbot.addWidget(button)
    button.resize(400, 28)
    button.show()
    return button


def test_mix_is_named_in_words(button: MixButton) -> None:
    button.show_mix(CHIPS, "Adapters of lane 2")

    words = "Adapters of lane 2: harbour-notes 0.80, terse-review 0.60"
    assert button.accessibleName() == words


def test_empty_mix_is_the_base(button: MixButton) -> None:
    button.show_mix((), "Adapters of lane 1")

    assert button.accessibleName() == "Adapters of lane 1: Base"


@pytest.mark.parametrize("width", [400, 120, 60])
def test_every_chip_is_drawn_at_any_width(button: MixButton, theme: Theme, width: int) -> None:
    button.show_mix(CHIPS, "Mix")
    button.resize(width, 28)

    for token in ("adapter-1-bg", "adapter-4-bg"):
        assert has_colour(button, theme.colour(token))


def test_button_is_pressed_by_keyboard(button: MixButton, qtbot: QtBot) -> None:
    with qtbot.waitSignal(button.clicked):
        press(button, Qt.Key.Key_Space)


def test_markup_in_a_name_is_no_markup_in_the_tooltip(button: MixButton) -> None:
    button.show_mix((MixChip(0, "<b>x</b>", "1.00"),), "Mix")

    assert "<b>" not in button.toolTip()
