"""The messages of a chat as they are seen and touched: painting, selecting, keys, menus.

Messages are painted by their items; the few live widgets (buttons, error cards) stand on top of
them. GUI thread.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRectF,
    Qt,
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
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from realm_desktop.ui.chat.box import Painting
from realm_desktop.ui.chat.find_marks import FindMarks
from realm_desktop.ui.chat.marked_messages import MarkedMessages
from realm_desktop.ui.chat.message_actions import MessageAction
from realm_desktop.ui.chat.message_cursor import RowHit, TextSelection
from realm_desktop.ui.chat.message_item import MessageItem
from realm_desktop.ui.chat.message_list_model import MessageListModel, shown_text
from realm_desktop.ui.chat.message_menu import MessageMenu
from realm_desktop.ui.chat.message_scroller import MessageScroller
from realm_desktop.ui.chat.message_tips import tip_of
from realm_desktop.ui.plain_tip import plain_tip
from realm_desktop.ui.theme import Theme

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


class TranscriptView(MessageScroller):
    """All messages of one chat.

    Attributes:
        marks: The hits of a search that are marked.
        action_requested: A button, key or menu entry: the action and the message's id.
        text_copied: Text for the clipboard.
        link_activated: An address to be opened, after the user is asked.
        attachment_opened: A message's id and which of its attachments is to be shown.
    """

    action_requested = Signal(MessageAction, str)
    text_copied = Signal(str)
    link_activated = Signal(str)
    attachment_opened = Signal(str, int)

    def __init__(
        self, model: MessageListModel, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(model, theme, parent)
        self._selection = TextSelection()
        self.marks = FindMarks()
        self.marked = MarkedMessages(model, self)
        self._hover: RowHit | None = None
        self._pressed: RowHit | None = None
        self._has_key_focus = False
        self._overlays.requested.connect(self.action_requested)
        self._overlays.dragged.connect(self.marked.drag_row)
        self.viewport().setMouseTracking(True)
        model.modelReset.connect(self._forget_rows)

    def selected_text(self) -> str:
        """The selected text as it is shown."""
        item = self._layout.existing(self._selection.row)
        if item is None or self._selection.is_empty:
            return ""
        document = item.text(in_thought=self._selection.in_thought)
        return document.selected_text(self._selection.range)

    def _forget_rows(self) -> None:
        """Other messages: row numbers mean something else."""
        self._selection.clear()
        self.marked.begin(-1)
        self.kept_row = -1
        self._hover = self._pressed = None

    def _press_part(self, at: RowHit) -> None:
        item = self._layout.existing(at.row)
        if item is None:
            return
        document = item.text(in_thought=at.hit.in_thought)
        if at.hit.hit.part == "copy":
            self.text_copied.emit(document.boxes[at.hit.box].text)
            return
        self._is_following = False
        document.press(at.hit.box, at.hit.hit.part)
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
        if not self.hasFocus():
            # The buttons that had it stay where they are, or belong to another message now.
            self.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _request_for_current(self, action: MessageAction) -> None:
        row = self.currentIndex().row()
        if row >= 0:
            self.action_requested.emit(action, self._model.message(row).message_id)

    def _copy(self) -> None:
        """Copy what is marked or selected; else the message as written, without thoughts."""
        text = self.marked.markdown or self.selected_text()
        row = self._selection.row
        item = self._layout.existing(row)
        if not self.marked.rows and item and self._selection.range == item.document.everything():
            text = shown_text(self._model.message(row))
        if text:
            self.text_copied.emit(text)
        else:
            self._request_for_current(MessageAction.COPY)

    def _show_hover(self, at: RowHit | None, *, is_chip: bool = False) -> None:
        """Light up what the pointer is on, and bring the buttons of that message."""
        is_link = is_chip or (at is not None and bool(at.hit.hit.address or at.hit.hit.part))
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
        """What the tooltip at a point says."""
        at = self._hit(point)
        item = None if at is None else self._layout.existing(at.row)
        if at is None or item is None:
            return ""
        return tip_of(at.hit.hit) or item.explanation_at(point - self._origin(at.row))

    def _menu_point(self, row: int) -> QPoint:
        """Where a menu asked for by keyboard opens: at the message's first visible line."""
        corner = self._origin(row)
        return QPoint(round(corner.x()) + 8, max(8, round(corner.y()) + 8))

    def _on_wrap_toggled(self, message_id: str, box: int, in_thought: bool) -> None:
        for row, item in self._layout.items().items():
            if item.state.message.message_id == message_id:
                item.text(in_thought=in_thought).press(box, "wrap")
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
            is_shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            step_to = self.marked.extend if is_shift else self.marked.begin
            step_to(self.currentIndex().row())
        elif key == Qt.Key.Key_Escape and self.marked.rows:
            self.marked.begin(-1)
            self.viewport().update()
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
        row = self._pressed.row
        self.setCurrentIndex(self._model.index(row))
        if self.marked.press(row, event.position(), event.modifiers()):
            self._selection.clear()
            self._pressed = None
        elif not self._pressed.hit.hit.part:
            self._selection.begin(self._pressed)
            self.kept_row = self._pressed.row
        self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Extend the selection, or show what the pointer is on."""
        at = self._hit(event.position())
        if self.marked.move(event.position()):
            return
        if event.buttons() & Qt.MouseButton.LeftButton and self._pressed is not None:
            item = self._layout.existing(self._selection.row)
            if item is not None:
                # A growing reply must not move the text that is being selected.
                self._is_following = False
                point = event.position() - self._origin(self._selection.row)
                self._selection.extend(item.hit(point, in_thought=self._selection.in_thought))
                self.viewport().update()
            return
        self._show_hover(at, is_chip=self._attachment_at(event.position(), at) >= 0)

    def _attachment_at(self, point: QPointF, at: RowHit | None) -> int:
        """Which attachment of the message is at a point of the viewport; -1 for none."""
        item = None if at is None else self._layout.existing(at.row)
        if at is None or item is None:
            return -1
        return item.attachment_at(point - self._origin(at.row))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Follow a link or press a button if the pointer did not move away."""
        pressed, self._pressed = self._pressed, None
        at = self._hit(event.position())
        if self.marked.release(-1 if at is None else at.row):
            self.viewport().update()
        if event.button() != Qt.MouseButton.LeftButton or pressed is None or at is None:
            return
        if pressed.place != at.place:
            return
        chip = self._attachment_at(event.position(), at)
        if chip >= 0 and self._selection.is_empty:
            self.attachment_opened.emit(self._model.message(at.row).message_id, chip)
        elif at.hit.hit.part and at.hit.hit.part == pressed.hit.hit.part:
            self._press_part(at)
        elif at.hit.hit.address and self._selection.is_empty:
            self.link_activated.emit(at.hit.hit.address)
        elif self._selection.is_empty:
            tip = plain_tip(self._explanation(event.position()))
            QToolTip.showText(event.globalPosition().toPoint(), tip, self)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Select the word."""
        at = self._hit(event.position())
        item = None if at is None else self._layout.existing(at.row)
        if at is not None and item is not None and not at.hit.hit.part:
            self._selection.select_word(at, item.text(in_thought=at.hit.in_thought))
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
                item.text(in_thought=at.hit.in_thought).scroll_box(at.hit.box, -sideways)
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
        marked = self.marked.markdown if row in self.marked.rows else ""
        menu = MessageMenu(item, self.selected_text(), self, marked)
        menu.action_requested.connect(self.action_requested)
        menu.text_copied.connect(self.text_copied)
        menu.link_activated.connect(self.link_activated)
        menu.wrap_toggled.connect(self._on_wrap_toggled)
        menu.attachment_opened.connect(self.attachment_opened)
        menu.popup(self.viewport().mapToGlobal(self._menu_point(row) if is_by_key else event.pos()))

    def viewportEvent(self, event: QEvent) -> bool:
        """Explain a figure or show a link's address; forget the hover when the pointer leaves."""
        if event.type() == QEvent.Type.Leave:
            self._show_hover(None)
        elif event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            tip = plain_tip(self._explanation(QPointF(event.pos())))
            QToolTip.showText(event.globalPos(), tip, self)
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
        if not len(self._layout.map):
            self._paint_focus(painter, QRectF(self.viewport().rect()))

    def _paint_item(self, painter: QPainter, row: int, item: MessageItem) -> None:
        origin = self._origin(row)
        around = QRectF(origin.x(), origin.y(), item.width, item.height).adjusted(-10, -6, 10, 6)
        painter.save()
        # Stacked accents of one message must not reach into the next.
        painter.setClipRect(around)
        self.marked.paint(painter, row, around, self._style)
        hover = self._hover.hit if self._hover is not None and self._hover.row == row else None
        clip = QRectF(self.viewport().rect())
        painting = Painting(painter, self._style, clip, marks_of=self.marks.of_row(row, item))
        item.paint(painting, origin, self._selection.for_row(row), hover)
        painter.restore()
        if row == self.currentIndex().row():
            self._paint_focus(painter, around)

    def _paint_focus(self, painter: QPainter, around: QRectF) -> None:
        """Draw the ring of the focus, if it is there by keyboard."""
        if self.hasFocus() and self._has_key_focus:
            painter.setPen(QPen(self._style.colour("focus"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(around.adjusted(1, 1, -1, -1), 6, 6)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus ring only for focus by keyboard."""
        # Before Qt chooses: it would take the first message, whose buttons then stand there unasked.
        if self.currentIndex().row() < 0 and self._model.rowCount():
            self.setCurrentIndex(self._model.index(self._model.rowCount() - 1))
        super().focusInEvent(event)
        self._has_key_focus = event.reason() in _KEY_REASONS

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


def _part(at: RowHit | None) -> object:
    """What of a hit changes how something is painted."""
    return None if at is None else (at.place, at.hit.hit.part)
