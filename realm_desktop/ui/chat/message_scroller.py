"""A list of messages that scrolls: what is laid out, where it stands, what stays in place.

Built on `QListView` because Qt makes its rows known to screen readers; its own layout is not used.
While it is hidden it lays out nothing. GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import (
    QItemSelection,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    Qt,
    QTimer,
)
from PySide6.QtGui import QRegion, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QWidget

from realm_desktop.store.records import MessageId
from realm_desktop.ui.chat.box import Box
from realm_desktop.ui.chat.chat_style import ChatStyle
from realm_desktop.ui.chat.formula_pictures import FormulaPictures
from realm_desktop.ui.chat.latest_pill import LatestPill
from realm_desktop.ui.chat.message_cursor import RowHit
from realm_desktop.ui.chat.message_item import MessageItem
from realm_desktop.ui.chat.message_list_model import MessageListModel
from realm_desktop.ui.chat.message_overlays import MessageOverlays
from realm_desktop.ui.chat.thought_header import ThoughtHeaders
from realm_desktop.ui.chat.transcript_layout import (
    Anchor,
    TranscriptLayout,
)
from realm_desktop.ui.theme import Theme

_WORK_INTERVAL_MS: Final = 4
_MAX_PASSES: Final = 6
_MAX_PX: Final = 2**24
_AT_END_PX: Final = 2


class MessageScroller(QListView):
    """Everything about the transcript's geometry; painting and input are `TranscriptView`.

    Attributes:
        kept_row: A row whose item is never dropped, such as that of the selection; -1 for none.
    """

    def __init__(
        self, model: MessageListModel, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.kept_row = -1
        self._theme = theme
        self._formulas = FormulaPictures(self)
        self._formulas.drawn.connect(self._on_formulas_drawn)
        self._style = self._dressed_style()
        self._model = model
        self._layout = TranscriptLayout(model, self._style)
        self._is_following = True
        self._is_settling = False
        self._wanted: Anchor | None = None
        self._overlays = MessageOverlays(self._layout, theme, self.viewport())
        self._overlays.resized.connect(self.settle)
        self._overlays.focused.connect(self._on_button_focused)
        self._thoughts = ThoughtHeaders(theme, self.viewport())
        self._thoughts.toggled.connect(self._on_thought_toggled)
        self._pill = LatestPill(theme, self)
        self._pill.clicked.connect(self.follow)
        self._work_timer = QTimer(self)
        self._work_timer.setSingleShot(True)
        self._work_timer.setInterval(_WORK_INTERVAL_MS)
        self._work_timer.timeout.connect(self._on_work)
        self._set_up()
        self.setModel(model)
        model.dataChanged.connect(self._on_data_changed)
        model.all_changed.connect(self._catch_up)
        model.rowsInserted.connect(self._on_rows_inserted)
        model.modelReset.connect(self._on_reset)
        theme.changed.connect(self._on_theme_changed)

    @property
    def is_following(self) -> bool:
        """Whether the end stays in sight while text comes."""
        return self._is_following

    @property
    def transcript_model(self) -> MessageListModel:
        """Where the messages come from."""
        return self._model

    @property
    def has_work(self) -> bool:
        """Whether text near the visible part still has to be parsed, coloured or drawn."""
        return self._layout.has_work or not self._formulas.is_idle

    @property
    def place(self) -> Anchor | None:
        """What is read now, to come back to later; None while the end is followed."""
        return self._anchor()

    def return_to(self, place: Anchor) -> None:
        """Show a place again, now or when the list is shown; one that is gone shows the end."""
        self._is_following = False
        self._wanted = place
        self.settle()

    def new_style(self) -> ChatStyle:
        """Fonts and measures of the present theme."""
        return ChatStyle(self._theme)

    def follow(self) -> None:
        """Go to the end and stay there."""
        self._wanted = None
        self._is_following = True
        self.settle()

    def item(self, row: int) -> MessageItem | None:
        """The item of a row near the visible part; None for others."""
        return self._layout.existing(row)

    def new_item(self, row: int) -> MessageItem:
        """An item of a row that is not shown, to read its text and what it thought."""
        return self._layout.unfolded_item(row)

    def reveal(self, place: Anchor, inside: Callable[[Box], QRectF]) -> bool:
        """Bring a part of a message into sight.

        Args:
            place: The message and its box; one in a thought that is unfolded.
            inside: Where the part stands in the box, once that is laid out.

        Returns:
            False while the message is not parsed that far, or the list is hidden: to be asked again.
        """
        row, number = place.row, place.box
        if self._layout.existing(row) is None:
            self.return_to(Anchor(row, -1, 0.0))
        item = self._layout.existing(row)
        document = None if item is None else item.text(in_thought=place.in_thought)
        if item is None or document is None or number >= len(document.boxes):
            return False
        box = document.boxes[number]
        if box.width != document.width:
            self.return_to(place)
        rect = inside(box)
        # What was opened for it, such as folded code, has another height now.
        self._layout.refresh(row)
        self.settle()
        height = self.viewport().height()
        origin = self._origin(row) + item.origin_of(in_thought=place.in_thought)
        top = origin.y() + document.box_top(number)
        if top + rect.top() < 0 or top + rect.bottom() > height:
            self.return_to(place._replace(distance=rect.top() - height / 3))
        return True

    def settle(self) -> None:
        """Lay out what is visible; what is read stays where it is, or the end stays in sight."""
        self._settle_at(self._anchor())

    def _set_up(self) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAutoScroll(False)
        # Below Qt's own least height, the composer under it would be cut instead.
        self.setMinimumHeight(1)
        self.setAccessibleName(self.tr("Messages"))
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)

    def _anchor(self) -> Anchor | None:
        """What is read now; None while the end is followed."""
        if self._is_following:
            return None
        if self._wanted is not None:
            return self._wanted
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
        self._wanted = None
        self._is_settling = False
        self._after_move()

    def _on_button_focused(self, row: int) -> None:
        """Let menu and keys be about the message whose button has the focus."""
        self.setCurrentIndex(self._model.index(row))

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
        self._layout.forget_far(first, last, self.kept_row)
        self._overlays.place(self._origin)
        self._thoughts.place(self._layout.items(), self._origin)
        self._pill.setVisible(not self._is_following)
        self._pill.place(self._column_rect().right() + self._style.px(8))
        self.viewport().update()
        if self._layout.has_work:
            self._work_timer.start()

    def _column_rect(self) -> QRect:
        """The message column in the viewport."""
        # Measured with the scroll bar, so that messages and composer line up.
        room = self.width() - 2 * self._style.margin
        column = max(min(self._style.column, room), 40)
        # A scroll bar on the left moves the viewport; the column stays in the middle of the view.
        left = (self.width() - column) // 2 - self.viewport().x()
        return QRect(left, 0, column, self.viewport().height())

    def _origin(self, row: int) -> QPointF:
        """Upper left corner of an item in the viewport."""
        y = round(self._layout.map.top(row)) - self.verticalScrollBar().value()
        return QPointF(self._column_rect().x(), y)

    def _hit(self, point: QPointF) -> RowHit | None:
        """What is at a point of the viewport."""
        row = self._layout.map.row_at(point.y() + self.verticalScrollBar().value())
        item = self._layout.existing(row)
        return None if item is None else RowHit(row, item.hit(point - self._origin(row)))

    def _on_data_changed(self, first: QModelIndex, last: QModelIndex) -> None:
        for row in range(first.row(), last.row() + 1):
            if self.isVisible():
                self._layout.refresh(row)
        self.settle()

    def _catch_up(self) -> None:
        """Take the new states of all rows near the view; a hidden list does so when it is shown."""
        if self.isVisible():
            for row in tuple(self._layout.items()):
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
        anchor = self._anchor()
        self._overlays.clear()
        self._thoughts.clear()
        self._layout.reset()
        self._settle_at(anchor)

    def _on_theme_changed(self) -> None:
        anchor = self._anchor()
        self._style = self._dressed_style()
        self._overlays.clear()
        self._thoughts.clear()
        self._layout.set_style(self._style)
        self._layout.set_column(self._column_rect().width())
        self._settle_at(anchor)

    def _dressed_style(self) -> ChatStyle:
        """The style of this view with its pictures."""
        style = self.new_style()
        style.formulas, style.ratio = self._formulas, self.devicePixelRatioF()
        return style

    def _on_thought_toggled(self, message_id: str) -> None:
        # The header stays under the pointer, whatever unfolds below it.
        self._is_following = False
        self._model.toggle_thought(MessageId(message_id))

    def _on_formulas_drawn(self) -> None:
        """Let the pictures that came take the place of their sources."""
        anchor = self._anchor()
        self._layout.take_pictures()
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
        if self._style.ratio != self.devicePixelRatioF():
            # Shown on another screen than before.
            self._on_theme_changed()
        self._catch_up()

    def dataChanged(
        self,
        top_left: QModelIndex | QPersistentModelIndex,
        bottom_right: QModelIndex | QPersistentModelIndex,
        roles: Sequence[int] = (),
    ) -> None:
        """Tell screen readers; the model is followed by `_on_data_changed`."""
        # Not the list's own, which lays out all items a moment later: each piece of a reply was laid
        # out and painted twice, 58 times a second.
        QAbstractItemView.dataChanged(self, top_left, bottom_right, list(roles))

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
            bar.setValue(bar.value() + rect.top() - self._style.margin)
        elif rect.bottom() > self.viewport().height():
            bottom = self.viewport().height() - self._style.margin
            bar.setValue(bar.value() + rect.bottom() - bottom)

    def visualRegionForSelection(self, _selection: QItemSelection) -> QRegion:
        """Rows are not selected as items; text is."""
        return QRegion()
