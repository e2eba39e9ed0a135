"""The text field of the composer: grows with its text, keeps large pastes out of the layout.

GUI thread.
"""

from __future__ import annotations

import math

from PySide6.QtCore import QMimeData, QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QSizePolicy, QWidget

from realm_desktop.settings import SendKey
from realm_desktop.ui.chat.display_text import safe_text
from realm_desktop.ui.theme import Theme

MAX_LINES = 10
MAX_PASTE = 2_500
"""A longer paste becomes a chip: laying it out could freeze the window."""

_RETURN_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ComposerEdit(QPlainTextEdit):
    """Plain text of one to ten lines, then it scrolls.

    Attributes:
        submitted: The send key was pressed.
        previous_requested: ↑ in the empty field.
        pasted: A text too long for the field.
        files_offered: Paths of files that were pasted.
        focus_changed: Whether the field has the focus.
    """

    submitted = Signal()
    previous_requested = Signal()
    pasted = Signal(str)
    files_offered = Signal(list)
    focus_changed = Signal(bool)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._send_key: SendKey = "enter"
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Message"))
        # The frame around the field is the composer's.
        self.setStyleSheet(
            "QPlainTextEdit, QPlainTextEdit:focus "
            "{ border: none; background: transparent; padding: 0; }"
        )
        self.document().setDocumentMargin(0)
        self.document().documentLayout().documentSizeChanged.connect(self.fit)
        self.apply_theme()

    def set_send_key(self, send_key: SendKey) -> None:
        """Choose which key sends; the other one breaks the line."""
        self._send_key = send_key

    def apply_theme(self) -> None:
        """Take the font at the present zoom."""
        font = self._theme.font("message")
        self.setFont(font)
        # The placeholder is painted with the viewport's font, which an app's style sheet holds back.
        self.viewport().setFont(font)
        self.fit()

    def fit(self) -> None:
        """Be as high as the text, up to ten lines."""
        line = math.ceil(self.fontMetrics().lineSpacing())
        # The layout of plain text counts its height in lines.
        num_lines = max(1, math.ceil(self.document().size().height()))
        self.setFixedHeight(line * min(num_lines, MAX_LINES) + self._theme.px(4))
        policy = Qt.ScrollBarPolicy
        is_long = num_lines > MAX_LINES
        self.setVerticalScrollBarPolicy(
            policy.ScrollBarAsNeeded if is_long else policy.ScrollBarAlwaysOff
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Send, break the line, or go back to the last message."""
        if event.key() in _RETURN_KEYS:
            self._press_return(event)
        elif event.key() == Qt.Key.Key_Up and self.document().isEmpty():
            self.previous_requested.emit()
        elif event.key() == Qt.Key.Key_Escape:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Tell the frame to show its ring."""
        super().focusInEvent(event)
        self.focus_changed.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Tell the frame to hide its ring."""
        super().focusOutEvent(event)
        self.focus_changed.emit(False)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Take files, and of texts the plain ones; a long one becomes a chip."""
        paths = local_files(source)
        text = "" if paths else source.text()
        if paths:
            self.files_offered.emit(paths)
        elif len(text) > MAX_PASTE:
            self.pasted.emit(text)
        elif text:
            self.insertPlainText(safe_text(text))

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Whether there is anything to take."""
        return source.hasText() or bool(local_files(source))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take text; files go to the chat around it, which takes them anywhere in the same way."""
        if local_files(event.mimeData()):
            event.ignore()
        else:
            super().dragEnterEvent(event)

    def minimumSizeHint(self) -> QSize:
        """A narrow window must not be held open by the field."""
        return QSize(self._theme.px(80), self.height())

    def _press_return(self, event: QKeyEvent) -> None:
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        control = Qt.KeyboardModifier.ControlModifier
        wanted = control if self._send_key == "ctrl_enter" else Qt.KeyboardModifier.NoModifier
        if modifiers == wanted:
            self.submitted.emit()
        else:
            self.insertPlainText("\n")
            self.ensureCursorVisible()


def local_files(data: QMimeData) -> list[str]:
    """The paths of files on this machine that are dragged or copied; none if there are others."""
    urls = data.urls()
    return [url.toLocalFile() for url in urls] if all(url.isLocalFile() for url in urls) else []
