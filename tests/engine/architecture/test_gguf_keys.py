"""Hyper-parameters written as GGUF metadata and read back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from realm_desktop.engine.architecture.gguf_keys import architecture_values, gguf_architecture_name
from realm_desktop.engine.architecture.spec import ModelSpec, RopeSpec
from realm_desktop.engine.architecture.table import model_spec
from realm_desktop.errors import UnsupportedArchitecture
from realm_desktop.formats.gguf_output import PlannedTensor, text_value, write_gguf_file
from realm_desktop.formats.model_file import open_model
from realm_desktop.formats.tensor_types import TensorType

SPEC = ModelSpec(
    architecture="llama",
    name="Tiny",
    num_layers=3,
    hidden_size=64,
    intermediate_size=96,
    num_heads=4,
    num_kv_heads=2,
    head_dim=32,
    vocabulary_size=7,
    context_length=512,
    norm_eps=2.0**-17,
    rope=RopeSpec(base=50_000.0),
    layer_windows=(None,) * 3,
    is_embedding_tied=True,
    is_rope_interleaved=True,
)
YARN = RopeSpec(
    base=10_000.0,
    scaling="yarn",
    factor=4.0,
    original_context_length=128,
    beta_fast=16.0,
    beta_slow=2.0,
    attention_factor=1.25,
)


def _read_back(spec: ModelSpec, path: Path) -> ModelSpec:
    embedding = PlannedTensor(
        "token_embd.weight", TensorType.F32, (spec.vocabulary_size, spec.hidden_size)
    )
    values = [*architecture_values(spec, path), text_value("general.name", spec.name)]
    write_gguf_file(path, values, [embedding], lambda plan: [bytes(plan.num_bytes)])
    return model_spec(open_model(path))


@pytest.mark.parametrize(
    "spec",
    [
        SPEC,
        replace(SPEC, layer_windows=(16,) * 3),
        replace(SPEC, rope=RopeSpec(base=10_000.0, scaling="linear", factor=2.0)),
        replace(SPEC, architecture="qwen3", head_norm="shared", is_rope_interleaved=False),
        replace(SPEC, architecture="qwen2", has_qkv_bias=True, is_rope_interleaved=False),
    ],
)
def test_network_is_read_back_as_it_was_written(spec: ModelSpec, tmp_path: Path) -> None:
    assert _read_back(spec, tmp_path / "m.gguf") == spec


def test_yarn_is_read_back_within_float32(tmp_path: Path) -> None:
    found = _read_back(replace(SPEC, rope=YARN), tmp_path / "m.gguf").rope

    assert found.attention_factor == pytest.approx(1.25, rel=1e-6)
    assert replace(found, attention_factor=1.25) == YARN


def test_mistral_is_a_llama_in_gguf() -> None:
    assert gguf_architecture_name(replace(SPEC, architecture="mistral")) == "llama"


@pytest.mark.parametrize(
    "spec",
    [
        replace(SPEC, layer_windows=(None, 16, 16)),
        replace(SPEC, architecture="qwen3", layer_windows=(16,) * 3),
        replace(SPEC, rope=replace(YARN, is_truncated=False)),
    ],
)
def test_what_gguf_has_no_word_for_is_refused(spec: ModelSpec) -> None:
    with pytest.raises(UnsupportedArchitecture, match="in GGUF"):
        architecture_values(spec, Path("m"))
