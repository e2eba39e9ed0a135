"""The dialog that asks what a new version of a reply is made with."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from realm_desktop.adapter_mix import AdapterMix, MixEntry
from realm_desktop.chat.lanes import LaneSettings
from realm_desktop.protocol import AdapterId
from realm_desktop.ui.chat.variation_dialog import VariationDialog
from realm_desktop.ui.theme import Theme
from tests.support.widgets import click

MADE_WITH = LaneSettings(AdapterMix(), 0.8, 41)


@pytest.fixture
def dialog(shelf: QWidget, theme: Theme) -> VariationDialog:
    shelf.show()
    made = VariationDialog(theme, MADE_WITH, (), shelf, "Tiny")
    made.open()
    return made


def _confirm(dialog: VariationDialog) -> None:
    buttons = dialog.findChildren(QPushButton)
    click(next(button for button in buttons if button.text() == "Regenerate"))


def test_begins_with_what_made_the_reply(dialog: VariationDialog) -> None:
    assert dialog.temperature.value() == pytest.approx(0.8)
    assert not dialog.seed_switch.isChecked()
    assert dialog.temperature.accessibleName() == "Temperature"


def test_new_seed_unless_the_same_is_wanted(qtbot: QtBot, dialog: VariationDialog) -> None:
    with qtbot.waitSignal(dialog.confirmed) as told:
        _confirm(dialog)

    assert told.args == [LaneSettings(AdapterMix(), 0.8, None), ""]


def test_temperature_and_seed_are_told(qtbot: QtBot, dialog: VariationDialog) -> None:
    dialog.temperature.setValue(1.3)
    dialog.seed_switch.setChecked(True)
    with qtbot.waitSignal(dialog.confirmed) as told:
        _confirm(dialog)

    assert told.args == [LaneSettings(AdapterMix(), 1.3, 41), ""]


def test_another_model_is_told_by_its_path(qtbot: QtBot, dialog: VariationDialog) -> None:
    assert dialog.model_box.currentText() == "Tiny"
    dialog.show_models([("/m/qwen.gguf", "Qwen"), ("/m/gemma.gguf", "Gemma")])
    dialog.model_box.choose("/m/gemma.gguf")
    with qtbot.waitSignal(dialog.confirmed) as told:
        _confirm(dialog)

    assert told.args is not None
    assert told.args[1] == "/m/gemma.gguf"
    assert dialog.model_box.accessibleName() == "Model"


def test_mix_of_the_reply_stays_unless_it_is_changed(
    qtbot: QtBot, shelf: QWidget, theme: Theme
) -> None:
    mix = AdapterMix((MixEntry(AdapterId("x"), 0.5),))
    dialog = VariationDialog(theme, LaneSettings(mix, 0.8, 41), (), shelf)
    with qtbot.waitSignal(dialog.confirmed) as told:
        _confirm(dialog)

    assert told.args is not None
    assert told.args[0].mix == mix
