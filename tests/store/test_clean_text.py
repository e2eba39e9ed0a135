"""What text becomes before it is stored."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realm_desktop.store.clean_text import clean_text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("plain", "plain"),
        ("漢字 ünï 😀", "漢字 ünï 😀"),
        ("a\0b", "a\u2400b"),
        ("é\0", "é\u2400"),
        ("\ud800", "\ufffd"),
        ("a\udfffb", "a\ufffdb"),
        ("\udc00\ud800", "\ufffd\ufffd"),
        ("\ud83d\ude00", "😀"),
        ("x\ud83d", "x\ufffd"),
    ],
)
def test_text_is_cleaned(text: str, expected: str) -> None:
    assert clean_text(text) == expected


TRICKY = st.text(st.sampled_from("a\0é漢😀\ud800\udbff\udc00\udfff\ufffd\u2400"), max_size=20)


@given(TRICKY)
def test_cleaned_text_can_be_stored(text: str) -> None:
    cleaned = clean_text(text)

    assert "\0" not in cleaned
    assert cleaned.encode("utf-8").decode("utf-8") == cleaned


@given(TRICKY)
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean_text(clean_text(text)) == clean_text(text)


@given(TRICKY)
def test_sound_characters_keep_their_place(text: str) -> None:
    joined = re.sub("[\ud800-\udbff][\udc00-\udfff]", "😀", text)
    cleaned = clean_text(joined)

    assert len(cleaned) == len(joined)
    for before, after in zip(joined, cleaned, strict=True):
        assert after == before or (before, after) in [("\0", "\u2400")] or after == "\ufffd"
