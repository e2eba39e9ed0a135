"""Files of random networks of many kinds, as llama.cpp has them, for benchmarks.

Quantized weights are random bits with small scales: quantizing a billion random numbers would take
minutes and give no other speed. Shapes are published ones with fewer layers and tokens, so that a
file is written in seconds and each layer takes the time it really takes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import gguf
import numpy as np
from gguf import GGMLQuantizationType
from numpy.typing import NDArray

from tests.support.tiny_tokenizer import add_tokenizer_metadata

VOCABULARY: Final = 32_000


@dataclass(frozen=True)
class NetworkShape:
    """One network.

    Attributes:
        architecture: What llama.cpp calls it.
        metadata: Behind the usual keys.
        num_layers, hidden, middle, num_heads, num_kv_heads, head_dim: Sizes.
        norms: Of each layer, those of the hidden state.
        head_norms: Width of the norms of queries and of keys; empty without.
        has_bias: Whether linears and norms have biases.
        is_gated: Whether an MLP has a gate.
        is_tied: Whether the output matrix is the embedding.
        num_experts, num_chosen: 0 for an MLP.
        expert_kind: Type of the experts, where it is not that of the file.
        has_sinks: Of attention.
    """

    architecture: str
    num_layers: int
    hidden: int
    middle: int
    num_heads: int
    num_kv_heads: int
    head_dim: int
    metadata: dict[str, Any] = field(default_factory=dict)
    norms: tuple[str, ...] = ("attn_norm", "ffn_norm")
    head_norms: tuple[int, ...] = ()
    has_bias: bool = False
    is_gated: bool = True
    is_tied: bool = False
    num_experts: int = 0
    num_chosen: int = 0
    expert_kind: GGMLQuantizationType | None = None
    has_sinks: bool = False


SHAPES: Final = MappingProxyType(
    {
        "llama": NetworkShape("llama", 6, 2048, 8192, 32, 8, 64),  # Llama-3.2-1B
        "olmo2": NetworkShape(  # OLMo-2-1B
            "olmo2",
            6,
            2048,
            8192,
            16,
            16,
            128,
            norms=("post_attention_norm", "post_ffw_norm"),
            head_norms=(2048, 2048),
        ),
        "granite": NetworkShape(  # Granite-3.1-2B
            "granite",
            6,
            2048,
            8192,
            32,
            8,
            64,
            {
                "attention.scale": 0.0156,
                "embedding_scale": 12.0,
                "residual_scale": 0.22,
                "logit_scale": 8.0,
            },
        ),
        "starcoder2": NetworkShape(  # StarCoder2-3B
            "starcoder2", 4, 3072, 12_288, 24, 2, 128, has_bias=True, is_gated=False, is_tied=True
        ),
        "cohere2": NetworkShape(  # as Command R7B, with half its width
            "cohere2",
            6,
            2048,
            8192,
            16,
            4,
            128,
            {"logit_scale": 0.25, "attention.sliding_window": 4096},
            norms=("attn_norm",),
            is_tied=True,
        ),
        "qwen3moe": NetworkShape(  # Qwen3-30B-A3B, with 64 of its 128 experts
            "qwen3moe",
            4,
            2048,
            768,
            32,
            4,
            128,
            head_norms=(128, 128),
            num_experts=64,
            num_chosen=8,
        ),
        "gpt-oss": NetworkShape(  # gpt-oss-20b
            "gpt-oss",
            2,
            2880,
            2880,
            64,
            8,
            64,
            {"attention.sliding_window": 128},
            norms=("attn_norm", "post_attention_norm"),
            has_bias=True,
            num_experts=32,
            num_chosen=4,
            expert_kind=GGMLQuantizationType.MXFP4,
            has_sinks=True,
        ),
    }
)


def write_network(name: str, kind_name: str, path: Path) -> Path:
    """Write the file of a shape, its matrices in this type; one that is there already is kept."""
    if path.exists():
        return path
    shape, kind = SHAPES[name], GGMLQuantizationType[kind_name]
    unfinished = path.with_suffix(".part")
    writer = gguf.GGUFWriter(unfinished, shape.architecture)
    for key, value in _metadata(shape).items():
        _add(writer, f"{shape.architecture}.{key}", value)
    add_tokenizer_metadata(writer, VOCABULARY)
    generator = np.random.default_rng(0)
    for tensor, size in _tensors(shape):
        own = _kind_of(shape, tensor, size, kind)
        writer.add_tensor(tensor, _values(generator, tensor, size, own), raw_dtype=own)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    unfinished.rename(path)
    return path


def bytes_per_token(name: str, kind_name: str) -> int:
    """Bytes of weights that one token of one chat makes the engine read."""
    shape, kind = SHAPES[name], GGMLQuantizationType[kind_name]
    total = 0.0
    for tensor, size in _tensors(shape):
        block, num_bytes = gguf.GGML_QUANT_SIZES[_kind_of(shape, tensor, size, kind)]
        own = prod(size) // block * num_bytes
        if tensor == "token_embd.weight" and not shape.is_tied:
            own = 0
        share = shape.num_chosen / shape.num_experts if "_exps." in tensor else 1.0
        total += own * share
    return int(total)


def _metadata(shape: NetworkShape) -> dict[str, Any]:
    keys: dict[str, Any] = {
        "block_count": shape.num_layers,
        "context_length": 8192,
        "embedding_length": shape.hidden,
        "feed_forward_length": shape.middle,
        "attention.head_count": shape.num_heads,
        "attention.head_count_kv": shape.num_kv_heads,
        "attention.key_length": shape.head_dim,
        "attention.value_length": shape.head_dim,
        "attention.layer_norm_rms_epsilon": 1e-5,
        "attention.layer_norm_epsilon": 1e-5,
        "rope.dimension_count": shape.head_dim,
        "rope.freq_base": 10_000.0,
        "vocab_size": VOCABULARY,
    }
    if shape.num_experts:
        keys |= {
            "expert_count": shape.num_experts,
            "expert_used_count": shape.num_chosen,
            "expert_feed_forward_length": shape.middle,
        }
    return keys | shape.metadata


def _tensors(shape: NetworkShape) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Names and shapes of all tensors."""
    hidden = shape.hidden
    yield "token_embd.weight", (VOCABULARY, hidden)
    if not shape.is_tied:
        yield "output.weight", (VOCABULARY, hidden)
    yield from _with_bias("output_norm", (hidden,), shape.has_bias and not shape.num_experts)
    for layer in range(shape.num_layers):
        for name, size in _layer_tensors(shape):
            yield f"blk.{layer}.{name}", size


