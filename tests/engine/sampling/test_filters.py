"""Filters that drop tokens: who survives, in which order, and how the survivors are drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from realm_desktop.engine.sampling.candidates import Candidates, all_candidates
from realm_desktop.engine.sampling.filters import apply_filters
from realm_desktop.engine.sampling.noise import coin
from realm_desktop.sampling_params import SamplingFilter
from tests.support.sampling import logits_of, row


def survivors(*probabilities: float, position: int = 0, **changes: Any) -> list[int]:
    found = filtered(logits_of(*probabilities), position, **changes)
    return [int(token_id) for token_id in found.token_ids]


def filtered(logits: NDArray[np.float32], position: int = 0, **changes: Any) -> Candidates:
    entry = row(position, **changes)
    return apply_filters(all_candidates(logits), entry, entry.params.sampler_order)


def test_no_filter_keeps_every_token() -> None:
    assert survivors(0.2, 0.5, 0.3) == [0, 1, 2]


def test_masked_tokens_are_no_candidates() -> None:
    logits = np.array([1.0, -np.inf, 0.0], np.float32)

    assert filtered(logits).token_ids.tolist() == [0, 2]


def test_top_k_keeps_the_k_best() -> None:
    assert survivors(0.1, 0.4, 0.2, 0.3, top_k=2) == [1, 3]


def test_top_k_cuts_ties_by_lowest_id() -> None:
    assert filtered(np.zeros(10, np.float32), top_k=3).token_ids.tolist() == [0, 1, 2]


def test_top_k_cuts_ties_behind_a_better_token() -> None:
    assert survivors(0.2, 0.2, 0.4, 0.2, top_k=2) == [0, 2]


def test_top_p_keeps_the_smallest_set_that_reaches_it() -> None:
    assert survivors(0.5, 0.3, 0.15, 0.05, top_p=0.7) == [0, 1]


def test_top_p_zero_keeps_the_best_token() -> None:
    assert survivors(0.4, 0.6, top_p=0.0) == [1]


@pytest.mark.parametrize("top_p", [0.1, 0.6, 0.999])
def test_top_p_of_a_large_vocabulary_equals_the_plain_definition(top_p: float) -> None:
    logits = np.random.default_rng(0).normal(0, 3, 20_000).astype(np.float32)
    weights = np.exp(logits.astype(np.float64))
    order = np.argsort(-weights, kind="stable")
    ordered = weights[order] / weights.sum()
    expected = order[: int((ordered.cumsum() - ordered < top_p).sum())]

    assert filtered(logits, top_p=top_p).token_ids.tolist() == sorted(expected)


def test_min_p_is_relative_to_the_best_token() -> None:
    assert survivors(0.6, 0.29, 0.11, min_p=0.2) == [0, 1]


def test_min_p_one_keeps_the_best_token() -> None:
    assert survivors(0.2, 0.5, 0.3, min_p=1.0) == [1]


def test_typical_p_prefers_the_expected_surprise_to_the_best_token() -> None:
    # The entropy is 1.92 nats: the eight tokens of 0.075 (2.59 nats) are nearer than 0.4 (0.92).
    probabilities = (0.4, *[0.075] * 8)

    assert survivors(*probabilities, typical_p=0.5) == list(range(1, 8))


def test_typical_p_of_equal_tokens_cuts_by_lowest_id() -> None:
    assert survivors(0.25, 0.25, 0.25, 0.25, typical_p=0.5) == [0, 1]


def test_typical_p_zero_keeps_one_token() -> None:
    assert len(survivors(0.6, 0.3, 0.1, typical_p=0.0)) == 1


def test_typical_p_follows_its_definition() -> None:
    logits = np.random.default_rng(1).normal(0, 2, 300).astype(np.float32)
    p = np.exp(logits.astype(np.float64))
    p /= p.sum()
    order = np.argsort(np.abs(-np.log(p) + (p * np.log(p)).sum()), kind="stable")
    count = int((p[order].cumsum() < 0.7).sum()) + 1

    assert filtered(logits, typical_p=0.7).token_ids.tolist() == sorted(order[:count])


@pytest.mark.parametrize("typical_p", [0.1, 0.6, 0.95])
def test_typical_p_of_many_equal_tokens_follows_its_definition(typical_p: float) -> None:
    logits = np.round(np.random.default_rng(4).normal(0, 2, 3_000)).astype(np.float32)
    p = np.exp(logits.astype(np.float64) - float(logits.max()))
    p /= float(p.sum())
    surprise = np.log(np.exp(logits.astype(np.float64) - float(logits.max())).sum()) - (
        logits.astype(np.float64) - float(logits.max())
    )
    order = np.argsort(np.abs(surprise - (p * surprise).sum()), kind="stable")
    ordered = p[order]
    count = int((ordered.cumsum() - ordered < typical_p).sum())

    assert filtered(logits, typical_p=typical_p).token_ids.tolist() == sorted(order[:count])


@pytest.mark.parametrize("top_p", [0.1, 0.9, 0.9999])
def test_top_p_cuts_ties_by_lowest_id_in_a_large_vocabulary(top_p: float) -> None:
    logits = np.round(np.random.default_rng(5).normal(0, 2, 5_000)).astype(np.float32)
    p = np.exp(logits.astype(np.float64) - float(logits.max()))
    p /= float(p.sum())
    order = np.argsort(-logits, kind="stable")
    ordered = p[order]
    count = int((ordered.cumsum() - ordered < top_p).sum())

    assert filtered(logits, top_p=top_p).token_ids.tolist() == sorted(order[:count])


def test_top_n_sigma_keeps_logits_near_the_best() -> None:
    logits = np.array([10.0, 8.0, 0.0, 0.0, 0.0, 0.0], np.float32)  # deviation 4.28

    assert filtered(logits, top_n_sigma=1.0).token_ids.tolist() == [0, 1]
    assert filtered(logits, top_n_sigma=0.1).token_ids.tolist() == [0]


@pytest.mark.parametrize("temperature", [0.2, 1.0, 7.0])
def test_top_n_sigma_does_not_depend_on_the_temperature(temperature: float) -> None:
    logits = np.random.default_rng(2).normal(0, 2, 500).astype(np.float32)
    expected = filtered(logits, top_n_sigma=1.5).token_ids

    found = filtered(logits, top_n_sigma=1.5, temperature=temperature).token_ids

    assert found.tolist() == expected.tolist()


def test_xtc_drops_all_top_choices_but_the_least_probable() -> None:
    kept = survivors(0.4, 0.3, 0.2, 0.1, xtc_probability=1.0, xtc_threshold=0.15)

    assert kept == [2, 3]


@pytest.mark.parametrize("threshold", [0.35, 0.6])
def test_xtc_leaves_fewer_than_two_top_choices_alone(threshold: float) -> None:
    kept = survivors(0.4, 0.3, 0.2, 0.1, xtc_probability=1.0, xtc_threshold=threshold)

    assert kept == [0, 1, 2, 3]


def test_xtc_follows_a_coin_that_the_seed_decides() -> None:
    for position in range(200):
        kept = survivors(0.6, 0.4, position=position, xtc_probability=0.3)
        assert (kept == [1]) is (coin(0, position) < 0.3)


def test_xtc_coin_falls_as_often_as_asked() -> None:
    falls = [coin(5, position) < 0.3 for position in range(20_000)]

    assert abs(np.mean(falls) - 0.3) < 0.01


def test_temperature_sharpens_before_top_p() -> None:
    assert survivors(0.5, 0.3, 0.2, temperature=0.5, top_p=0.6) == [0]


def test_order_decides_what_top_p_sees() -> None:
    top_p, temperature = SamplingFilter.TOP_P, SamplingFilter.TEMPERATURE
    values: dict[str, Any] = {"temperature": 0.5, "top_p": 0.6}

    assert survivors(0.5, 0.3, 0.2, sampler_order=(temperature, top_p), **values) == [0]
    assert survivors(0.5, 0.3, 0.2, sampler_order=(top_p, temperature), **values) == [0, 1]


def test_order_decides_what_top_k_renormalises_for_top_p() -> None:
    top_k, top_p = SamplingFilter.TOP_K, SamplingFilter.TOP_P
    values: dict[str, Any] = {"top_k": 2, "top_p": 0.55}

    assert survivors(0.4, 0.3, 0.2, 0.1, sampler_order=(top_k, top_p), **values) == [0]
    assert survivors(0.4, 0.3, 0.2, 0.1, sampler_order=(top_p, top_k), **values) == [0, 1]


def test_filter_that_the_order_does_not_name_is_off() -> None:
    assert survivors(0.4, 0.6, top_k=1, sampler_order=()) == [0, 1]


def test_filters_do_not_change_the_row() -> None:
    logits = np.random.default_rng(3).normal(0, 2, 50).astype(np.float32)
    before = logits.copy()

    filtered(logits, top_k=5, top_p=0.5, temperature=0.3, xtc_probability=1.0, typical_p=0.5)

    assert np.array_equal(logits, before)
