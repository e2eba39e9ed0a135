"""Random LoRA adapters for the tiny models, in both containers and merged."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file

from tests.support.gguf_files import write_gguf
from tests.support.tiny_models import TinyModel, permute_rope

ALL_MODULES = (
    "self_attn.q_proj",
    "self_attn.k_proj",
    "self_attn.v_proj",
    "self_attn.o_proj",
    "mlp.gate_proj",
    "mlp.up_proj",
    "mlp.down_proj",
)
_GGUF_NAMES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}


@dataclass(frozen=True)
class TinyAdapter:
    """Random pairs by module of the base model ("model.layers.0.self_attn.q_proj").

    `saved` are modules it replaces whole, "model.embed_tokens" or "lm_head".
    """

    model: TinyModel
    alpha: float
    pairs: dict[str, tuple[torch.Tensor, torch.Tensor]]
    config: dict[str, Any] = field(default_factory=dict)
    saved: dict[str, torch.Tensor] = field(default_factory=dict)

    def tensors(self) -> dict[str, torch.Tensor]:
        """As PEFT names them."""
        named = {}
        for module, (a, b) in self.pairs.items():
            named[f"base_model.model.{module}.lora_A.weight"] = a
            named[f"base_model.model.{module}.lora_B.weight"] = b
        named |= {f"base_model.model.{name}.weight": each for name, each in self.saved.items()}
        return named


def tiny_adapter(
    model: TinyModel,
    *,
    rank: int = 4,
    alpha: float = 8.0,
    modules: Sequence[str] = ALL_MODULES,
    ranks: Mapping[str, int] | None = None,
    seed: int = 0,
    gain: float = 0.3,
    **config: Any,
) -> TinyAdapter:
    """An adapter that changes `modules` of every layer.

    Args:
        model: The base model; gives the shapes.
        rank, alpha: Of every pair, unless `ranks` names the end of its module.
        modules: Ends of module names.
        ranks: Other ranks by end of the module name.
        seed: Of the values.
        gain: Size of the change against the weights.
        config: Keys of adapter_config.json.
    """
    generator = torch.Generator().manual_seed(1000 + seed)
    pairs = {}
    for layer in range(model.config["num_hidden_layers"]):
        for module in modules:
            name = f"model.layers.{layer}.{module}"
            rows, columns = model.weights[f"{name}.weight"].shape
            own = (ranks or {}).get(module, rank)
            a = torch.randn(own, columns, generator=generator) / columns**0.5
            b = gain * torch.randn(rows, own, generator=generator)
            pairs[name] = (a, b)
    settings = {"peft_type": "LORA", "r": rank, "lora_alpha": alpha, **config}
    return TinyAdapter(model, alpha, pairs, settings)


def with_saved(adapter: TinyAdapter, *names: str, seed: int = 0) -> TinyAdapter:
    """The adapter with random matrices in place of the modules `names` of its model."""
    generator = torch.Generator().manual_seed(2000 + seed)
    embedding = adapter.model.weights["model.embed_tokens.weight"]
    spread = embedding.std().item()
    saved = {
        name: spread * torch.randn(embedding.shape, generator=generator) for name in sorted(names)
    }
    ends = [name.rpartition(".")[2] for name in saved]
    return replace(adapter, saved=saved, config={**adapter.config, "modules_to_save": ends})


def save_peft(
    adapter: TinyAdapter, folder: Path, tensors: Mapping[str, torch.Tensor] | None = None
) -> Path:
    """Writes the folder that PEFT writes; other tensors may take the place of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "adapter_config.json").write_text(json.dumps(adapter.config), encoding="utf-8")
    values = adapter.tensors() if tensors is None else tensors
    save_file(
        {name: tensor.contiguous() for name, tensor in values.items()},
        folder / "adapter_model.safetensors",
    )
    return folder


def save_gguf_adapter(adapter: TinyAdapter, path: Path, **metadata: str | float) -> Path:
    """Writes the file that llama.cpp's converter writes: q and k permuted for "llama" files."""
    architecture = adapter.model.architecture
    architecture = {"mistral": "llama"}.get(architecture, architecture)
    heads = {
        "q_proj": adapter.model.config["num_attention_heads"],
        "k_proj": adapter.model.config["num_key_value_heads"],
    }
    tensors = {}
    for module, (a, b) in adapter.pairs.items():
        _, _, layer, name = module.split(".", 3)
        projection = name.rsplit(".", 1)[1]
        if architecture == "llama" and projection in heads:
            b = permute_rope(b, heads[projection])
        stem = f"blk.{layer}.{_GGUF_NAMES[name]}.weight"
        tensors[f"{stem}.lora_a"] = np.ascontiguousarray(a.numpy())
        tensors[f"{stem}.lora_b"] = np.ascontiguousarray(b.numpy())
    settings: dict[str, str | float] = {
        "general.type": "adapter",
        "general.architecture": architecture,
        "adapter.type": "lora",
        "adapter.lora.alpha": float(adapter.alpha),
        **metadata,
    }
    return write_gguf(path, settings, tensors)


def merged(
    model: TinyModel, *uses: tuple[TinyAdapter, float], is_rank_stabilized: bool = False
) -> TinyModel:
    """The model with `W + weight · scaling · B A` in place of W."""
    weights = {name: tensor.double() for name, tensor in model.weights.items()}
    for adapter, weight in uses:
        for module, (a, b) in adapter.pairs.items():
            rank = a.shape[0]
            scaling = adapter.alpha / (rank**0.5 if is_rank_stabilized else rank)
            weights[f"{module}.weight"] += weight * scaling * (b.double() @ a.double())
        for name, matrix in adapter.saved.items():
            base = model.weights[f"{name}.weight"].double()
            weights[f"{name}.weight"] += weight * (matrix.double() - base)
    return replace(model, weights=weights)
