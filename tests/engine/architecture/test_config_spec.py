"""Hyper-parameters from config.json."""

from __future__ import annotations

from typing import Any

import pytest

from realm_desktop.engine.architecture.spec import ModelSpec, RopeSpec
from realm_desktop.engine.architecture.table import model_spec
from realm_desktop.errors import CorruptFile, UnsupportedArchitecture
from tests.support.fake_model_file import FakeModelFile

_BASE: dict[str, Any] = {
    "model_type": "llama",
    "num_hidden_layers": 4,
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_attention_heads": 4,
    "vocab_size": 100,
    "max_position_embeddings": 2048,
}
_MISTRAL: dict[str, Any] = {"model_type": "mistral", "num_key_value_heads": 2}
_LLAMA3 = {
    "rope_type": "llama3",
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 512,
}


def _spec(**changes: Any) -> ModelSpec:
    return model_spec(FakeModelFile(container="safetensors", config={**_BASE, **changes}))


def test_missing_and_null_values_have_their_defaults() -> None:
    spec = _spec(head_dim=None, num_key_value_heads=None, rope_scaling=None, sliding_window=None)

    assert (spec.num_kv_heads, spec.head_dim, spec.norm_eps) == (4, 16, 1e-6)
    assert spec.rope.base == 10_000.0
    assert spec.layer_windows == (None,) * 4


@pytest.mark.parametrize(
    "changes",
    [
        {"rope_theta": 5e5, "rope_scaling": _LLAMA3},
        {"rope_theta": 5e5, "rope_scaling": {**_LLAMA3, "rope_type": None, "type": "llama3"}},
        {"rope_parameters": {**_LLAMA3, "rope_theta": 5e5}},
    ],
)
def test_older_and_newer_rope_keys_mean_the_same(changes: dict[str, Any]) -> None:
    rope = _spec(**changes).rope

    assert (rope.scaling, rope.base, rope.factor) == ("llama3", 5e5, 8.0)
    assert rope.original_context_length == 512


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        ({}, 1.1386294),
        ({"attention_factor": 0.5}, 0.5),
        ({"mscale": 1.0, "mscale_all_dim": 1.0}, 1.0),
        ({"mscale": 2.0, "mscale_all_dim": 1.0}, 1.2772589 / 1.1386294),
    ],
)
def test_yarn_attention_factor_follows_its_settings(
    extra: dict[str, float], expected: float
) -> None:
    scaling = {"rope_type": "yarn", "factor": 4.0, **extra}

    rope = _spec(rope_scaling=scaling).rope

    assert rope.attention_factor == pytest.approx(expected)
    assert rope.original_context_length == 2048


@pytest.mark.parametrize(
    ("changes", "windows"),
    [
        (_MISTRAL | {"sliding_window": 100}, (100,) * 4),
        (_MISTRAL | {"sliding_window": 4096}, (None,) * 4),
        ({"model_type": "qwen2", "sliding_window": 100}, (None,) * 4),
        (
            {
                "model_type": "qwen3",
                "sliding_window": 100,
                "use_sliding_window": True,
                "max_window_layers": 3,
            },
            (None, None, None, 100),
        ),
    ],
)
def test_window_concerns_the_layers_of_its_architecture(
    changes: dict[str, Any], windows: tuple[int | None, ...]
) -> None:
    assert _spec(**changes).layer_windows == windows


@pytest.mark.parametrize(
    ("changes", "feature"),
    [
        ({"hidden_act": "relu"}, "relu"),
        ({"rope_scaling": {"rope_type": "spiral", "factor": 2.0}}, "spiral"),
        ({"layer_types": ["chunked_attention"] * 4}, "chunked_attention"),
        ({"num_local_experts": 8}, "experts"),
        ({"partial_rotary_factor": 0.5}, "RoPE on a part"),
    ],
)
def test_unknown_feature_is_named(changes: dict[str, Any], feature: str) -> None:
    with pytest.raises(UnsupportedArchitecture, match=feature):
        _spec(**changes)


def test_dynamic_scaling_begins_where_the_context_ends() -> None:
    rope = _spec(rope_scaling={"rope_type": "dynamic", "factor": 2.0}).rope

    assert rope == RopeSpec(base=10_000.0)


@pytest.mark.parametrize(
    "changes",
    [
        {"num_hidden_layers": None},
        {"hidden_size": 64.0},
        {"num_key_value_heads": 3},
        {"head_dim": 7},
        {"vocab_size": 0},
        {"tie_word_embeddings": "yes"},
        {"rope_scaling": "llama3"},
        {"rope_scaling": {"rope_type": "linear"}},
        {"rope_scaling": {**_LLAMA3, "high_freq_factor": 1.0}},
        {"rope_theta": -1.0},
    ],
)
def test_wrong_value_is_corrupt(changes: dict[str, Any]) -> None:
    with pytest.raises(CorruptFile):
        _spec(**changes)


@pytest.mark.parametrize(("flag", "is_tied"), [(True, True), (False, False), (None, True)])
def test_tying_follows_the_flag_and_then_the_tensors(flag: bool | None, is_tied: bool) -> None:
    assert _spec(tie_word_embeddings=flag).is_embedding_tied is is_tied