def _layer_tensors(shape: NetworkShape) -> Iterator[tuple[str, tuple[int, ...]]]:
    hidden, middle, has_bias = shape.hidden, shape.middle, shape.has_bias
    queries, keys = shape.num_heads * shape.head_dim, shape.num_kv_heads * shape.head_dim
    for norm in shape.norms:
        yield from _with_bias(norm, (hidden,), has_bias and not shape.num_experts)
    yield from _with_bias("attn_q", (queries, hidden), has_bias)
    yield from _with_bias("attn_k", (keys, hidden), has_bias)
    yield from _with_bias("attn_v", (keys, hidden), has_bias)
    yield from _with_bias("attn_output", (hidden, queries), has_bias)
    for name, width in zip(("attn_q_norm", "attn_k_norm"), shape.head_norms, strict=False):
        yield f"{name}.weight", (width,)
    if shape.has_sinks:
        yield "attn_sinks.weight", (shape.num_heads,)
    experts = (shape.num_experts,) if shape.num_experts else ()
    end = "_exps" if experts else ""
    if experts:
        yield from _with_bias("ffn_gate_inp", (shape.num_experts, hidden), has_bias)
    if shape.is_gated:
        yield from _with_bias(f"ffn_gate{end}", (*experts, middle, hidden), has_bias)
    yield from _with_bias(f"ffn_up{end}", (*experts, middle, hidden), has_bias)
    yield from _with_bias(f"ffn_down{end}", (*experts, hidden, middle), has_bias)


def _with_bias(
    name: str, size: tuple[int, ...], has_bias: bool
) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield f"{name}.weight", size
    if has_bias:
        yield f"{name}.bias", size[:1] if len(size) < 3 else size[:2]


def _kind_of(
    shape: NetworkShape, tensor: str, size: tuple[int, ...], kind: GGMLQuantizationType
) -> GGMLQuantizationType:
    if len(size) < 2 or tensor.endswith(".bias") or "ffn_gate_inp" in tensor:
        return GGMLQuantizationType.F32
    if "_exps." in tensor and shape.expert_kind is not None:
        return shape.expert_kind
    return kind


def _values(
    generator: np.random.Generator, tensor: str, size: tuple[int, ...], kind: GGMLQuantizationType
) -> NDArray[Any]:
    if kind is GGMLQuantizationType.F32:
        values = generator.standard_normal(size, np.float32) * 0.05
        return values + 1.0 if "norm" in tensor and tensor.endswith("weight") else values
    block, num_bytes = gguf.GGML_QUANT_SIZES[kind]
    count = size[-1] // block
    raw = generator.integers(0, 256, (prod(size[:-1]) * count, num_bytes), np.uint8)
    if kind is GGMLQuantizationType.MXFP4:
        raw[:, 0] = 119  # 2^-9 times magnitudes up to 6
    elif kind is GGMLQuantizationType.Q4_K:
        # Six bits of a scale times four of a value, less six of a minimum: about 0 in the mean.
        raw[:, :2] = _half(4e-5)
        raw[:, 2:4] = _half(3e-4)
    else:
        assert kind is GGMLQuantizationType.Q8_0, kind
        raw[:, :2] = _half(3e-4)
    return raw.reshape(*size[:-1], count * num_bytes)


def _half(value: float) -> NDArray[np.uint8]:
    return np.array([value], np.float16).view(np.uint8)


def _add(writer: gguf.GGUFWriter, key: str, value: Any) -> None:
    add = writer.add_uint32 if isinstance(value, int) else writer.add_float32
    add(key, value)
