"""Files that are dragged over a page and dropped there."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget


def drag(page: QWidget, *urls: str) -> QMimeData:
    """Hold addresses over the page; returns what is held, which a drop needs."""
    data = QMimeData()
    data.setUrls([QUrl(url) for url in urls])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QDragEnterEvent(QPoint(9, 9), Qt.DropAction.CopyAction, data, buttons, keys)
    QApplication.sendEvent(page, event)
    return data


def drop(page: QWidget, *urls: str) -> None:
    """As a file manager drops: it proposes to move, and deletes what was moved."""
    data = drag(page, *urls)
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    actions = Qt.DropAction.MoveAction | Qt.DropAction.CopyAction
    event = QDropEvent(QPoint(9, 9), actions, data, buttons, keys)
    event.setDropAction(Qt.DropAction.MoveAction)
    QApplication.sendEvent(page, event)
    assert event.dropAction() is Qt.DropAction.CopyAction
