"""Settings as an engine's request has them."""

from __future__ import annotations

from typing import Any

import pytest

from realm_desktop.protocol import Speculation, SpeculationMode
from realm_desktop.sampling_params import SamplingFilter, SamplingParams
from realm_desktop.schema.requests import (
    fixed_seed,
    output_format,
    sampling_params,
    speculation,
    thinking,
)
from realm_desktop.schema.resolution import Resolved, resolve


def _resolved(**values: Any) -> Resolved:
    return resolve({}, {}, {key.replace("__", "."): value for key, value in values.items()})


def test_lists_become_what_the_engine_takes() -> None:
    params = sampling_params(
        _resolved(
            sampling__stop=["END"],
            sampling__logit_bias=[[7, -2.5]],
            sampling__sampler_order=["top_k", "temperature"],
        )
    )

    order = (SamplingFilter.TOP_K, SamplingFilter.TEMPERATURE)
    assert params == SamplingParams(stop=("END",), logit_bias=((7, -2.5),), sampler_order=order)


def test_seed_is_fixed_only_when_it_is_not_to_be_new() -> None:
    assert fixed_seed(_resolved(sampling__seed=7)) is None
    assert fixed_seed(_resolved(sampling__seed=7, reply__is_seed_new=False)) == 7


@pytest.mark.parametrize(("value", "expected"), [("template", None), ("on", True), ("off", False)])
def test_thinking_is_asked_for_only_where_somebody_chose(value: str, expected: bool | None) -> None:
    assert thinking(_resolved()) is None
    assert thinking(_resolved(reply__thinking=value)) is expected


def test_speculation_has_mode_and_length() -> None:
    chosen = _resolved(speculation__mode="ngram", speculation__max_draft_tokens=3)

    assert speculation(chosen) == Speculation(SpeculationMode.NGRAM, 3)


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        ("json_schema", "{}", {"json_schema": "{}"}),
        ("regex", "a", {"regex": "a"}),
        ("grammar", "start: A", {"grammar": "start: A"}),
        ("free", "{}", {}),
        ("regex", " \n", {}),
    ],
)
def test_form_of_the_reply(form: str, text: str, expected: dict[str, str]) -> None:
    assert output_format(_resolved(system__output_form=form, system__output_text=text)) == expected
