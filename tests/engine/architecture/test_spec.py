"""Values that follow from the hyper-parameters."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from realm_desktop.engine.architecture.faults import require_llama_like
from realm_desktop.engine.architecture.latent import LatentSpec
from realm_desktop.engine.architecture.rope_scaling import (
    longrope_attention_factor,
    yarn_attention_factor,
)
from realm_desktop.engine.architecture.spec import RopeSpec, windows_from
from realm_desktop.engine.architecture.table import ARCHITECTURES
from realm_desktop.errors import UnsupportedArchitecture
from tests.support.attention_cases import small_spec


@pytest.mark.parametrize(
    ("window", "first_layer", "expected"),
    [(8, 0, (8, 8, 8)), (8, 2, (None, None, 8)), (0, 0, (None,) * 3), (100, 0, (None,) * 3)],
)
def test_window_is_given_to_the_layers_from_the_first_on(
    window: int, first_layer: int, expected: tuple[int | None, ...]
) -> None:
    assert windows_from(window, first_layer, 3, 100) == expected


@pytest.mark.parametrize(
    ("factor", "expected"), [(1.0, 1.0), (0.5, 1.0), (2.718281828, 1.1), (7.389056, 1.2)]
)
def test_yarn_factor_grows_with_the_logarithm(factor: float, expected: float) -> None:
    assert yarn_attention_factor(factor) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("factor", "original", "expected"),
    [(1.0, 4096, 1.0), (32.0, 4096, 1.190238), (2.0, 1, 1.0)],
)
def test_longrope_factor_grows_with_the_logarithm(
    factor: float, original: int, expected: float
) -> None:
    assert longrope_attention_factor(factor, original) == pytest.approx(expected, rel=1e-6)


_OTHER_LAYERS: list[dict[str, Any]] = [
    {"norm_places": "after"},
    {"norm_kind": "layer"},
    {"is_parallel": True},
    {"head_norm": "whole"},
    {"activation": "gelu_tanh"},
    {"is_gated": False},
    {"residual_multiplier": 0.5},
    {"attention_softcap": 50.0},
    {"rotary_dim": 4},
    {"layer_ropes": (None, None)},
    {"names": ARCHITECTURES["phi3"].names},
    {"rope": RopeSpec(scaling="longrope")},
]


@pytest.mark.parametrize("changes", _OTHER_LAYERS, ids=lambda changes: next(iter(changes)))
def test_what_knows_llamas_layers_alone_refuses_others(changes: dict[str, Any]) -> None:
    spec = replace(small_spec(), architecture="olmo2", **changes)

    with pytest.raises(UnsupportedArchitecture, match=r"olmo2.*training is supported for"):
        require_llama_like(spec, Path("m"), "training")


def test_llamas_layers_are_not_refused() -> None:
    spec = replace(small_spec(), head_norm="shared", has_qkv_bias=True)

    require_llama_like(spec, Path("m"), "training")


@pytest.mark.parametrize(
    ("changes", "has_kernel_layers", "has_plain_ends"),
    [
        ({}, True, True),
        ({"norm_places": "both", "attention_softcap": 50.0}, True, True),
        ({"activation": "gelu_tanh", "embedding_multiplier": 8.0}, True, False),
        ({"activation": "gelu"}, False, True),
        ({"norm_places": "after", "head_norm": "whole"}, True, True),
        ({"norm_kind": "layer", "logit_multiplier": 0.5}, True, False),
        ({"residual_multiplier": 0.5, "is_parallel": True, "is_gated": False}, True, True),
        ({"query_growth": 0.1}, True, True),
        ({"latent": LatentSpec(0, 32, 16, 16, 32)}, False, True),
        ({"final_softcap": 30.0}, True, False),
        ({"rope": RopeSpec(scaling="longrope", original_context_length=64)}, True, False),
    ],
)
def test_passes_are_repeated_where_kernels_do_everything(
    changes: dict[str, Any], has_kernel_layers: bool, has_plain_ends: bool
) -> None:
    spec = replace(small_spec(), **changes)

    assert spec.has_kernel_layers is has_kernel_layers
    assert spec.has_plain_ends is has_plain_ends


def test_short_context_is_longropes_alone() -> None:
    rope = RopeSpec(scaling="longrope", original_context_length=64)

    assert replace(small_spec(), rope=rope).short_context == 64
    assert replace(small_spec(), rope=replace(rope, scaling="yarn")).short_context == 0
