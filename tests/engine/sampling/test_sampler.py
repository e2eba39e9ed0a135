"""Choosing tokens: greedy, the exponential race, log-probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from realm_desktop.engine.sampling.sampler import SamplingRow, sample_row
from realm_desktop.protocol import SamplingParams

EMPTY = np.array([], np.int32)


def row(position: int = 0, **changes: float | None) -> SamplingRow:
    values = {"temperature": 1.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0, **changes}
    return SamplingRow(SamplingParams(**values), position, EMPTY, 0)  # type: ignore[arg-type]  # ranges are checked by the class


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
    draws = 20_000
    counts = np.bincount(
        [sample_row(logits, row(position, seed=7)).token_id for position in range(draws)],
        minlength=50,
    )

    chi_square = ((counts - draws * expected) ** 2 / (draws * expected)).sum()
    assert chi_square < 85  # 49 degrees of freedom: mean 49, standard deviation 10


def test_top_k_samples_follow_the_renormalised_distribution() -> None:
    logits = np.log(np.array([0.5, 0.25, 0.125, 0.125])).astype(np.float32)
    tokens = [sample_row(logits, row(p, top_k=2, seed=3)).token_id for p in range(6_000)]

    assert set(tokens) == {0, 1}
    assert abs(tokens.count(0) / 6_000 - 2 / 3) < 0.02


def test_logprobs_are_those_of_the_unfiltered_model() -> None:
    logits = random_logits()
    reference = logits - np.log(np.exp(logits.astype(np.float64)).sum())

    sampled = sample_row(logits, row(top_k=2, temperature=0.5, logprobs=3))

    assert sampled.logprob is not None
    assert sampled.logprob.logprob == pytest.approx(reference[sampled.token_id], abs=1e-6)
    best = np.argsort(-reference)[:3]
    assert [token for token, _ in sampled.logprob.top] == best.tolist()


def test_logits_that_are_not_numbers_are_refused() -> None:
    with pytest.raises(FloatingPointError, match="not finite"):
        sample_row(np.array([0.0, np.nan], np.float32), row())
