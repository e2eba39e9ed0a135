"""Tests of the replacements that make a text safe to lay out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realm_desktop.ui.chat.display_text import (
    MAX_FRAGMENT,
    MAX_RUN,
    fragments,
    is_right_to_left,
    safe_text,
    utf16_length,
    utf16_offsets,
    utf16_slice,
    with_visible_controls,
)

any_text = st.text(st.characters(codec=None, categories=None))


def test_safe_text_leaves_ordinary_text_alone() -> None:
    text = "Tabs\t, lines\n, ümläuts, 日本語, 😀 and مرحبا"

    assert safe_text(text) is text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x00b", "a\u2400b"),
        ("a\x1b[31mb", "a\u241b[31mb"),
        ("a\x7fb", "a\u2421b"),
        ("a\ud800b", "a\ufffdb"),
        ("a\ufffcb", "a\ufffdb"),
        ("a\x9bb", "a\ufffdb"),
        ("a\rb", "a\nb"),
        ("a\r\nb", "a \nb"),
        ("a\u2028b", "a\nb"),
        ("a\u202eb", "a\u21d0b"),
    ],
)
def test_safe_text_replaces_what_breaks_a_layout(text: str, shown: str) -> None:
    assert safe_text(text) == shown


@given(any_text)
def test_safe_text_keeps_the_length(text: str) -> None:
    assert len(safe_text(text)) == len(text)


@given(any_text)
def test_safe_text_can_be_encoded(text: str) -> None:
    assert safe_text(text).encode("utf-8")[:0] == b""


@pytest.mark.parametrize("control", ["\u202e", "\u2066", "\u200f", "\u061c", "\u200b", "\ufeff"])
def test_visible_controls_shows_every_hidden_control(control: str) -> None:
    shown = with_visible_controls(f"a{control}b")

    assert len(shown) == 3
    assert control not in shown


def test_visible_controls_keeps_joiners_of_emoji() -> None:
    family = "\U0001f468\u200d\U0001f469"

    assert with_visible_controls(family) == family


def test_fragments_of_a_short_text_are_the_text() -> None:
    assert fragments("some words") == [(0, 10)]


def test_fragments_of_nothing_are_one_empty_piece() -> None:
    assert fragments("") == [(0, 0)]


def test_fragments_cut_an_unbroken_run() -> None:
    assert all(end - start <= MAX_RUN for start, end in fragments("a" * 100_001))


def test_fragments_keep_words_together() -> None:
    text = "word " * 5_000

    assert all(text[end - 1] == " " for _start, end in fragments(text))


def test_fragments_leave_a_long_run_its_own_pieces() -> None:
    text = "before " + "a" * (MAX_RUN + 500) + " after"

    assert fragments(text)[0] == (0, 7)


@given(st.lists(st.sampled_from(["a" * 1_999, "b" * 2_001, " ", "word ", "\n", "😀"]), max_size=30))
def test_fragments_are_the_whole_text_in_bounded_pieces(parts: list[str]) -> None:
    text = "".join(parts)
    pieces = fragments(text)

    assert "".join(text[start:end] for start, end in pieces) == text
    assert all(end - start <= MAX_FRAGMENT for start, end in pieces)


def test_utf16_length_counts_two_units_for_an_emoji() -> None:
    assert utf16_length("a😀é") == 4


def test_utf16_offsets_are_none_where_counts_agree() -> None:
    assert utf16_offsets("añ日") is None


def test_utf16_offsets_step_over_an_emoji() -> None:
    assert utf16_offsets("a😀b") == [0, 1, 3, 4]


@given(st.text(max_size=20))
def test_utf16_slice_of_everything_is_the_text(text: str) -> None:
    assert utf16_slice(text, 0, utf16_length(text)) == text


def test_utf16_slice_takes_a_whole_emoji() -> None:
    assert utf16_slice("a😀b", 1, 3) == "😀"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", False),
        ("12 a \u0645", False),
        ("12 \u0645 a", True),
        ("\u05e9", True),
        ("\u4f60", False),
    ],
)
def test_first_letter_with_a_direction_decides(text: str, *, expected: bool) -> None:
    assert is_right_to_left(text) is expected
