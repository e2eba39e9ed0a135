"""Random-weight models of real shapes, written to disk for benchmarks."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from tests.support.tiny_models import TinyModel, save_gguf
from tests.support.tiny_tokenizer import write_tokenizer_files

SHAPES: dict[str, dict[str, Any]] = {
    "llama-1b": {  # Llama-3.2-1B
        "vocab_size": 128_256,
        "hidden_size": 2048,
        "intermediate_size": 8192,
        "num_hidden_layers": 16,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
        "head_dim": 64,
        "rope_theta": 500_000.0,
    },
    "qwen3-0.6b": {
        "architectures": ["Qwen3ForCausalLM"],
        "model_type": "qwen3",
        "vocab_size": 151_936,
        "hidden_size": 1024,
        "intermediate_size": 3072,
        "num_hidden_layers": 28,
        "num_attention_heads": 16,
        "num_key_value_heads": 8,
        "head_dim": 128,
        "rope_theta": 1_000_000.0,
        "rms_norm_eps": 1e-6,
    },
    "llama-8m": {
        "vocab_size": 4096,
        "hidden_size": 320,
        "intermediate_size": 864,
        "num_hidden_layers": 6,
        "num_attention_heads": 10,
        "num_key_value_heads": 5,
        "head_dim": 32,
        "rope_theta": 10_000.0,
    },
}


def default_folder(shape: str) -> Path:
    """Where a shape is kept from one benchmark to the next; 2.5 GB for llama-1b."""
    return Path(tempfile.gettempdir()) / f"realm-bench-{shape}"


def write_model(shape: str, folder: Path) -> Path:
    """A bfloat16 safetensors folder with tied embeddings; one that is there already is kept."""
    if (folder / "model.safetensors").exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    config = {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_act": "silu",
        "max_position_embeddings": 8192,
        "rms_norm_eps": 1e-5,
        "tie_word_embeddings": True,
        "torch_dtype": "bfloat16",
        "bos_token_id": None,
        "eos_token_id": None,
        **SHAPES[shape],
    }
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    write_tokenizer_files(folder)
    generator = torch.Generator().manual_seed(0)
    tensors = {
        name: (torch.randn(size, generator=generator) * 0.02 + (len(size) == 1)).bfloat16()
        for name, size in _shapes(config).items()
    }
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def gguf_path(shape: str, folder: Path, tensor_type: str) -> Path:
    """Where a type of file is kept; its name says that it has a vocabulary, as older ones had not."""
    return folder / f"{shape}-{tensor_type.lower()}-words.gguf"


def write_gguf(shape: str, folder: Path, tensor_type: str) -> Path:
    """The same weights as a GGUF file that llama.cpp reads too; kept once written.

    Args:
        shape: Its name.
        folder: What `write_model` wrote.
        tensor_type: BF16, F16 or one that gguf-py can quantize to.
    """
    path = gguf_path(shape, folder, tensor_type)
    if path.exists():
        return path
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    weights = load_file(folder / "model.safetensors")
    model = TinyModel(
        config["model_type"], config, {name: each.float() for name, each in weights.items()}
    )
    unfinished = path.with_suffix(".part")
    save_gguf(model, unfinished, tensor_type=tensor_type, vocabulary="padded")
    return unfinished.rename(path)


def _shapes(config: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    hidden, head = config["hidden_size"], config["head_dim"]
    queries, keys = config["num_attention_heads"] * head, config["num_key_value_heads"] * head
    middle = config["intermediate_size"]
    shapes: dict[str, tuple[int, ...]] = {
        "model.embed_tokens.weight": (config["vocab_size"], hidden),
        "model.norm.weight": (hidden,),
    }
    for layer in range(config["num_hidden_layers"]):
        prefix = f"model.layers.{layer}."
        shapes |= {
            f"{prefix}input_layernorm.weight": (hidden,),
            f"{prefix}post_attention_layernorm.weight": (hidden,),
            f"{prefix}self_attn.q_proj.weight": (queries, hidden),
            f"{prefix}self_attn.k_proj.weight": (keys, hidden),
            f"{prefix}self_attn.v_proj.weight": (keys, hidden),
            f"{prefix}self_attn.o_proj.weight": (hidden, queries),
            f"{prefix}mlp.gate_proj.weight": (middle, hidden),
            f"{prefix}mlp.up_proj.weight": (middle, hidden),
            f"{prefix}mlp.down_proj.weight": (hidden, middle),
        }
        if config["model_type"] == "qwen3":
            norms = ("q_norm", "k_norm")
            shapes |= {f"{prefix}self_attn.{norm}.weight": (head,) for norm in norms}
    return shapes
