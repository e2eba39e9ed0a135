"""Filters that change logits: penalties, DRY and bias."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realm_desktop.engine.sampling.candidates import Candidates, all_candidates
from realm_desktop.engine.sampling.penalties import (
    MAX_REPETITION,
    apply_bias,
    apply_dry,
    apply_penalties,
    longest_repetitions,
)
from tests.support.sampling import row


def flat(size: int = 8) -> Candidates:
    return all_candidates(np.zeros(size, np.float32))


def dry(seen: list[int], breakers: tuple[int, ...] = (), **changes: Any) -> list[float]:
    values: dict[str, Any] = {
        "dry_multiplier": 1.0,
        "dry_base": 2.0,
        "dry_allowed_length": 2,
        **changes,
    }
    entry = row(seen=seen, **values)._replace(breaker_ids=np.array(breakers, np.int32))
    return [float(logit) for logit in apply_dry(flat(), entry).logits]


def longest_by_hand(seen: list[int], breakers: set[int]) -> dict[int, int]:
    """The definition, token by token."""
    found: dict[int, int] = {}
    for end in range(len(seen) - 1):
        length = 0
        while length <= end and seen[end - length] == seen[len(seen) - 1 - length]:
            if seen[end - length] in breakers or length == MAX_REPETITION:
                break
            length += 1
        if length:
            found[seen[end + 1]] = max(found.get(seen[end + 1], 0), length)
    return found


def test_repetition_penalty_pushes_seen_tokens_down_on_both_sides_of_zero() -> None:
    logits = all_candidates(np.array([2.0, -2.0, 1.0], np.float32))

    got = apply_penalties(logits, row(seen=[0, 1], repetition_penalty=2.0))

    assert got.logits.tolist() == [1.0, -4.0, 1.0]
    assert logits.logits.tolist() == [2.0, -2.0, 1.0]


def test_presence_and_frequency_count_the_completion_only() -> None:
    entry = row(seen=[0, 1, 2, 2], num_prompt_tokens=1, presence_penalty=1.0, frequency_penalty=0.5)

    assert apply_penalties(flat(4), entry).logits.tolist() == [0.0, -1.5, -2.0, 0.0]


def test_penalties_skip_tokens_that_are_no_candidates() -> None:
    few = Candidates(np.array([1, 3]), np.array([1.0, 1.0]))

    got = apply_penalties(few, row(seen=[0, 3, 7], repetition_penalty=2.0))

    assert got.logits.tolist() == [1.0, 0.5]


def test_penalties_of_nothing_said_change_nothing() -> None:
    entry = row(seen=[], repetition_penalty=2.0, presence_penalty=1.0)

    assert apply_penalties(flat(3), entry).logits.tolist() == [0.0, 0.0, 0.0]


def test_dry_punishes_the_token_that_prolongs_a_repetition() -> None:
    assert dry([1, 2, 3, 4, 1, 2]) == [0, 0, 0, -1.0, 0, 0, 0, 0]


def test_dry_grows_with_the_length_of_the_repetition() -> None:
    assert dry([1, 2, 3, 4, 5, 1, 2, 3, 4])[5] == -4.0


def test_dry_lets_short_repetitions_pass() -> None:
    assert dry([2, 3, 1, 2]) == [0.0] * 8


def test_dry_takes_the_longest_run_before_a_token() -> None:
    # 4 follows "2 3" and "1 2 3"; the end is "1 2 3".
    assert dry([2, 3, 4, 0, 1, 2, 3, 4, 7, 1, 2, 3])[4] == -2.0


def test_dry_punishes_every_continuation() -> None:
    got = dry([1, 2, 3, 1, 2, 4, 1, 2])

    assert [got[3], got[4]] == [-1.0, -1.0]


@pytest.mark.parametrize("breaker", [1, 2])
def test_dry_counts_no_repetition_across_a_breaker(breaker: int) -> None:
    assert dry([1, 2, 3, 4, 1, 2], (breaker,)) == [0.0] * 8


def test_dry_looks_back_only_as_far_as_told() -> None:
    seen = [1, 2, 3, 4, 5, 1, 2]

    assert dry(seen, dry_penalty_last_n=4) == [0.0] * 8
    assert dry(seen, dry_penalty_last_n=7)[3] == -1.0


@pytest.mark.parametrize("seen", [[], [1], [1, 2]])
def test_dry_of_too_little_text_changes_nothing(seen: list[int]) -> None:
    assert dry(seen) == [0.0] * 8


def test_dry_of_an_endless_repetition_stays_finite() -> None:
    got = dry([1] * 5_000, dry_base=10.0, dry_multiplier=100.0)

    assert np.isfinite(got).all()
    assert got[1] < -1e100


@settings(max_examples=150, deadline=None)
@given(st.lists(st.integers(0, 3), max_size=40), st.sets(st.integers(0, 3), max_size=2))
def test_longest_repetitions_equal_the_definition(seen: list[int], breakers: set[int]) -> None:
    if not seen:
        return
    ids, lengths = longest_repetitions(
        np.array(seen, np.int32), np.array(sorted(breakers), np.int32)
    )

    assert dict(zip(ids.tolist(), lengths.tolist(), strict=True)) == longest_by_hand(seen, breakers)


def test_bias_is_added_to_its_tokens_alone() -> None:
    got = apply_bias(flat(4), row(logit_bias=((2, 5.0), (0, -1.5))))

    assert got.logits.tolist() == [-1.5, 0.0, 5.0, 0.0]


def test_bias_of_a_dropped_token_does_not_bring_it_back() -> None:
    few = Candidates(np.array([1, 3]), np.array([0.0, 0.0]))

    got = apply_bias(few, row(logit_bias=((2, 5.0), (3, 1.0))))

    assert got.token_ids.tolist() == [1, 3]
    assert got.logits.tolist() == [0.0, 1.0]
