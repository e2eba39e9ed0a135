"""One message as the transcript shows it: bubble or plain text, and the lines below.

Knows where everything stands, but no widget: the view places error card and action row in the
rooms that are left for them. GUI thread.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from realm_desktop.events import ErrorInfo
from realm_desktop.store.records import Message, MessageState
from realm_desktop.thinking import SplitReply, ThinkingSplitter
from realm_desktop.ui.chat.attachment_strip import AttachmentStrip
from realm_desktop.ui.chat.blocks import TextBlock
from realm_desktop.ui.chat.box import Painting
from realm_desktop.ui.chat.chat_style import ChatStyle
from realm_desktop.ui.chat.markdown import MarkdownParser
from realm_desktop.ui.chat.message_document import DocumentHit, MessageDocument, Selection
from realm_desktop.ui.chat.message_frame import (
    card_padding,
    is_card,
    paint_activity,
    paint_bubble,
    paint_card,
)
from realm_desktop.ui.chat.stats_line import StatsLine
from realm_desktop.ui.chat.thought_block import ThoughtBlock
from realm_desktop.ui.widgets.state_glyph import Glyph, GlyphState, paint_state

_BUBBLE_SHARE = 0.84
_BUBBLE_PADDING_PX = (14, 10)
_LINE_GAP_PX = 12
_STRIP_GAP_PX = 8
_ACTIONS_PX = 24
_ACTIONS_GAP_PX = 6


@dataclass(frozen=True, slots=True)
class Activity:
    """What the session does before there is text.

    Attributes:
        text: In words, such as "Reading 12,400 tokens · 38 %".
        progress: 0 to 1 for a bar, None for no bar.
    """

    text: str
    progress: float | None = None


@dataclass(frozen=True, slots=True)
class ItemState:
    """Everything that decides how a message looks.

    Attributes:
        version: Which one it is, from 0.
        num_versions: How many there are.
        is_last: Whether it ends the branch.
        is_busy: Whether the conversation waits for a reply or one runs.
        can_continue: Whether it is a reply that ended early and can go on.
        activity: What to show below it while no text comes.
        error: What to show in a card: why it failed, or why the chat cannot go on after it.
        is_lane: Whether it stands in a lane of a comparison, whose foot has its figures.
        has_tokens: Whether it is known how likely its tokens were.
        blocks: Shown in place of the text, such as a diff; None shows the text.
        thought_s: How long it thought before it answered, seconds; None where nobody knows.
        is_thought_open: Whether what it thought is shown, and not its header alone.
    """

    message: Message
    version: int = 0
    num_versions: int = 1
    is_last: bool = False
    is_busy: bool = False
    can_continue: bool = False
    activity: Activity | None = None
    error: ErrorInfo | None = None
    is_lane: bool = False
    has_tokens: bool = False
    blocks: tuple[TextBlock, ...] | None = None
    thought_s: float | None = None
    is_thought_open: bool = False

    @property
    def is_streaming(self) -> bool:
        """Whether more text comes."""
        return self.message.state is MessageState.STREAMING


class MessageItem:
    """One message laid out for a column width; owned by the view.

    Attributes:
        state: What it shows.
        document: The boxes of its text; of a reply that thought, those of the answer.
        thought: What it thought.
        width: Of the column it was laid out for, px.
        height: Of everything, px; the document's estimates included.
        text_origin: Upper left corner of the text, counted from the item's.
        card_room: Where the error card goes; its height is set by the view.
        actions_room: Where the action row goes.
    """

    def __init__(self, style: ChatStyle, parser: MarkdownParser, state: ItemState) -> None:
        self.state = state
        self._style = style
        self._parser = parser
        self.document = self._new_document()
        self.thought = ThoughtBlock(style, parser)
        self._splitter = ThinkingSplitter()
        self._split = SplitReply("", "")
        self.width = 0.0
        self.height = 0.0
        self.text_origin = QPointF()
        self.card_room = QRectF()
        self.actions_room = QRectF()
        self._bubble = QRectF()
        self._note_room = QRectF()
        self._activity_room = QRectF()
        self._stats_origin = QPointF()
        self._card_height = 0.0
        self._stats = StatsLine(state.message, style)
        self._strip = AttachmentStrip(state.message.attachments, style)
        self._strip_origin = QPointF()
        self._take_text()

    @property
    def is_user(self) -> bool:
        """Whether the user wrote it."""
        return self.state.message.role == "user"

    @property
    def is_card(self) -> bool:
        """Whether neither the user nor the model says it."""
        return is_card(self.state.message.role)

    @property
    def has_caret(self) -> bool:
        """Whether text is coming in right now."""
        return self.state.is_streaming and bool(self.state.message.content)

    @property
    def is_thinking(self) -> bool:
        """Whether what comes in is not the answer yet."""
        return self.state.is_streaming and self._split.is_thinking

    @property
    def has_work(self) -> bool:
        """Whether anything is left to parse or to colour."""
        return self.document.has_work or self.thought.document.has_work

    def work(self, budget_s: float) -> bool:
        """Parse and colour for about this time; returns whether anything looks different."""
        has_changed = self.thought.document.has_work and self.thought.document.work(budget_s)
        return self.document.work(budget_s) or has_changed

    def text(self, *, in_thought: bool) -> MessageDocument:
        """The boxes of the thought, or of the answer."""
        return self.thought.document if in_thought else self.document

    def origin_of(self, *, in_thought: bool) -> QPointF:
        """Upper left corner of the thought's text, or of the answer's, counted from the item's."""
        return self.thought.text_origin if in_thought else self.text_origin

    @property
    def stats_text(self) -> str:
        """The figures of a reply as one line."""
        return self._stats.text

    def set_state(self, state: ItemState) -> None:
        """Take a new state; `lay_out` follows."""
        old, had_blocks = self.state.message, self.state.blocks
        is_folded = self.state.is_thought_open != state.is_thought_open
        self.state = state
        new = state.message
        if old.role != new.role:
            # Markdown or not, a card or not, and what was thought: all go by who says it.
            self.document = self._new_document()
            self.thought = ThoughtBlock(self._style, self._parser)
            self._take_text()
        elif had_blocks is not None and state.blocks is None:
            self.document = self._new_document()
            self._take_text()
        elif is_folded or (old.content, old.state, had_blocks) != (
            new.content,
            new.state,
            state.blocks,
        ):
            self._take_text()
        if old.stats is not new.stats or old.finish_reason is not new.finish_reason:
            self._stats = StatsLine(new, self._style)

    def set_card_height(self, height: float) -> None:
        """How much room the error card needs; 0 without one. `lay_out` follows."""
        self._card_height = height

    def lay_out(self, width: float) -> None:
        """Place everything for a column width; uses estimates for text that is not seen."""
        self.width = width
        text_width = self._text_width(width)
        self.document.set_width(text_width)
        if self.is_user:
            self._lay_out_bubble(width, text_width)
        else:
            self._lay_out_reply(width)

    def lay_out_text(self, top: float, bottom: float) -> bool:
        """Lay out the text between two heights of the item; returns whether its height changed."""
        offset = self.text_origin.y()
        has_changed = self.thought.lay_out_text(top, bottom)
        has_changed |= self.document.lay_out(top - offset, bottom - offset)
        if not has_changed:
            return False
        self.lay_out(self.width)
        return True

    def paint(
        self,
        painting: Painting,
        origin: QPointF,
        selection: Selection | None,
        hover: DocumentHit | None,
    ) -> None:
        """Draw with the upper left corner at `origin`."""
        style = self._style
        painter = painting.painter
        if self.is_user:
            paint_bubble(painter, style, self._bubble.translated(origin))
        elif self.is_card:
            card = self._bubble.translated(origin)
            paint_card(painter, style, card, self.state.message.role)
        self._strip.paint(painter, origin + self._strip_origin)
        text_origin = origin + self.text_origin
        self.thought.paint(painting, origin, selection, hover)
        own = None if selection is not None and selection.in_thought else selection
        at = None if hover is not None and hover.in_thought else hover
        self.document.paint(painting, text_origin, own, at)
        if self.is_thinking:
            self.thought.paint_caret(painter, origin)
        elif self.has_caret:
            self.document.paint_caret(painter, text_origin)
        if not self._note_room.isEmpty():
            self._paint_note(painter, self._note_room.translated(origin))
        activity = self.state.activity
        if activity is not None:
            room = self._activity_room.translated(origin)
            paint_activity(painter, style, room, activity.text, activity.progress)
        if self._stats.parts and not self.state.is_lane:
            self._stats.paint(painter, origin + self._stats_origin)

    def hit(self, point: QPointF, *, in_thought: bool | None = None) -> DocumentHit:
        """What of the text is at a point of the item, or nearest to it in thought or answer."""
        if in_thought is None:
            in_thought = self.thought.is_expanded and point.y() < self.thought.height
        found = self.text(in_thought=in_thought).hit(point - self.origin_of(in_thought=in_thought))
        return found._replace(in_thought=in_thought)

    def attachment_at(self, point: QPointF) -> int:
        """Which attachment is at a point of the item; -1 for none."""
        return self._strip.number_at(point - self._strip_origin)

    def explanation_at(self, point: QPointF) -> str:
        """What the figure at a point means; empty elsewhere."""
        return self._stats.explanation_at(point - self._stats_origin)

    def _new_document(self) -> MessageDocument:
        # What stands in a card is smaller, as what a reply thought.
        style = self._style.thought if self.is_card else self._style
        return MessageDocument(style, self._parser, is_plain=self.is_user)

    def _take_text(self) -> None:
        state = self.state
        text = state.message.content
        if state.message.role == "assistant":
            self._split = self._splitter.split(text, is_open=state.is_streaming)
            text = self._split.answer
            self.thought.set_thought(self._split, is_expanded=state.is_thought_open)
        if state.blocks is not None:
            self.document.set_blocks(state.blocks)
        else:
            self.document.set_text(text, is_open=state.is_streaming)

    def _text_width(self, width: float) -> float:
        if self.is_card:
            return max(width - 2 * card_padding(self._style)[0], 40.0)
        if not self.is_user:
            return width
        padding = 2 * self._style.px(_BUBBLE_PADDING_PX[0])
        limit = max(width * _BUBBLE_SHARE - padding, 40.0)
        chips = min(self._strip.natural_width, limit)
        return max(self.document.natural_width(limit), chips)

    def _lay_out_bubble(self, width: float, text_width: float) -> None:
        padding_x, padding_y = (self._style.px(side) for side in _BUBBLE_PADDING_PX)
        bubble_width = text_width + 2 * padding_x
        self._strip.lay_out(text_width)
        has_text = bool(self.state.message.content)
        strip = self._strip.height
        # Chips alone stand in the middle of the bubble; the empty line of no text adds nothing.
        text_height = self.document.height if has_text or not strip else 0.0
        strip += self._style.px(_STRIP_GAP_PX) if strip and has_text else 0
        bubble_height = strip + text_height + 2 * padding_y
        left = 0.0 if self._style.is_mirrored else width - bubble_width
        self._bubble = QRectF(left, 0, bubble_width, bubble_height)
        self._strip_origin = QPointF(left + padding_x, padding_y)
        self.text_origin = QPointF(left + padding_x, padding_y + strip)
        y = bubble_height
        row = self._style.px(_ACTIONS_PX)
        if self.state.num_versions > 1:
            self.actions_room = QRectF(0, y + self._style.px(2), width, row)
            y += self._style.px(2) + row
        else:
            # Without versions the row lies in the gap below; nothing moves when it appears.
            self.actions_room = QRectF(0, y - self._style.px(2), width, row)
        y = self._place_card(y)
        self.height = self._place_activity(y)

    def _lay_out_reply(self, width: float) -> None:
        style = self._style
        gap = style.px(_LINE_GAP_PX)
        self.thought.lay_out(width)
        y = self.thought.height
        # Nothing of an answer yet needs no gap above it either.
        y += gap if y and self.document.boxes else 0
        self.text_origin = QPointF(0, y)
        y += self.document.height
        if self.is_card:
            beside, above, below = card_padding(style)
            self.text_origin = QPointF(beside, above)
            y += above + below
            self._bubble = QRectF(0, 0, width, y)
        self._note_room = QRectF()
        if self.state.message.state is MessageState.INTERRUPTED:
            y += style.px(4) if y else 0
            self._note_room = QRectF(0, y, width, style.line_height("stats"))
            y = self._note_room.bottom()
        y = self._place_activity(self._place_card(y))
        self._stats.lay_out(width)
        self._stats_origin = QPointF(0, y + gap)
        if self._stats.parts and not self.state.is_lane:
            y += gap + self._stats.height
        row = style.px(_ACTIONS_PX)
        is_shown = self.state.is_last or self.state.num_versions > 1
        if is_shown and not self.state.is_streaming:
            self.actions_room = QRectF(0, y + style.px(_ACTIONS_GAP_PX), width, row)
            y = self.actions_room.bottom()
        else:
            self.actions_room = QRectF(0, y - style.px(2), width, row)
        self.height = y

    def _place_card(self, y: float) -> float:
        """Room for the error card below `y`; returns where the item goes on."""
        self.card_room = QRectF()
        if not self._card_height:
            return y
        y += self._style.px(20 if self.is_user else 10) if y else 0
        self.card_room = QRectF(0, y, self.width, self._card_height)
        return self.card_room.bottom()

    def _place_activity(self, y: float) -> float:
        """Room for the waiting line below `y`; returns where the item goes on."""
        activity = self.state.activity
        self._activity_room = QRectF()
        if activity is None:
            return y
        style = self._style
        if self.is_user:
            y += style.px(20)
        elif y:
            y += style.px(_LINE_GAP_PX)
        height = style.line_height("interface") + style.px(12)
        self._activity_room = QRectF(0, y, self.width, height)
        return self._activity_room.bottom()

    def _paint_note(self, painter: QPainter, room: QRectF) -> None:
        style = self._style
        glyph = style.visual(room, QRectF(room.x(), room.y(), style.px(14), room.height()))
        paint_state(painter, glyph.toRect(), style.theme, GlyphState(Glyph.INTERRUPTED))
        painter.setFont(style.font("stats"))
        painter.setPen(style.colour("text-muted"))
        leading = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
        rest = style.visual(room, room.adjusted(style.px(22), 0, 0, 0))
        painter.drawText(rest, leading, self._note())

    def _note(self) -> str:
        stats = self.state.message.stats
        count = 0 if stats is None else stats.num_completion_tokens
        if count:
            return QCoreApplication.translate(
                "MessageItem", "Interrupted after %n tokens; the text is saved.", "", count
            )
        return QCoreApplication.translate("MessageItem", "Interrupted; the text is saved.")
