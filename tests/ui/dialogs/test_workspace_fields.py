"""Tests of what the settings of a workspace have beside the schema: colour, priority, weight, model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from realm_desktop.adapter_mix import AdapterMix
from realm_desktop.chat.adapter_shelf import Shelf
from realm_desktop.events import ErrorInfo
from realm_desktop.library.presets import Preset
from realm_desktop.protocol import MAX_WORKSPACE_WEIGHT
from realm_desktop.store.records import NUM_COLOURS, Workspace, WorkspacePriority
from realm_desktop.ui.dialogs.workspace_dialog import WorkspaceDialog
from realm_desktop.ui.panels.model_box import MAX_MODEL_CHARACTERS
from realm_desktop.ui.panels.model_rows import ModelRow
from realm_desktop.ui.theme import Theme
from tests.support.shelves import entry, make_shelf
from tests.support.sidebars import make_workspace
from tests.support.widgets import child, click


def _dialog(
    theme: Theme, qtbot: QtBot, workspace: Workspace, shelves: Sequence[Shelf] = ()
) -> WorkspaceDialog:
    dialog = WorkspaceDialog(theme, workspace, {}, shelves)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_own_values_are_shown_and_saved_unchanged(theme: Theme, qtbot: QtBot) -> None:
    workspace = replace(make_workspace(), colour=3, priority=WorkspacePriority.LOW, weight=2.5)
    dialog = _dialog(theme, qtbot, workspace)

    with qtbot.waitSignal(dialog.saved) as told:
        click(dialog.save_button)

    assert told.args == [workspace]


def test_chosen_values_are_saved(theme: Theme, qtbot: QtBot) -> None:
    dialog = _dialog(theme, qtbot, make_workspace())
    dialog.colour_box.choose("6")
    dialog.priority_box.choose("high")
    dialog.weight_field.setValue(4.0)

    with qtbot.waitSignal(dialog.saved) as told:
        click(dialog.save_button)

    assert told.args is not None
    saved = told.args[0]
    assert (saved.colour, saved.priority, saved.weight) == (6, WorkspacePriority.HIGH, 4.0)


@pytest.mark.parametrize("weight", [0.0, -1.0, 1e9])
def test_weight_stays_in_its_range(theme: Theme, qtbot: QtBot, weight: float) -> None:
    dialog = _dialog(theme, qtbot, make_workspace())

    dialog.weight_field.setValue(weight)

    assert 0 < dialog.weight_field.value() <= MAX_WORKSPACE_WEIGHT


def test_every_colour_can_be_chosen_and_controls_have_names(theme: Theme, qtbot: QtBot) -> None:
    dialog = _dialog(theme, qtbot, make_workspace())

    assert dialog.colour_box.count() == NUM_COLOURS + 1
    controls = (dialog.colour_box, dialog.priority_box, dialog.weight_field)
    assert [control.accessibleName() for control in controls] == ["Colour", "Priority", "Weight"]


def test_mix_of_adapters_is_changed_and_counts_when_it_is_saved(theme: Theme, qtbot: QtBot) -> None:
    shelves = (make_shelf("terse", 0), make_shelf("plain", 1))
    workspace = replace(make_workspace(), adapters=AdapterMix((entry(0, 0.5),)))
    dialog = _dialog(theme, qtbot, workspace, shelves)
    click(dialog.add_adapter_button)
    menu = child(dialog, QMenu)
    menu.actions()[0].trigger()
    menu.close()

    with qtbot.waitSignal(dialog.saved) as told:
        click(dialog.save_button)

    assert told.args is not None
    assert told.args[0].adapters == AdapterMix((entry(0, 0.5), entry(1)))
    assert not dialog.add_adapter_button.isEnabled()


def test_without_adapters_nothing_is_said_of_them(theme: Theme, qtbot: QtBot) -> None:
    dialog = _dialog(theme, qtbot, make_workspace())

    assert dialog.add_adapter_button.isHidden()


def test_preset_takes_over_the_values_and_keeps_what_holds_anyway(
    theme: Theme, qtbot: QtBot
) -> None:
    workspace = replace(make_workspace(), settings={"sampling.top_p": 0.5, "later.key": 1})
    preset = Preset("Bold", {"sampling.temperature": 1.5, "sampling.top_k": 9})
    dialog = WorkspaceDialog(theme, workspace, {"sampling.top_k": 9}, (), (preset,))
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.preset_box.choose("Bold")
    dialog.preset_box.activated.emit(1)

    with qtbot.waitSignal(dialog.saved) as told:
        click(dialog.save_button)

    assert told.args is not None
    assert told.args[0].settings == {"later.key": 1, "sampling.temperature": 1.5}


def test_without_presets_none_is_offered(theme: Theme, qtbot: QtBot) -> None:
    assert _dialog(theme, qtbot, make_workspace()).preset_box.isHidden()


def test_model_is_chosen_among_those_that_can_be_loaded(theme: Theme, qtbot: QtBot) -> None:
    dialog = _dialog(theme, qtbot, make_workspace())
    error = ErrorInfo("CorruptFile", "the file is cut")
    dialog.show_models([ModelRow("Qwen", "/m/qwen.gguf"), ModelRow("Cut", "/m/c", error=error)])
    texts = [dialog.model_box.itemText(i) for i in range(dialog.model_box.count())]
    dialog.model_box.choose("/m/qwen.gguf")

    with qtbot.waitSignal(dialog.saved) as told:
        click(dialog.save_button)

    assert texts == ["Whichever is loaded", "Qwen"]
    assert told.args is not None
    assert told.args[0].model_path == "/m/qwen.gguf"


def test_model_that_is_gone_stays_chosen_until_another_is(theme: Theme, qtbot: QtBot) -> None:
    workspace = replace(make_workspace(), model_path="/gone/Qwen3-4B.gguf")
    dialog = _dialog(theme, qtbot, workspace)
    dialog.show_models([ModelRow("Llama", "/m/llama.gguf")])

    with qtbot.waitSignal(dialog.saved) as told:
        click(dialog.save_button)

    assert dialog.model_box.currentText() == "Qwen3-4B"
    assert told.args == [workspace]


def test_long_names_of_models_are_cut_and_the_path_is_told(theme: Theme, qtbot: QtBot) -> None:
    dialog = _dialog(theme, qtbot, make_workspace())
    dialog.show_models([ModelRow("Q" * 400, "/m/q.gguf")])

    assert len(dialog.model_box.itemText(1)) == MAX_MODEL_CHARACTERS
    assert "/m/q.gguf" in dialog.model_box.itemData(1, Qt.ItemDataRole.ToolTipRole)
