"""Which messages have a document, how high everything is, what stays in place while heights settle.

Only what is near the visible part is laid out; the rest has an estimated height. Knows no widget
but the font metrics behind `ChatStyle`. GUI thread.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple

from realm_desktop.store.records import Message, MessageId
from realm_desktop.thinking import answer_of
from realm_desktop.ui.chat.chat_style import ChatStyle
from realm_desktop.ui.chat.markdown import MarkdownParser
from realm_desktop.ui.chat.message_item import MessageItem
from realm_desktop.ui.chat.message_list_model import MessageListModel
from realm_desktop.ui.chat.scroll_map import ScrollMap

_MAX_ITEMS = 48
_MAX_KNOWN = 50_000
_WORK_S = 0.008
_BUBBLE_SHARE = 0.84
_BUBBLE_EXTRA_PX = 20
_REPLY_EXTRA_PX = 30
_CHIPS_PX = 32


class Anchor(NamedTuple):
    """A place in the text that stays where it is on the screen.

    Attributes:
        row: Of the message.
        box: Of its text; -1 counts from the top of the row.
        distance: Below the top of that, px.
        in_thought: Whether the box is one of what the message thought.
    """

    row: int
    box: int
    distance: float
    in_thought: bool = False


class TranscriptLayout:
    """Items of the messages near the view, and the heights of all.

    Attributes:
        map: Tops and heights of all rows.
        column: Width of the message column, px.
    """

    def __init__(self, model: MessageListModel, style: ChatStyle) -> None:
        self.column = 0
        self._model = model
        self._parser = MarkdownParser()
        self._known: dict[tuple[int, MessageId], float] = {}
        self._items: dict[int, MessageItem] = {}
        self.set_style(style)

    def set_style(self, style: ChatStyle) -> None:
        """Take new fonts and colours; everything is laid out anew."""
        self._style = style
        self._known.clear()
        self.map = ScrollMap(style.margin, style.theme.message_gap)
        self.reset()

    def reset(self) -> None:
        """Other messages: forget all items, take known or estimated heights."""
        self._items.clear()
        self._fill_map()

    def set_column(self, column: int) -> bool:
        """Take another width; returns whether it differs."""
        if column == self.column:
            return False
        self.column = column
        self._fill_map()
        for row in self._items:
            self._settle(row)
        return True

    def append(self) -> None:
        """A row was added at the end."""
        self.map.append(self._height(self._model.message(len(self.map))))

    def refresh(self, row: int) -> bool:
        """Take the new state of a row that has an item; returns whether it has one."""
        item = self._items.get(row)
        if item is None:
            # Its text may be another one by now; the height it was last seen with is not its own then.
            self._known.pop((self.column, self._model.message(row).message_id), None)
            return False
        item.set_state(self._model.state(row))
        item.work(_WORK_S)
        self._settle(row)
        return True

    def existing(self, row: int) -> MessageItem | None:
        """The item of a row, if it has one."""
        return self._items.get(row)

    def new_item(self, row: int) -> MessageItem:
        """An item of a row for whoever asks; it is not the one that is shown."""
        return MessageItem(self._style, self._parser, self._model.state(row))

    def unfolded_item(self, row: int) -> MessageItem:
        """The same with what it thought unfolded, to read all of its text."""
        state = replace(self._model.state(row), is_thought_open=True)
        return MessageItem(self._style, self._parser, state)

    def items(self) -> dict[int, MessageItem]:
        """All items by row; not to be changed."""
        return self._items

    def lay_out(self, top: float, bottom: float) -> bool:
        """Lay out what stands between two heights; returns whether anything moved."""
        has_moved = False
        row = self.map.row_at(top)
        while 0 <= row < len(self.map) and self.map.top(row) < bottom:
            item = self._items.get(row)
            if item is None:
                item = self._items[row] = self.new_item(row)
                item.work(_WORK_S)
                has_moved |= self._settle(row)
            row_top = self.map.top(row)
            if item.lay_out_text(top - row_top, bottom - row_top):
                has_moved |= self._settle(row)
            row += 1
        return has_moved

    def take_pictures(self) -> None:
        """Lay out what has formulas again: pictures of them came."""
        for row, item in self._items.items():
            item.document.take_pictures()
            item.thought.document.take_pictures()
            self._settle(row)

    def work(self) -> bool:
        """Go on parsing and colouring for one slice; returns whether anything looks different."""
        for row, item in self._items.items():
            if item.has_work:
                has_changed = item.work(_WORK_S)
                self._settle(row)
                return has_changed
        return False

    @property
    def has_work(self) -> bool:
        """Whether `work` has anything to do."""
        return any(item.has_work for item in self._items.values())

    def settle_card(self, row: int, height: float) -> bool:
        """Give the error card of a row its height; returns whether anything moved."""
        item = self._items[row]
        item.set_card_height(height)
        return self._settle(row)

    def forget_far(self, first: int, last: int, keep: int) -> None:
        """Drop items outside of these rows once there are many; heights stay known."""
        if len(self._items) <= _MAX_ITEMS:
            return
        # A list of its own: the dictionary shrinks on the way.
        for row in [row for row in self._items if not first <= row <= last and row != keep]:
            del self._items[row]

    def anchor_at(self, y: float) -> Anchor | None:
        """The place in the text at a height; None without rows."""
        row = self.map.row_at(y)
        if row < 0:
            return None
        inside = y - self.map.top(row)
        item = self._items.get(row)
        if item is None:
            return Anchor(row, -1, inside)
        in_thought = item.thought.is_expanded and inside < item.thought.height
        distance = inside - item.origin_of(in_thought=in_thought).y()
        document = item.text(in_thought=in_thought)
        if distance < 0 or not document.boxes:
            return Anchor(row, -1, inside)
        box = document.box_at(distance)
        return Anchor(row, box, distance - document.box_top(box), in_thought)

    def height_of(self, anchor: Anchor) -> float:
        """Where an anchor stands now."""
        if anchor.row >= len(self.map):
            return self.map.total
        top = self.map.top(anchor.row)
        item = self._items.get(anchor.row)
        document = None if item is None else item.text(in_thought=anchor.in_thought)
        if item is None or document is None or not 0 <= anchor.box < len(document.boxes):
            return top + anchor.distance
        origin = item.origin_of(in_thought=anchor.in_thought)
        return top + origin.y() + document.box_top(anchor.box) + anchor.distance

    def _fill_map(self) -> None:
        self._measure()
        num_rows = self._model.rowCount()
        if not self.column:
            # The first width comes before the first paint; estimating twice would cost as much again.
            self.map.reset([self._line_height] * num_rows)
            return
        self.map.reset([self._height(message) for message in self._model.messages()])

    def _measure(self) -> None:
        """Take down what estimates need: asked of the style for each of many rows, it is slow."""
        style = self._style
        character_px = style.character_width("message")
        self._line_height = style.line_height("message")
        self._chips_px = style.px(_CHIPS_PX)
        self._frame_px = style.px(_REPLY_EXTRA_PX)
        self._bubble_px = style.px(_BUBBLE_EXTRA_PX)
        self._reply_characters = max(self.column, 100.0) / character_px
        self._bubble_characters = max(self.column * _BUBBLE_SHARE, 100.0) / character_px

    def _settle(self, row: int) -> bool:
        """Lay out an item's frame and note its height; returns whether that differs."""
        item = self._items[row]
        item.lay_out(self.column)
        if len(self._known) > _MAX_KNOWN:
            self._known.clear()
        self._known[self.column, item.state.message.message_id] = item.height
        return self.map.set_height(row, item.height)

    def _height(self, message: Message) -> float:
        """Height of a message without an item: as it was last seen, else from its length."""
        if self._known:
            known = self._known.get((self.column, message.message_id))
            if known is not None:
                return known
        is_user = message.role == "user"
        per_line = self._bubble_characters if is_user else self._reply_characters
        text = answer_of(message.content) if message.role == "assistant" else message.content
        lines = math.ceil(len(text) / per_line) + text.count("\n")
        extra_px = self._bubble_px if is_user else self._frame_px
        if message.attachments:
            extra_px += self._chips_px
        return max(lines, 1) * self._line_height + extra_px
