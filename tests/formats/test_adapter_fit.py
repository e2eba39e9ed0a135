"""The verdict on an adapter and a base model, from their headers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from realm_desktop.formats.adapter_fit import AdapterFit, fit, inspect_base, name_warning
from realm_desktop.formats.adapter_inspection import inspect_adapter
from tests.support.adapters import (
    TinyAdapter,
    save_gguf_adapter,
    save_peft,
    tiny_adapter,
    with_saved,
)
from tests.support.tiny_models import TinyModel, save_gguf, save_safetensors, tiny_model


def _fit(model: TinyModel, adapter: TinyAdapter, folder: Path, **tensors: Any) -> AdapterFit:
    path = save_peft(adapter, folder / "adapter", tensors or None)
    return fit(inspect_adapter(path), inspect_base(save_gguf(model, folder / "Tiny.gguf")))


@pytest.mark.parametrize("architecture", ["llama", "mistral", "qwen3"])
def test_adapter_of_either_container_fits_a_base_of_either(
    architecture: str, tmp_path: Path
) -> None:
    model = tiny_model(architecture)
    adapter = tiny_adapter(model, base_model_name_or_path="tiny")
    bases = [save_gguf(model, tmp_path / "tiny.gguf"), save_safetensors(model, tmp_path / "tiny")]
    adapters = [save_peft(adapter, tmp_path / "a"), save_gguf_adapter(adapter, tmp_path / "a.gguf")]

    fits = [fit(inspect_adapter(a), inspect_base(b)) for a in adapters for b in bases]

    assert {found.verdict for found in fits} == {"fits tiny · rank 4 · 14 of 14 targets"}
    assert all(found.fits and not found.warning for found in fits)


def test_targets_are_counted_by_layer(tmp_path: Path) -> None:
    model = tiny_model()
    adapter = tiny_adapter(model, modules=["self_attn.q_proj", "mlp.up_proj"])

    found = _fit(model, adapter, tmp_path)

    assert (found.num_targets, found.num_model_targets) == (4, 14)


def test_fused_names_count_as_their_parts(tmp_path: Path) -> None:
    stem = "model.layers.0.self_attn.qkv_proj"
    tensors = {
        f"{stem}.lora_A.weight": torch.zeros(4, 64),
        f"{stem}.lora_B.weight": torch.zeros(128, 4),
    }

    found = _fit(tiny_model(), tiny_adapter(tiny_model()), tmp_path, **tensors)

    assert found.fits
    assert found.num_targets == 3


def test_fused_base_takes_adapters_of_its_parts(tmp_path: Path) -> None:
    model = tiny_model()
    weights = dict(model.weights)
    for layer in range(2):
        stem = f"model.layers.{layer}"
        parts = [weights.pop(f"{stem}.self_attn.{x}_proj.weight") for x in "qkv"]
        weights[f"{stem}.self_attn.qkv_proj.weight"] = torch.cat(parts)
        parts = [weights.pop(f"{stem}.mlp.{x}_proj.weight") for x in ("gate", "up")]
        weights[f"{stem}.mlp.gate_up_proj.weight"] = torch.cat(parts)
    fused = TinyModel(model.architecture, model.config, weights)
    base = inspect_base(save_safetensors(fused, tmp_path / "base"))

    found = fit(inspect_adapter(save_peft(tiny_adapter(model), tmp_path / "a")), base)

    assert (found.fits, found.num_targets, found.num_model_targets) == (True, 14, 14)


def test_other_hidden_size_is_said_once_for_all_layers(tmp_path: Path) -> None:
    other = tiny_adapter(tiny_model(hidden_size=32, head_dim=8))

    found = _fit(tiny_model(), other, tmp_path)

    assert not found.fits
    assert found.verdict == "made for hidden size 32, this model has 64"
    assert (found.found, found.expected) == ("32", "64")
    assert found.target.startswith("model.layers.0.")


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({"num_hidden_layers": 3}, "made for 3 layers or more, this model has 2"),
        ({"intermediate_size": 80}, "down_proj is for [64, 80], this model has [64, 96]"),
        ({"num_key_value_heads": 4}, "k_proj is for [64, 64], this model has [32, 64]"),
    ],
)
def test_other_base_is_told_apart_by_its_shapes(
    changes: dict[str, Any], verdict: str, tmp_path: Path
) -> None:
    found = _fit(tiny_model(), tiny_adapter(tiny_model(**changes)), tmp_path)

    assert not found.fits
    assert verdict in found.verdict
    assert found.target


def test_other_architecture_of_a_gguf_adapter_is_said(tmp_path: Path) -> None:
    path = save_gguf_adapter(tiny_adapter(tiny_model("qwen2")), tmp_path / "a.gguf")

    found = fit(inspect_adapter(path), inspect_base(save_gguf(tiny_model(), tmp_path / "m.gguf")))

    assert found.verdict == "made for the architecture qwen2, this model has llama"


def test_module_that_no_model_has_is_named(tmp_path: Path) -> None:
    tensors = {
        "model.layers.0.mlp.x_proj.lora_A.weight": torch.zeros(4, 64),
        "model.layers.0.mlp.x_proj.lora_B.weight": torch.zeros(96, 4),
    }

    found = _fit(tiny_model(), tiny_adapter(tiny_model()), tmp_path, **tensors)

    assert "x_proj, which this model does not have" in found.verdict


def test_layer_named_fused_and_unfused_does_not_fit(tmp_path: Path) -> None:
    adapter = tiny_adapter(tiny_model(), modules=["self_attn.q_proj"])
    stem = "model.layers.0.self_attn.qkv_proj"
    tensors = {
        **adapter.tensors(),
        f"{stem}.lora_A.weight": torch.zeros(4, 64),
        f"{stem}.lora_B.weight": torch.zeros(128, 4),
    }

    assert "another name changes too" in _fit(tiny_model(), adapter, tmp_path, **tensors).verdict


def test_adapter_that_cannot_be_used_at_all_gives_the_reason(tmp_path: Path) -> None:
    found = _fit(tiny_model(), tiny_adapter(tiny_model(), use_dora=True), tmp_path)

    assert not found.fits
    assert "DoRA" in found.verdict


def test_other_name_of_the_same_shapes_is_a_warning(tmp_path: Path) -> None:
    adapter = tiny_adapter(tiny_model(), base_model_name_or_path="acme/Other-7B")

    found = _fit(tiny_model(), adapter, tmp_path)

    assert found.fits
    assert found.warning == "made for acme/Other-7B; this model is called tiny"


@pytest.mark.parametrize(
    ("made_for", "name"),
    [
        ("meta-llama/Llama-3.1-8B-Instruct", "Meta Llama 3.1 8B Instruct"),
        ("meta-llama/Llama-3.1-8B-Instruct", "Llama-3.1-8B-Instruct-Q4_K_M"),
        ("unsloth/llama-3.1-8b-bnb-4bit", "Llama 3.1 8B"),
        ("C:\\models\\Qwen2.5-0.5B", "qwen2.5-0.5b-q8_0"),
        ("Qwen/Qwen2.5-0.5B/", "qwen2.5-0.5b"),
        ("", "anything"),
    ],
)
def test_one_model_under_several_names_is_no_warning(made_for: str, name: str) -> None:
    assert name_warning(made_for, [name]) == ""


@pytest.mark.parametrize(
    ("made_for", "name"),
    [
        ("meta-llama/Llama-3.1-8B", "Llama 3.1 8B Instruct"),
        ("meta-llama/Llama-3.1-8B-Instruct", "Llama 3.1 8B"),
        ("Qwen/Qwen2.5-0.5B", "Qwen2-0.5B"),
        ("./out/checkpoint-500", "Llama 3.1 8B"),
    ],
)
def test_another_model_is_a_warning(made_for: str, name: str) -> None:
    assert made_for in name_warning(made_for, [name])


def test_one_of_several_names_is_enough() -> None:
    assert name_warning("acme/Tiny-1B", ["a title", "tiny-1b"]) == ""


def test_modules_replaced_whole_are_named(tmp_path: Path) -> None:
    model = tiny_model()
    adapter = with_saved(tiny_adapter(model), "model.embed_tokens", "lm_head")

    found = _fit(model, adapter, tmp_path)

    assert found.verdict == "fits tiny · rank 4 · 14 of 14 targets · own embed_tokens · own lm_head"


def test_vocabulary_of_another_size_does_not_fit(tmp_path: Path) -> None:
    adapter = with_saved(tiny_adapter(tiny_model(vocab_size=170)), "lm_head")

    found = _fit(tiny_model(), adapter, tmp_path)

    assert found.verdict == "brings lm_head of [170, 64], this model has [160, 64]"
    assert (found.fits, found.target, found.expected) == (False, "lm_head", "[160, 64]")
