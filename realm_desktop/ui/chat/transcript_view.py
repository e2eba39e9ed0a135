"""The list of messages: lays out and paints what is seen, scrolls, selects, follows the end.

Messages are painted by their items; the few live widgets (buttons, error cards) stand on top of
them. Built on `QListView` because Qt makes its rows known to screen readers. While it is hidden it
lays out nothing. GUI thread.
"""

from __future__ import annotations

from html import escape
from typing import Final

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QRegion,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QToolTip, QWidget

from realm_desktop.ui.chat.box import Painting
from realm_desktop.ui.chat.chat_style import ChatStyle
from realm_desktop.ui.chat.display_text import safe_text, with_visible_controls
from realm_desktop.ui.chat.latest_pill import LatestPill
from realm_desktop.ui.chat.message_actions import MessageAction
from realm_desktop.ui.chat.message_cursor import RowHit, TextSelection
from realm_desktop.ui.chat.message_item import MessageItem
from realm_desktop.ui.chat.message_menu import MessageMenu
from realm_desktop.ui.chat.message_overlays import MessageOverlays
from realm_desktop.ui.chat.transcript_layout import (
    COLUMN_PX,
    MARGIN_PX,
    Anchor,
    TranscriptLayout,
)
from realm_desktop.ui.chat.transcript_model import TranscriptModel
from realm_desktop.ui.theme import Theme

_WORK_INTERVAL_MS: Final = 4
_MAX_PASSES: Final = 6
_MAX_TOOLTIP: Final = 400
_MAX_PX: Final = 2**24
_AT_END_PX: Final = 2
_KEY_REASONS: Final = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)
_ALT_STEPS: Final = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
_ALT_ACTIONS: Final = {
    Qt.Key.Key_Left: MessageAction.PREVIOUS,
    Qt.Key.Key_Right: MessageAction.NEXT,
}
_SCROLL_STEPS: Final = {
    # Lines and pages of one press.
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
    Qt.Key.Key_PageUp: (0, -1),
    Qt.Key.Key_PageDown: (0, 1),
}


