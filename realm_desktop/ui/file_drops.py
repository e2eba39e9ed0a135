"""Files that are dropped on the window: always taken as copies. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QDropEvent


def accept_as_copy(event: QDropEvent) -> None:
    """Take what is dragged or dropped, whatever its owner proposed.

    File managers propose to move; one that is told that its files were moved deletes them.
    """
    event.setDropAction(Qt.DropAction.CopyAction)
    event.accept()
