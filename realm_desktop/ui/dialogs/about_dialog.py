"""What runs here: versions, engine, model. GUI thread."""

from __future__ import annotations

import platform

from PySide6.QtCore import Qt, qVersion
from PySide6.QtWidgets import QWidget

from realm_desktop import __version__
from realm_desktop.ui.dialogs.form import FormDialog
from realm_desktop.ui.model_state import ModelState
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.quantities import bytes_text, count_text
from realm_desktop.ui.theme import Theme


class AboutDialog(FormDialog):
    """Facts for a report of a fault; every line can be selected and copied."""

    def __init__(self, theme: Theme, state: ModelState, parent: QWidget | None = None) -> None:
        super().__init__(theme, "", parent)
        self.setWindowTitle(self.tr("About Realm Desktop"))
        self.add_text(self.tr("Realm Desktop {}").format(__version__), "page-title")
        self.add_text(self.tr("Language models on your own machine. Apache-2.0 licence."))
        python = self.tr("Python {} · Qt {}").format(platform.python_version(), qVersion())
        for line in (python, *self._engine_lines(state), *self._model_lines(state)):
            label = self.add_text(line, "stats", "muted")
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        close = self.add_button(self.tr("Close"), "primary")
        close.clicked.connect(self.close)
        self.finish()
        self.setMinimumWidth(theme.px(420))

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
        ]
