"""What a reply thought before it answered, above the answer: room for its header, and its text.

The text is Markdown as that of the answer, smaller and muted. GUI thread.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from realm_desktop.thinking import SplitReply
from realm_desktop.ui.chat.box import Painting
from realm_desktop.ui.chat.chat_style import ChatStyle
from realm_desktop.ui.chat.markdown import MarkdownParser
from realm_desktop.ui.chat.message_document import DocumentHit, MessageDocument, Selection

THOUGHT_HEADER_PX: Final = 24
"""The design's 20, and what a click target needs."""

_INSET_PX: Final = 14
_RULE_PX: Final = 2
_GAP_PX: Final = 4


class ThoughtBlock:
    """The thought of one reply; empty, and 0 px high, for a reply that did not think.

    Attributes:
        header_room: Where the header goes, counted from the item's corner; empty without a thought.
        document: The boxes of its text; none while it is folded.
        height: Of header and text, px.
    """

    def __init__(self, style: ChatStyle, parser: MarkdownParser) -> None:
        self.header_room = QRectF()
        self.height = 0.0
        self._style = style
        self.document = MessageDocument(style.thought, parser, is_plain=False)
        self._is_there = False
        self._is_expanded = False

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show, not even a header."""
        return not self._is_there

    @property
    def is_expanded(self) -> bool:
        """Whether the text is shown."""
        return self._is_there and self._is_expanded

    def set_thought(self, split: SplitReply, *, is_expanded: bool) -> None:
        """Take the thought as it is now; a folded one costs nothing. `lay_out` follows."""
        self._is_there = split.has_thought
        self._is_expanded = is_expanded and bool(split.thought)
        text = split.thought if self._is_expanded else ""
        self.document.set_text(text, is_open=self._is_expanded and split.is_thinking)

    def lay_out(self, width: float) -> None:
        """Place header and text for a column width; uses estimates for what is not seen."""
        style = self._style
        self.header_room = QRectF()
        self.height = 0.0
        if not self._is_there:
            return
        self.header_room = QRectF(0, 0, width, style.px(THOUGHT_HEADER_PX))
        self.height = self.header_room.height()
        if self.is_expanded:
            self.document.set_width(max(width - style.px(_INSET_PX), 40.0))
            self.height += style.px(_GAP_PX) + self.document.height

    def lay_out_text(self, top: float, bottom: float) -> bool:
        """Lay out the text between two heights of the item; returns whether its height changed."""
        above = self.text_origin.y()
        return self.is_expanded and self.document.lay_out(top - above, bottom - above)

    def paint(
        self,
        painting: Painting,
        origin: QPointF,
        selection: Selection | None,
        hover: DocumentHit | None,
    ) -> None:
        """Draw the rule and the text behind it; the header is a widget."""
        if not self.is_expanded:
            return
        style = self._style
        text = origin + self.text_origin
        room = QRectF(origin.x(), text.y(), self.header_room.width(), self.document.height)
        rule = QRectF(room.x(), room.y(), style.px(_RULE_PX), room.height())
        painting.painter.fillRect(style.visual(room, rule), style.colour("border-strong"))
        own = selection if selection is not None and selection.in_thought else None
        at = hover if hover is not None and hover.in_thought else None
        self.document.paint(painting, text, own, at)

    def paint_caret(self, painter: QPainter, origin: QPointF) -> None:
        """Draw the caret behind the last word of a thought that is shown."""
        if self.is_expanded:
            self.document.paint_caret(painter, origin + self.text_origin)

    @property
    def text_origin(self) -> QPointF:
        """Upper left corner of the text, counted from the item's."""
        left = 0 if self._style.is_mirrored else self._style.px(_INSET_PX)
        return QPointF(left, self.header_room.height() + self._style.px(_GAP_PX))
