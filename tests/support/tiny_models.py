"""Random tiny models, written as GGUF files and safetensors folders.

`tiny_model` draws seeded weights under Hugging Face names, scaled so that logits are lively.
`save_gguf` names, permutes and quantizes them as llama.cpp's converter does; `save_safetensors`
writes the folder that transformers reads. Nothing here imports transformers.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any, Literal

import gguf
import numpy as np
import torch
from safetensors.torch import save_file

from tests.support.quantized_blocks import dequantized, quantized
from tests.support.tiny_tokenizer import (
    TINY_VOCABULARY_SIZE,
    add_tokenizer_metadata,
    write_tokenizer_files,
)

_CLASS_NAMES = {
    "llama": "LlamaForCausalLM",
    "mistral": "MistralForCausalLM",
    "qwen2": "Qwen2ForCausalLM",
    "qwen3": "Qwen3ForCausalLM",
}
# llama.cpp's converter writes Mistral files as architecture "llama".
_GGUF_ARCHITECTURES = {"llama": "llama", "mistral": "llama", "qwen2": "qwen2", "qwen3": "qwen3"}
_GGUF_LAYER_NAMES = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
_GGUF_TOP_NAMES = {
    "model.embed_tokens.weight": "token_embd.weight",
    "model.norm.weight": "output_norm.weight",
    "lm_head.weight": "output.weight",
}


@dataclass(frozen=True, slots=True)
class TinyModel:
    """A random network: `config` as in config.json, float32 `weights` by Hugging Face name."""

    architecture: str
    config: dict[str, Any]
    weights: dict[str, torch.Tensor]

    @property
    def vocabulary_size(self) -> int:
        return int(self.config["vocab_size"])


def tiny_model(architecture: str = "llama", *, seed: int = 0, **changes: object) -> TinyModel:
    """A seeded random model; `changes` replace keys of its config.json.

    The defaults are 2 layers, 64 wide, 4 query heads on 2 key/value heads, 160 tokens.
    """
    config: dict[str, Any] = {
        "architectures": [_CLASS_NAMES[architecture]],
        "model_type": architecture,
        "vocab_size": 160,
        "hidden_size": 64,
        "intermediate_size": 96,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 16,
        "hidden_act": "silu",
        "max_position_embeddings": 512,
        "rms_norm_eps": 1e-5,
        "rope_theta": 10000.0,
        "tie_word_embeddings": False,
        "bos_token_id": None,
        "eos_token_id": None,
        "torch_dtype": "float32",
    }
    if architecture == "mistral":
        config["sliding_window"] = None
    config.update(changes)
    generator = torch.Generator().manual_seed(seed)
    weights = {
        name: _random_weight(name, shape, generator)
        for name, shape in _weight_shapes(config).items()
    }
    return TinyModel(architecture, config, weights)


def save_safetensors(
    model: TinyModel,
    folder: Path,
    *,
    dtype: torch.dtype = torch.float32,
    with_tokenizer: bool = False,
) -> Path:
    """Writes config.json and model.safetensors (and tokenizer files); returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(model.config, indent=2), encoding="utf-8")
    tensors = {name: weight.to(dtype).contiguous() for name, weight in model.weights.items()}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    if with_tokenizer:
        write_tokenizer_files(folder)
    return folder


