"""English words that remember their parts."""

from __future__ import annotations

import pytest

from realm_desktop.phrase import Phrase, Place


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (13, "13th"),
     (21, "21st"), (102, "102nd"), (111, "111th")],
)  # fmt: skip
def test_places_have_their_ending(number: int, words: str) -> None:
    assert str(Place(number)) == words


def test_phrase_is_its_english_text() -> None:
    assert Phrase("Reading {} tokens of {}", 12_400, "a.txt") == "Reading 12,400 tokens of a.txt"


def test_phrase_remembers_its_parts() -> None:
    phrase = Phrase("{} in line", Place(2))

    assert (phrase.template, phrase.values) == ("{} in line", (2,))


def test_braces_of_a_value_are_no_place_for_another() -> None:
    assert Phrase("{}: {}", "{0}{x}", "b") == "{0}{x}: b"
