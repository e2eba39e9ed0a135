"""Several messages of a view marked at once, to be copied together or dragged out as a file.

GUI thread.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QMimeData, QObject, QPointF, QRectF, Qt, QTemporaryDir, QUrl
from PySide6.QtGui import QDrag, QPainter
from PySide6.QtWidgets import QApplication, QWidget

from realm_desktop.chat.request_builder import title_of
from realm_desktop.exchange.chat_document import messages_markdown
from realm_desktop.store.records import Message
from realm_desktop.ui.chat.chat_style import ChatStyle
from realm_desktop.ui.chat.message_list_model import MessageListModel
from realm_desktop.ui.document_words import document_words, file_name

_URI_LIST: Final = "text/uri-list"
_RADIUS_PX: Final = 6


class MarkedMessages(QObject):
    """A stretch of rows, from where it was begun to where it was extended to; owned by the view."""

    def __init__(self, model: MessageListModel, view: QWidget) -> None:
        super().__init__(view)
        self._model = model
        self._view = view
        self._anchor = -1
        self._head = -1
        self._pressed: QPointF | None = None
        # Files that were dragged out stay until the view goes: whoever took one may read it late.
        self._folder: QTemporaryDir | None = None

    @property
    def rows(self) -> range:
        """The marked rows; one row alone is none."""
        if self._anchor < 0 or self._anchor == self._head:
            return range(0)
        first, last = sorted((self._anchor, self._head))
        return range(first, min(last, self._model.rowCount() - 1) + 1)

    @property
    def messages(self) -> list[Message]:
        """The marked messages in order."""
        return [self._model.message(row) for row in self.rows]

    @property
    def markdown(self) -> str:
        """The marked messages with their authors; empty without any."""
        return messages_markdown(self.messages, document_words()) if self.rows else ""

    def begin(self, row: int) -> None:
        """Mark nothing; a stretch can go on from this row."""
        self._anchor = self._head = row
        self._pressed = None

    def extend(self, row: int) -> None:
        """Mark everything up to a row."""
        self._anchor = row if self._anchor < 0 else self._anchor
        self._head = row

    def press(self, row: int, point: QPointF, modifiers: Qt.KeyboardModifier) -> bool:
        """A press on a message: extends with Shift, may begin a drag; whether that is all of it."""
        if modifiers & Qt.KeyboardModifier.ShiftModifier and self._anchor >= 0:
            self.extend(row)
            return True
        if row in self.rows:
            self._pressed = point
            return True
        self.begin(row)
        return False

    def move(self, point: QPointF) -> bool:
        """The pointer moves with its button down; whether marked messages are being dragged."""
        if self._pressed is None:
            return False
        if (point - self._pressed).manhattanLength() >= QApplication.startDragDistance():
            self._pressed = None
            self.drag(self.messages)
        return True

    def release(self, row: int) -> bool:
        """The button goes up without a drag: the marks end; whether there were any."""
        if self._pressed is None:
            return False
        self.begin(row)
        return True

    def drag_row(self, row: int) -> None:
        """Drag one message out, or all marked ones if it is one of them."""
        self.drag(self.messages if row in self.rows else [self._model.message(row)])

    def drag(self, messages: list[Message]) -> None:
        """Let the user drop messages elsewhere, as text or as a file."""
        drag = QDrag(self._view)
        drag.setMimeData(self.mime_data(messages))
        drag.exec(Qt.DropAction.CopyAction)

    def mime_data(self, messages: list[Message]) -> QMimeData:
        """What a drag of messages carries."""
        if self._folder is None:
            self._folder = QTemporaryDir()
        return MessageMime(messages_markdown(messages, document_words()), messages, self._folder)

    def paint(self, painter: QPainter, row: int, around: QRectF, style: ChatStyle) -> None:
        """Draw the ground of a marked message."""
        if row in self.rows:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(style.colour("selected"))
            painter.drawRoundedRect(around, style.px(_RADIUS_PX), style.px(_RADIUS_PX))


class MessageMime(QMimeData):
    """Messages as text, and as a file that is written when somebody asks for it."""

    def __init__(self, markdown: str, messages: list[Message], folder: QTemporaryDir) -> None:
        super().__init__()
        self._markdown = markdown
        self._name = file_name(title_of(messages[0].content) if messages else "")
        self._folder = folder
        self.setText(markdown)

    def formats(self) -> list[str]:
        """Text, and the address of a file."""
        return [*super().formats(), _URI_LIST]

    def hasFormat(self, mime_type: str) -> bool:
        """Whether it can be given in a format."""
        return mime_type == _URI_LIST or super().hasFormat(mime_type)

    def retrieveData(self, mime_type: str, kind: object) -> object:
        """The content in a format; the file is written here, in a folder of this user alone."""
        if mime_type != _URI_LIST:
            return super().retrieveData(mime_type, kind)  # type: ignore[arg-type]  # as Qt gave it
        path = self._folder.filePath(f"{self._name}.md")
        if not path:
            return []
        with open(path, "w", encoding="utf-8", newline="\n") as file:  # noqa: PTH123  # Qt's path
            file.write(self._markdown)
        # A list, from which Qt makes whatever is asked for; of bytes it makes no addresses.
        return [QUrl.fromLocalFile(path)]
