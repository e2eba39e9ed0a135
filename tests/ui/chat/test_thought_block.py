"""What a reply thought, above its answer."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPointF

from realm_desktop.events import FinishReason
from realm_desktop.store.records import MessageState
from realm_desktop.thinking import SplitReply
from realm_desktop.ui.chat.chat_style import ChatStyle
from realm_desktop.ui.chat.markdown import MarkdownParser
from realm_desktop.ui.chat.message_item import ItemState, MessageItem
from realm_desktop.ui.chat.thought_block import ThoughtBlock
from tests.support.chat_views import STATS
from tests.support.stores import make_message, make_reply

HEADER = 24
GAP = 12
LINE = 24


def _item(style: ChatStyle, text: str, *, is_open: bool = False, **fields: Any) -> MessageItem:
    state = ItemState(make_reply("a", content=text, **fields), is_thought_open=is_open)
    item = MessageItem(style, MarkdownParser(), state)
    _settle(item)
    return item


def _settle(item: MessageItem) -> None:
    while item.has_work:
        item.work(1.0)
    item.lay_out(700)
    item.lay_out_text(0, 1e6)


def test_folded_thought_is_a_header_above_the_answer(style: ChatStyle) -> None:
    item = _item(style, "<think>Why?</think>Yes.")

    assert item.thought.height == HEADER
    assert item.text_origin.y() == HEADER + GAP
    assert item.height == HEADER + GAP + LINE
    assert [box.text for box in item.document.boxes] == ["Yes."]


def test_unfolded_thought_takes_the_room_of_its_text(style: ChatStyle) -> None:
    item = _item(style, "<think>Why?\n\nHm.</think>Yes.", is_open=True)

    assert item.thought.height == HEADER + 4 + 20 + GAP + 20


def test_reply_without_thought_has_no_header(style: ChatStyle) -> None:
    item = _item(style, "Yes.")

    assert item.thought.is_empty
    assert item.thought.header_room.isEmpty()
    assert item.height == LINE


def test_text_of_users_is_not_split(style: ChatStyle) -> None:
    message = make_message("u", content="<think>Why?</think>Yes.")
    item = MessageItem(style, MarkdownParser(), ItemState(message))

    assert item.thought.is_empty


def test_thought_without_answer_ends_below_its_header(style: ChatStyle) -> None:
    item = _item(style, "<think>Why?", state=MessageState.STREAMING)

    assert item.is_thinking
    assert item.height == HEADER


def test_stopped_thought_thinks_no_more(style: ChatStyle) -> None:
    assert not _item(style, "<think>Why?", state=MessageState.INTERRUPTED).is_thinking


def test_late_closing_tag_turns_text_into_a_thought(style: ChatStyle) -> None:
    item = _item(style, "Why?", state=MessageState.STREAMING)
    text = "Why?</think>Yes."
    item.set_state(ItemState(make_reply("a", content=text, state=MessageState.STREAMING)))
    _settle(item)

    assert not item.thought.is_empty
    assert [box.text for box in item.document.boxes] == ["Yes."]


def test_unfolding_makes_the_item_higher(style: ChatStyle) -> None:
    item = _item(style, "<think>Why?</think>Yes.")
    before = item.height
    item.set_state(ItemState(item.state.message, is_thought_open=True))
    _settle(item)

    assert item.height == before + 4 + 20


def test_links_of_thought_and_answer_are_told_apart(style: ChatStyle) -> None:
    item = _item(style, "<think>[Why](https://c.d)</think>[Yes](https://a.b)", is_open=True)
    thought = item.hit(QPointF(20, HEADER + 10))
    answer = item.hit(QPointF(5, item.text_origin.y() + 8))

    assert (thought.hit.address, thought.in_thought) == ("https://c.d", True)
    assert (answer.hit.address, answer.in_thought) == ("https://a.b", False)


def test_point_beside_a_text_is_nearest_to_its_end(style: ChatStyle) -> None:
    item = _item(style, "<think>Why?</think>Yes.", is_open=True)

    assert item.hit(QPointF(600, 1000), in_thought=True).hit.position == len("Why?")
    assert item.hit(QPointF(0, 0), in_thought=False).hit.position == 0


def test_folded_thought_is_not_hit(style: ChatStyle) -> None:
    item = _item(style, "<think>Why?</think>Yes.")

    assert not item.hit(QPointF(20, 10)).in_thought


def test_thought_is_shown_as_markdown(style: ChatStyle) -> None:
    item = _item(style, "<think>**Why**\n\n```\nx = 1\n```</think>Yes.", is_open=True)

    assert [box.text for box in item.thought.document.boxes] == ["Why", "x = 1"]


def test_folded_thought_is_not_parsed(style: ChatStyle) -> None:
    item = _item(style, "<think>**Why**</think>Yes.")

    assert not item.thought.document.boxes


def test_headings_of_a_thought_are_no_larger_than_its_text(style: ChatStyle) -> None:
    thought = style.thought

    assert {thought.font(role).pixelSize() for role in ("message", "h1", "h2", "h3")} == {13}
    assert thought.font("h1").weight() > thought.font("message").weight()


def test_paragraphs_that_stay_keep_their_boxes(style: ChatStyle) -> None:
    block = ThoughtBlock(style, MarkdownParser())
    block.set_thought(SplitReply("One.\n\nTw", "", is_thinking=True), is_expanded=True)
    block.document.work(1.0)
    first = block.document.boxes[0]
    block.set_thought(SplitReply("One.\n\nTwo.", "", is_thinking=True), is_expanded=True)
    block.document.work(1.0)

    assert block.document.boxes[0] is first
    assert [box.text for box in block.document.boxes] == ["One.", "Two."]


def test_thought_is_muted_and_smaller(style: ChatStyle) -> None:
    assert style.thought.colour("text") == style.colour("text-muted")
    assert style.thought.line_height("message") == 20
    assert style.thought is style.thought


def test_figures_stand_below_the_answer(style: ChatStyle) -> None:
    item = _item(style, "<think>Why?</think>Yes.", stats=STATS, finish_reason=FinishReason.STOP)

    assert item.height == HEADER + GAP + LINE + 12 + 18
    assert item.explanation_at(QPointF(5, item.height - 9))
    assert not item.explanation_at(QPointF(5, item.text_origin.y() + 8))