def save_gguf(
    model: TinyModel,
    path: Path,
    *,
    tensor_type: str = "F32",
    with_tokenizer: bool = False,
    vocabulary: Literal["unsaid", "padded"] = "unsaid",
) -> Path:
    """Writes one GGUF file; returns its path.

    Args:
        model: What to write.
        path: Where to write it.
        tensor_type: Type of the matrices: F32, F16, BF16, any type gguf-py can quantize to
            (Q4_0 ... Q8_0), or those of `quantized_blocks`, whose values are others; several with "+"
            between them take turns. Vectors stay F32, as in llama.cpp's files.
        with_tokenizer: Adds the tiny byte-level BPE tokenizer and a ChatML template.
        vocabulary: "padded" adds the tiny tokenizer with unused tokens up to the size of the network,
            as llama.cpp wants it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = gguf.GGUFWriter(path, _GGUF_ARCHITECTURES[model.architecture])
    _add_metadata(writer, model.config)
    if with_tokenizer:
        add_tokenizer_metadata(writer)
    elif vocabulary == "padded":
        add_tokenizer_metadata(writer, model.config["vocab_size"])
    kinds = cycle(gguf.GGMLQuantizationType[name] for name in tensor_type.split("+"))
    for name, values in _gguf_weights(model).items():
        kind = next(kinds) if values.ndim == 2 else gguf.GGMLQuantizationType.F32
        writer.add_tensor(name, quantized(values, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def tiny_gguf(
    folder: Path,
    architecture: str = "llama",
    tensor_type: str = "F32",
    *,
    with_tokenizer: bool = False,
    seed: int = 0,
    **changes: object,
) -> Path:
    """A GGUF file of a random model in `folder`; with a tokenizer the vocabulary is its size."""
    if with_tokenizer:
        changes.setdefault("vocab_size", TINY_VOCABULARY_SIZE)
    model = tiny_model(architecture, seed=seed, **changes)
    path = folder / f"tiny-{architecture}-{tensor_type.lower()}.gguf"
    return save_gguf(model, path, tensor_type=tensor_type, with_tokenizer=with_tokenizer)


def tiny_safetensors(
    folder: Path,
    architecture: str = "llama",
    dtype: torch.dtype = torch.float32,
    *,
    with_tokenizer: bool = False,
    seed: int = 0,
    **changes: object,
) -> Path:
    """A safetensors folder of the same random model as `tiny_gguf` with the same arguments."""
    if with_tokenizer:
        changes.setdefault("vocab_size", TINY_VOCABULARY_SIZE)
    model = tiny_model(architecture, seed=seed, **changes)
    return save_safetensors(
        model, folder / f"tiny-{architecture}", dtype=dtype, with_tokenizer=with_tokenizer
    )


def permute_rope(weight: torch.Tensor, num_heads: int) -> torch.Tensor:
    """Rows of q or k from the half-split to the interleaved RoPE layout of GGUF "llama" files."""
    rows = weight.shape[0]
    halves = weight.reshape(num_heads, 2, rows // num_heads // 2, *weight.shape[1:])
    return halves.swapaxes(1, 2).reshape(weight.shape)


def unpermute_rope(weight: torch.Tensor, num_heads: int) -> torch.Tensor:
    """Rows of q or k of a GGUF "llama" file back in split halves."""
    rows = weight.shape[0]
    pairs = weight.reshape(num_heads, rows // num_heads // 2, 2, *weight.shape[1:])
    return pairs.swapaxes(1, 2).reshape(weight.shape)


def stored_weights(model: TinyModel, path: Path) -> TinyModel:
    """The model with the weights that its GGUF file holds after quantization."""
    arrays = dequantized(str(path))
    heads = {
        "q_proj": model.config["num_attention_heads"],
        "k_proj": model.config["num_key_value_heads"],
    }
    weights = {}
    for name in model.weights:
        weight = torch.from_numpy(arrays[_gguf_name(name)])
        projection = name.rsplit(".", 2)[-2]
        if _GGUF_ARCHITECTURES[model.architecture] == "llama" and projection in heads:
            weight = unpermute_rope(weight, heads[projection])
        weights[name] = weight
    return TinyModel(model.architecture, model.config, weights)


def _weight_shapes(config: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    hidden, vocabulary = config["hidden_size"], config["vocab_size"]
    shapes: dict[str, tuple[int, ...]] = {"model.embed_tokens.weight": (vocabulary, hidden)}
    for layer in range(config["num_hidden_layers"]):
        for name, shape in _layer_shapes(config).items():
            shapes[f"model.layers.{layer}.{name}"] = shape
    shapes["model.norm.weight"] = (hidden,)
    if not config["tie_word_embeddings"]:
        shapes["lm_head.weight"] = (vocabulary, hidden)
    return shapes


def _layer_shapes(config: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    hidden, intermediate = config["hidden_size"], config["intermediate_size"]
    head_dim = config["head_dim"]
    queries = config["num_attention_heads"] * head_dim
    keys = config["num_key_value_heads"] * head_dim
    shapes: dict[str, tuple[int, ...]] = {
        "input_layernorm.weight": (hidden,),
        "self_attn.q_proj.weight": (queries, hidden),
        "self_attn.k_proj.weight": (keys, hidden),
        "self_attn.v_proj.weight": (keys, hidden),
        "self_attn.o_proj.weight": (hidden, queries),
        "post_attention_layernorm.weight": (hidden,),
        "mlp.gate_proj.weight": (intermediate, hidden),
        "mlp.up_proj.weight": (intermediate, hidden),
        "mlp.down_proj.weight": (hidden, intermediate),
    }
    if config["model_type"] == "qwen3":
        shapes["self_attn.q_norm.weight"] = (head_dim,)
        shapes["self_attn.k_norm.weight"] = (head_dim,)
    for name in _biased_layers(config):
        shapes[f"{name}.bias"] = shapes[f"{name}.weight"][:1]
    return shapes


def _biased_layers(config: dict[str, Any]) -> list[str]:
    qkv = [f"self_attn.{letter}_proj" for letter in "qkv"]
    names = []
    if config["model_type"] == "qwen2":
        names += qkv
    if config.get("attention_bias"):
        names += [*qkv, "self_attn.o_proj"]
    if config.get("mlp_bias"):
        names += ["mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"]
    return names


def _random_weight(name: str, shape: tuple[int, ...], generator: torch.Generator) -> torch.Tensor:
    values = torch.randn(shape, generator=generator)
    if name.endswith("norm.weight"):
        return 1.0 + 0.2 * values
    if name.endswith(".bias"):
        return 0.5 * values
    if "embed_tokens" in name:
        return values
    # Sharper attention and livelier logits than a fresh initialisation would give.
    gain = 2.0 if "q_proj" in name or "k_proj" in name or "lm_head" in name else 1.0
    return gain * values / math.sqrt(shape[1])


def _gguf_weights(model: TinyModel) -> dict[str, np.ndarray[Any, np.dtype[np.float32]]]:
    is_permuted = _GGUF_ARCHITECTURES[model.architecture] == "llama"
    heads = {
        "q_proj": model.config["num_attention_heads"],
        "k_proj": model.config["num_key_value_heads"],
    }
    arrays = {}
    for name, weight in model.weights.items():
        projection = name.rsplit(".", 2)[-2]
        if is_permuted and projection in heads:
            weight = permute_rope(weight, heads[projection])
        arrays[_gguf_name(name)] = weight.numpy()
    factors = llama3_rope_factors(model.config)
    if factors is not None:
        arrays["rope_freqs.weight"] = factors
    return arrays


def _gguf_name(name: str) -> str:
    if name in _GGUF_TOP_NAMES:
        return _GGUF_TOP_NAMES[name]
    _, _, layer, rest = name.split(".", 3)
    stem, kind = rest.rsplit(".", 1)
    return f"blk.{layer}.{_GGUF_LAYER_NAMES[stem]}.{kind}"


def llama3_rope_factors(
    config: dict[str, Any],
) -> np.ndarray[Any, np.dtype[np.float32]] | None:
    """The divisors of the RoPE frequencies that llama.cpp's converter stores for llama3 scaling."""
    scaling = config.get("rope_scaling")
    if scaling is None or scaling["rope_type"] != "llama3":
        return None
    original = scaling["original_max_position_embeddings"]
    low, high = scaling["low_freq_factor"], scaling["high_freq_factor"]
    dims = np.arange(0, config["head_dim"], 2, dtype=np.float64) / config["head_dim"]
    wavelengths = 2 * np.pi * config["rope_theta"] ** dims
    smooth = np.clip((original / wavelengths - low) / (high - low), 0.0, 1.0)
    factors = 1.0 / ((1 - smooth) / scaling["factor"] + smooth)
    return np.asarray(factors, dtype=np.float32)


def _add_metadata(writer: gguf.GGUFWriter, config: dict[str, Any]) -> None:
    writer.add_name("tiny")
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_key_length(config["head_dim"])
    writer.add_value_length(config["head_dim"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_rope_dimension_count(config["head_dim"])
    writer.add_rope_freq_base(config["rope_theta"])
    writer.add_vocab_size(config["vocab_size"])
    if config.get("sliding_window") is not None:
        writer.add_sliding_window(config["sliding_window"])
    scaling = config.get("rope_scaling")
    if scaling is not None and scaling["rope_type"] in ("linear", "yarn"):
        writer.add_rope_scaling_type(gguf.RopeScalingType(scaling["rope_type"]))
        writer.add_rope_scaling_factor(scaling["factor"])
        if scaling["rope_type"] == "yarn":
            writer.add_rope_scaling_orig_ctx_len(scaling["original_max_position_embeddings"])
