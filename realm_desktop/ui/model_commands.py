"""What the window does with models: lists them, loads one, and says when that failed.

The hands between model state and catalog on one side, picker, Models page and notices on the other.
Files are looked at on another thread. GUI thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from realm_desktop.chat.model_switch import ModelOffer, ModelSwitch
from realm_desktop.events import ErrorInfo
from realm_desktop.formats.checkpoint import CONFIG
from realm_desktop.library.catalog import Catalog, KnownModel
from realm_desktop.library.fit import free_memory
from realm_desktop.library.sources import Sources
from realm_desktop.settings import SettingsFile
from realm_desktop.ui.file_manager import show_in_folder
from realm_desktop.ui.model_state import ModelState
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.panels.model_list import ModelList
from realm_desktop.ui.panels.model_picker import ModelPicker
from realm_desktop.ui.panels.model_rows import ModelRow, model_rows
from realm_desktop.ui.quantities import file_title
from realm_desktop.ui.sentences import ended, sentences
from realm_desktop.ui.spoken import spoken
from realm_desktop.ui.task_keeper import TaskKeeper
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.notice_bar import NoticeBar
from realm_desktop.ui.window_actions import trigger

CHOOSE_KEY = "choose-model"
RESTART_KEY = "restart-engine"
LOG_KEY = "show-log-page"
LESS_MEMORY_KEY = "load-options"
TEMPLATE_KEY = "builtin-template"
FOLDER_KEY = "show-in-folder"
SHOW_TEMPLATE_KEY = "show-template"


class ModelCommands(QObject):
    """Commands on models; each starts its work and returns at once.

    Attributes:
        listed: The models were looked for again; their rows.
        loader_requested: The path of a model that is to be loaded with options.
        picker: The pop-up that lists them.
    """

    listed = Signal(object)
    loader_requested = Signal(str)

    def __init__(
        self,
        state: ModelState,
        settings: SettingsFile,
        tasks: TaskKeeper,
        theme: Theme,
        window: QWidget,
        starter_path: Path | None,
        sources: Sources,
    ) -> None:
        super().__init__(window)
        self._state = state
        self._settings = settings
        self._tasks = tasks
        self._theme = theme
        self._window = window
        self._starter_path = starter_path
        self._sources = sources
        self._catalog = Catalog(starter_path)
        self._notices: list[NoticeBar] = []
        self._known: Sequence[KnownModel] = ()
        self._refused_path = ""
        self._failed_place: str | None = None
        self.picker = ModelPicker(theme, state, window)
        self._lists = [self.picker.models]
        self.picker.models.drop.dropped.connect(self.take)
        self.picker.chosen.connect(self.load)
        self.picker.loader_requested.connect(self.loader_requested)
        self.picker.refused.connect(self._on_load_failed)
        self.picker.file_requested.connect(self.choose_file)
        self.picker.folder_requested.connect(self.choose_folder)
        state.load_failed.connect(self._on_load_failed)
        state.engine_stopped.connect(self._on_engine_stopped)
        state.engine_restarted.connect(self._on_engine_restarted)
        state.changed.connect(self._on_state_changed)

    def serve_list(self, models: ModelList) -> None:
        """Fill another list of models and obey it."""
        self._lists.append(models)
        models.drop.dropped.connect(self.take)
        models.chosen.connect(self.load)
        models.loader_requested.connect(self.loader_requested)
        models.refused.connect(self._on_load_failed)
        models.file_requested.connect(self.choose_file)
        models.folder_requested.connect(self.choose_folder)

    def serve_notices(self, notice: NoticeBar) -> None:
        """Tell failures there."""
        self._notices.append(notice)
        notice.remedy_pressed.connect(self._on_remedy)

    @property
    def known(self) -> Sequence[KnownModel]:
        """The models that were found last."""
        return self._known

    @property
    def rows(self) -> list[ModelRow]:
        """The models that were found last, as the picker says them, each once."""
        info = self._state.info
        rows = model_rows(self._known, free_memory(), loaded_path="" if info is None else info.path)
        return list({row.path: row for row in rows if not row.is_heading}.values())

    def open_picker(self, anchor: QWidget) -> None:
        """Show the picker below a widget."""
        self.picker.open_at(anchor)
        self.refresh()

    def refresh(self) -> None:
        """Look for models again."""
        self._tasks.start(self._refresh())

    def serve_chats(self, models: ModelSwitch) -> None:
        """Find and load the models that workspaces name."""
        models.serve(self._find, self.load, self._name_of, self._offers)
        self.listed.connect(models.look_again)

    def load(self, path: str) -> None:
        """Load a model in place of the one that is loaded."""
        self._state.load(path)

    def load_named(self, path: str) -> None:
        """Load the model that another start named; "" names none."""
        if path:
            self.load(path)

    async def load_first(self, wanted: Path | None = None) -> None:
        """Load the model that the start named, else the last one, else the starter."""
        chosen = self._settings.current.engine
        if wanted is not None:
            self.load(str(wanted))
            return
        if not chosen.is_last_model_loaded:
            return
        last = Path(chosen.last_model_path) if chosen.last_model_path else None
        found = await asyncio.to_thread(_first_existing, (last, self._starter_path))
        if found is not None and not self._state.is_loading:
            self.load(str(found))

    def choose_file(self) -> None:
        """Let the user open a model file."""
        dialog = QFileDialog(self._window, self.tr("Open a model file"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([self.tr("Models (*.gguf *.safetensors)"), self.tr("All files (*)")])
        dialog.fileSelected.connect(self.load)
        self._open(dialog)

    def choose_folder(self) -> None:
        """Let the user add a folder to the list of models."""
        dialog = QFileDialog(self._window, self.tr("Add a folder of models"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self.add_folder)
        self._open(dialog)

    def add_folder(self, folder: str) -> None:
        """List the models of a folder from now on."""
        current = self._settings.current
        if folder not in current.engine.model_folders:
            folders = (*current.engine.model_folders, folder)
            self._settings.put(
                replace(current, engine=replace(current.engine, model_folders=folders))
            )
        self.refresh()

    def take(self, paths: Sequence[str]) -> None:
        """Load the first model that was dropped; folders of models are listed from now on."""
        self._tasks.start(self._take(paths))

    async def _take(self, paths: Sequence[str]) -> None:
        # A folder may lie on a disk that takes its time.
        folders = await asyncio.to_thread(_folders_of_models, paths)
        for folder in folders:
            self.add_folder(folder)
        models = [path for path in paths if path not in folders]
        if models:
            self.load(models[0])

    def _open(self, dialog: QFileDialog) -> None:
        """Show a dialog without waiting for it, where the last model was."""
        last = self._settings.current.engine.last_model_path
        if last:
            dialog.setDirectory(str(Path(last).parent))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    async def _refresh(self) -> None:
        chosen = self._settings.current.engine
        are_others_listed = self._settings.current.library.is_other_apps_scanned
        found = await self._catalog.scan(
            [Path(path) for path in chosen.recent_model_paths],
            [Path(folder) for folder in chosen.model_folders],
            downloaded=[self._sources.models_dir],
            places=self._sources.places if are_others_listed else None,
        )
        # A new model gets the memory of the loaded one.
        held_bytes = 0 if self._state.info is None else self._state.info.weights_bytes
        for models in self._lists:
            models.set_models(found, free_memory() + held_bytes)
        self._known = found
        self.listed.emit(self.rows)

    async def _find(self, path: str) -> bool:
        """Whether a model is among those that can be loaded now."""
        await self._refresh()
        return any(row.path == path and row.error is None for row in self.rows)

    async def _offers(self) -> list[ModelOffer]:
        await self._refresh()
        return [(row.path, row.text) for row in self.rows if row.error is None]

    def _name_of(self, path: str) -> str:
        names = (model.name for model in self._known if str(model.path) == path)
        return next(names, file_title(path))

    def _on_load_failed(self, path: str, error: ErrorInfo) -> None:
        if error.kind == "LoadAborted":  # as the user wished, or by a newer load
            return
        text = sentences(error.message, error.advice)
        if not error.message.startswith(Path(path).name):
            text = self.tr("{} was not loaded: {} {}")
            name = one_line(file_title(path))
            reason, advice = ended(spoken(error.message)), spoken(error.advice)
            text = text.format(name, reason, advice).strip()
        others: list[tuple[str, str]] = []
        self._refused_path = path
        if error.kind == "OutOfMemory":
            others.append((self.tr("Less memory…"), LESS_MEMORY_KEY))
        elif error.kind == "TemplateError":
            self._failed_place = error.field
            others.append((self.tr("Use built-in template"), TEMPLATE_KEY))
            others.append((self.tr("Show template"), SHOW_TEMPLATE_KEY))
        elif error.file is not None:
            self._refused_path = error.file
            others.append((self.tr("Show in folder"), FOLDER_KEY))
        remedy = self.tr("Choose another model")
        self._tell(text, remedy=remedy, key=CHOOSE_KEY, others=others)

    def _on_engine_stopped(self, reason: str) -> None:
        text = self.tr("The engine stopped and stays down: {} Nothing is lost.").format(
            ended(reason)
        )
        self._refused_path = self._settings.current.engine.last_model_path
        others = [
            (self.tr("Start with less memory…"), LESS_MEMORY_KEY),
            (self.tr("Show log"), LOG_KEY),
        ]
        self._tell(text, remedy=self.tr("Start engine"), key=RESTART_KEY, others=others)

    def _on_engine_restarted(self, num_resumed: int, num_restarts: int) -> None:
        replies = ""
        if num_resumed == 1:
            replies = self.tr("1 reply goes on where it stopped.")
        elif num_resumed:
            replies = self.tr("{} replies go on where they stopped.").format(num_resumed)
        text = self.tr("The engine was restarted (number {} of this run). {}")
        text = text.format(num_restarts, replies).strip()
        for notice in self._notices:
            # Why there is no model is the news where its load took the engine down.
            if not notice.offers(CHOOSE_KEY):
                notice.show_notice(text, tone="warning")

    def _on_state_changed(self) -> None:
        """A failure that is over needs no notice."""
        for notice in self._notices:
            if self._state.info is not None or self._state.is_loading:
                notice.dismiss(CHOOSE_KEY)
            if not self._state.is_down:
                notice.dismiss(RESTART_KEY)

    def _on_remedy(self, key: str) -> None:
        if key == RESTART_KEY:
            self._state.restart()
        elif key == CHOOSE_KEY:
            self.open_picker(self._window)
        elif key == LESS_MEMORY_KEY and self._refused_path:
            self.loader_requested.emit(self._refused_path)
        elif key == FOLDER_KEY:
            show_in_folder(self._refused_path)
        elif key == SHOW_TEMPLATE_KEY:
            # A window of the chat, which is imported once there is a chat.
            from realm_desktop.ui.chat.template_window import show_template

            work = show_template(self._theme, self._refused_path, self._failed_place, self._window)
            self._tasks.start(work)
        elif key == TEMPLATE_KEY:
            self._state.load(self._refused_path, is_template_builtin=True)
        else:
            trigger(self._window, key)

    def _tell(
        self, text: str, *, remedy: str, key: str, others: Sequence[tuple[str, str]] = ()
    ) -> None:
        for notice in self._notices:
            notice.show_notice(text, remedy=remedy, remedy_key=key, others=others)


def _folders_of_models(paths: Sequence[str]) -> list[str]:
    """Those of `paths` that are folders, but for one that is a model itself."""
    return [path for path in paths if Path(path).is_dir() and not Path(path, CONFIG).exists()]


def _first_existing(paths: Iterable[Path | None]) -> Path | None:
    """Slow where a disk sleeps; not for the GUI thread."""
    for path in paths:
        with suppress(OSError, ValueError):
            if path is not None and path.exists():
                return path
    return None
