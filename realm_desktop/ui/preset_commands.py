"""What the preset box does: applies, saves, imports and exports presets. GUI thread.

A preset has every value that holds when it is saved, so that it means the same in any workspace.
Files are read and written on another thread.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QInputDialog

from realm_desktop.events import ErrorInfo
from realm_desktop.library.presets import (
    MAX_NAME_CHARACTERS,
    SUFFIX,
    Preset,
    PresetList,
    list_presets,
    read_preset,
    save_preset,
    write_preset,
)
from realm_desktop.schema.resolution import with_preset
from realm_desktop.schema.setting import Values
from realm_desktop.ui.panel_commands import PanelCommands
from realm_desktop.ui.panels.right_panel import RightPanel
from realm_desktop.ui.task_keeper import TaskKeeper

FILTER: Final = f"*{SUFFIX}"


class PresetCommands(QObject):
    """Keeps the preset box in step with the panel and the folder of presets.

    Attributes:
        presets: Those of the folder, as last read.
        current: Name of the preset chosen last; "" is none.
    """

    def __init__(
        self, panels: PanelCommands, panel: RightPanel, tasks: TaskKeeper, folder: Path
    ) -> None:
        super().__init__(panel)
        self._panels = panels
        self._panel = panel
        self._tasks = tasks
        self._folder = folder
        self.presets = PresetList()
        self.current = ""
        self._told: set[str] = set()
        bar = panel.presets
        bar.chosen.connect(self.apply)
        bar.saved.connect(self._on_saved)
        bar.discarded.connect(self._on_discarded)
        bar.save_as_requested.connect(self._ask_name)
        bar.import_requested.connect(self._ask_import)
        bar.export_requested.connect(self._ask_export)
        panel.opened.connect(self.load)
        panels.shown.connect(self.refresh)

    @property
    def values(self) -> Values:
        """What holds now, as a preset keeps it."""
        return dict(self._panels.resolved.values)

    def listed(self) -> tuple[Preset, ...]:
        """The presets of the folder, as last read."""
        return self.presets.presets

    def load(self) -> None:
        """Read the folder."""
        self._tasks.start(self._load())

    def refresh(self) -> None:
        """Show the presets, and whether the chosen one is what holds."""
        names = [preset.name for preset in self.presets.presets]
        preset = self.presets.get(self.current)
        is_changed = preset is not None and not self._holds(preset)
        self._panel.presets.show_presets(names, self.current, is_changed=is_changed)

    def apply(self, name: str) -> None:
        """Let the values of a preset hold where changes go; "" takes back what was chosen there."""
        self.current = name
        preset = self.presets.get(name)
        chosen = {} if preset is None else preset.values
        inherited = self._panels.inherited()
        self._panels.edit(lambda values: with_preset(values, chosen, inherited))
        self.refresh()

    def save_as(self, name: str) -> None:
        """Keep what holds now under a name."""
        name = name.strip()[:MAX_NAME_CHARACTERS]
        if name:
            self._tasks.start(self._save(Preset(name, self.values)))

    def import_file(self, path: str) -> None:
        """Add the preset of a file, and apply it."""
        self._tasks.start(self._import(Path(path)))

    def export_file(self, path: str) -> None:
        """Write what holds now into a file."""
        target = Path(path)
        preset = Preset(self.current or target.stem, self.values)
        self._tasks.start(asyncio.to_thread(write_preset, target, preset))

    def _holds(self, preset: Preset) -> bool:
        values = self.values
        return all(values.get(key, value) == value for key, value in preset.values.items())

    async def _load(self) -> None:
        self.presets = await asyncio.to_thread(list_presets, self._folder)
        self.refresh()
        for problem in self.presets.problems:
            # Read at every opening of the panel, told once.
            if problem.message not in self._told:
                self._told.add(problem.message)
                self._tasks.failed.emit(ErrorInfo.of(problem))

    async def _save(self, preset: Preset) -> None:
        await asyncio.to_thread(save_preset, self._folder, preset)
        self.current = preset.name
        await self._load()

    async def _import(self, path: Path) -> None:
        preset = await asyncio.to_thread(read_preset, path)
        await self._save(preset)
        self.apply(preset.name)

    def _on_saved(self) -> None:
        self.save_as(self.current)

    def _on_discarded(self) -> None:
        self.apply(self.current)

    def _ask_name(self) -> None:
        dialog = QInputDialog(self._panel)
        dialog.setWindowTitle(self.tr("Save preset"))
        dialog.setLabelText(self.tr("Name of the preset"))
        dialog.setTextValue(self.current)
        dialog.textValueSelected.connect(self.save_as)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _ask_import(self) -> None:
        dialog = QFileDialog(self._panel, self.tr("Import a preset"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.import_file)
        self._open(dialog)

    def _ask_export(self) -> None:
        dialog = QFileDialog(self._panel, self.tr("Export the preset"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(SUFFIX.removeprefix("."))
        dialog.selectFile((self.current or self.tr("preset")) + SUFFIX)
        dialog.fileSelected.connect(self.export_file)
        self._open(dialog)

    def _open(self, dialog: QFileDialog) -> None:
        """Show a dialog without waiting for it."""
        dialog.setNameFilters([self.tr("Presets ({})").format(FILTER), self.tr("All files (*)")])
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
