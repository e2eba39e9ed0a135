"""Matrices in any tensor type, those that gguf-py cannot quantize to included."""

from __future__ import annotations

from typing import Any

import gguf
import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

_Q4_K = gguf.GGMLQuantizationType.Q4_K
_Q4_K_VALUES, _Q4_K_BYTES = gguf.GGML_QUANT_SIZES[_Q4_K]


def quantized(values: Array, kind: gguf.GGMLQuantizationType) -> Array:
    """`values` in a tensor type; for Q4_K random blocks of about the same size instead."""
    if kind is not _Q4_K:
        return gguf.quants.quantize(values, kind)
    rows, columns = values.shape
    generator = np.random.default_rng(int(abs(values).sum() * 1e3))
    blocks = generator.integers(0, 256, (rows * columns // _Q4_K_VALUES, _Q4_K_BYTES), np.uint8)
    # d and dmin, the first two numbers of a block: values up to 63 · 15 · d minus 63 · dmin.
    scale = np.float16(float(abs(values).max()) / (63 * 15))
    halves = np.stack([np.full(len(blocks), scale), np.full(len(blocks), 7.5 * scale)], axis=1)
    blocks[:, :4] = halves.astype(np.float16).view(np.uint8)
    return blocks.reshape(rows, -1)


def dequantized(path: str) -> dict[str, Array]:
    """Every tensor of a GGUF file in float32, [out, in]."""
    tensors = gguf.GGUFReader(path).tensors
    return {
        tensor.name: np.array(gguf.dequantize(tensor.data, tensor.tensor_type))
        for tensor in tensors
    }
