"""Tests of what the preset box does."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QInputDialog

from realm_desktop.library.presets import Preset, list_presets, read_preset, save_preset
from realm_desktop.ui.dialogs.workspace_dialog import WorkspaceDialog
from realm_desktop.ui.theme import Theme
from tests.support.panels import HOT, open_panel
from tests.support.widgets import child
from tests.support.windows import open_window, until


@pytest.mark.asyncio_qt
async def test_preset_is_saved_under_a_name_and_offered(tmp_path: Path, theme: Theme) -> None:
    async with open_panel(tmp_path, theme) as panel:
        presets = panel.opened.window.presets
        panel.edit(HOT, 0.3)
        panel.panel.presets.save_as_action.trigger()
        dialog = child(panel.panel, QInputDialog)
        dialog.textValueSelected.emit(" Careful ")
        dialog.close()
        await until(lambda: presets.current == "Careful" and bool(presets.presets.presets))

        (saved,) = list_presets(tmp_path / "presets").presets
        assert (saved.name, saved.values[HOT]) == ("Careful", 0.3)
        assert panel.panel.presets.box.currentText() == "Careful"


@pytest.mark.asyncio_qt
async def test_chosen_preset_sets_what_differs(tmp_path: Path, theme: Theme) -> None:
    save_preset(tmp_path / "presets", Preset("Wild", {HOT: 1.5, "sampling.top_k": 40}))
    async with open_panel(tmp_path, theme) as panel:
        await until(lambda: bool(panel.opened.window.presets.presets.presets))
        panel.panel.presets.chosen.emit("Wild")
        await panel.saved()
        chosen = panel.chat.settings
        panel.panel.presets.chosen.emit("")
        await panel.saved()

        assert chosen == {HOT: 1.5}
        assert panel.chat.settings == {}


@pytest.mark.asyncio_qt
async def test_change_is_marked_saved_or_discarded(tmp_path: Path, theme: Theme) -> None:
    save_preset(tmp_path / "presets", Preset("Wild", {HOT: 1.5}))
    async with open_panel(tmp_path, theme) as panel:
        bar = panel.panel.presets
        await until(lambda: bool(panel.opened.window.presets.presets.presets))
        bar.chosen.emit("Wild")
        panel.edit(HOT, 1.0)
        marked = bar.box.currentText()
        bar.discard_action.trigger()
        discarded = panel.commands.resolved[HOT]
        panel.edit(HOT, 1.1)
        bar.save_action.trigger()
        await until(lambda: bar.box.currentText() == "Wild")

        assert (marked, discarded) == ("Wild (changed)", 1.5)
        assert list_presets(tmp_path / "presets").presets[0].values[HOT] == 1.1


@pytest.mark.asyncio_qt
async def test_preset_goes_out_and_comes_in_as_a_file(tmp_path: Path, theme: Theme) -> None:
    async with open_panel(tmp_path, theme) as panel:
        out = tmp_path / "mine.json"
        panel.edit(HOT, 0.4)
        panel.panel.presets.export_action.trigger()
        dialog = child(panel.panel, QFileDialog)
        dialog.fileSelected.emit(str(out))
        dialog.close()
        await until(out.exists)
        panel.panel.reset_all_requested.emit()
        panel.opened.window.presets.import_file(str(out))
        await until(lambda: panel.commands.resolved[HOT] == 0.4)

        assert read_preset(out).name == "mine"
        assert panel.opened.window.presets.current == "mine"


@pytest.mark.asyncio_qt
async def test_file_that_is_no_preset_is_told(tmp_path: Path, theme: Theme) -> None:
    (tmp_path / "bad.json").write_text("{}")
    async with open_panel(tmp_path, theme) as panel:
        panel.opened.window.presets.import_file(str(tmp_path / "bad.json"))

        notice = panel.opened.window.parts.notice
        await until(lambda: "bad.json is no preset" in notice.text)


@pytest.mark.asyncio_qt
async def test_bad_file_among_the_presets_is_told_once(tmp_path: Path, theme: Theme) -> None:
    (tmp_path / "presets").mkdir()
    (tmp_path / "presets" / "bad.json").write_text("{}")
    async with open_panel(tmp_path, theme) as panel:
        notice, presets = panel.opened.window.parts.notice, panel.opened.window.presets
        await until(lambda: "bad.json is no preset" in notice.text)
        notice.hide()
        await presets._load()

        assert notice.isHidden()


@pytest.mark.asyncio_qt
async def test_settings_of_a_workspace_offer_the_presets(tmp_path: Path, theme: Theme) -> None:
    save_preset(tmp_path / "presets", Preset("Wild", {HOT: 1.5}))
    async with open_window(tmp_path, theme) as opened:
        window = opened.window
        # The right panel, which reads them too, was never open.
        await until(lambda: bool(window.presets.presets.presets))
        window.chats.edit_workspace()
        dialog = child(window, WorkspaceDialog)
        names = [dialog.preset_box.itemText(n) for n in range(dialog.preset_box.count())]
        dialog.close()

        assert names == ["Choose…", "Wild"]
