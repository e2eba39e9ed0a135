"""The head of a row: smaller than the row, and no token or bit of the result differs for it."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from realm_desktop.engine.sampling.candidates import SamplingRow, all_candidates
from realm_desktop.engine.sampling.filters import apply_filters
from realm_desktop.engine.sampling.head import head_candidates
from realm_desktop.engine.sampling.sampler import sample_row
from realm_desktop.sampling_params import DEFAULT_SAMPLER_ORDER, SamplingFilter
from tests.support.sampling import row

SIZE = 20_000
F = SamplingFilter


def random_logits(seed: int = 0, size: int = SIZE) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(0, 3, size).astype(np.float32)


def head_ids(logits: NDArray[np.float32], entry: SamplingRow) -> list[int]:
    ids: list[int] = head_candidates(logits, entry, entry.params.sampler_order).token_ids.tolist()
    return ids


def random_row(generator: random.Random) -> SamplingRow:
    """All that decides about the head, on and off, in the usual order and in others."""
    order = list(DEFAULT_SAMPLER_ORDER)
    if generator.random() < 0.5:
        generator.shuffle(order)
    return row(
        temperature=generator.choice((0.01, 0.8, 3.0)),
        top_k=generator.choice((1, 5, 40, 200)),
        top_p=generator.choice((1.0, 0.9)),
        min_p=generator.choice((0.0, 0.1)),
        top_n_sigma=generator.choice((0.0, 0.0, 1.0)),
        repetition_penalty=generator.choice((1.0, 1.5, 0.6)),
        frequency_penalty=generator.choice((0.0, 0.7, -0.7)),
        dry_multiplier=generator.choice((0.0, 1.0)),
        logit_bias=generator.choice(((), ((3, 9.0), (4, -9.0), (SIZE + 7, 5.0)))),
        sampler_order=tuple(order),
        seen=[generator.randrange(SIZE) for _ in range(40)] * 2,
        num_prompt_tokens=20,
    )


@pytest.mark.parametrize("steps", [None, 4, 1])
@pytest.mark.parametrize("share", [1.0, 0.5, 0.002])
def test_filters_leave_the_same_of_the_head_as_of_the_row(steps: int | None, share: float) -> None:
    generator = random.Random(1)
    for seed in range(60):
        logits = random_logits(seed)
        if steps:  # many ties
            logits = np.round(logits * steps) / np.float32(steps)
        logits[np.random.default_rng(seed).random(SIZE) >= share] = -np.inf
        entry = random_row(generator)
        order = entry.params.sampler_order

        whole = apply_filters(all_candidates(logits), entry, order)
        head = apply_filters(head_candidates(logits, entry, order), entry, order)

        assert np.array_equal(head.token_ids, whole.token_ids)
        assert np.array_equal(head.logits, whole.logits)


@pytest.mark.parametrize("penalty", [1.0, 1.3])
@pytest.mark.parametrize("temperature", [0.0, 0.8])
def test_head_is_a_small_part_of_the_row(temperature: float, penalty: float) -> None:
    entry = row(
        temperature=temperature, top_k=40, repetition_penalty=penalty, seen=range(0, 3000, 30)
    )

    assert len(head_ids(random_logits(), entry)) < 400


def test_head_of_greedy_holds_the_best_tokens_alone() -> None:
    logits = random_logits()
    logits[[77, 5_000, 19_999]] = 50.0

    assert head_ids(logits, row(temperature=0.0)) == [77, 5_000, 19_999]
    assert sample_row(logits, row(temperature=0.0)).token_id == 77


def test_head_reaches_to_the_end_of_a_row_that_no_group_fills() -> None:
    logits = random_logits(size=128 * 150 + 5)
    logits[-1] = 50.0

    assert len(logits) - 1 in head_ids(logits, row(temperature=0.0))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"top_k": 200},
        {"top_k": 40, "top_n_sigma": 1.0},
        {"top_k": 40, "top_p": 0.9, "sampler_order": (F.TOP_P, F.TOP_K)},
        {"top_k": 40, "min_p": 0.1, "sampler_order": (F.MIN_P, F.TOP_K)},
        {"top_k": 40, "typical_p": 0.9, "sampler_order": (F.TYPICAL_P, F.TOP_K)},
        {"top_k": 40, "xtc_probability": 1.0, "sampler_order": (F.XTC, F.TOP_K)},
        {"top_k": 40, "sampler_order": (F.TEMPERATURE, F.TOP_P)},
    ],
)
def test_whole_row_stays_where_top_k_does_not_come_first(changes: dict[str, Any]) -> None:
    assert len(head_ids(random_logits(), row(**changes))) == SIZE


def test_seen_tokens_stay_for_the_penalties_unless_they_are_masked() -> None:
    logits = random_logits()
    logits[7], logits[8] = -np.inf, -40.0

    ids = head_ids(logits, row(top_k=5, presence_penalty=-90.0, seen=(7, 8)))

    assert 8 in ids
    assert 7 not in ids


@pytest.mark.parametrize("temperature", [0.0, 0.8])
def test_tokens_that_penalties_bring_to_the_front_stay(temperature: float) -> None:
    logits = random_logits()
    ranking = np.argsort(-logits)
    entry = row(
        temperature=temperature, top_k=10, presence_penalty=90.0, seen=ranking[:200].tolist()
    )

    num_wanted = 10 if temperature else 1
    assert set(ranking[200 : 200 + num_wanted].tolist()) <= set(head_ids(logits, entry))


def test_logits_are_left_as_they_are() -> None:
    logits = random_logits()
    before = logits.copy()

    head_ids(logits, row(top_k=5, repetition_penalty=2.0, seen=range(100)))

    assert np.array_equal(logits, before)
