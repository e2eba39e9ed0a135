"""Matrices in any tensor type, those that gguf-py cannot quantize to included."""

from __future__ import annotations

from typing import Any

import gguf
import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

_Kind = gguf.GGMLQuantizationType

# Where d lies in a block, and the largest value of a block whose d is 1.
_LARGEST = {
    _Kind.Q3_K: (108, 32 * 4),
    _Kind.Q6_K: (208, 128 * 32),
    _Kind.IQ4_XS: (0, 32 * 127),
    _Kind.IQ3_S: (0, 31 * 15),
    _Kind.IQ2_XS: (0, 31 / 8 * 43),
}
# The same; dmin follows d and is so large that values lie on both sides of 0.
_LARGEST_WITH_MINS = {_Kind.Q2_K: (80, 15 * 3, 1.5), _Kind.Q4_K: (0, 63 * 15, 7.5)}


def quantized(values: Array, kind: gguf.GGMLQuantizationType) -> Array:
    """`values` in a tensor type; random blocks of about the same size if gguf-py cannot do it."""
    if kind not in _LARGEST and kind not in _LARGEST_WITH_MINS:
        return gguf.quants.quantize(values, kind)
    rows, columns = values.shape
    num_values, num_bytes = gguf.GGML_QUANT_SIZES[kind]
    generator = np.random.default_rng(int(abs(values).sum() * 1e3))
    blocks = generator.integers(0, 256, (rows * columns // num_values, num_bytes), np.uint8)
    largest = float(abs(values).max())
    if kind in _LARGEST:
        start, levels = _LARGEST[kind]
        halves = [largest / levels]
    else:
        start, levels, middle = _LARGEST_WITH_MINS[kind]
        halves = [largest / levels, float(np.float16(largest / levels)) * middle]
    scales = np.array(halves, np.float16).view(np.uint8)
    blocks[:, start : start + len(scales)] = scales
    return blocks.reshape(rows, -1)


def dequantized(path: str) -> dict[str, Array]:
    """Every tensor of a GGUF file in float32, [out, in]."""
    tensors = gguf.GGUFReader(path).tensors
    return {
        tensor.name: np.array(gguf.dequantize(tensor.data, tensor.tensor_type))
        for tensor in tensors
    }
