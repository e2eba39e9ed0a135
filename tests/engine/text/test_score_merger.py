"""Merging by score, against a slow version that follows the definition."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from realm_desktop.engine.text.score_merger import ScoreMerger

_TEXTS = ("a", "b", "\u2581", "ab", "ba", "aa", "aaa", "\u2581a", "\u2581\u2581", "aba", "bb")


def by_definition(text: str, scores: dict[str, float]) -> list[str]:
    """Merge the best pair, the leftmost of equals, until none is left."""
    parts = list(text)
    while True:
        pairs = [
            (-scores[left + right], index)
            for index, (left, right) in enumerate(itertools.pairwise(parts))
            if left + right in scores
        ]
        if not pairs:
            return parts
        index = min(pairs)[1]
        parts[index : index + 2] = [parts[index] + parts[index + 1]]


@given(
    text=st.text(alphabet="ab\u2581", max_size=40),
    scores=st.lists(st.sampled_from([0.0, -1.0, -2.0]), min_size=len(_TEXTS), max_size=len(_TEXTS)),
)
def test_merging_follows_the_definition(text: str, scores: list[float]) -> None:
    merger = ScoreMerger({text: index for index, text in enumerate(_TEXTS)}, scores, {}, None)

    parts = [_TEXTS[token_id] for token_id in merger.encode(text)]

    assert parts == by_definition(text, dict(zip(_TEXTS, scores, strict=True)))


def test_a_token_across_a_space_turns_word_splitting_off() -> None:
    texts = ["a", "\u2581", "a\u2581", "a\u2581a"]
    merger = ScoreMerger({text: index for index, text in enumerate(texts)}, [0, 0, 0, 1], {}, None)

    assert merger.encode("a\u2581a") == [3]


def test_the_same_word_gives_the_same_ids_from_the_cache() -> None:
    merger = ScoreMerger({"a": 0, "aa": 1}, [0.0, 0.0], {}, None)

    assert merger.encode("aaa") == merger.encode("aaa") == [1, 0]


def test_a_returned_list_can_be_changed_without_harm() -> None:
    merger = ScoreMerger({"a": 0}, [0.0], {}, None)
    merger.encode("a").append(99)

    assert merger.encode("a") == [0]


def test_bytes_stand_in_and_unknown_stands_for_the_rest() -> None:
    merger = ScoreMerger({"a": 0}, [0.0], {0xC3: 1}, 7)

    assert merger.encode("\u00e9") == [1, 7]


def test_without_unknown_token_a_missing_byte_is_left_out() -> None:
    merger = ScoreMerger({"a": 0}, [0.0], {}, None)

    assert merger.encode("xa") == [0]


def test_an_empty_text_has_no_ids() -> None:
    assert ScoreMerger({"a": 0}, [0.0], {}, None).encode("") == []


def test_a_long_run_without_spaces_is_merged_in_reasonable_time() -> None:
    merger = ScoreMerger({"a": 0, "aa": 1, "aaaa": 2}, [0.0, 2.0, 1.0], {}, None)

    assert merger.encode("a" * 20_000) == [2] * 5_000
