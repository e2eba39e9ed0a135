"""What the window knows of the engine and its model, kept up to date from the engine's events.

Everything that shows a model reads it here: header, picker, status bar. GUI thread.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from realm_desktop.client import EngineClient
from realm_desktop.engine_stats import EngineStats
from realm_desktop.events import (
    EngineDown,
    EngineReady,
    EngineRestarted,
    Event,
    LoadFailed,
    LoadProgress,
    ModelInfo,
    ModelLoaded,
    ModelUnloaded,
)
from realm_desktop.protocol import LoadModel
from realm_desktop.settings import SettingsFile

logger = logging.getLogger(__name__)


class ModelState(QObject):
    """The model that is loaded or loading, and the engine that holds it.

    Attributes:
        changed: The engine, the model or the progress of a load is new.
        measured: `stats` is new, up to ten times a second.
        load_failed: The file and why it could not be loaded.
        engine_restarted: The engine died and runs again; replies resumed, restarts so far.
        engine_stopped: The engine stays down; why, in words.
        engine: None until the engine process answered for the first time.
        info: The loaded model, None without one.
        progress: Of the load that runs; None when none does.
        is_down: The engine stays down until `restart`.
        stats: The engine's latest figures.
    """

    changed = Signal()
    measured = Signal()
    load_failed = Signal(str, object)
    engine_restarted = Signal(int, int)
    engine_stopped = Signal(str)

    def __init__(
        self, client: EngineClient, settings: SettingsFile, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._client = client
        self._settings = settings
        self.engine: EngineReady | None = None
        self.info: ModelInfo | None = None
        self.progress: LoadProgress | None = None
        self.is_down = False
        self.stats = EngineStats()
        self._planned_bytes: int | None = None
        self._asked: LoadModel | None = None
        self._loaded: LoadModel | None = None
        self._packed_dir: Path | None = None
        self._self_test_dir: Path | None = None
        self._unsubscribe = client.subscribe(self._on_event)

    def keep_packed(self, folder: Path) -> None:
        """Let loads from now on keep packed weights in a folder, as far as the settings allow."""
        self._packed_dir = folder

    def keep_self_tests(self, folder: Path) -> None:
        """Let loads from now on keep in a folder what passed the self-test of a device."""
        self._self_test_dir = folder

    @property
    def device(self) -> str:
        """Where the loaded model computes, or where the next one would; "" before that is known."""
        source = self.info or self.engine
        return "" if source is None else source.device

    @property
    def device_note(self) -> str:
        """What the user should know of `device`, sentences; "" if there is nothing to say."""
        source = self.info or self.engine
        return "" if source is None else source.device_note

    @property
    def is_loading(self) -> bool:
        """Whether a load runs."""
        return self.progress is not None

    @property
    def plan_and_use(self) -> tuple[int, int] | None:
        """Bytes that the load of this model was planned to take, and those that its engine takes.

        None unless both are known.
        """
        used_bytes = self.stats.resident_bytes
        if self._planned_bytes is None or self.info is None or not used_bytes:
            return None
        return self._planned_bytes, used_bytes

    def load(
        self, path: str, *, is_template_builtin: bool = False, planned_bytes: int | None = None
    ) -> None:
        """Load a model file or folder with the user's settings, in place of the loaded one.

        Args:
            path: Of the model.
            is_template_builtin: Leave the chat template of the file alone, for this load.
            planned_bytes: What the engine would take with it; None if nobody planned.
        """
        self._planned_bytes = planned_bytes
        self.progress = LoadProgress(path, self.tr("Starting"), 0.0)
        self._asked = replace(self._command(path), is_template_builtin=is_template_builtin)
        self._client.load(self._keeping(self._asked))
        self.changed.emit()

    @property
    def needs_reload(self) -> bool:
        """Whether the loaded model was loaded with other settings than those chosen now."""
        return self.info is not None and self._command(self.info.path) != self._loaded

    def _command(self, path: str) -> LoadModel:
        chosen = self._settings.current.engine
        return LoadModel(
            path,
            device=chosen.device,
            num_threads=chosen.num_threads,
            context_length=chosen.context_length,
            draft_path=chosen.draft_path or None,
            kv_cache_dtype=chosen.kv_cache_dtype,
            is_draft_automatic=chosen.is_draft_automatic,
            max_running=chosen.max_running,
        )

    def _keeping(self, command: LoadModel) -> LoadModel:
        """With the folders of what is kept from one load to the next."""
        if self._self_test_dir is not None:
            command = replace(command, self_test_folder=str(self._self_test_dir))
        # Apart from `_command`: a model need not be loaded again because another one may be kept.
        if self._packed_dir is None:
            return command
        most_bytes = self._settings.current.engine.packed_gigabytes * 10**9
        folder = str(self._packed_dir)
        return replace(command, packed_folder=folder, most_packed_bytes=most_bytes)

    def reload(self) -> None:
        """Load the loaded model again, with the settings as they are now."""
        if self.info is not None:
            self.load(self.info.path)

    def reload_with_builtin_template(self) -> None:
        """Load the loaded model again, with the app's own chat template of its family."""
        if self.info is not None:
            self.load(self.info.path, is_template_builtin=True)

    def unload(self) -> None:
        """Give the model's memory back."""
        self._client.unload()

    def cancel_load(self) -> None:
        """End the load that runs; the engine holds no model then.

        What was loaded before has made room by now, unless only headers were read so far.
        """
        if self.progress is not None:
            self.progress = replace(self.progress, phase=self.tr("Stopping"))
            self._client.unload()
            self.changed.emit()

    def restart(self) -> None:
        """Start an engine that stays down, with the model it had."""
        self.is_down = False
        self._client.restart()
        self.changed.emit()

    def close(self) -> None:
        """Hear no more events."""
        self._unsubscribe()

    def _on_event(self, event: Event) -> None:
        match event:
            case EngineStats():
                self.stats = event
                self.measured.emit()
            case EngineReady():
                self.engine = event
                self.is_down = False
                self.changed.emit()
            case LoadProgress():
                self.progress = event
                self.changed.emit()
            case ModelLoaded() | ModelUnloaded() | LoadFailed():
                self._on_load_ended(event)
            case EngineRestarted():
                self.info = None
                self.changed.emit()
                self.engine_restarted.emit(event.num_resumed, event.num_restarts)
            case EngineDown():
                self._on_down(event)
            case _:
                return

    def _on_load_ended(self, event: ModelLoaded | ModelUnloaded | LoadFailed) -> None:
        self.progress = None
        if isinstance(event, ModelLoaded):
            self.info = event.info
            self._loaded = (
                None if self._asked is None else replace(self._asked, path=event.info.path)
            )
            self._remember(event.info.path)
        elif isinstance(event, ModelUnloaded) or event.is_unloaded:
            self.info = None
        self.changed.emit()
        if isinstance(event, LoadFailed):
            logger.warning("%s was not loaded: %s", event.path, event.error.message)
            self.load_failed.emit(event.path, event.error)

    def _on_down(self, event: EngineDown) -> None:
        self.is_down = True
        self.info = None
        self.progress = None
        self.stats = EngineStats()
        self.changed.emit()
        self.engine_stopped.emit(event.reason)

    def _remember(self, path: str) -> None:
        """Make the model the one that the next start loads."""
        current = self._settings.current
        self._settings.put(replace(current, engine=current.engine.with_model(path)))