class TranscriptView(QListView):
    """All messages of one chat.

    Attributes:
        action_requested: A button, key or menu entry: the action and the message's id.
        text_copied: Text for the clipboard.
        link_activated: An address to be opened, after the user is asked.
    """

    action_requested = Signal(MessageAction, str)
    text_copied = Signal(str)
    link_activated = Signal(str)

    def __init__(self, model: TranscriptModel, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._style = ChatStyle(theme)
        self._model = model
        self._layout = TranscriptLayout(model, self._style)
        self._selection = TextSelection()
        self._hover: RowHit | None = None
        self._pressed: RowHit | None = None
        self._is_following = True
        self._is_settling = False
        self._has_key_focus = False
        self._overlays = MessageOverlays(self._layout, theme, self.viewport())
        self._overlays.requested.connect(self.action_requested)
        self._overlays.resized.connect(self.settle)
        self._pill = LatestPill(theme, self)
        self._pill.clicked.connect(self.follow)
        self._work_timer = QTimer(self)
        self._work_timer.setSingleShot(True)
        self._work_timer.setInterval(_WORK_INTERVAL_MS)
        self._work_timer.timeout.connect(self._on_work)
        self._set_up()
        self.setModel(model)
        model.dataChanged.connect(self._on_data_changed)
        model.rowsInserted.connect(self._on_rows_inserted)
        model.modelReset.connect(self._on_reset)
        theme.changed.connect(self._on_theme_changed)

    @property
    def is_following(self) -> bool:
        """Whether the end stays in sight while text comes."""
        return self._is_following

    @property
    def transcript_model(self) -> TranscriptModel:
        """Where the messages come from."""
        return self._model

    @property
    def has_work(self) -> bool:
        """Whether text near the visible part still has to be parsed or coloured."""
        return self._layout.has_work

    def follow(self) -> None:
        """Go to the end and stay there."""
        self._is_following = True
        self.settle()

    def item(self, row: int) -> MessageItem | None:
        """The item of a row near the visible part; None for others."""
        return self._layout.existing(row)

    def selected_text(self) -> str:
        """The selected text as it is shown."""
        item = self._layout.existing(self._selection.row)
        if item is None or self._selection.is_empty:
            return ""
        return item.document.selected_text(self._selection.range)

    def settle(self) -> None:
        """Lay out what is visible; what is read stays where it is, or the end stays in sight."""
        self._settle_at(self._anchor())

    def _anchor(self) -> Anchor | None:
        """What is read now; None while the end is followed."""
        if self._is_following:
            return None
        return self._layout.anchor_at(self.verticalScrollBar().value())

    def _settle_at(self, anchor: Anchor | None) -> None:
        if not self.isVisible() or self._is_settling:
            return
        self._is_settling = True
        y = float(self.verticalScrollBar().value())
        for _ in range(_MAX_PASSES):
            height = self.viewport().height()
            y = self._target(y if anchor is None else self._layout.height_of(anchor))
            has_moved = self._layout.lay_out(y - height / 2, y + height * 1.5)
            has_moved |= self._overlays.measure_cards()
            if not has_moved:
                break
        self._set_scroll(y if anchor is None else self._layout.height_of(anchor))
        self._is_settling = False
        self._after_move()

    def _set_up(self) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAutoScroll(False)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.setAccessibleName(self.tr("Messages"))
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)

    # Geometry

    def _target(self, wished: float) -> float:
        """The scroll position for a wish, inside what there is."""
        most = max(0.0, self._layout.map.total - self.viewport().height())
        return most if self._is_following else min(max(0.0, wished), most)

    def _set_scroll(self, y: float) -> None:
        bar = self.verticalScrollBar()
        height = self.viewport().height()
        bar.setRange(0, min(_MAX_PX, max(0, round(self._layout.map.total) - height)))
        bar.setPageStep(height)
        bar.setSingleStep(self._style.line_height("message"))
        bar.setValue(bar.maximum() if self._is_following else round(y))

    def _after_move(self) -> None:
        bar = self.verticalScrollBar()
        height = self.viewport().height()
        first = self._layout.map.row_at(bar.value() - height)
        last = self._layout.map.row_at(bar.value() + 2 * height)
        self._layout.forget_far(first, last, self._selection.row)
        self._overlays.place(self._origin)
        self._pill.setVisible(not self._is_following)
        self._pill.place(self._column_rect().right() + self._style.px(8))
        self.viewport().update()
        if self._layout.has_work:
            self._work_timer.start()

    def _column_rect(self) -> QRect:
        """The message column in the viewport."""
        # Measured with the scroll bar, so that messages and composer line up.
        room = self.width() - 2 * self._style.px(MARGIN_PX)
        column = max(min(self._style.px(COLUMN_PX), room), 40)
        return QRect((self.width() - column) // 2, 0, column, self.viewport().height())

    def _origin(self, row: int) -> QPointF:
        """Upper left corner of an item in the viewport."""
        y = round(self._layout.map.top(row)) - self.verticalScrollBar().value()
        return QPointF(self._column_rect().x(), y)

    def _hit(self, point: QPointF) -> RowHit | None:
        """What is at a point of the viewport."""
        row = self._layout.map.row_at(point.y() + self.verticalScrollBar().value())
        item = self._layout.existing(row)
        return None if item is None else RowHit(row, item.hit(point - self._origin(row)))

    # Changes of the model, the theme and the scroll bar

    def _on_data_changed(self, first: QModelIndex, last: QModelIndex) -> None:
        for row in range(first.row(), last.row() + 1):
            if self.isVisible():
                self._layout.refresh(row)
        self.settle()

    def _on_rows_inserted(self) -> None:
        while len(self._layout.map) < self._model.rowCount():
            self._layout.append()
        # What the user just sent must be seen.
        if self._model.message(self._model.rowCount() - 1).role == "user":
            self._is_following = True
        self.settle()

    def _on_reset(self) -> None:
        self._selection.clear()
        self._hover = self._pressed = None
        self._overlays.clear()
        self._layout.reset()
        self.settle()

    def _on_theme_changed(self) -> None:
        anchor = self._anchor()
        self._style = ChatStyle(self._theme)
        self._overlays.clear()
        self._layout.set_style(self._style)
        self._layout.set_column(self._column_rect().width())
        self._settle_at(anchor)

    def _on_scrolled(self, value: int) -> None:
        if self._is_settling:
            return
        self._is_following = value >= self.verticalScrollBar().maximum() - _AT_END_PX
        self.settle()

    def _on_work(self) -> None:
        if self._layout.work():
            self.settle()
        elif self._layout.has_work:
            self._work_timer.start()

    # Input

    def _press_part(self, at: RowHit) -> None:
        item = self._layout.existing(at.row)
        if item is None:
            return
        box = item.document.boxes[at.hit.box]
        if at.hit.hit.part == "copy":
            self.text_copied.emit(box.text)
            return
        self._is_following = False
        item.document.press(at.hit.box, at.hit.hit.part)
        self._layout.refresh(at.row)
        self.settle()

    def _move_current(self, step: int) -> None:
        """Focus the message before or after the current one."""
        count = self._model.rowCount()
        if not count:
            return
        current = self.currentIndex().row()
        row = count - 1 if current < 0 else min(max(current + step, 0), count - 1)
        self.setCurrentIndex(self._model.index(row))
        self.scrollTo(self._model.index(row))

    def _request_for_current(self, action: MessageAction) -> None:
        row = self.currentIndex().row()
        if row >= 0:
            self.action_requested.emit(action, self._model.message(row).message_id)

    def _copy(self) -> None:
        """Copy the selection; without one the whole message, exactly as it was written."""
        text = self.selected_text()
        row = self._selection.row
        item = self._layout.existing(row)
        if item is not None and self._selection.range == item.document.everything():
            text = self._model.message(row).content
        if text:
            self.text_copied.emit(text)
        else:
            self._request_for_current(MessageAction.COPY)

    def _show_hover(self, at: RowHit | None) -> None:
        """Light up what the pointer is on, and bring the buttons of that message."""
        is_link = at is not None and bool(at.hit.hit.address or at.hit.hit.part)
        is_text = at is not None and at.hit.hit.is_on_text
        shape = Qt.CursorShape
        cursor = shape.PointingHandCursor if is_link else shape.IBeamCursor
        self.viewport().setCursor(cursor if is_link or is_text else shape.ArrowCursor)
        has_moved = self._overlays.set_hovered(-1 if at is None else at.row)
        before, self._hover = self._hover, at
        if has_moved:
            self._overlays.place(self._origin)
        if _part(before) != _part(at):
            self.viewport().update()

    def _explanation(self, point: QPointF) -> str:
        """What the tooltip at a point says: the address of a link, or what a figure means."""
        at = self._hit(point)
        item = None if at is None else self._layout.existing(at.row)
        if at is None or item is None:
            return ""
        if at.hit.hit.address:
            shown = with_visible_controls(safe_text(at.hit.hit.address))[:_MAX_TOOLTIP]
            return f"<p style='white-space:pre-wrap'>{escape(shown)}</p>"
        return item.explanation_at(point - self._origin(at.row))

    def _menu_point(self, row: int) -> QPoint:
        """Where a menu asked for by keyboard opens: at the message's first visible line."""
        corner = self._origin(row)
        return QPoint(round(corner.x()) + 8, max(8, round(corner.y()) + 8))

    def _on_wrap_toggled(self, message_id: str, box: int) -> None:
        for row, item in self._layout.items().items():
            if item.state.message.message_id == message_id:
                item.document.press(box, "wrap")
                self._layout.refresh(row)
        self.settle()

    def _select_all(self) -> None:
        row = self.currentIndex().row()
        item = self._layout.existing(row)
        if item is not None:
            self._selection.select_all(row, item.document)
            self.viewport().update()

    # Qt overrides

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys of the focused message and of the list."""
        bar = self.verticalScrollBar()
        is_alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        key = Qt.Key(event.key())
        if event.matches(QKeySequence.StandardKey.Copy):
            self._copy()
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            self._select_all()
        elif is_alt and key in _ALT_STEPS:
            self._move_current(_ALT_STEPS[key])
        elif is_alt and key in _ALT_ACTIONS:
            self._request_for_current(_ALT_ACTIONS[key])
        elif key in _SCROLL_STEPS:
            lines, pages = _SCROLL_STEPS[key]
            bar.setValue(bar.value() + lines * bar.singleStep() + pages * bar.pageStep())
        elif key == Qt.Key.Key_Home:
            bar.setValue(0)
        elif key == Qt.Key.Key_End:
            self.follow()
        else:
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Press a button of a code block, or begin a selection."""
        self._pressed = self._hit(event.position())
        if event.button() != Qt.MouseButton.LeftButton or self._pressed is None:
            return
        self.setCurrentIndex(self._model.index(self._pressed.row))
        if not self._pressed.hit.hit.part:
            self._selection.begin(self._pressed)
        self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Extend the selection, or show what the pointer is on."""
        at = self._hit(event.position())
        if event.buttons() & Qt.MouseButton.LeftButton and self._pressed is not None:
            item = self._layout.existing(self._selection.row)
            if item is not None:
                # A growing reply must not move the text that is being selected.
                self._is_following = False
                self._selection.extend(
                    item.hit(event.position() - self._origin(self._selection.row))
                )
                self.viewport().update()
            return
        self._show_hover(at)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Follow a link or press a button if the pointer did not move away."""
        pressed, self._pressed = self._pressed, None
        at = self._hit(event.position())
        if event.button() != Qt.MouseButton.LeftButton or pressed is None or at is None:
            return
        if pressed.row != at.row or pressed.hit.box != at.hit.box:
            return
        if at.hit.hit.part and at.hit.hit.part == pressed.hit.hit.part:
            self._press_part(at)
        elif at.hit.hit.address and self._selection.is_empty:
            self.link_activated.emit(at.hit.hit.address)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Select the word."""
        at = self._hit(event.position())
        item = None if at is None else self._layout.existing(at.row)
        if at is not None and item is not None and not at.hit.hit.part:
            self._selection.select_word(at, item.document)
            self.viewport().update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll; sideways inside wide code or a wide table."""
        delta = event.pixelDelta()
        if delta.isNull():
            delta = event.angleDelta() / 2
        is_shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        sideways = delta.x() or (delta.y() if is_shift else 0)
        if sideways and abs(sideways) >= abs(delta.y()):
            at = self._hit(event.position())
            item = None if at is None else self._layout.existing(at.row)
            if at is not None and item is not None:
                item.document.scroll_box(at.hit.box, -sideways)
                self.viewport().update()
            return
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() - delta.y())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer everything that can be done with the message, its code and its links."""
        is_by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        row = self.currentIndex().row()
        if not is_by_key:
            at = self._hit(QPointF(event.pos()))
            row = -1 if at is None else at.row
        item = self._layout.existing(row)
        if item is None:
            return
        menu = MessageMenu(item, self.selected_text(), self)
        menu.action_requested.connect(self.action_requested)
        menu.text_copied.connect(self.text_copied)
        menu.link_activated.connect(self.link_activated)
        menu.wrap_toggled.connect(self._on_wrap_toggled)
        menu.popup(self.viewport().mapToGlobal(self._menu_point(row) if is_by_key else event.pos()))

    def viewportEvent(self, event: QEvent) -> bool:
        """Explain a figure or show a link's address; forget the hover when the pointer leaves."""
        if event.type() == QEvent.Type.Leave:
            self._show_hover(None)
        elif event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self._explanation(QPointF(event.pos())), self)
            return True
        return super().viewportEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the messages in sight."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.viewport().rect(), self._style.colour("surface"))
        height = self.viewport().height()
        row = self._layout.map.row_at(self.verticalScrollBar().value())
        while 0 <= row < len(self._layout.map) and self._origin(row).y() < height:
            item = self._layout.existing(row)
            if item is not None:
                self._paint_item(painter, row, item)
            row += 1

    def _paint_item(self, painter: QPainter, row: int, item: MessageItem) -> None:
        origin = self._origin(row)
        around = QRectF(origin.x(), origin.y(), item.width, item.height).adjusted(-10, -6, 10, 6)
        painter.save()
        # Stacked accents of one message must not reach into the next.
        painter.setClipRect(around)
        hover = self._hover.hit if self._hover is not None and self._hover.row == row else None
        clip = QRectF(self.viewport().rect())
        painting = Painting(painter, self._style, clip)
        item.paint(painting, origin, self._selection.for_row(row), hover)
        painter.restore()
        if self.hasFocus() and row == self.currentIndex().row() and self._has_key_focus:
            painter.setPen(QPen(self._style.colour("focus"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(around.adjusted(1, 1, -1, -1), 6, 6)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out for the new width."""
        super().resizeEvent(event)
        anchor = self._anchor()
        self._layout.set_column(self._column_rect().width())
        self._settle_at(anchor)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what came while the tab was hidden."""
        super().showEvent(event)
        self._layout.set_column(self._column_rect().width())
        for row in tuple(self._layout.items()):
            self._layout.refresh(row)
        self.settle()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus ring only for focus by keyboard."""
        super().focusInEvent(event)
        self._has_key_focus = event.reason() in _KEY_REASONS
        if self.currentIndex().row() < 0 and self._model.rowCount():
            self.setCurrentIndex(self._model.index(self._model.rowCount() - 1))

    def currentChanged(
        self,
        current: QModelIndex | QPersistentModelIndex,
        previous: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Move the buttons to the focused message."""
        super().currentChanged(current, previous)
        self._overlays.set_current(current.row())
        self._overlays.place(self._origin)
        self.viewport().update()

    def doItemsLayout(self) -> None:
        """Our own layout takes the place of the list's."""
        self.settle()

    def updateGeometries(self) -> None:
        """The scroll bar is set by `settle` alone."""

    def scrollContentsBy(self, _dx: int, _dy: int) -> None:
        """Everything is painted again where it belongs."""
        self.viewport().update()

    def horizontalOffset(self) -> int:
        """Nothing scrolls sideways as a whole."""
        return 0

    def verticalOffset(self) -> int:
        """Scroll position in px."""
        return self.verticalScrollBar().value()

    def visualRect(self, index: QModelIndex | QPersistentModelIndex) -> QRect:
        """Where a message stands in the viewport."""
        row = index.row()
        if not 0 <= row < len(self._layout.map):
            return QRect()
        size = QPointF(self._column_rect().width(), self._layout.map.height(row))
        return QRectF(self._origin(row), self._origin(row) + size).toAlignedRect()

    def indexAt(self, point: QPoint) -> QModelIndex:
        """The message at a point of the viewport."""
        row = self._layout.map.row_at(point.y() + self.verticalScrollBar().value())
        return self._model.index(row) if row >= 0 else QModelIndex()

    def scrollTo(
        self,
        index: QModelIndex | QPersistentModelIndex,
        _hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible,
    ) -> None:
        """Bring a message into sight; of a tall one its beginning."""
        if not 0 <= index.row() < len(self._layout.map):
            return
        rect = self.visualRect(index)
        bar = self.verticalScrollBar()
        if rect.top() < 0 or rect.height() > self.viewport().height():
            bar.setValue(bar.value() + rect.top() - self._style.px(MARGIN_PX))
        elif rect.bottom() > self.viewport().height():
            bottom = self.viewport().height() - self._style.px(MARGIN_PX)
            bar.setValue(bar.value() + rect.bottom() - bottom)

    def visualRegionForSelection(self, _selection: QItemSelection) -> QRegion:
        """Rows are not selected as items; text is."""
        return QRegion()


def _part(at: RowHit | None) -> tuple[int, int, str]:
    """What of a hit changes how something is painted."""
    return (-1, -1, "") if at is None else (at.row, at.hit.box, at.hit.hit.part)
