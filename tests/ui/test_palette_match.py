"""Tests of how well typed words fit a name."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realm_desktop.ui.palette_match import NO_FIT, fit


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("new", "New chat"),
        ("nc", "New chat"),
        ("nch", "New chat"),
        ("chat new", "New chat"),
        ("exch", "Export chat…"),
        ("ec", "Export all chats…"),
        ("EAC", "Export all chats…"),
        ("port", "Export chat…"),
        ("a/b", "A/B: answer without adapters"),
        ("o-b", "foo-bar"),
        ("…", "Rename…"),
        ("größe", "Normale Größe"),
        ("", "anything"),
    ],
)
def test_words_beginnings_and_initials_fit(query: str, name: str) -> None:
    assert fit(query, name) < NO_FIT


@pytest.mark.parametrize(
    ("query", "name"), [("cn", "New chat"), ("new tab", "New chat"), ("nn", "New chat"), ("x", "")]
)
def test_letters_in_another_order_do_not_fit(query: str, name: str) -> None:
    assert fit(query, name) >= NO_FIT


def test_context_completes_a_name() -> None:
    assert fit("file new", "New chat", "File") < NO_FIT
    assert fit("file edit new", "New chat", "File") >= NO_FIT


def test_beginning_goes_before_initials_before_inside_before_context() -> None:
    values = [
        fit("ch", "Chats"),
        fit("ch", "Call home"),
        fit("ch", "Search"),
        fit("ch", "Rename", "Chat"),
    ]

    assert values == sorted(values)
    assert len(set(values)) == 4


def test_word_is_not_used_twice() -> None:
    assert fit("newnew", "New chat") >= NO_FIT


def test_one_word_of_two_pieces_goes_behind_one_piece() -> None:
    assert fit("set", "Settings") < fit("set", "Send every token")


def test_beginning_of_the_name_goes_before_that_of_a_later_word() -> None:
    assert fit("temp", "Temperature") < fit("temp", "Use built-in template")
    assert fit("chat new", "New chat") < fit("chat new", "Open new chat")


def test_beginning_of_a_later_word_goes_before_initials() -> None:
    assert fit("set", "Open settings") < fit("set", "Send every token")


@given(st.text(max_size=300), st.text(max_size=300), st.text(max_size=50))
def test_any_text_is_compared(query: str, name: str, context: str) -> None:
    assert fit(query, name, context) >= 0


def test_long_texts_cost_little() -> None:
    begun = time.perf_counter()

    fit("ab" * 5_000, "ab " * 50_000, "ab " * 50_000)

    assert time.perf_counter() - begun < 0.5
