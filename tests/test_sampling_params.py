"""Sampling values: their ranges, by name."""

from __future__ import annotations

import math

import pytest

from realm_desktop.errors import InvalidSampling
from realm_desktop.sampling_params import (
    DEFAULT_SAMPLER_ORDER,
    SamplingFilter,
    SamplingParams,
    require_range,
)


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("temperature", -0.1, 100.1),
        ("top_k", -1, 2**31),
        ("top_p", -0.1, 1.1),
        ("min_p", -0.1, 1.1),
        ("typical_p", -0.1, 1.1),
        ("top_n_sigma", -1.0, 101.0),
        ("repetition_penalty", 0.0, 101.0),
        ("presence_penalty", -101.0, 101.0),
        ("frequency_penalty", -101.0, 101.0),
        ("dry_multiplier", -1.0, 101.0),
        ("dry_base", 0.9, 10.1),
        ("dry_allowed_length", 0, 1001),
        ("dry_penalty_last_n", 0, 2**31),
        ("xtc_probability", -0.1, 1.1),
        ("xtc_threshold", -0.1, 1.1),
        ("seed", -1, 2**63),
        ("max_tokens", 0, 2**31),
        ("logprobs", -1, 21),
    ],
)
def test_value_outside_its_range_is_refused_by_name(name: str, low: float, high: float) -> None:
    for value in (low, high, math.nan):
        with pytest.raises(InvalidSampling, match=f"^{name} is") as caught:
            SamplingParams(**{name: value})  # type: ignore[arg-type]  # the wrong value is the point
        assert caught.value.field == name


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("stop", ("a", ""), "empty"),
        ("stop", ("a",) * 17, "number of stop strings"),
        ("dry_sequence_breakers", ("",), "length of a DRY sequence breaker"),
        ("dry_sequence_breakers", ("a" * 65,), "length of a DRY sequence breaker"),
        ("dry_sequence_breakers", ("a",) * 33, "number of dry_sequence_breakers"),
        ("logit_bias", ((-1, 0.0),), "token id"),
        ("logit_bias", ((1, 1001.0),), "logit_bias is 1001"),
        ("logit_bias", ((1, math.inf),), "logit_bias is inf"),
        ("logit_bias", ((1, 0.0), (1, 1.0)), "twice"),
        ("logit_bias", tuple((i, 0.0) for i in range(1025)), "number of logit_bias entries"),
        ("sampler_order", ("top_k", "top_k"), "twice"),
        ("sampler_order", ("best",), "names 'best'; known filters are penalties, dry"),
    ],
)
def test_list_that_makes_no_sense_is_refused(name: str, value: object, complaint: str) -> None:
    with pytest.raises(InvalidSampling, match=complaint):
        SamplingParams(**{name: value})  # type: ignore[arg-type]  # the wrong value is the point


def test_default_order_names_every_filter_once() -> None:
    assert SamplingParams().sampler_order == DEFAULT_SAMPLER_ORDER
    assert set(DEFAULT_SAMPLER_ORDER) == set(SamplingFilter)


def test_order_may_leave_filters_out() -> None:
    order = (SamplingFilter.TEMPERATURE,)

    assert SamplingParams(sampler_order=order).sampler_order == order


def test_range_includes_its_ends() -> None:
    require_range("x", 0.0, 0.0, 1.0)
    require_range("x", 1.0, 0.0, 1.0)
