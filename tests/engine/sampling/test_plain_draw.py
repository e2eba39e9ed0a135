"""Which sampling a draft may imitate, and with what."""

from __future__ import annotations

import math
from typing import Any

import pytest

from realm_desktop.engine.draft_loop import PlainDraw
from realm_desktop.engine.sampling.plain_draw import plain_draw
from realm_desktop.engine.sampling.sampler import MAX_NATS
from realm_desktop.sampling_params import SamplingFilter, SamplingParams


def test_draw_takes_temperature_floor_and_seed() -> None:
    draw = plain_draw(SamplingParams(temperature=0.7, min_p=0.1, seed=9), 50)

    assert draw == PlainDraw(0.7, math.log(0.1), 9, 50)


def test_greedy_draw_has_no_temperature() -> None:
    draw = plain_draw(SamplingParams(temperature=0.0, sampler_order=()), 50)

    assert draw is not None
    assert draw.temperature == 0.0


def test_filters_that_are_not_named_are_off() -> None:
    order = (SamplingFilter.TOP_K,)

    draw = plain_draw(SamplingParams(temperature=0.7, min_p=0.1, sampler_order=order), 50)

    assert draw == PlainDraw(1.0, -MAX_NATS, 0, 50)


@pytest.mark.parametrize("min_p", [0.0, 1e-300])
def test_floor_is_never_lower_than_what_noise_can_reach(min_p: float) -> None:
    draw = plain_draw(SamplingParams(min_p=min_p), 50)

    assert draw is not None
    assert draw.floor == -MAX_NATS


@pytest.mark.parametrize(
    "changes",
    [
        {"repetition_penalty": 1.1},
        {"presence_penalty": 0.5},
        {"frequency_penalty": 0.5},
        {"dry_multiplier": 0.8},
        {"xtc_probability": 0.5},
        {"typical_p": 0.9},
        {"top_n_sigma": 1.0},
        {"logit_bias": ((3, 1.0),)},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_sampling_that_follows_the_text_is_not_plain(changes: dict[str, Any]) -> None:
    assert plain_draw(SamplingParams(**changes), 50) is None
