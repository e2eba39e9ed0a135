"""Every text of the window made longer, to see what a wordy language would do to it."""

from __future__ import annotations

import math
from collections.abc import Iterator

from PySide6.QtCore import QTranslator
from PySide6.QtWidgets import QApplication, QPushButton, QToolButton, QWidget

GROWTH = 0.4
"""German and Finnish are about this much longer than English."""


class LongWords(QTranslator):
    """Says each text with so many letters more; placeholders stay as they are."""

    def isEmpty(self) -> bool:  # noqa: N802  # Qt's name
        """Never: Qt would leave an empty translator out."""
        return False

    def translate(
        self, context: str, source: str, disambiguation: str | None = None, n: int = -1
    ) -> str:
        """The source text, longer by `GROWTH`."""
        return source + "e" * math.ceil(len(source) * GROWTH)


def clipped_buttons(window: QWidget) -> Iterator[str]:
    """Texts of the visible buttons that are narrower than their text."""
    for button in window.findChildren(QPushButton) + window.findChildren(QToolButton):
        text = button.text()
        has_text = isinstance(button, QPushButton) or _shows_text(button)
        if text and has_text and button.isVisible():
            icon = 0 if button.icon().isNull() else button.iconSize().width()
            if button.fontMetrics().horizontalAdvance(text) + icon > button.width():
                yield text


def speak_long(app: QApplication) -> LongWords:
    """Make every text longer until `app.removeTranslator` is called with what is returned."""
    words = LongWords(app)
    app.installTranslator(words)
    return words


def _shows_text(button: QToolButton) -> bool:
    return button.toolButtonStyle() != button.toolButtonStyle().ToolButtonIconOnly
