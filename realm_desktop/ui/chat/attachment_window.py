"""Shows the text of an attachment in a window beside the chat. GUI thread."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from realm_desktop.store.records import Attachment
from realm_desktop.ui.chat.display_text import fragments, safe_text, with_visible_controls
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.quantities import bytes_text, count_text
from realm_desktop.ui.theme import Theme

MAX_SHOWN: Final = 256 * 1024
"""Characters; more of them would take more than a moment to lay out."""

_SIZE_PX: Final = (720, 520)


class AttachmentWindow(QDialog):
    """The text of one file, read-only; deletes itself when it closes."""

    def __init__(self, theme: Theme, attachment: Attachment, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._attachment = attachment
        name = one_line(attachment.name)
        self.setWindowTitle(name)
        facts = QLabel(self._facts(), self)
        facts.setTextFormat(Qt.TextFormat.PlainText)
        facts.setProperty("tone", "muted")
        facts.setWordWrap(True)
        self.text = QPlainTextEdit(self)
        self.text.setReadOnly(True)
        self.text.setAccessibleName(name)
        self.text.setFont(theme.font("code"))
        self.text.setPlainText(shown_text(attachment.text))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        copy = buttons.addButton(self.tr("Copy all"), QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(self._on_copy)
        buttons.rejected.connect(self.close)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme.px(16),) * 4)
        column.setSpacing(theme.px(8))
        for widget in (facts, self.text, buttons):
            column.addWidget(widget)
        self.resize(theme.px(_SIZE_PX[0]), theme.px(_SIZE_PX[1]))

    def _facts(self) -> str:
        text = self._attachment.text
        num_lines = text.count("\n") + (0 if text.endswith("\n") or not text else 1)
        size = bytes_text(len(text.encode()))
        facts = f"{size} · " + self.tr("%n line(s)", "", num_lines)
        if len(text) > MAX_SHOWN:
            shown = count_text(MAX_SHOWN)
            facts += " · " + self.tr("only the first {0} characters are shown").format(shown)
        return facts

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self._attachment.text)


def shown_text(text: str) -> str:
    """The beginning of a text, made safe to lay out: no line of it is longer than Qt bears."""
    shown = with_visible_controls(safe_text(text[:MAX_SHOWN]))
    lines = []
    for line in shown.split("\n"):
        lines += [line[start:end] for start, end in fragments(line)]
    return "\n".join(lines)
