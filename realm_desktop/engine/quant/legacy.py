"""Dequantization of Q4_0, Q4_1, Q5_0, Q5_1, Q8_0: blocks of 32 values with one F16 scale.

All functions take blocks [num_blocks, type_size] uint8 and answer float32 [num_blocks, 32], bit for
bit what ggml's `dequantize_row_*` gives. Layouts: ggml-common.h, `block_q4_0` to `block_q8_0`.
A value is `d * q` or `d * q + m`.
"""

from __future__ import annotations

import torch
from torch import Tensor

from realm_desktop.engine.quant.bits import float16_column, split_bits, unpack_bits


def dequantize_q4_0(blocks: Tensor) -> Tensor:
    """Q4_0: value = d * (q - 8)."""
    # bytes  0..1  d, float16
    #        2..17 qs: byte i holds value i in its low and value i + 16 in its high four bits
    q = split_bits(blocks[:, 2:18], 4).flatten(1)
    return float16_column(blocks, 0) * (q.float() - 8)


def dequantize_q4_1(blocks: Tensor) -> Tensor:
    """Q4_1: value = d * q + m."""
    # bytes  0..1  d   2..3  m   4..19 qs, as in Q4_0
    q = split_bits(blocks[:, 4:20], 4).flatten(1)
    return float16_column(blocks, 0) * q.float() + float16_column(blocks, 2)


def dequantize_q5_0(blocks: Tensor) -> Tensor:
    """Q5_0: value = d * (q - 16)."""
    # bytes  0..1  d
    #        2..5  qh: bit i is the fifth bit of value i
    #        6..21 qs, as in Q4_0
    q = _five_bits(blocks[:, 2:6], blocks[:, 6:22])
    return float16_column(blocks, 0) * (q.float() - 16)


def dequantize_q5_1(blocks: Tensor) -> Tensor:
    """Q5_1: value = d * q + m."""
    # bytes  0..1  d   2..3  m   4..7  qh, as in Q5_0   8..23 qs
    q = _five_bits(blocks[:, 4:8], blocks[:, 8:24])
    return float16_column(blocks, 0) * q.float() + float16_column(blocks, 2)


def dequantize_q8_0(blocks: Tensor) -> Tensor:
    """Q8_0: value = d * q."""
    # bytes  0..1  d   2..33 qs, signed bytes
    return blocks[:, 2:34].view(torch.int8).float() * float16_column(blocks, 0)


def _five_bits(high: Tensor, low: Tensor) -> Tensor:
    return split_bits(low, 4).flatten(1) | (unpack_bits(high) << 4)
