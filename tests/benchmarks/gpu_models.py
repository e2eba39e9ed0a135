"""Models of real shapes in memory, with random weights: an 8B takes seconds instead of a file of 16 GB.

All tensors of one type are views of one random buffer, which is as large as the largest of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from typing import Any, Final, Literal

import torch

from realm_desktop.engine.quant.sample_blocks import random_quantized
from realm_desktop.formats.file_stamp import FileStamp
from realm_desktop.formats.tensor_entry import TensorEntry
from realm_desktop.formats.tensor_types import TensorType
from tests.support.fake_model_file import NORMAL, UNUSED, bpe_metadata

Kind = Literal["BF16", "Q4_K_M"]

_TILE_ROWS: Final = 512  # of random blocks; the rest repeats them
_DEVIATION: Final = 0.02


@dataclass(frozen=True)
class Shape:
    """A network of the Llama family."""

    name: str
    num_layers: int
    hidden: int
    middle: int
    num_heads: int
    num_kv_heads: int
    head_dim: int
    vocabulary: int
    is_tied: bool


LLAMA_1B: Final = Shape("llama-1b", 16, 2048, 8192, 32, 8, 64, 128_256, is_tied=True)
LLAMA_8B: Final = Shape("llama-8b", 32, 4096, 14_336, 32, 8, 128, 128_256, is_tied=False)
TINY: Final = Shape("llama-tiny", 2, 256, 512, 8, 2, 32, 1024, is_tied=True)
TINY_WIDE: Final = Shape("llama-tiny-wide", 3, 512, 768, 8, 2, 64, 1024, is_tied=False)


@dataclass
class MemoryModel:
    """A `ModelFile` whose tensors lie in memory."""

    path: Path
    metadata: dict[str, Any]
    tensors: dict[str, TensorEntry]
    buffers: dict[TensorType, memoryview]
    container: Literal["gguf", "safetensors"] = "gguf"
    config: dict[str, Any] = field(default_factory=dict)
    stamps: tuple[FileStamp, ...] = ()

    @property
    def size_bytes(self) -> int:
        return sum(entry.num_bytes for entry in self.tensors.values())

    def tensor_bytes(self, name: str) -> memoryview:
        entry = self.tensors[name]
        return self.buffers[entry.tensor_type][: entry.num_bytes]

    def release(self, name: str) -> None:
        pass

    def text_file(self, name: str) -> None:
        return None

    def close(self) -> None:
        pass


def memory_model(shape: Shape, kind: Kind) -> MemoryModel:
    """A model with the mix of types that llama.cpp calls Q4_K_M, or in bfloat16."""
    tensors = {
        name: _entry(name, size, _type_of(name, kind, shape)) for name, size in _sizes(shape)
    }
    largest: dict[TensorType, int] = {}
    for entry in tensors.values():
        largest[entry.tensor_type] = max(largest.get(entry.tensor_type, 0), entry.num_bytes)
    buffers = {each: _buffer(each, count, shape.hidden) for each, count in largest.items()}
    path = Path(f"{shape.name}-{kind}.gguf")
    return MemoryModel(path, _metadata(shape), tensors, buffers)


def _sizes(shape: Shape) -> Iterator[tuple[str, tuple[int, ...]]]:
    queries, keys = shape.num_heads * shape.head_dim, shape.num_kv_heads * shape.head_dim
    yield "token_embd.weight", (shape.vocabulary, shape.hidden)
    yield "output_norm.weight", (shape.hidden,)
    if not shape.is_tied:
        yield "output.weight", (shape.vocabulary, shape.hidden)
    for layer in range(shape.num_layers):
        prefix = f"blk.{layer}."
        yield f"{prefix}attn_norm.weight", (shape.hidden,)
        yield f"{prefix}ffn_norm.weight", (shape.hidden,)
        yield f"{prefix}attn_q.weight", (queries, shape.hidden)
        yield f"{prefix}attn_k.weight", (keys, shape.hidden)
        yield f"{prefix}attn_v.weight", (keys, shape.hidden)
        yield f"{prefix}attn_output.weight", (shape.hidden, queries)
        yield f"{prefix}ffn_gate.weight", (shape.middle, shape.hidden)
        yield f"{prefix}ffn_up.weight", (shape.middle, shape.hidden)
        yield f"{prefix}ffn_down.weight", (shape.hidden, shape.middle)


def _type_of(name: str, kind: Kind, shape: Shape) -> TensorType:
    if "norm" in name:
        return TensorType.F32
    if kind == "BF16":
        return TensorType.BF16
    if name == "output.weight" or (shape.is_tied and name == "token_embd.weight"):
        return TensorType.Q6_K
    if "attn_v" in name or "ffn_down" in name:
        layer, eighth = int(name.split(".")[1]), shape.num_layers // 8
        is_outer = layer < eighth or layer >= 7 * eighth
        return TensorType.Q6_K if is_outer or (layer - eighth) % 3 == 2 else TensorType.Q4_K
    return TensorType.Q4_K


def _entry(name: str, size: tuple[int, ...], tensor_type: TensorType) -> TensorEntry:
    return TensorEntry(name, tensor_type, size, 0, tensor_type.num_bytes(prod(size)))


def _buffer(tensor_type: TensorType, num_bytes: int, columns: int) -> memoryview:
    """So many bytes of a type: random values, or blocks that repeat."""
    if tensor_type is TensorType.F32:
        tile = torch.ones(num_bytes // 4)
    elif tensor_type is TensorType.BF16:
        generator = torch.Generator().manual_seed(0)
        tile = (_DEVIATION * torch.randn(_TILE_ROWS * columns, generator=generator)).bfloat16()
    else:
        tile = random_quantized(tensor_type, (_TILE_ROWS, columns)).data
    raw = tile.view(torch.uint8)
    repeats = -(-num_bytes // raw.numel())
    values: Any = raw.repeat(repeats)[:num_bytes].numpy()
    return memoryview(values)


def _metadata(shape: Shape) -> dict[str, Any]:
    words = bpe_metadata()
    tokens, kinds = words["tokenizer.ggml.tokens"], words["tokenizer.ggml.token_type"]
    missing = shape.vocabulary - len(tokens)
    return {
        **words,
        "tokenizer.ggml.tokens": [*tokens, *(f"<|unused_{index}|>" for index in range(missing))],
        "tokenizer.ggml.token_type": [*kinds, *[UNUSED if missing else NORMAL] * missing],
        "general.architecture": "llama",
        "general.name": shape.name,
        "llama.block_count": shape.num_layers,
        "llama.context_length": 65_536,
        "llama.embedding_length": shape.hidden,
        "llama.feed_forward_length": shape.middle,
        "llama.attention.head_count": shape.num_heads,
        "llama.attention.head_count_kv": shape.num_kv_heads,
        "llama.attention.key_length": shape.head_dim,
        "llama.attention.value_length": shape.head_dim,
        "llama.attention.layer_norm_rms_epsilon": 1e-5,
        "llama.rope.dimension_count": shape.head_dim,
        "llama.rope.freq_base": 500_000.0,
        "llama.vocab_size": shape.vocabulary,
    }
