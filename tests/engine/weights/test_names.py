"""Names and shapes of tensors in both containers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from realm_desktop.engine.architecture.table import model_spec
from realm_desktop.engine.architecture.tensor_names import Part
from realm_desktop.engine.weights.names import bias_name, needed_tensors, weight_name
from realm_desktop.formats.model_file import open_model
from tests.support.attention_cases import small_spec
from tests.support.tiny_models import tiny_gguf, tiny_safetensors


@pytest.mark.parametrize(
    ("part", "gguf", "safetensors"),
    [
        (Part.EMBEDDING, "token_embd.weight", "model.embed_tokens.weight"),
        (Part.HEAD, "output.weight", "lm_head.weight"),
        (Part.QUERY, "blk.7.attn_q.weight", "model.layers.7.self_attn.q_proj.weight"),
        (Part.MLP_NORM, "blk.7.ffn_norm.weight", "model.layers.7.post_attention_layernorm.weight"),
    ],
)
def test_weight_has_its_name_in_each_container(part: Part, gguf: str, safetensors: str) -> None:
    assert weight_name("gguf", part, 7) == gguf
    assert weight_name("safetensors", part, 7) == safetensors


def test_bias_has_its_name_in_each_container() -> None:
    assert bias_name("gguf", Part.DOWN, 2) == "blk.2.ffn_down.bias"
    assert bias_name("safetensors", Part.DOWN, 2) == "model.layers.2.mlp.down_proj.bias"


@pytest.mark.parametrize("architecture", ["llama", "mistral", "qwen2", "qwen3"])
def test_needed_tensors_are_exactly_those_of_a_file(tmp_path: Path, architecture: str) -> None:
    changes: dict[str, Any] = {}
    if architecture == "llama":
        changes = {"attention_bias": True, "mlp_bias": True}
    for path in (
        tiny_gguf(tmp_path, architecture, "F32", **changes),
        tiny_safetensors(tmp_path, architecture, **changes),
    ):
        model_file = open_model(path)
        needs = {
            need.name: need.shape
            for need in needed_tensors(model_spec(model_file), model_file.container)
        }

        assert needs == {name: entry.shape for name, entry in model_file.tensors.items()}


def test_tied_network_needs_no_head() -> None:
    spec = small_spec()

    untied = {need.name for need in needed_tensors(spec, "gguf")}
    tied = {need.name for need in needed_tensors(replace(spec, is_embedding_tied=True), "gguf")}

    assert untied - tied == {"output.weight"}
