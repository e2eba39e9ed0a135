"""The list of the sidebar as it is touched: clicks, keys, folds, and rows dragged onto others.

Draws and emits; `Sidebar` decides. GUI thread.
"""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QMouseEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from realm_desktop.ui.sidebar_delegate import SidebarDelegate
from realm_desktop.ui.sidebar_model import ROW_ROLE, ROWS_MIME
from realm_desktop.ui.sidebar_rows import Row, RowKind

_TARGETS = (RowKind.WORKSPACE, RowKind.FOLDER, RowKind.CONVERSATION)


class SidebarList(QListView):
    """Tells apart a press on a row, on its "•••" and on a fold.

    Attributes:
        row_activated: A row was clicked, or Enter pressed on it.
        row_opened_wide: A row was clicked twice.
        menu_requested: The menu of a row is wanted at a place of the screen.
        fold_requested: A workspace or folder is to be folded (True) or unfolded.
        rename_requested: F2 on a row.
        delete_requested: Delete on a row.
        dropped: The key of a dragged row, and the row it was dropped on.
    """

    row_activated = Signal(QModelIndex)
    row_opened_wide = Signal(QModelIndex)
    menu_requested = Signal(QModelIndex, QPoint)
    fold_requested = Signal(QModelIndex, bool)
    rename_requested = Signal(QModelIndex)
    delete_requested = Signal(QModelIndex)
    dropped = Signal(str, object)

    def __init__(self, delegate: SidebarDelegate, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._delegate = delegate
        self.setItemDelegate(delegate)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        # The delegate shows the target as a whole: rows are sorted, so there is no place between.
        self.setDropIndicatorShown(False)
        self.setAccessibleName(self.tr("Chats"))

    @property
    def num_seen(self) -> int:
        """How many rows there are down to the lower edge, those above the view included."""
        if not self.verticalScrollBar().value():
            return 0
        last = self.indexAt(self.viewport().rect().bottomLeft())
        return last.row() + 1 if last.isValid() else self.model().rowCount()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Activate on the release, so that a drag away takes it back."""
        super().mouseReleaseEvent(event)
        point = event.position().toPoint()
        index = self.indexAt(point)
        if event.button() != Qt.MouseButton.LeftButton or index != self.currentIndex():
            return
        is_mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        if not index.isValid():
            return
        if self._delegate.is_on_more(self.visualRect(index), point, is_mirrored=is_mirrored):
            self.menu_requested.emit(index, event.globalPosition().toPoint())
        else:
            self.row_activated.emit(index)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """The second click of two; the first one did what a click does."""
        super().mouseDoubleClickEvent(event)
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and event.button() == Qt.MouseButton.LeftButton:
            self.row_opened_wide.emit(index)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The menu of the row under the mouse, or of the current row for the menu key."""
        is_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        index = self.indexAt(event.pos()) if is_mouse else self.currentIndex()
        if not index.isValid():
            return
        place = event.globalPos()
        if not is_mouse:
            place = self.viewport().mapToGlobal(self.visualRect(index).bottomLeft())
        self.menu_requested.emit(index, place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter activates, left and right fold, F2 and Delete; the rest moves as in every list."""
        index = self.currentIndex()
        key = Qt.Key(event.key())
        is_editing = self.state() == QAbstractItemView.State.EditingState
        if not index.isValid() or is_editing:
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.row_activated.emit(index)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            is_mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
            self.fold_requested.emit(index, (key == Qt.Key.Key_Left) != is_mirrored)
        elif key == Qt.Key.Key_F2:
            self.rename_requested.emit(index)
        elif key == Qt.Key.Key_Delete:
            self.delete_requested.emit(index)
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Only rows of a sidebar can be dropped here."""
        if event.mimeData().hasFormat(ROWS_MIME):
            event.acceptProposedAction()
        else:
            event.ignore()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Mark the row that would take what is dragged; scroll at the edges."""
        super().dragMoveEvent(event)
        row = self._target_at(event.position().toPoint())
        self._show_target(row)
        event.setAccepted(row is not None and event.mimeData().hasFormat(ROWS_MIME))

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Nothing is over the list any more."""
        super().dragLeaveEvent(event)
        self._show_target(None)

    def dropEvent(self, event: QDropEvent) -> None:
        """Tell what was dropped on what; the list follows when the store did."""
        row = self._target_at(event.position().toPoint())
        self._show_target(None)
        keys = bytes(event.mimeData().data(ROWS_MIME).data()).decode("utf-8", "replace")
        if row is None or not keys:
            event.ignore()
            return
        # Accepted as a copy: after a move the view would remove the row itself.
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        for key in keys.splitlines():
            self.dropped.emit(key, row)

    def _target_at(self, point: QPoint) -> Row | None:
        row = self.indexAt(point).data(ROW_ROLE)
        is_target = isinstance(row, Row) and row.kind in _TARGETS and row.workspace_id is not None
        return row if is_target else None

    def _show_target(self, row: Row | None) -> None:
        self._delegate.target_key = "" if row is None else row.key
        self.viewport().update()
