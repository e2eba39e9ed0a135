"""Below the composer: why something did not work, and the way to what helps. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from realm_desktop.events import ErrorInfo
from realm_desktop.ui.sentences import sentences
from realm_desktop.ui.space_remedy import space_remedy
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.window_actions import trigger


class ComposerNotice(QWidget):
    """Plain words, and a button where an action of the window helps; empty when all is well.

    Attributes:
        remedy: Hidden unless the error has one.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._action = ""
        self._label = QLabel(self)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setWordWrap(True)
        self._label.setProperty("tone", "danger")
        self.remedy = QPushButton(self)
        self.remedy.setProperty("kind", "link")
        self.remedy.clicked.connect(self._on_remedy)
        self.remedy.hide()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(8))
        layout.addWidget(self._label, 1)
        layout.addWidget(self.remedy)

    @property
    def text(self) -> str:
        """The words that are shown."""
        return self._label.text()

    def show_text(self, text: str) -> None:
        """Show words without a remedy; empty takes all away."""
        self._label.setText(text)
        self.remedy.hide()

    def show_failure(self, error: ErrorInfo) -> None:
        """Show an error, and what would have spared it."""
        self.show_text(sentences(error.message, error.advice))
        remedy = space_remedy(error)
        if remedy is not None:
            self._action = remedy.does
            self.remedy.setText(remedy.text)
            self.remedy.show()

    def apply_theme(self) -> None:
        """Take the fonts of the theme."""
        self._label.setFont(self._theme.font("stats"))
        self.remedy.setFont(self._theme.font("button"))

    def _on_remedy(self) -> None:
        trigger(self, self._action)
