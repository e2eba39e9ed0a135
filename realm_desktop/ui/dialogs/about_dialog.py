"""What runs here: versions, engine, model. GUI thread."""

from __future__ import annotations

import asyncio
import platform
from collections.abc import Callable

from PySide6.QtCore import Qt, qVersion
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QLabel, QWidget

from realm_desktop import __version__
from realm_desktop.errors import RealmError
from realm_desktop.library.backend_check import MachineCheck, check_machine
from realm_desktop.ui.dialogs.form import FormDialog
from realm_desktop.ui.dialogs.load_plan_texts import error_sentence
from realm_desktop.ui.model_state import ModelState
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.quantities import bytes_text, count_text
from realm_desktop.ui.sentences import sentences
from realm_desktop.ui.task_keeper import TaskKeeper
from realm_desktop.ui.theme import Theme


class AboutDialog(FormDialog):
    """Facts for a report of a fault; every line can be selected and copied.

    Args:
        check: Asks the backends; called in another thread.

    Attributes:
        found: What the backends answered.
    """

    def __init__(
        self,
        theme: Theme,
        state: ModelState,
        parent: QWidget | None = None,
        *,
        check: Callable[[], MachineCheck] = check_machine,
    ) -> None:
        super().__init__(theme, "", parent)
        self._check = check
        self._is_closed = False
        self._tasks = TaskKeeper(self)
        self.setWindowTitle(self.tr("About Realm Desktop"))
        self.add_text(self.tr("Realm Desktop {}").format(__version__), "page-title")
        self.add_text(self.tr("Language models on your own machine. Apache-2.0 licence."))
        python = self.tr("Python {} · Qt {}").format(platform.python_version(), qVersion())
        for line in (python, *self._engine_lines(state), *self._model_lines(state)):
            self._add_fact(line)
        self.found = self._add_fact("")
        self.found.hide()
        self.check_button = self.add_button(self.tr("Check the backends"))
        self.check_button.setToolTip(self.tr("Compute a small network and compare; takes seconds"))
        self.check_button.clicked.connect(self._on_check)
        close = self.add_button(self.tr("Close"), "primary")
        close.clicked.connect(self.close)
        self.finish()
        self.setMinimumWidth(theme.px(420))

    def closeEvent(self, event: QCloseEvent) -> None:
        """What is still asked goes on; nobody hears the answer."""
        self._is_closed = True
        super().closeEvent(event)

    def _add_fact(self, text: str) -> QLabel:
        label = self.add_text(text, "stats", "muted")
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return label

    def _on_check(self) -> None:
        self.check_button.setEnabled(False)
        self.found.setText(self.tr("Checking…"))
        self.found.show()
        self._tasks.start(self._show_check())

    async def _show_check(self) -> None:
        found: MachineCheck | RealmError
        try:
            found = await asyncio.to_thread(self._check)
        except RealmError as error:
            found = error
        # Closed and deleted while the other process worked: nothing is left to show it in.
        if self._is_closed:
            return
        if isinstance(found, RealmError):
            self.found.setText(sentences(found.message, found.advice))
        else:
            self.found.setText("\n".join(self._check_lines(found)))
        self.check_button.setEnabled(True)

    def _check_lines(self, found: MachineCheck) -> list[str]:
        lines = []
        for backend in found.backends:
            error = self.locale().toString(backend.max_error, "g", 2)
            sound = self.tr("Attention on {}: {}, sound, largest error {}")
            wrong = self.tr("Attention on {}: {}, WRONG, largest error {}")
            text = sound if backend.is_sound else wrong
            lines.append(text.format(backend.device, backend.backend, error))
        if found.kernels:
            return [*lines, self.tr("Compiled kernels: {}").format(found.kernels)]
        return [*lines, self.tr("No compiled kernels: {}").format(found.why_no_kernels)]

    def _engine_lines(self, state: ModelState) -> list[str]:
        engine = state.engine
        if engine is None:
            return [self.tr("The engine has not started yet.")]
        texts = (
            self.tr("Engine {} · torch {}").format(engine.engine_version, engine.torch_version),
            self.tr("Device {} · {} threads · process {}").format(
                engine.device, engine.num_threads, engine.process_id
            ),
        )
        return list(texts)

    def _model_lines(self, state: ModelState) -> list[str]:
        info = state.info
        if info is None:
            return [self.tr("No model is loaded.")]
        plan = state.plan_and_use
        memory = [] if plan is None else [self.tr("Memory: {}").format(error_sentence(*plan))]
        return [
            self.tr("Model {} · {} · {}").format(
                one_line(info.name), info.architecture, info.tensor_type
            ),
            self.tr("{} parameters · context {} tokens · {} · {}").format(
                count_text(info.num_parameters),
                count_text(info.context_length),
                info.compute_dtype,
                info.backend,
            ),
            self.tr("Weights {} · KV pool {}").format(
                bytes_text(info.weights_bytes), bytes_text(info.kv_bytes)
            ),
            *memory,
        ]
