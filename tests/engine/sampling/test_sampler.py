"""Choosing tokens: greedy, the exponential race, log-probabilities."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from realm_desktop.engine.sampling.candidates import SamplingRow, all_candidates, probabilities
from realm_desktop.engine.sampling.filters import apply_filters
from realm_desktop.engine.sampling.noise import exponential_noise
from realm_desktop.engine.sampling.sampler import _contenders, sample_row
from realm_desktop.sampling_params import SamplingFilter
from tests.support.sampling import FALSE_ALARM, chi_square_bound, draw_counts_fit, logits_of, row


def random_logits(size: int = 50, seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(0, 2, size).astype(np.float32)


def test_greedy_takes_the_lowest_id_of_equal_logits() -> None:
    logits = np.array([0.0, 3.0, 3.0], np.float32)

    assert sample_row(logits, row(temperature=0.0)).token_id == 1


def test_same_seed_and_position_give_the_same_token() -> None:
    logits = random_logits()

    assert sample_row(logits, row(9)) == sample_row(logits, row(9))


def test_samples_follow_the_model_distribution() -> None:
    logits = random_logits()
    expected = np.exp(logits.astype(np.float64))
    expected /= expected.sum()
    drawn = [sample_row(logits, row(position, seed=7)).token_id for position in range(20_000)]

    assert draw_counts_fit(np.bincount(drawn, minlength=50), expected)


def test_top_k_samples_follow_the_renormalised_distribution() -> None:
    logits = np.log(np.array([0.5, 0.25, 0.125, 0.125])).astype(np.float32)
    tokens = [sample_row(logits, row(p, top_k=2, seed=3)).token_id for p in range(6_000)]

    assert draw_counts_fit(np.bincount(tokens, minlength=4), np.array([2 / 3, 1 / 3, 0, 0]))


def test_logprobs_are_those_of_the_unfiltered_model() -> None:
    logits = random_logits()
    reference = logits - np.log(np.exp(logits.astype(np.float64)).sum())

    sampled = sample_row(logits, row(top_k=2, temperature=0.5, logprobs=3))

    assert sampled.logprob is not None
    assert sampled.logprob.logprob == pytest.approx(reference[sampled.token_id], abs=1e-6)
    best = np.argsort(-reference)[:3]
    assert [token for token, _ in sampled.logprob.top] == best.tolist()


def test_alternatives_of_equal_logprob_come_by_lowest_id() -> None:
    logits = np.array([0, 2, 1, 2, 1, 1, 2], np.float32)

    tops = [sample_row(logits, row(logprobs=count)).logprob for count in (0, 2, 5, 20)]

    ids = [[token for token, _ in top.top] for top in tops if top is not None]
    assert ids == [[], [1, 3], [1, 3, 6, 2, 4], [1, 3, 6, 2, 4, 5, 0]]


def test_logits_that_are_not_numbers_are_refused() -> None:
    with pytest.raises(FloatingPointError, match="not finite"):
        sample_row(np.array([0.0, np.nan], np.float32), row())


NUM_DRAWS = 2_000
FILTERS: dict[str, dict[str, Any]] = {
    "temperature": {"temperature": 0.6},
    "top_k": {"top_k": 8},
    "top_p": {"top_p": 0.8},
    "min_p": {"min_p": 0.1},
    "typical_p": {"typical_p": 0.7},
    "top_n_sigma": {"top_n_sigma": 1.2},
    "logit_bias": {"logit_bias": ((3, 2.0), (7, -4.0))},
    "xtc": {"xtc_probability": 1.0, "xtc_threshold": 0.05},
    "penalties": {"repetition_penalty": 1.5, "frequency_penalty": 0.7, "seen": (1, 1, 2, 9)},
    "dry": {"dry_multiplier": 0.8, "seen": (1, 2, 3, 4, 1, 2)},
    "all": {"temperature": 1.3, "top_k": 30, "top_p": 0.95, "min_p": 0.01, "typical_p": 0.95},
}


@pytest.mark.parametrize("over", ["positions", "seeds"])
@pytest.mark.parametrize("name", FILTERS)
def test_draws_follow_the_distribution_that_the_filters_leave(name: str, over: str) -> None:
    logits = random_logits()
    first = row(**FILTERS[name])
    left = apply_filters(all_candidates(logits), first, first.params.sampler_order)
    expected = np.zeros(50)
    expected[left.token_ids] = probabilities(left)

    drawn = [
        sample_row(logits, varied(first, over, number)).token_id for number in range(NUM_DRAWS)
    ]

    assert draw_counts_fit(np.bincount(drawn, minlength=50), expected)


def varied(entry: SamplingRow, over: str, number: int) -> SamplingRow:
    if over == "positions":
        return entry._replace(position=number)
    return entry._replace(params=replace(entry.params, seed=number))


def test_xtc_mixes_both_distributions_by_its_probability() -> None:
    logits = logits_of(0.6, 0.3, 0.1)
    rows = [
        row(position, xtc_probability=0.4, xtc_threshold=0.2, seed=1) for position in range(6_000)
    ]

    counts = np.bincount([sample_row(logits, entry).token_id for entry in rows], minlength=3)

    without = np.array([0.6, 0.3, 0.1])
    assert draw_counts_fit(counts, 0.6 * without + 0.4 * np.array([0, 0.75, 0.25]))


def test_greedy_uses_penalties_and_bias_but_drops_no_token() -> None:
    logits = logits_of(0.5, 0.3, 0.2)
    greedy = row(temperature=0.0, xtc_probability=1.0, typical_p=0.1)
    biased = row(temperature=0.0, logit_bias=((2, 3.0),))
    punished = row(temperature=0.0, presence_penalty=2.0, seen=(0,))

    tokens = [sample_row(logits, entry).token_id for entry in (greedy, biased, punished)]

    assert tokens == [0, 2, 1]


def test_order_without_penalties_switches_them_off_for_greedy_too() -> None:
    entry = row(temperature=0.0, logit_bias=((1, 9.0),), sampler_order=(SamplingFilter.TOP_K,))

    assert sample_row(logits_of(0.5, 0.3, 0.2), entry).token_id == 0


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_mask_comes_before_every_filter(temperature: float) -> None:
    logits = logits_of(0.7, 0.2, 0.1)
    mask = np.array([False, False, True])
    entry = row(temperature=temperature, top_k=1, logit_bias=((0, 50.0),))

    assert sample_row(logits, entry, mask).token_id == 2


def test_draw_far_below_the_best_is_still_possible_once_the_best_is_dropped() -> None:
    logits = np.array([100.0, 99.0, 0.0, -1.0], np.float32)
    entry = row(logit_bias=((0, -1000.0), (1, -1000.0)))

    assert sample_row(logits, entry).token_id in {2, 3}


@pytest.mark.parametrize("share", [0.03, 0.1])
def test_test_of_distributions_notices_a_small_shift(share: float) -> None:
    expected = np.full(50, 1 / 50)
    shifted = (1 - share) * expected + share * np.eye(50)[3]
    counts = np.random.default_rng(0).multinomial(NUM_DRAWS, shifted)

    assert not draw_counts_fit(counts, expected)
    assert draw_counts_fit(counts, shifted)


@pytest.mark.parametrize("freedom", [1, 2, 4, 24, 49, 300])
def test_false_alarms_of_the_bound_are_as_rare_as_stated(freedom: int) -> None:
    half = torch.tensor([freedom, chi_square_bound(freedom)], dtype=torch.float64) / 2

    false_alarm = torch.special.gammaincc(half[0], half[1]).item()

    assert FALSE_ALARM / 20 < false_alarm <= FALSE_ALARM


def naive_race(logits: NDArray[np.float32], sampling: SamplingRow) -> int:
    """The race as the design has it: noise for every token."""
    scaled = logits.astype(np.float64) / sampling.params.temperature
    noise = exponential_noise(sampling.params.seed, sampling.position, np.arange(len(logits)))
    return int((scaled - np.log(noise)).argmax())


@pytest.mark.parametrize("spread", [0.0, 0.1, 2.0, 9.0, 300.0])
@pytest.mark.parametrize("temperature", [0.6, 1.0, 3.0])
def test_large_rows_draw_the_token_of_the_naive_race(spread: float, temperature: float) -> None:
    generator = np.random.default_rng(int(10 * spread))
    for position in range(40):
        size = int(generator.integers(5_000, 60_000))
        logits = generator.normal(-position, spread, size).astype(np.float32)
        sampling = row(position, temperature=temperature, seed=int(generator.integers(2**62)))

        assert sample_row(logits, sampling).token_id == naive_race(logits, sampling)


def test_large_rows_with_masked_and_huge_logits_draw_the_token_of_the_naive_race() -> None:
    generator = np.random.default_rng(0)
    for position in range(40):
        logits = (generator.normal(0, 1, 20_000) + 3e4 * (position % 3)).astype(np.float32)
        logits[generator.integers(0, 20_000, 9_000)] = -np.inf
        sampling = row(position, temperature=1.0, seed=3)

        assert sample_row(logits, sampling).token_id == naive_race(logits, sampling)


def test_few_tokens_of_a_large_row_need_their_noise() -> None:
    candidates = all_candidates(random_logits(100_000))

    assert len(_contenders(candidates, row(4, temperature=1.0)).logits) < 1_000
