"""Forms in which published files of single families describe themselves, and what they leave out."""

from __future__ import annotations

import math
from typing import Any

import pytest

from realm_desktop.engine.architecture.spec import ModelSpec
from realm_desktop.engine.architecture.table import model_spec
from realm_desktop.engine.architecture.tensor_names import Part
from realm_desktop.errors import CorruptFile, UnsupportedArchitecture
from realm_desktop.formats.tensor_entry import TensorEntry
from realm_desktop.formats.tensor_types import TensorType
from tests.support.fake_model_file import FakeModelFile

_SIZES: dict[str, Any] = {
    "num_hidden_layers": 4,
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "vocab_size": 100,
    "max_position_embeddings": 8192,
}
_KEYS: dict[str, Any] = {
    "block_count": 4,
    "embedding_length": 64,
    "feed_forward_length": 96,
    "attention.head_count": 4,
    "context_length": 8192,
    "attention.layer_norm_rms_epsilon": 1e-5,
    "attention.layer_norm_epsilon": 1e-5,
}
_FACTORS = {"short_factor": [1.0] * 8, "long_factor": [2.0] * 8}


def _config(model_type: str, **changes: Any) -> ModelSpec:
    config = {"model_type": model_type, **_SIZES, **changes}
    return model_spec(FakeModelFile(container="safetensors", config=config))


def _gguf(name: str, *tensors: str, **changes: Any) -> ModelSpec:
    values = {**_KEYS, **{key.replace("__", "."): value for key, value in changes.items()}}
    metadata = {"general.architecture": name, **{f"{name}.{k}": v for k, v in values.items()}}
    shape = {"token_embd.weight": (100, 64)}
    entries = {
        each: TensorEntry(each, TensorType.F32, shape.get(each, (64,)), 0, 256)
        for each in ("token_embd.weight", *tensors)
    }
    return model_spec(FakeModelFile(metadata, tensors=entries))


def test_bounds_of_gemma2_are_there_unless_they_are_null() -> None:
    left_out, null = (
        _config("gemma2"),
        _config("gemma2", attn_logit_softcapping=None, final_logit_softcapping=None),
    )

    assert (left_out.attention_softcap, left_out.final_softcap) == (50.0, 30.0)
    assert (null.attention_softcap, null.final_softcap) == (0.0, 0.0)
    assert left_out.embedding_multiplier == 8.0
    assert left_out.layer_windows == (4096, None) * 2


def test_gguf_of_gemma2_may_leave_out_window_and_bounds() -> None:
    spec = _gguf("gemma2")

    assert (spec.attention_softcap, spec.final_softcap) == (50.0, 30.0)
    assert spec.layer_windows == (4096, None) * 2
    assert not spec.has_zero_centred_norms


@pytest.mark.parametrize(("num_layers", "scale"), [(26, 32**-0.5), (46, 16**-0.5)])
def test_scale_of_gemma2_in_gguf_follows_its_size(num_layers: int, scale: float) -> None:
    assert _gguf(
        "gemma2", block_count=num_layers, attention__key_length=32, attention__value_length=32
    ).scale == pytest.approx(scale)


def test_scale_named_in_a_gguf_file_counts() -> None:
    assert _gguf("gemma3", block_count=62, attention__scale=0.25).scale == 0.25


def test_text_part_of_gemma3_leaves_out_what_is_usual() -> None:
    inner = {"model_type": "gemma3_text", "hidden_size": 2560, "num_hidden_layers": 34}
    config = {"model_type": "gemma3", "text_config": {**inner, "sliding_window": 1024}}

    spec = model_spec(FakeModelFile(container="safetensors", config=config))

    assert (spec.architecture, spec.num_heads, spec.num_kv_heads) == ("gemma3", 8, 4)
    assert (spec.head_dim, spec.vocabulary_size, spec.scale) == (256, 262_208, 1 / 16)
    assert spec.layer_windows[4:6] == (1024, None)
    assert [rope and rope.base for rope in spec.ropes[4:6]] == [1e4, 1e6]


@pytest.mark.parametrize("kind", ["longrope", "su", "yarn"])
def test_longrope_of_phi3_has_three_names(kind: str) -> None:
    scaling = {"type": kind, **_FACTORS}

    spec = _config("phi3", rope_scaling=scaling, original_max_position_embeddings=4096)

    assert (spec.rope.scaling, spec.short_context, spec.rope.factor) == ("longrope", 4096, 2.0)
    assert spec.rope.attention_factor == pytest.approx(math.sqrt(1 + math.log(2) / math.log(4096)))


