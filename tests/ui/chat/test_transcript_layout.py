"""Heights of many messages: estimated once, from their length and the width."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from realm_desktop.store.records import Attachment, Message
from realm_desktop.ui.chat.chat_style import ChatStyle
from realm_desktop.ui.chat.message_item import ItemState
from realm_desktop.ui.chat.message_list_model import MessageListModel
from realm_desktop.ui.chat.transcript_layout import TranscriptLayout
from realm_desktop.ui.theme import Theme
from tests.support.stores import make_message

WIDTH = 700


class _Rows(MessageListModel):
    """Messages as they are; counts how often one is asked for."""

    def __init__(self, messages: list[Message]) -> None:
        super().__init__(len(messages))
        self._messages = messages
        self.num_asked = 0

    def message(self, row: int) -> Message:
        self.num_asked += 1
        return self._messages[row]

    def state(self, row: int) -> ItemState:
        return ItemState(self._messages[row])


Height = Callable[[Message], float]


@pytest.fixture
def height(theme: Theme) -> Height:
    """The estimated height of a message."""

    def estimate(message: Message) -> float:
        layout = TranscriptLayout(_Rows([message]), ChatStyle(theme))
        layout.set_column(WIDTH)
        return layout.map.height(0)

    return estimate


def test_no_message_is_read_before_there_is_a_width(theme: Theme) -> None:
    rows = _Rows([make_message(f"m{n}") for n in range(50)])
    layout = TranscriptLayout(rows, ChatStyle(theme))
    before = rows.num_asked
    layout.set_column(WIDTH)

    assert (before, rows.num_asked, len(layout.map)) == (0, 50, 50)


def test_the_same_width_again_reads_nothing(theme: Theme) -> None:
    rows = _Rows([make_message("m")])
    layout = TranscriptLayout(rows, ChatStyle(theme))

    assert layout.set_column(WIDTH)
    assert not layout.set_column(WIDTH)
    assert rows.num_asked == 1


@pytest.mark.parametrize("role", ["user", "assistant"])
def test_longer_messages_are_higher(height: Height, role: str) -> None:
    sizes = (10, 1_000, 10_000)
    heights = [height(make_message("m", None, "a" * size, role=role)) for size in sizes]

    assert heights == sorted(set(heights))


def test_lines_of_a_message_count(height: Height) -> None:
    assert height(make_message("m", None, "a\n" * 9)) > height(make_message("m", None, "a" * 18))


def test_chips_of_files_take_room(height: Height) -> None:
    files = (Attachment("a.txt", "text"),)

    assert height(make_message("m", attachments=files)) > height(make_message("m"))


def test_thoughts_are_folded_and_take_no_room(height: Height) -> None:
    thought = make_message("m", None, f"<think>{'a' * 9_000}</think>yes", role="assistant")

    assert height(thought) == height(make_message("m", None, "yes", role="assistant"))
