"""Finding tokens by their spelling."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from realm_desktop.engine.text.special_tokens import SpecialTokens


def test_text_between_tokens_is_kept_in_order() -> None:
    special = SpecialTokens({"<a>": 1, "<b>": 2})

    assert list(special.split("x<a>y<b><a>z")) == ["x", 1, "y", 2, 1, "z"]


def test_the_longest_of_several_wins() -> None:
    special = SpecialTokens({"<a": 1, "<a>": 2, "<a>b": 3})

    assert list(special.split("<a>b<a><a")) == [3, 2, 1]


def test_the_leftmost_wins_over_a_longer_one() -> None:
    special = SpecialTokens({"ab": 1, "bcd": 2})

    assert list(special.split("abcd")) == [1, "cd"]


def test_no_tokens_means_one_stretch() -> None:
    assert list(SpecialTokens({}).split("<a>")) == ["<a>"]


def test_an_empty_spelling_is_ignored() -> None:
    assert list(SpecialTokens({"": 5}).split("x")) == ["x"]


def test_an_empty_text_has_no_stretch() -> None:
    assert list(SpecialTokens({"<a>": 1}).split("")) == []


def test_characters_special_to_expressions_are_taken_literally() -> None:
    special = SpecialTokens({"^a": 1, "]": 2, "-": 3, "\\": 4})

    assert list(special.split("a^a]-\\")) == ["a", 1, 2, 3, 4]


@given(text=st.text(alphabet="<ab>"), tokens=st.sets(st.text(alphabet="<ab>", min_size=1)))
def test_the_stretches_spell_the_text(text: str, tokens: set[str]) -> None:
    names = sorted(tokens)
    special = SpecialTokens({name: index for index, name in enumerate(names)})

    parts = special.split(text)

    assert "".join(names[part] if isinstance(part, int) else part for part in parts) == text


def test_a_swallowing_token_takes_the_white_space_behind_it_along() -> None:
    special = SpecialTokens({"<a>": 1, "<b>": 2}, frozenset([1]))

    assert list(special.split("<a> \n x<b> y<a>\n")) == [1, "x", 2, " y", 1]
