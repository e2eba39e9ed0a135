"""The Models page of the rail: the list of models in the centre of the window. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from realm_desktop.ui.model_state import ModelState
from realm_desktop.ui.panels.model_list import ModelList
from realm_desktop.ui.theme import Theme

_MARGIN_PX = 24
_MAX_WIDTH_PX = 780


class ModelsPage(QWidget):
    """Title and list; what is chosen there is told by `models`."""

    def __init__(self, theme: Theme, state: ModelState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.title = QLabel(self.tr("Models"), self)
        self.models = ModelList(theme, state, self)
        column = QWidget(self)
        column.setMaximumWidth(theme.px(_MAX_WIDTH_PX))
        inner = QVBoxLayout(column)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(theme.px(16))
        inner.addWidget(self.title)
        inner.addWidget(self.models, 1)
        margin = theme.px(_MARGIN_PX)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(margin, margin, margin, margin)
        layout.addWidget(column)
        self.setProperty("surface", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        theme.changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        self.title.setFont(self._theme.font("page-title"))
