"""The tokens of a reply as marked paragraphs."""

from __future__ import annotations

import math
from collections.abc import Collection

import pytest

from realm_desktop.chat.token_traces import MAX_TOKENS, TokenTrace
from realm_desktop.events import TokenLogprob
from realm_desktop.ui.chat.blocks import SpanStyle, TextBlock
from realm_desktop.ui.chat.display_text import MAX_FRAGMENT
from realm_desktop.ui.chat.token_blocks import token_blocks

SURE, HEAT_1, HEAT_3, DRAFT = (
    SpanStyle.NORMAL,
    SpanStyle.HEAT_1,
    SpanStyle.HEAT_3,
    SpanStyle.DRAFT,
)


def _entry(text: str, bits: int = 0) -> TokenLogprob:
    """A token chosen among as many equal ones as make this entropy."""
    count = 2**bits
    top = tuple((number, -math.log(count)) for number in range(count))
    return TokenLogprob(0, top[0][1], top, text, (text,) * count)


def _trace(*tokens: tuple[str, int], first: int = 0, accepted: Collection[int] = ()) -> TokenTrace:
    return TokenTrace(first, [_entry(*token) for token in tokens], set(accepted))


def _marked(block: TextBlock) -> list[tuple[str, SpanStyle]]:
    return [(block.text[s.start : s.start + s.length], s.style) for s in block.spans]


def test_open_choices_have_the_ground_of_their_level() -> None:
    trace = _trace(("The", 0), (" tide", 1), (" rose", 3))
    (block,) = token_blocks(trace, "The tide rose")

    assert block.text == "The tide rose"
    assert _marked(block) == [(" tide", HEAT_1), (" rose", HEAT_3)]


def test_accepted_drafts_are_marked_beside_their_heat() -> None:
    trace = _trace(("a", 0), (" b", 0), (" c", 1), accepted={1, 2})
    (block,) = token_blocks(trace, "a b c")

    assert _marked(block) == [(" b", DRAFT), (" c", DRAFT | HEAT_1)]


def test_markdown_stays_as_it_was_written() -> None:
    (block,) = token_blocks(_trace(("**", 1), ("So", 0), ("**", 0)), "**So**")

    assert _marked(block) == [("**", HEAT_1)]


def test_blank_lines_begin_paragraphs_that_count_from_their_own_start() -> None:
    trace = _trace(("one", 1), (".\n\n", 3), ("two", 1), ("\n", 0), ("three", 0))
    blocks = token_blocks(trace, "one.\n\ntwo\nthree")

    assert [block.text for block in blocks] == ["one.", "two\nthree"]
    assert [_marked(block) for block in blocks] == [
        [("one", HEAT_1), (".", HEAT_3)],
        [("two", HEAT_1)],
    ]


def test_tokens_that_share_a_character_are_marked_as_one() -> None:
    trace = _trace(("Sun ", 0), ("\ufffd", 1), ("\ufffd", 3), (" up", 0))
    (block,) = token_blocks(trace, "Sun \U0001f31e up")

    assert _marked(block) == [("\U0001f31e", HEAT_3)]


def test_space_that_the_text_does_not_begin_with_is_no_obstacle() -> None:
    (block,) = token_blocks(_trace((" The", 1), (" tide", 1)), "The tide")

    assert _marked(block) == [("The", HEAT_1), (" tide", HEAT_1)]


def test_control_tokens_take_no_room() -> None:
    (block,) = token_blocks(_trace(("a", 0), ("", 3), ("b", 1)), "ab")

    assert _marked(block) == [("b", HEAT_1)]


def test_thought_is_left_to_its_own_place() -> None:
    trace = _trace(("<think>", 0), ("Hm.", 3), ("</think>", 0), ("So", 1))
    (block,) = token_blocks(trace, "<think>Hm.</think>So")

    assert (block.text, _marked(block)) == ("So", [("So", HEAT_1)])


def test_continued_reply_is_marked_from_where_its_tokens_are_known() -> None:
    (block,) = token_blocks(_trace((" b", 1), (" c", 0), first=3), "a b b c")

    assert [(s.start, s.length) for s in block.spans] == [(3, 2)]


@pytest.mark.parametrize("first", [0, 2])
def test_other_text_than_the_tokens_is_shown_without_marks(first: int) -> None:
    (block,) = token_blocks(_trace(("x", 3), first=first), "quite another")

    assert (block.text, block.spans) == ("quite another", ())


def test_cut_end_of_a_reply_ends_the_marks() -> None:
    (block,) = token_blocks(_trace(("a", 1), (" stop", 3)), "a")

    assert _marked(block) == [("a", HEAT_1)]


def test_long_text_is_cut_and_hostile_text_made_safe() -> None:
    content = "\u202eab " * MAX_FRAGMENT
    blocks = token_blocks(_trace(*[("\u202eab ", 1)] * MAX_TOKENS), content)

    assert max(len(block.text) for block in blocks) <= MAX_FRAGMENT
    assert "".join(block.text for block in blocks) == content.replace("\u202e", "\u21d0")
    assert sum(len(block.spans) for block in blocks) >= MAX_TOKENS


def test_empty_reply_has_no_paragraph() -> None:
    assert token_blocks(_trace(("a", 1)), "") == ()
