"""What the loader does: plans a load before it begins, loads, follows it, and keeps what it took.

Headers and the list of programs are read in another thread; a plan is arithmetic. GUI thread.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from realm_desktop.chat.adapter_library import AdapterLibrary
from realm_desktop.chat.adapter_shelf import Shelf
from realm_desktop.errors import ModelFileError, RealmError
from realm_desktop.events import EngineReady, ErrorInfo
from realm_desktop.formats.draft_companion import draft_companion
from realm_desktop.formats.load_sizes import LoadSizes, read_load_sizes
from realm_desktop.library.load_plan import (
    Computer,
    LoadChoice,
    LoadPlan,
    computer_now,
    largest_programs,
    plan_load,
)
from realm_desktop.schema.table import of_parts
from realm_desktop.settings import SettingsFile, app_value, with_app_value
from realm_desktop.ui.dialogs.load_plan_texts import error_sentence, programs_sentence
from realm_desktop.ui.dialogs.loader_dialog import LoaderDialog, WarmAdapter
from realm_desktop.ui.model_state import ModelState
from realm_desktop.ui.quantities import bytes_text, file_title
from realm_desktop.ui.sentences import sentences
from realm_desktop.ui.task_keeper import TaskKeeper
from realm_desktop.ui.theme import Theme

NUM_PROGRAMS = 4

_USUAL_RUNNING = 32


@dataclass(slots=True)
class _Open:
    """The dialog that is open, and what is known of its model.

    Attributes:
        sizes: None until the header was read.
        draft: Of the draft model that would be loaded with the chosen values; None without one.
        has_begun: Its load was asked for.
    """

    path: str
    dialog: LoaderDialog
    computer: Computer
    sizes: LoadSizes | None = None
    draft: LoadSizes | None = None
    has_begun: bool = False


class LoaderCommands(QObject):
    """Opens the loader and obeys it; one at a time."""

    def __init__(
        self,
        state: ModelState,
        adapters: AdapterLibrary,
        settings: SettingsFile,
        tasks: TaskKeeper,
        theme: Theme,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._state = state
        self._adapters = adapters
        self._settings = settings
        self._tasks = tasks
        self._theme = theme
        self._window = window
        self._open: _Open | None = None
        state.changed.connect(self._on_state_changed)
        state.load_failed.connect(self._on_load_failed)

    @property
    def dialog(self) -> LoaderDialog | None:
        """The loader that is open."""
        return None if self._open is None else self._open.dialog

    @property
    def plan(self) -> LoadPlan | None:
        """What the chosen values come to; None before the header was read."""
        found = self._open
        if found is None or found.sizes is None:
            return None
        values = found.dialog.values
        kept = found.dialog.kept_adapters
        shelves = (self._adapters.shelf(key) for key, is_kept in kept.items() if is_kept)
        return plan_load(
            found.sizes,
            _choice(values, self._state.engine),
            found.computer,
            draft=found.draft,
            adapter_bytes=sum(_adapter_bytes(shelf) for shelf in shelves if shelf is not None),
        )

    def show(self, path: str) -> None:
        """Open the loader for a model."""
        if self._open is not None:
            self._open.dialog.close()
        current = self._settings.current
        values = {s.key: app_value(current, s.key) for s in of_parts("engine") if s.needs_reload}
        dialog = LoaderDialog(
            self._theme, file_title(path), values, self._warm_adapters(), self._window
        )
        self._open = _Open(path, dialog, self._computer())
        dialog.changed.connect(self._on_changed)
        dialog.load_requested.connect(self._on_load)
        dialog.cancel_requested.connect(self._state.cancel_load)
        dialog.finished.connect(self._on_finished)
        dialog.show_measured(self._measured(path))
        dialog.open()
        self._tasks.start(self._read(self._open))
        self._tasks.start(self._show_programs(self._open))

    def show_loaded(self) -> None:
        """Open the loader for the model that is loaded, or was last; nothing without one."""
        info = self._state.info
        path = self._settings.current.engine.last_model_path if info is None else info.path
        if path:
            self.show(path)

    def _computer(self) -> Computer:
        return computer_now(self._state.engine, self._state.stats.resident_bytes)

    def _warm_adapters(self) -> list[WarmAdapter]:
        return [
            WarmAdapter(
                shelf.adapter.adapter_id,
                f"{shelf.adapter.name} · {bytes_text(_adapter_bytes(shelf))}",
                shelf.adapter.is_kept_warm,
            )
            for shelf in self._adapters.shelves
            if shelf.seen is not None and shelf.seen.inspection is not None
        ]

    async def _read(self, opened: _Open) -> None:
        """Read the headers that the chosen values need, then plan."""
        values = opened.dialog.values
        try:
            sizes = opened.sizes or await asyncio.to_thread(read_load_sizes, Path(opened.path))
            draft = await asyncio.to_thread(_read_draft, opened.path, values)
        except RealmError as error:
            if opened is self._open:
                opened.dialog.show_failure(sentences(error.message, error.advice))
            return
        if opened is self._open:
            opened.sizes, opened.draft = sizes, draft
            self._replan()

    async def _show_programs(self, opened: _Open) -> None:
        engine = self._state.engine
        own = [os.getpid()] + ([] if engine is None else [engine.process_id])
        found = await asyncio.to_thread(largest_programs, NUM_PROGRAMS, own)
        if opened is self._open:
            opened.dialog.show_note(programs_sentence(found))

    def _replan(self) -> None:
        plan = self.plan
        if self._open is not None and plan is not None:
            self._open.dialog.show_plan(plan)

    def _on_changed(self) -> None:
        """Plan at once; another draft model follows when its header was read."""
        self._replan()
        if self._open is not None:
            self._tasks.start(self._read(self._open))

    def _on_load(self) -> None:
        opened, plan = self._open, self.plan
        if opened is None:
            return
        opened.has_begun = True
        settings = self._settings.current
        for key, value in opened.dialog.values.items():
            settings = with_app_value(settings, key, value)
        self._settings.put(settings)
        for adapter_id, is_kept in opened.dialog.kept_adapters.items():
            shelf = self._adapters.shelf(adapter_id)
            if shelf is not None and shelf.adapter.is_kept_warm != is_kept:
                self._tasks.start(self._adapters.keep_warm(adapter_id, is_kept))
        if self._state.is_down:
            self._state.restart()
        planned_bytes = None if plan is None else plan.needed_bytes
        self._state.load(opened.path, planned_bytes=planned_bytes)

    def _on_state_changed(self) -> None:
        """Follow the load; the dialog is done once its model is there."""
        opened = self._open
        if opened is None or not opened.has_begun:
            return
        if self._state.progress is not None:
            opened.dialog.show_progress(self._state.progress)
        elif self._state.info is not None and self._state.info.path == opened.path:
            opened.dialog.accept()
        else:
            opened.dialog.show_progress(None)

    def _on_load_failed(self, path: str, error: ErrorInfo) -> None:
        opened = self._open
        if opened is not None and opened.has_begun and path == opened.path:
            opened.has_begun = False
            is_stopped = error.kind == "LoadAborted"
            text = self.tr("Stopped.") if is_stopped else sentences(error.message, error.advice)
            opened.dialog.show_failure(text)

    def _on_finished(self) -> None:
        self._open = None

    def _measured(self, path: str) -> str:
        """How the last plan of this model did, once a reply has used the memory."""
        info, both = self._state.info, self._state.plan_and_use
        return "" if both is None or info is None or info.path != path else error_sentence(*both)


def _choice(values: dict[str, Any], engine: EngineReady | None) -> LoadChoice:
    device = values["engine.device"]
    if device == "auto" and engine is not None:
        device = engine.device
    return LoadChoice(
        context_length=values["engine.context_length"],
        max_running=values["engine.max_running"] or _USUAL_RUNNING,
        is_int8=values["engine.kv_cache_dtype"] == "int8",
        is_on_cpu=device in ("auto", "cpu"),
    )


def _read_draft(path: str, values: dict[str, Any]) -> LoadSizes | None:
    """The draft model that the engine would load with these values. Reads files."""
    if values["engine.draft_path"]:
        return read_load_sizes(Path(values["engine.draft_path"]))
    found = draft_companion(Path(path)) if values["engine.is_draft_automatic"] else None
    try:
        return None if found is None else read_load_sizes(found)
    except ModelFileError:
        return None  # the engine does without it as well


def _adapter_bytes(shelf: Shelf) -> int:
    """Memory of an adapter: as the engine says, or as its file lets expect."""
    if shelf.info is not None:
        return shelf.info.num_bytes
    found = None if shelf.seen is None else shelf.seen.inspection
    return 0 if found is None else found.size_bytes
