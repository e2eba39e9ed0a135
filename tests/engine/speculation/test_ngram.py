"""Drafts from the text itself, against a search through all of it."""

from __future__ import annotations

import random
from array import array

import pytest

from realm_desktop.engine.sequence import Sequence
from realm_desktop.engine.speculation.drafter import DraftOrder
from realm_desktop.engine.speculation.ngram import (
    MAX_INDEXED_PER_CALL,
    MAX_SIBLINGS,
    NgramDrafter,
    NgramIndex,
)
from tests.support.sequences import make_sequence


def naive_place(tokens: list[int], size: int) -> int | None:
    """Where the last earlier occurrence of the last `size` tokens ends."""
    if len(tokens) < size:
        return None
    for place in range(len(tokens) - 1, size - 1, -1):
        if tokens[place - size : place] == tokens[-size:]:
            return place
    return None


def naive_draft(tokens: list[int], count: int) -> list[int]:
    place = naive_place(tokens, 3) or naive_place(tokens, 2)
    if place is None:
        return []
    text = list(tokens)
    for offset in range(count):
        text.append(text[place + offset])
    return text[len(tokens) :]


def propose(drafter: NgramDrafter, sequence: Sequence, count: int = 4) -> list[int]:
    drafter.observe(sequence)
    (draft,) = drafter.propose([DraftOrder(sequence, count)])
    return draft


@pytest.mark.parametrize("num_kinds", [2, 5, 30])
def test_drafts_are_those_of_a_naive_search(num_kinds: int) -> None:
    generator = random.Random(num_kinds)
    for _ in range(20):
        drafter, sequence = NgramDrafter(), make_sequence([generator.randrange(num_kinds)])
        for _ in range(60):
            count = generator.randint(1, 9)
            assert propose(drafter, sequence, count) == naive_draft(sequence.tokens.tolist(), count)
            added = generator.randint(1, 5)
            sequence.tokens.extend(generator.randrange(num_kinds) for _ in range(added))


def test_index_grown_in_pieces_equals_one_grown_at_once() -> None:
    generator = random.Random(1)
    text = array("i", [generator.randrange(6) for _ in range(300)])
    whole, pieces = NgramIndex(), NgramIndex()
    whole.extend(text)
    while len(pieces) < len(text):
        pieces.extend(text[len(pieces) : len(pieces) + generator.randint(1, 7)])

    for end in range(3, 300):
        for size in (2, 3):
            assert whole.find(text[:end], size) == pieces.find(text[:end], size)


def test_largest_ids_do_not_collide() -> None:
    index, last = NgramIndex(), 2**21 - 1
    index.extend(array("i", [last, last, last, 7, last, last, 0, 8]))

    assert index.find(array("i", [last, last, last]), 3) == 3
    assert index.find(array("i", [last, last, 0]), 3) == 7
    assert index.find(array("i", [0, last, last]), 3) is None


def test_new_text_gets_no_draft() -> None:
    assert propose(NgramDrafter(), make_sequence(range(50))) == []


def test_three_tokens_count_more_than_two_later_ones() -> None:
    tokens = [1, 2, 3, 50, 51, 9, 2, 3, 60, 61, 1, 2, 3]

    assert propose(NgramDrafter(), make_sequence(tokens), 2) == [50, 51]


def test_repetition_is_drafted_beyond_the_end_of_the_text() -> None:
    assert propose(NgramDrafter(), make_sequence([7, 8, 9, 7, 8, 9, 7]), 7) == [8, 9, 7, 8, 9, 7, 8]


def test_draft_continues_as_an_ended_sibling_did() -> None:
    drafter, prompt = NgramDrafter(), list(range(100, 120))
    first = make_sequence([*prompt, 1, 2, 3, 4, 5, 6])
    drafter.observe(first)
    drafter.forget(first)

    assert propose(drafter, make_sequence([*prompt, 1, 2, 3]), 3) == [4, 5, 6]


def test_newest_sibling_is_asked_first() -> None:
    drafter, prompt = NgramDrafter(), list(range(100, 120))
    for reply in ([1, 2, 3, 4], [1, 2, 3, 9]):
        sequence = make_sequence([*prompt, *reply])
        drafter.observe(sequence)
        drafter.forget(sequence)

    assert propose(drafter, make_sequence([*prompt, 1, 2, 3]), 1) == [9]


@pytest.mark.parametrize(
    ("workspace", "shift"), [("another", 0), ("general", 1)], ids=["workspace", "beginning"]
)
def test_other_conversations_are_not_read(workspace: str, shift: int) -> None:
    drafter = NgramDrafter()
    ended = make_sequence([*range(100, 120), 1, 2, 3, 4], workspace_id="general")
    drafter.observe(ended)
    drafter.forget(ended)
    other = make_sequence([100 + shift, *range(101, 120), 1, 2, 3], workspace_id=workspace)

    assert propose(drafter, other) == []


def test_only_the_newest_siblings_are_kept() -> None:
    drafter, prompt = NgramDrafter(), list(range(100, 120))
    for number in range(MAX_SIBLINGS + 1):
        sequence = make_sequence([*prompt, 1, 2, number + 10, 7])
        drafter.observe(sequence)
        drafter.forget(sequence)

    assert propose(drafter, make_sequence([*prompt, 1, 2, 10])) == []
    assert propose(drafter, make_sequence([*prompt, 1, 2, 11]), 1) == [7]


def test_long_prompt_is_indexed_over_several_steps() -> None:
    drafter = NgramDrafter()
    filler = range(10, 10 + MAX_INDEXED_PER_CALL)
    sequence = make_sequence([1, 2, 3, *filler, 4, 5, 6, 7, 8, 9, 4, 5, 6])
    early = propose(drafter, sequence, 2)

    assert early == []
    assert propose(drafter, sequence, 2) == [7, 8]
