"""Tests of one message with everything around it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from realm_desktop.events import FinishReason
from realm_desktop.protocol import Role
from realm_desktop.store.records import Message, MessageState
from realm_desktop.ui.chat.box import Painting
from realm_desktop.ui.chat.chat_style import ChatStyle
from realm_desktop.ui.chat.markdown import MarkdownParser
from realm_desktop.ui.chat.message_item import Activity, ItemState, MessageItem
from tests.support.chat_views import STATS
from tests.support.pictures import colours_in
from tests.support.stores import make_message, make_reply

REPLY = make_reply("a", content="Some words.", stats=STATS, finish_reason=FinishReason.STOP)


def _item(style: ChatStyle, message: Message, **fields: Any) -> MessageItem:
    state = replace(ItemState(message), **fields)
    item = MessageItem(style, MarkdownParser(), state)
    while item.document.has_work:
        item.document.work(1.0)
    item.lay_out(700)
    item.lay_out_text(0, 1e6)
    return item


def test_user_message_is_a_bubble_at_the_right(style: ChatStyle) -> None:
    item = _item(style, make_message("u", content="Hello"))

    assert item.text_origin.x() > 500
    assert item.height == 10 + 24 + 10


def test_bubble_is_at_most_84_percent_wide(style: ChatStyle) -> None:
    item = _item(style, make_message("u", content="word " * 100))

    assert item.text_origin.x() == round(700 * 0.16) + 14


def test_reply_begins_at_the_left_edge(style: ChatStyle) -> None:
    assert _item(style, REPLY).text_origin.x() == 0


def test_figures_stand_below_the_text(style: ChatStyle) -> None:
    assert _item(style, REPLY).height == 24 + 12 + 18


def test_last_reply_reserves_room_for_its_buttons(style: ChatStyle) -> None:
    item = _item(style, REPLY, is_last=True)

    assert item.height == 24 + 12 + 18 + 6 + 24
    assert item.actions_room.bottom() == item.height


def test_buttons_of_earlier_replies_lie_in_the_gap(style: ChatStyle) -> None:
    item = _item(style, REPLY)

    assert item.actions_room.top() < item.height < item.actions_room.bottom()


def test_reply_with_versions_always_reserves_the_row(style: ChatStyle) -> None:
    assert _item(style, REPLY, num_versions=2).actions_room.bottom() == 24 + 12 + 18 + 6 + 24


def test_streaming_reply_has_a_caret_once_there_is_text(style: ChatStyle) -> None:
    open_reply = make_reply("a", state=MessageState.STREAMING)

    assert not _item(style, open_reply).has_caret
    assert _item(style, replace(open_reply, content="S")).has_caret
    assert not _item(style, REPLY).has_caret


def test_interrupted_reply_has_a_line_that_says_so(style: ChatStyle) -> None:
    interrupted = replace(REPLY, state=MessageState.INTERRUPTED)

    assert _item(style, interrupted).height > _item(style, REPLY).height


def test_waiting_line_takes_room_below(style: ChatStyle) -> None:
    empty = make_reply("a", state=MessageState.STREAMING)
    activity = Activity("Reading 12,400 tokens · 38 %", 0.38)

    assert _item(style, empty, activity=activity).height >= 30


def test_error_card_gets_its_room_below_the_text(style: ChatStyle) -> None:
    item = _item(style, REPLY)
    item.set_card_height(120)
    item.lay_out(700)

    assert (item.card_room.top(), item.card_room.height()) == (24 + 10, 120)


def test_more_text_makes_the_item_higher(style: ChatStyle) -> None:
    item = _item(style, make_reply("a", content="One.", state=MessageState.STREAMING))
    before = item.height
    message = replace(item.state.message, content="One.\n\nTwo.")
    item.set_state(replace(item.state, message=message))
    item.document.work(1.0)
    item.lay_out(700)
    item.lay_out_text(0, 1e6)

    assert item.height > before


def test_figures_appear_when_the_reply_ends(style: ChatStyle) -> None:
    item = _item(style, make_reply("a", content="One.", state=MessageState.STREAMING))
    item.set_state(ItemState(REPLY))

    assert "412 tokens" in item.stats_text


@pytest.mark.usefixtures("mirrored")
def test_bubble_is_at_the_left_in_a_mirrored_window(style: ChatStyle) -> None:
    assert _item(ChatStyle(style.theme), make_message("u", content="Hello")).text_origin.x() == 14


@pytest.mark.usefixtures("mirrored")
def test_figures_begin_at_the_right_in_a_mirrored_window(style: ChatStyle) -> None:
    item = _item(ChatStyle(style.theme), REPLY)

    assert item.explanation_at(QPointF(695, item.height - 9)).startswith("Tokens per second")
    assert item.explanation_at(QPointF(5, item.height - 9)) == ""


@pytest.mark.parametrize("role", ["system", "tool"])
def test_what_nobody_says_stands_in_a_compact_card(style: ChatStyle, role: Role) -> None:
    item = _item(style, make_message("s", content="Be brief.", role=role))

    label, text = style.line_height("label"), style.thought.line_height("message")
    assert item.text_origin == QPointF(12, 8 + label)
    assert item.height == 8 + label + text + 8


def test_card_is_outlined_and_named(style: ChatStyle) -> None:
    item = _item(style, make_message("s", content="Be brief.", role="system"))
    picture = _painted(item, style)

    assert style.colour("surface-sunken").name() in colours_in(picture)
    assert colours_in(picture, QRect(12, 8, 60, 14)) > {style.colour("surface-sunken").name()}


def test_message_with_another_role_looks_as_if_it_had_always_had_it(style: ChatStyle) -> None:
    text = "<think>Hm.</think>**So.**"
    item = _item(style, make_reply("a", content=text))
    for role in ("user", "system", "assistant"):
        item.set_state(ItemState(make_message("a", content=text, role=role)))
        while item.has_work:
            item.work(1.0)
        item.lay_out(700)
        item.lay_out_text(0, 1e6)

        fresh = _item(style, make_message("a", content=text, role=role))
        assert _painted(item, style) == _painted(fresh, style)


def _painted(item: MessageItem, style: ChatStyle) -> QImage:
    image = QImage(700, 200, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    item.paint(Painting(painter, style, QRectF(0, 0, 700, 200)), QPointF(), None, None)
    painter.end()
    return image
