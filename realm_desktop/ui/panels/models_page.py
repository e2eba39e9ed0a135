"""The Models page of the rail: models on disk, and Discover for those that are not. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QWidget,
)

from realm_desktop.ui.model_state import ModelState
from realm_desktop.ui.panels.discover_panel import DiscoverPanel
from realm_desktop.ui.panels.model_list import ModelList
from realm_desktop.ui.panels.page_column import page_column
from realm_desktop.ui.theme import Theme

_MAX_WIDTH_PX = 980


class ModelsPage(QWidget):
    """Title and two views; what is chosen there is told by `models` and `discover`.

    Attributes:
        disk_shown: The models on disk are shown again.
    """

    disk_shown = Signal()

    def __init__(self, theme: Theme, state: ModelState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.title = QLabel(self.tr("Models"), self)
        self.disk_button = QPushButton(self.tr("On disk"), self)
        self.discover_button = QPushButton(self.tr("Discover"), self)
        self.models = ModelList(theme, state, self)
        self.discover = DiscoverPanel(theme, "model", self)
        self.body = QStackedWidget(self)
        self.body.addWidget(self.models)
        self.body.addWidget(self.discover)
        self._group = QButtonGroup(self)
        for button in (self.disk_button, self.discover_button):
            button.setCheckable(True)
            self._group.addButton(button)
        self.disk_button.setChecked(True)
        self.disk_button.clicked.connect(self.show_disk)
        self.discover_button.clicked.connect(self.show_discover)
        self._lay_out()
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_disk(self) -> None:
        """Show the models on disk."""
        self.disk_button.setChecked(True)
        self.body.setCurrentWidget(self.models)
        self.disk_shown.emit()

    def show_discover(self) -> None:
        """Show what can be downloaded."""
        self.discover_button.setChecked(True)
        self.body.setCurrentWidget(self.discover)
        self.discover.field.setFocus()

    def _lay_out(self) -> None:
        theme = self._theme
        top = QHBoxLayout()
        top.setSpacing(theme.px(8))
        top.addWidget(self.title)
        top.addSpacing(theme.px(12))
        top.addWidget(self.disk_button)
        top.addWidget(self.discover_button)
        top.addStretch(1)
        inner = page_column(self, theme, _MAX_WIDTH_PX)
        inner.addLayout(top)
        inner.addWidget(self.body, 1)

    def _restyle(self) -> None:
        self.title.setFont(self._theme.font("page-title"))
        for button in (self.disk_button, self.discover_button):
            button.setFont(self._theme.font("button"))
