"""The live widgets on top of painted messages: button rows and error cards.

Two button rows exist: one on the last reply, one on the message under the pointer or in focus.
GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtWidgets import QWidget

from realm_desktop.store.records import MessageId
from realm_desktop.ui.chat.error_card import ErrorCard
from realm_desktop.ui.chat.message_actions import MessageAction, MessageActions
from realm_desktop.ui.chat.message_item import MessageItem
from realm_desktop.ui.chat.transcript_layout import TranscriptLayout
from realm_desktop.ui.theme import Theme


class MessageOverlays(QObject):
    """Owns the widgets and keeps each on its message; children of the viewport.

    Attributes:
        requested: An action and the message's id.
        resized: A card needs another height.
        dragged: The message of this row is dragged out.
        focused: The keyboard brought the focus to a button of the message of this row.
    """

    requested = Signal(MessageAction, str)
    resized = Signal()
    dragged = Signal(int)
    focused = Signal(int)

    def __init__(self, layout: TranscriptLayout, theme: Theme, viewport: QWidget) -> None:
        super().__init__(viewport)
        self._layout = layout
        self._theme = theme
        self._viewport = viewport
        self._hovered = -1
        self._current = -1
        self._cards: dict[MessageId, ErrorCard] = {}
        self._last_actions = MessageActions(theme, viewport)
        self._row_actions = MessageActions(theme, viewport)
        for actions in (self._last_actions, self._row_actions):
            actions.requested.connect(self.requested)
            actions.dragged.connect(self._on_dragged)
            actions.focused.connect(self._on_focused)
            actions.hide()

    def set_hovered(self, row: int) -> bool:
        """Take the row under the pointer, -1 for none; returns whether it differs."""
        is_new = row != self._hovered
        self._hovered = row
        return is_new

    def set_current(self, row: int) -> None:
        """Take the row in focus, -1 for none."""
        self._current = row

    def clear(self) -> None:
        """Other messages: forget everything about rows."""
        self._hovered = self._current = -1
        for card in self._cards.values():
            card.deleteLater()
        self._cards.clear()
        self._last_actions.hide()
        self._row_actions.hide()

    def measure_cards(self) -> bool:
        """Give every failed message near the view a card; returns whether anything moved."""
        has_moved = False
        wanted: set[MessageId] = set()
        for row, item in tuple(self._layout.items().items()):
            height = 0
            if item.state.error is not None:
                wanted.add(item.state.message.message_id)
                card = self._card(item)
                card.set_enabled(is_enabled=not item.state.is_busy)
                height = card.height_for(round(item.width))
            has_moved |= self._layout.settle_card(row, height)
        for message_id in self._cards.keys() - wanted:
            self._cards.pop(message_id).deleteLater()
        return has_moved

    def place(self, origin: Callable[[int], QPointF]) -> None:
        """Move all widgets to where their messages stand now."""
        last = len(self._layout.map) - 1
        item = self._layout.existing(last)
        has_row = item is not None and not item.is_user and not item.state.is_streaming
        self._show_actions(self._last_actions, last if has_row else -1, origin)
        chosen = self._hovered if self._hovered >= 0 else self._current
        if chosen == last and has_row:
            # Its buttons stand there already.
            chosen = -1
        self._show_actions(self._row_actions, chosen, origin)
        for row, shown in self._layout.items().items():
            card = self._cards.get(shown.state.message.message_id)
            if card is not None:
                card.setGeometry(shown.card_room.translated(origin(row)).toAlignedRect())
                card.show()

    def _card(self, item: MessageItem) -> ErrorCard:
        message_id = item.state.message.message_id
        error = item.state.error
        assert error is not None
        known = self._cards.get(message_id)
        if known is not None and known.error == error:
            return known
        if known is not None:
            known.deleteLater()
        is_lane = item.state.is_lane
        card = ErrorCard(self._theme, message_id, error, self._viewport, is_lane=is_lane)
        card.requested.connect(self._on_requested)
        card.resized.connect(self.resized)
        self._cards[message_id] = card
        return card

    def _on_dragged(self, message_id: str) -> None:
        for row in self._rows_of(message_id):
            self.dragged.emit(row)

    def _on_focused(self, message_id: str) -> None:
        for row in self._rows_of(message_id):
            self.focused.emit(row)

    def _rows_of(self, message_id: str) -> list[int]:
        """The row of a message; none if it is gone."""
        items = self._layout.items().items()
        return [row for row, item in items if item.state.message.message_id == message_id]

    def _on_requested(self, action: MessageAction, message_id: str) -> None:
        """What a card asks for; what can be edited is the message that was not answered."""
        if action is MessageAction.EDIT:
            messages = (item.state.message for item in self._layout.items().values())
            parents = {message.message_id: message.parent_id for message in messages}
            message_id = parents.get(MessageId(message_id)) or message_id
        self.requested.emit(action, message_id)

    def _show_actions(
        self, actions: MessageActions, row: int, origin: Callable[[int], QPointF]
    ) -> None:
        item = self._layout.existing(row)
        if item is None:
            actions.hide()
            return
        actions.set_message(item.state)
        room = item.actions_room.translated(origin(row))
        is_mirrored = actions.layoutDirection() is Qt.LayoutDirection.RightToLeft
        is_right = item.is_user != is_mirrored
        place = _aligned(room, actions.sizeHint().width(), is_right=is_right)
        actions.setGeometry(place.toAlignedRect())
        actions.show()


def _aligned(room: QRectF, width: float, *, is_right: bool) -> QRectF:
    """The part of `room` at one side, `width` px wide."""
    # The icons have air around them: move out so that they line up with the text.
    left = room.right() - width + 4 if is_right else room.x() - 4
    return QRectF(left, room.y(), width, room.height())
