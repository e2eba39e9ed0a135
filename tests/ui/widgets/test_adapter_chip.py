"""Tests of the letters of adapters."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.adapter_chip import AdapterChip, letter_of
from tests.support.pictures import has_colour


@pytest.mark.parametrize(
    ("slot", "letter"), [(0, "A"), (5, "F"), (25, "Z"), (26, "A2"), (53, "B3")]
)
def test_every_slot_has_a_letter_of_its_own(slot: int, letter: str) -> None:
    assert letter_of(slot) == letter


def test_chip_has_the_ground_of_its_slot(theme: Theme, qtbot: QtBot) -> None:
    chip = AdapterChip(theme, 1)
    qtbot.addWidget(chip)

    assert has_colour(chip, theme.colour("adapter-2-bg"))


def test_seventh_adapter_takes_the_first_colour_again(theme: Theme, qtbot: QtBot) -> None:
    chip = AdapterChip(theme, 6)
    qtbot.addWidget(chip)

    assert has_colour(chip, theme.colour("adapter-1-bg"))


def test_chip_that_is_off_has_no_ground(theme: Theme, qtbot: QtBot) -> None:
    chip = AdapterChip(theme, 1)
    qtbot.addWidget(chip)

    chip.show_off(True)

    assert not has_colour(chip, theme.colour("adapter-2-bg"))
