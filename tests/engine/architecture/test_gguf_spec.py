"""Hyper-parameters from GGUF metadata."""

from __future__ import annotations

from typing import Any

import pytest

from realm_desktop.engine.architecture.spec import ModelSpec, RopeSpec
from realm_desktop.engine.architecture.table import model_spec
from realm_desktop.errors import CorruptFile, UnsupportedArchitecture
from realm_desktop.formats.tensor_entry import TensorEntry
from realm_desktop.formats.tensor_types import TensorType
from tests.support.fake_model_file import FakeModelFile

_EMBEDDING = TensorEntry("token_embd.weight", TensorType.F32, (100, 64), 0, 25600)
_BASE: dict[str, Any] = {
    "block_count": 3,
    "embedding_length": 64,
    "feed_forward_length": 96,
    "attention.head_count": 4,
    "context_length": 2048,
    "attention.layer_norm_rms_epsilon": 1e-5,
}


def _spec(
    name: str = "llama", embedding: TensorEntry | None = _EMBEDDING, **changes: Any
) -> ModelSpec:
    values = {**_BASE, **{key.replace("__", "."): value for key, value in changes.items()}}
    metadata = {f"{name}.{key}": value for key, value in values.items() if value is not None}
    metadata["general.architecture"] = name
    tensors = {} if embedding is None else {embedding.name: embedding}
    return model_spec(FakeModelFile(metadata, tensors=tensors))


def test_missing_values_have_their_defaults() -> None:
    spec = _spec()

    assert (spec.num_kv_heads, spec.head_dim, spec.name) == (4, 16, "")
    assert spec.rope == RopeSpec(base=10_000.0)
    assert spec.layer_windows == (None, None, None)
    assert (spec.query_width(0), spec.key_width(0), spec.scale) == (64, 64, 0.25)


def test_vocabulary_is_as_long_as_the_embedding() -> None:
    assert _spec(vocab_size=99).vocabulary_size == 100


@pytest.mark.parametrize(
    "embedding",
    [None, TensorEntry("token_embd.weight", TensorType.F32, (100,), 0, 400)],
)
def test_missing_embedding_is_corrupt(embedding: TensorEntry | None) -> None:
    with pytest.raises(CorruptFile, match=r"token_embd\.weight"):
        _spec(embedding=embedding)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("block_count", 0),
        ("block_count", 10**9),
        ("block_count", None),
        ("embedding_length", "64"),
        ("feed_forward_length", [1, 2]),
        ("attention__head_count", True),
        ("attention__head_count_kv", 3),
        ("attention__key_length", 15),
        ("context_length", -1),
        ("attention__layer_norm_rms_epsilon", 2.0),
        ("rope__freq_base", 0.0),
        ("rope__scaling__type", 7),
    ],
)
def test_value_out_of_range_is_corrupt(key: str, value: Any) -> None:
    changes: dict[str, Any] = {key: value}

    with pytest.raises(CorruptFile):
        _spec(**changes)


@pytest.mark.parametrize(
    ("changes", "feature"),
    [
        ({"rope__dimension_count": 8}, "RoPE on a part"),
        ({"attention__value_length": 8}, "value heads"),
        ({"rope__scaling__type": "longrope"}, "longrope"),
    ],
)
def test_unknown_feature_is_named(changes: dict[str, Any], feature: str) -> None:
    with pytest.raises(UnsupportedArchitecture, match=feature):
        _spec(**changes)


def test_experts_of_a_network_without_them_are_named() -> None:
    with pytest.raises(UnsupportedArchitecture, match="mixture of experts"):
        _spec("qwen3", expert_count=8)


def test_sizes_listed_for_every_layer_are_one_if_they_agree() -> None:
    spec = _spec(attention__head_count_kv=[2, 2, 2], feed_forward_length=[96] * 3)

    assert (spec.num_kv_heads, spec.intermediate_size) == (2, 96)


def test_linear_scaling_is_read() -> None:
    rope = _spec(rope__scaling__type="linear", rope__scaling__factor=4.0).rope

    assert rope == RopeSpec(scaling="linear", factor=4.0)


def test_yarn_scaling_is_read() -> None:
    changes: dict[str, Any] = {
        "rope__scaling__type": "yarn",
        "rope__scaling__factor": 4.0,
        "rope__scaling__original_context_length": 512,
        "rope__scaling__yarn_beta_fast": 16.0,
    }

    rope = _spec("qwen2", **changes).rope

    assert (rope.scaling, rope.factor, rope.original_context_length) == ("yarn", 4.0, 512)
    assert (rope.beta_fast, rope.beta_slow) == (16.0, 1.0)
    assert rope.attention_factor == pytest.approx(1.1386294)


@pytest.mark.parametrize(
    ("name", "window", "expected"),
    [("llama", 100, 100), ("llama", 2048, None), ("llama", 0, None), ("qwen3", 100, None)],
)
def test_window_concerns_every_layer_of_llama_files(
    name: str, window: int, expected: int | None
) -> None:
    spec = _spec(name, attention__sliding_window=window)

    assert spec.layer_windows == (expected,) * 3
