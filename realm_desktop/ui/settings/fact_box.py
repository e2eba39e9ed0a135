"""A few sentences with a row of buttons below them, as part of a page of the settings. GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from realm_desktop.ui.theme import FontRole, Theme
from realm_desktop.ui.widgets.field_font import set_field_font

_GAP_PX: Final = 8


class FactBox(QWidget):
    """Draws; whoever inherits decides what is said and what the buttons do."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._fonts: list[tuple[QWidget, FontRole]] = []
        theme.changed.connect(self._restyle)

    def _label(self, role: FontRole, tone: str = "") -> QLabel:
        label = QLabel(self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setProperty("tone", tone)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        # Only what can be pressed takes the focus.
        label.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._keep_font(label, role)
        return label

    def _button(self, text: str, slot: Callable[[], None]) -> QPushButton:
        button = QPushButton(text, self)
        button.setAutoDefault(False)
        button.clicked.connect(slot)
        self._keep_font(button, "button")
        return button

    def _lay_out(self, labels: tuple[QLabel, ...], buttons: tuple[QPushButton, ...]) -> None:
        row = QHBoxLayout()
        row.setSpacing(self._theme.px(_GAP_PX))
        for button in buttons:
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(self._theme.px(_GAP_PX))
        for label in labels:
            column.addWidget(label)
        column.addLayout(row)

    def _keep_font(self, widget: QWidget, role: FontRole) -> None:
        set_field_font(widget, self._theme.font(role))
        self._fonts.append((widget, role))

    def _restyle(self) -> None:
        for widget, role in self._fonts:
            set_field_font(widget, self._theme.font(role))
