"""Filters: which tokens survive, and with which probability."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from realm_desktop.engine.sampling.filters import apply_penalties, candidates
from realm_desktop.protocol import SamplingParams

OFF = {"top_k": 0, "top_p": 1.0, "min_p": 0.0}


def logits_of(*probabilities: float) -> NDArray[np.float32]:
    return np.log(np.array(probabilities, np.float64)).astype(np.float32)


def params(**changes: float) -> SamplingParams:
    return SamplingParams(**{"temperature": 1.0, **OFF, **changes})  # type: ignore[arg-type]  # ranges are checked by the class


def test_no_filter_keeps_every_token_best_first() -> None:
    found = candidates(logits_of(0.2, 0.5, 0.3), params())

    assert found.token_ids.tolist() == [1, 2, 0]
    np.testing.assert_allclose(np.exp(found.logprobs), [0.5, 0.3, 0.2], rtol=1e-6)


def test_top_k_keeps_the_k_best_and_renormalises() -> None:
    found = candidates(logits_of(0.1, 0.4, 0.2, 0.3), params(top_k=2))

    assert found.token_ids.tolist() == [1, 3]
    np.testing.assert_allclose(np.exp(found.logprobs), [4 / 7, 3 / 7], rtol=1e-6)


def test_top_k_cuts_ties_by_lowest_id() -> None:
    found = candidates(np.zeros(10, np.float32), params(top_k=3))

    assert found.token_ids.tolist() == [0, 1, 2]


def test_top_p_keeps_the_smallest_set_that_reaches_it() -> None:
    found = candidates(logits_of(0.5, 0.3, 0.15, 0.05), params(top_p=0.7))

    assert found.token_ids.tolist() == [0, 1]


def test_top_p_zero_keeps_the_best_token() -> None:
    assert candidates(logits_of(0.4, 0.6), params(top_p=0.0)).token_ids.tolist() == [1]


def test_min_p_is_relative_to_the_best_token() -> None:
    found = candidates(logits_of(0.6, 0.29, 0.11), params(min_p=0.2))

    assert found.token_ids.tolist() == [0, 1]


def test_temperature_sharpens_before_top_p() -> None:
    found = candidates(logits_of(0.5, 0.3, 0.2), params(temperature=0.5, top_p=0.6))

    assert found.token_ids.tolist() == [0]


def test_repetition_penalty_pushes_seen_tokens_down_on_both_sides_of_zero() -> None:
    logits = np.array([2.0, -2.0, 1.0], np.float32)

    got = apply_penalties(logits, params(repetition_penalty=2.0), np.array([0, 1], np.int32), 2)

    assert got.tolist() == [1.0, -4.0, 1.0]
    assert logits.tolist() == [2.0, -2.0, 1.0]


def test_presence_and_frequency_count_the_completion_only() -> None:
    logits = np.zeros(4, np.float32)
    seen = np.array([0, 1, 2, 2], np.int32)

    got = apply_penalties(
        logits, params(presence_penalty=1.0, frequency_penalty=0.5), seen, num_prompt_tokens=1
    )

    assert got.tolist() == [0.0, -1.5, -2.0, 0.0]
