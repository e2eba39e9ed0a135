"""A window beside the chat that shows a text somebody else wrote, as plain text. GUI thread."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QTextCursor, QTextFormat
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPlainTextEdit,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from realm_desktop.ui.chat.display_text import fragments, safe_text, with_visible_controls
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.theme import Theme

MAX_SHOWN: Final = 256 * 1024
"""Characters; more of them would take more than a moment to lay out."""

_SIZE_PX: Final = (720, 520)


class TextWindow(QDialog):
    """Facts above a text, read-only; deletes itself when it closes.

    Attributes:
        facts: What is said of the text.
        text: Its beginning.
    """

    def __init__(self, theme: Theme, title: str, facts: str, text: str, parent: QWidget) -> None:
        """Build the window.

        Args:
            theme: Of the app.
            title: Words of a stranger, perhaps.
            facts: One sentence; "" is nothing.
            text: Whole; it is copied as it is.
            parent: The window stands over it.
        """
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._theme = theme
        self._whole = text
        self.setWindowTitle(one_line(title))
        self.facts = QLabel(facts, self)
        self.facts.setTextFormat(Qt.TextFormat.PlainText)
        self.facts.setProperty("tone", "muted")
        self.facts.setWordWrap(True)
        self.facts.setVisible(bool(facts))
        self.text = QPlainTextEdit(self)
        self.text.setReadOnly(True)
        self.text.setAccessibleName(one_line(title))
        self.text.setFont(theme.font("code"))
        self.text.setPlainText(shown_text(text))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        copy = buttons.addButton(self.tr("Copy all"), QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(self._on_copy)
        buttons.rejected.connect(self.close)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme.px(16),) * 4)
        column.setSpacing(theme.px(8))
        for widget in (self.facts, self.text, buttons):
            column.addWidget(widget)
        self.resize(theme.px(_SIZE_PX[0]), theme.px(_SIZE_PX[1]))

    def mark_line(self, line: int) -> None:
        """Mark a line and scroll to it; nothing happens beyond the text that is shown.

        Args:
            line: From 1, as the whole text counts them.
        """
        before = self._whole[:MAX_SHOWN].split("\n")[: line - 1]
        # Endless lines are shown as several.
        first = sum(len(fragments(one)) for one in before)
        block = self.text.document().findBlockByNumber(first)
        if line < 1 or not block.isValid():
            return
        mark = QTextEdit.ExtraSelection()
        mark.cursor = QTextCursor(block)
        mark.format.setBackground(self._theme.colour("danger-surface"))
        mark.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
        self.text.setExtraSelections([mark])
        self.text.setTextCursor(QTextCursor(block))
        self.text.centerCursor()

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self._whole)


def shown_text(text: str) -> str:
    """The beginning of a text, made safe to lay out: no line of it is longer than Qt bears."""
    shown = with_visible_controls(safe_text(text[:MAX_SHOWN]))
    lines = []
    for line in shown.split("\n"):
        lines += [line[start:end] for start, end in fragments(line)]
    return "\n".join(lines)
