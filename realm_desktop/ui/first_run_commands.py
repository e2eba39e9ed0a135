"""What the first start does: asks the machine, proposes a model, keeps the chosen folder.

Shown over the chats once the window is painted and the lists are read; the engine starts meanwhile
and loads the starter model, so that the first chat works whatever is chosen here. The adapters that
come with the starter are listed, off. GUI thread.
"""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import psutil
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from realm_desktop import assets
from realm_desktop.errors import RealmError, SettingsError
from realm_desktop.library.catalog import ModelSource
from realm_desktop.library.first_models import FirstModel, first_model_for
from realm_desktop.paths import DataFolderChoice
from realm_desktop.ui.first_run import FirstRun, FirstRunText
from realm_desktop.ui.main_window import MainWindow
from realm_desktop.ui.quantities import bytes_text
from realm_desktop.ui.sentences import sentences
from realm_desktop.ui.theme import Theme

STARTER_ADAPTERS = ("starter-pirate", "starter-telegram.gguf")
"""Beside the starter model: a PEFT folder and a GGUF file, so that both kinds can be tried."""


class FirstRunCommands(QObject):
    """The pages of the first start and what their buttons do."""

    def __init__(
        self,
        window: MainWindow,
        theme: Theme,
        data_dir: Path,
        choice: DataFolderChoice,
        *,
        is_offline: bool,
        is_folder_fixed: bool,
    ) -> None:
        """Show the first page in place of the chats.

        Args:
            window: Painted, with its lists.
            theme: Of the app.
            data_dir: Where everything is kept now.
            choice: Keeps another folder for the next start.
            is_offline: Propose nothing to download.
            is_folder_fixed: The command line or the environment chose the folder.
        """
        super().__init__(window)
        self._window = window
        self._data_dir = data_dir
        self._choice = choice
        self._is_offline = is_offline
        self._is_folder_fixed = is_folder_fixed
        self._proposal: FirstModel | None = None
        self._is_scanning = False
        self._disk: tuple[int, int] | None = None
        self.pages = FirstRun(theme, window)
        window.parts.centre.addWidget(self.pages)
        window.parts.centre.setCurrentWidget(self.pages)
        self._connect()
        self.pages.next_button.setFocus()
        self._show()
        window.tasks.start(self._ask_disk())
        # Listed, and attached to no workspace: they are off until somebody wants them. Removed ones
        # do not come back, since there is one first start.
        window.adapters.add(_starter_adapters())

    def _connect(self) -> None:
        pages, window = self.pages, self._window
        pages.finished.connect(self._on_finished)
        pages.folder_requested.connect(self._on_folder_requested)
        pages.download_requested.connect(self._on_download)
        pages.model_folder_requested.connect(self._on_model_folder)
        pages.scan_requested.connect(self._on_scan)
        pages.models_requested.connect(self._on_models)
        window.parts.tabs.current_changed.connect(self._on_tab_changed)
        window.models.listed.connect(self._on_listed)
        window.model_state.changed.connect(self._show)

    def _show(self) -> None:
        """Say what is known by now; the device follows when the engine is up."""
        pages = self.pages
        self._proposal = self._model_that_fits()
        proposal = None
        if self._proposal is not None:
            model = self._proposal
            text = self.tr("{} to download · {} · fits your machine with room for other programs.")
            proposal = (model.name, text.format(bytes_text(model.num_bytes), model.licence))
        pages.show_text(
            FirstRunText(
                self._facts(), str(self._data_dir), self._is_folder_fixed, proposal=proposal
            )
        )

    def _model_that_fits(self) -> FirstModel | None:
        if self._is_offline or self._disk is None:
            return None
        engine = self._window.model_state.engine
        is_on_cpu = engine is None or engine.device == "cpu"
        free_memory = int(psutil.virtual_memory().available)
        return first_model_for(free_memory, self._disk[0], is_on_cpu=is_on_cpu)

    def _facts(self) -> list[tuple[str, str]]:
        memory = psutil.virtual_memory()
        engine = self._window.model_state.engine
        device = self.tr("looking…")
        if engine is not None:
            device = self.tr("{}, %n thread(s)", "", engine.num_threads).format(engine.device)
        free_of = self.tr("{} free of {}")
        facts = [
            (self.tr("Device"), device),
            (
                self.tr("Memory"),
                free_of.format(bytes_text(int(memory.available)), bytes_text(int(memory.total))),
            ),
        ]
        if self._disk is not None:
            disk = free_of.format(bytes_text(self._disk[0]), bytes_text(self._disk[1]))
            facts.append((self.tr("Disk"), disk))
        return facts

    async def _ask_disk(self) -> None:
        """A sleeping disk answers slowly; the page does not wait for it."""
        try:
            usage = await asyncio.to_thread(shutil.disk_usage, self._data_dir)
        except OSError:
            return
        self._disk = (usage.free, usage.total)
        self._show()

    def _on_finished(self) -> None:
        """The empty chat; the pages never come back by themselves."""
        self._window.parts.tabs.current_changed.disconnect(self._on_tab_changed)
        self._window.model_state.changed.disconnect(self._show)
        self._window.models.listed.disconnect(self._on_listed)
        self._window.parts.show_page("chat")
        self._window.parts.centre.removeWidget(self.pages)
        self.pages.deleteLater()
        self.deleteLater()

    def _on_tab_changed(self) -> None:
        """A chat was opened, by whichever way: it is what the user came for."""
        if self._window.parts.tabs.current_session is not None:
            self._on_finished()

    def _on_folder_requested(self) -> None:
        dialog = QFileDialog(self._window, self.tr("Where to keep everything"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self.choose_folder)
        dialog.open()

    def choose_folder(self, folder: str) -> None:
        """Keep everything in another folder from the next start on."""
        self._window.tasks.start(self._choose_folder(Path(folder)))

    async def _choose_folder(self, folder: Path) -> None:
        try:
            await asyncio.to_thread(self._choice.write, folder)
        except SettingsError as error:
            self.pages.show_folder_note(sentences(error.message, error.advice))
            return
        text = self.tr(
            "From the next start on: {}. Start the program again before your first chat."
        )
        self.pages.show_folder_note(text.format(folder))

    def _on_download(self) -> None:
        """Discover shows licence and files, and downloads when told to."""
        proposal = self._proposal
        self._on_finished()
        if proposal is not None:
            self._window.sources.show_discover()
            self._window.sources.discover.look_up(proposal.reference)

    def _on_model_folder(self) -> None:
        self.pages.files.button.setChecked(True)
        self._is_scanning = True
        self._window.models.choose_folder()

    def _on_scan(self) -> None:
        self.pages.files.button.setChecked(True)
        self._is_scanning = True
        self._window.models.refresh()

    def _on_listed(self) -> None:
        """What was looked for was found, or not."""
        if self._is_scanning:
            found = [m for m in self._window.models.known if m.source is not ModelSource.STARTER]
            self.pages.show_found(sum(model.inspection is not None for model in found))

    def _on_models(self) -> None:
        window = self._window
        self._on_finished()
        window.commands.choose_model()


def _starter_adapters() -> list[str]:
    """The adapters that ship; an installation may have left them out."""
    try:
        return [str(assets.resource("starter", name)) for name in STARTER_ADAPTERS]
    except RealmError:
        return []
