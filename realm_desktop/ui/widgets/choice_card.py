"""A choice as a card: a radio button with a title, sentences, and room for more below them. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QLabel, QRadioButton, QVBoxLayout, QWidget

from realm_desktop.ui.theme import Theme

_RADIUS_PX = 8
_PADDING_PX = 16


class ChoiceCard(QFrame):
    """One of several choices; the chosen one has an outline in the accent colour.

    Attributes:
        chosen: This card was chosen.
        button: The radio button; it takes the focus.
        body: Where more widgets go.
    """

    chosen = Signal()

    def __init__(self, theme: Theme, title: str, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.button = QRadioButton(title, self)
        # Each card has a parent of its own kind; exclusive groups are the owner's.
        self.button.setAutoExclusive(False)
        self.button.setAccessibleDescription(text)
        self.text = QLabel(text, self)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setWordWrap(True)
        self.text.setProperty("tone", "muted")
        padding = theme.px(_PADDING_PX)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(padding, padding, padding, padding)
        self.body.setSpacing(theme.px(8))
        self.body.addWidget(self.button)
        self.body.addWidget(self.text)
        self.button.toggled.connect(self._on_toggled)
        theme.changed.connect(self._restyle)
        self._restyle()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The whole card is the button."""
        self.button.setChecked(True)
        event.accept()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the ground and the outline."""
        theme = self._theme
        is_chosen = self.button.isChecked()
        width = 2 if is_chosen else 1
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(theme.colour("surface-raised"))
        painter.setPen(QPen(theme.colour("accent" if is_chosen else "border-strong"), width))
        inset = width / 2
        rect = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(rect, theme.px(_RADIUS_PX), theme.px(_RADIUS_PX))
        painter.end()

    def _on_toggled(self, is_chosen: bool) -> None:  # a Qt slot
        self.update()
        if is_chosen:
            self.chosen.emit()

    def _restyle(self) -> None:
        self.button.setFont(self._theme.font("card-title"))
        self.text.setFont(self._theme.font("interface"))
        self.update()
