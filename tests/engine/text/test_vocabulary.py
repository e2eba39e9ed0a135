"""Bytes and roles of tokens."""

from __future__ import annotations

import pytest

from realm_desktop.engine.text.vocabulary import (
    byte_level_piece,
    byte_level_table,
    byte_token_value,
    find_end_ids,
    find_shown_ids,
    spaced_piece,
)


def test_the_byte_level_table_names_every_byte_once() -> None:
    assert sorted(byte_level_table().values()) == list(range(256))


def test_visible_characters_stand_for_themselves() -> None:
    table = byte_level_table()

    assert table["A"] == 65
    assert table["\u0120"] == 32
    assert table["\u010a"] == 10


def test_a_byte_level_piece_is_bytes_and_foreign_characters_are_utf8() -> None:
    assert byte_level_piece("\u0120a", byte_level_table()) == b" a"
    assert byte_level_piece("a\u4f60", byte_level_table()) == b"a" + "\u4f60".encode()


def test_a_visible_space_becomes_a_space() -> None:
    assert spaced_piece("\u2581a\u2581") == b" a "


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("<0x00>", 0),
        ("<0xFF>", 255),
        ("<0xfe>", 254),
        ("<0x-1>", None),
        ("<0x100>", None),
        ("0x10", None),
        ("<0x1\u0661>", None),
        ("<0x10>\n", None),
    ],
)
def test_byte_tokens_have_exactly_one_form(text: str, value: int | None) -> None:
    assert byte_token_value(text) == value


def test_known_end_tokens_are_found_among_candidates_only() -> None:
    texts = ["<|eot_id|>", "a", "<|im_end|>"]

    assert find_end_ids(texts, frozenset([0, 1])) == {0}


def test_a_harmony_reply_does_not_end_with_its_first_message() -> None:
    texts = ["<|end|>", "<|return|>", "<|call|>"]

    assert find_end_ids(texts, frozenset([0, 1, 2])) == {1, 2}
    assert find_end_ids(texts, frozenset([0])) == {0}


def test_the_marks_of_a_harmony_reply_are_shown() -> None:
    texts = ["<|channel|>", "<|message|>", "<|return|>", "<|call|>", "<|endoftext|>"]

    assert find_shown_ids(texts, frozenset(range(5))) == {0, 1}
    assert find_shown_ids(texts, frozenset([0, 1, 4])) == frozenset()


def test_marks_of_thoughts_are_shown() -> None:
    texts = ["[THINK]", "[/THINK]", "<|channel>", "<channel|>", "[INST]", "<|channel|>"]

    assert find_shown_ids(texts, frozenset(range(6))) == {0, 1, 2, 3}
