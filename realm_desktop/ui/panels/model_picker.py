"""The pop-up that lists the models, below the pill that opened it. Draws and emits. GUI thread."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from realm_desktop.events import ErrorInfo
from realm_desktop.ui.model_state import ModelState
from realm_desktop.ui.panels.model_list import ModelList
from realm_desktop.ui.panels.model_rows import picker_rows
from realm_desktop.ui.theme import Theme

WIDTH_PX: Final = 620
HEIGHT_PX: Final = 400

_MARGIN_PX = 12
_BELOW_PX = 6


class ModelPicker(QFrame):
    """A floating list of models; it closes when something else is clicked.

    Attributes:
        chosen, loader_requested, refused: As those of `ModelList`; the pop-up is closed by then.
        file_requested, folder_requested: As those of `ModelList` too.
    """

    chosen = Signal(str)
    loader_requested = Signal(str)
    refused = Signal(str, object)
    file_requested = Signal()
    folder_requested = Signal()

    def __init__(self, theme: Theme, state: ModelState, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._theme = theme
        self.setProperty("surface", "floating")
        self.setAccessibleName(self.tr("Choose a model"))
        self.models = ModelList(theme, state, self, rows=picker_rows)
        margin = theme.px(_MARGIN_PX)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(margin, margin, margin, margin)
        layout.addWidget(self.models)
        self.models.chosen.connect(self._on_chosen)
        self.models.loader_requested.connect(self._on_loader_requested)
        self.models.refused.connect(self._on_refused)
        self.models.file_requested.connect(self._on_file_requested)
        self.models.folder_requested.connect(self._on_folder_requested)

    def open_at(self, anchor: QWidget) -> None:
        """Show the pop-up below `anchor`, inside the window."""
        window = anchor.window()
        width = min(self._theme.px(WIDTH_PX), window.width())
        height = min(self._theme.px(HEIGHT_PX), window.height())
        place = anchor.mapTo(window, QPoint(0, anchor.height() + self._theme.px(_BELOW_PX)))
        left = min(max(0, place.x()), window.width() - width)
        top = min(max(0, place.y()), window.height() - height)
        self.resize(width, height)
        self.move(window.mapToGlobal(QPoint(left, top)))
        self.models.filter_field.clear()
        self.show()
        self.models.filter_field.setFocus(Qt.FocusReason.PopupFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
            return
        super().keyPressEvent(event)

    def _on_chosen(self, path: str) -> None:
        self.hide()
        self.chosen.emit(path)

    def _on_loader_requested(self, path: str) -> None:
        self.hide()
        self.loader_requested.emit(path)

    def _on_refused(self, path: str, error: ErrorInfo) -> None:
        self.hide()
        self.refused.emit(path, error)

    def _on_file_requested(self) -> None:
        self.hide()
        self.file_requested.emit()

    def _on_folder_requested(self) -> None:
        self.hide()
        self.folder_requested.emit()
