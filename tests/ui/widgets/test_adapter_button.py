"""Tests of the adapter button of a chat's header."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.adapter_button import AdapterButton
from tests.support.pictures import has_colour
from tests.support.widgets import press


@pytest.fixture
def button(theme: Theme, qtbot: QtBot) -> AdapterButton:
    button = AdapterButton(theme)
    qtbot.addWidget(button)
    button.show()
    return button


def test_button_names_its_adapters(button: AdapterButton) -> None:
    button.show_slots((0, 3))

    assert button.accessibleName() == "Adapters of this chat: A D"


def test_button_without_adapters_says_so(button: AdapterButton) -> None:
    assert "none" in button.accessibleName()


def test_every_letter_makes_it_wider(button: AdapterButton) -> None:
    before = button.sizeHint().width()

    button.show_slots((0,))

    assert button.sizeHint().width() > before


def test_letters_beyond_three_are_counted(button: AdapterButton, theme: Theme) -> None:
    button.show_slots((0, 1, 2, 3, 4))
    button.adjustSize()

    assert has_colour(button, theme.colour("adapter-3-bg"))
    assert not has_colour(button, theme.colour("adapter-4-bg"))
    assert button.letters == "A B C D E"


def test_space_presses_it(button: AdapterButton, qtbot: QtBot) -> None:
    with qtbot.waitSignal(button.clicked):
        press(button, Qt.Key.Key_Space)

    assert button.isChecked()


def test_button_without_room_counts_instead(button: AdapterButton, theme: Theme) -> None:
    button.show_slots((0, 1))

    button.resize(button.minimumSizeHint())

    assert not has_colour(button, theme.colour("adapter-1-bg"))
    assert button.minimumSizeHint().width() < button.sizeHint().width()