@pytest.mark.parametrize(
    ("model_type", "changes"),
    [
        ("phi3", {"rope_scaling": {"type": "longrope", **_FACTORS, "short_factor": [1.0] * 7}}),
        ("phi3", {"rope_scaling": {"type": "longrope", **_FACTORS, "long_factor": [0.0] * 8}}),
        ("phi3", {"rope_scaling": {"type": "longrope", **_FACTORS, "long_factor": None}}),
        ("phi3", {"partial_rotary_factor": 0.01}),
        ("smollm3", {"no_rope_layers": [1, 0]}),
        ("smollm3", {"no_rope_layers": [1, 0, 2, 1]}),
        ("gemma3_text", {"layer_types": ["full_attention"]}),
        ("granite", {"residual_multiplier": 0.0}),
        ("cohere", {"logit_scale": "large"}),
    ],
)
def test_wrong_value_is_corrupt(model_type: str, changes: dict[str, Any]) -> None:
    with pytest.raises(CorruptFile):
        _config(model_type, **changes)


def test_window_of_mistral_is_there_unless_it_is_null() -> None:
    assert _config("mistral").layer_windows == (4096,) * 4
    assert _config("mistral", sliding_window=None).layer_windows == (None,) * 4


def test_window_tells_olmo3_from_olmo2_in_gguf() -> None:
    assert _gguf("olmo2").architecture == "olmo2"
    assert _gguf("olmo2", attention__sliding_window=0).architecture == "olmo2"

    spec = _gguf("olmo2", attention__sliding_window=64)

    assert spec.architecture == "olmo3"
    assert spec.layer_windows == (64, 64, 64, None)


def test_second_norm_tells_whether_stablelm_is_parallel() -> None:
    assert _gguf("stablelm").is_parallel
    assert not _gguf("stablelm", "blk.0.ffn_norm.weight").is_parallel
    assert _gguf("stablelm", "blk.0.attn_q_norm.weight").head_norm == "own"


def test_layers_without_rope_are_every_fourth() -> None:
    listed = _config("smollm3", no_rope_layers=[0, 1, 1, 1])

    assert [rope is None for rope in _gguf("smollm3").ropes] == [False, False, False, True]
    assert [rope is None for rope in listed.ropes] == [True, False, False, False]
    assert [rope is None for rope in _config("cohere2").ropes] == [False, False, False, True]


def test_granite_4_without_rope_is_known_in_both_forms() -> None:
    config = _config(
        "granitemoehybrid", shared_intermediate_size=96, position_embedding_type="nope"
    )
    gguf = _gguf("granite", rope__scaling__finetuned=False)

    assert config.ropes == gguf.ropes == (None,) * 4
    assert _gguf("granite", rope__scaling__finetuned=True).ropes == _gguf("granite").ropes


@pytest.mark.parametrize(
    ("changes", "feature"),
    [
        ({"num_local_experts": 8}, "experts"),
        ({"layer_types": ["mamba"] * 4}, "mamba"),
        ({"layer_types": ["linear_attention"] * 4}, "linear_attention"),
    ],
)
def test_granite_4_with_other_layers_is_refused(changes: dict[str, Any], feature: str) -> None:
    with pytest.raises(UnsupportedArchitecture, match=feature):
        _config("granitemoehybrid", shared_intermediate_size=96, **changes)


def test_zero_stands_for_no_factor_in_gguf() -> None:
    spec = _gguf("granite", embedding_scale=0.0, residual_scale=0.0, logit_scale=0.0)

    assert spec.embedding_multiplier == spec.residual_multiplier == spec.logit_multiplier == 1.0


@pytest.mark.parametrize(
    ("name", "tensor", "is_fused"),
    [("phi3", "blk.0.attn_q.weight", False), ("chatglm", "blk.0.attn_qkv.weight", True)],
)
def test_tensors_tell_what_a_converter_fused(name: str, tensor: str, is_fused: bool) -> None:
    names = _gguf(name, tensor).names.gguf

    assert (names[Part.QUERY] == names[Part.KEY]) is is_fused
