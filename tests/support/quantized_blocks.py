"""Matrices in any tensor type, those that gguf-py cannot quantize to included."""

from __future__ import annotations

from typing import Any

import gguf
import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

_Q4_K = gguf.GGMLQuantizationType.Q4_K
_Q6_K = gguf.GGMLQuantizationType.Q6_K


def quantized(values: Array, kind: gguf.GGMLQuantizationType) -> Array:
    """`values` in a tensor type; for Q4_K and Q6_K random blocks of about the same size instead."""
    if kind not in (_Q4_K, _Q6_K):
        return gguf.quants.quantize(values, kind)
    rows, columns = values.shape
    num_values, num_bytes = gguf.GGML_QUANT_SIZES[kind]
    generator = np.random.default_rng(int(abs(values).sum() * 1e3))
    blocks = generator.integers(0, 256, (rows * columns // num_values, num_bytes), np.uint8)
    largest = float(abs(values).max())
    if kind is _Q4_K:
        # d and dmin, the first two numbers of a block: values up to 63 · 15 · d minus 63 · dmin.
        scale = np.float16(largest / (63 * 15))
        halves = np.stack([np.full(len(blocks), scale), np.full(len(blocks), 7.5 * scale)], axis=1)
        blocks[:, :4] = halves.astype(np.float16).view(np.uint8)
    else:
        # d, the last number of a block: values up to 128 · 32 · d.
        halves = np.full((len(blocks), 1), largest / (128 * 32), np.float16)
        blocks[:, -2:] = halves.view(np.uint8)
    return blocks.reshape(rows, -1)


def dequantized(path: str) -> dict[str, Array]:
    """Every tensor of a GGUF file in float32, [out, in]."""
    tensors = gguf.GGUFReader(path).tensors
    return {
        tensor.name: np.array(gguf.dequantize(tensor.data, tensor.tensor_type))
        for tensor in tensors
    }
