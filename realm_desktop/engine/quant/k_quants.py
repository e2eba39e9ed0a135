"""Dequantization of Q2_K to Q8_K: super-blocks of 256 values with scales of scales.

All functions take blocks [num_blocks, type_size] uint8 and answer float32 [num_blocks, 256], bit for
bit what ggml's `dequantize_row_*` gives. Layouts: ggml-common.h, `block_q2_K` to `block_q8_K`.
A super-block is cut into 8 groups of 32 or 16 groups of 16 values; each has its own scale (and min).
"""

from __future__ import annotations

import torch
from torch import Tensor

from realm_desktop.engine.quant.bits import float16_column, split_bits


def dequantize_q2_k(blocks: Tensor) -> Tensor:
    """Q2_K: value = d * scale * q - dmin * min, 16 groups."""
    # bytes  0..15 scales: low four bits the scale, high four bits the min of group i
    #       16..79 qs: two runs of 32 bytes; bits 2k and 2k + 1 of a run are its 32 values number k
    #       80..81 d   82..83 dmin
    scales = blocks[:, :16]
    scale = float16_column(blocks, 80) * (scales & 0x0F).float()
    minimum = float16_column(blocks, 82) * (scales >> 4).float()
    q = split_bits(blocks[:, 16:80].reshape(-1, 2, 32), 2).reshape(-1, 16, 16)
    return (scale.unsqueeze(2) * q.float() - minimum.unsqueeze(2)).flatten(1)


def dequantize_q3_k(blocks: Tensor) -> Tensor:
    """Q3_K: value = d * (scale - 32) * q with q from -4 to 3, 16 groups."""
    # bytes  0..31 hmask: bit k of byte i is the third bit of value 32 k + i, and 0 means minus 4
    #       32..95 qs: the low two bits, as in Q2_K
    #       96..107 scales, six bits each: 8 bytes with low halves, then 4 with the upper two bits
    #          byte 0..7   low half: bits 0-3 of scale i,  high half: bits 0-3 of scale i + 8
    #          byte 8..11  bits 2k, 2k+1: bits 4-5 of scale 4 k + i
    #      108..109 d
    low_scales = split_bits(blocks[:, 96:104], 4).flatten(1)
    high_scales = split_bits(blocks[:, 104:108], 2).flatten(1)
    scale = (low_scales | (high_scales << 4)).float() - 32
    low = split_bits(blocks[:, 32:96].reshape(-1, 2, 32), 2).flatten(1)
    high = split_bits(blocks[:, :32], 1).flatten(1)
    q = (low | (high << 2)).float() - 4
    scale = float16_column(blocks, 108) * scale
    return (scale.unsqueeze(2) * q.reshape(-1, 16, 16)).flatten(1)


def dequantize_q4_k(blocks: Tensor) -> Tensor:
    """Q4_K: value = d * scale * q - dmin * min, 8 groups."""
    # bytes  0..1  d   2..3  dmin   4..15 scales and mins, see _scales_and_mins
    #       16..143 qs: four runs of 32 bytes; low halves are the run's first 32 values, high halves
    #               its second
    q = split_bits(blocks[:, 16:144].reshape(-1, 4, 32), 4).reshape(-1, 8, 32)
    scale, minimum = _scales_and_mins(blocks)
    return (scale * q.float() - minimum).flatten(1)


def dequantize_q5_k(blocks: Tensor) -> Tensor:
    """Q5_K: value = d * scale * q - dmin * min, 8 groups."""
    # bytes  0..1  d   2..3  dmin   4..15 scales and mins, see _scales_and_mins
    #       16..47 qh: bit k of byte i is the fifth bit of value 32 k + i
    #       48..175 qs: the low four bits, as in Q4_K
    low = split_bits(blocks[:, 48:176].reshape(-1, 4, 32), 4).reshape(-1, 8, 32)
    q = low | (split_bits(blocks[:, 16:48], 1) << 4)
    scale, minimum = _scales_and_mins(blocks)
    return (scale * q.float() - minimum).flatten(1)


def dequantize_q6_k(blocks: Tensor) -> Tensor:
    """Q6_K: value = d * scale * (q - 32), 16 groups with signed scales."""
    # bytes   0..127 ql: two runs of 64 bytes; low halves are the run's first 64 values, high halves
    #                its second
    #       128..191 qh: two runs of 32 bytes; bits 2k and 2k + 1 belong to the run's 32 values
    #                number k
    #       192..207 scales, signed bytes   208..209 d
    low = split_bits(blocks[:, :128].reshape(-1, 2, 64), 4).flatten(1)
    high = split_bits(blocks[:, 128:192].reshape(-1, 2, 32), 2).flatten(1)
    q = (low | (high << 4)).float() - 32
    scale = float16_column(blocks, 208) * blocks[:, 192:208].view(torch.int8).float()
    return (scale.unsqueeze(2) * q.reshape(-1, 16, 16)).flatten(1)


def dequantize_q8_k(blocks: Tensor) -> Tensor:
    """Q8_K: value = d * q."""
    # bytes  0..3  d, float32   4..259 qs, signed bytes   260..291 sums of 16 values, not needed
    scale = blocks[:, :4].contiguous().view(torch.float32)
    return scale * blocks[:, 4:260].view(torch.int8).float()


def _scales_and_mins(blocks: Tensor) -> tuple[Tensor, Tensor]:
    """Scales and mins of the 8 groups of Q4_K and Q5_K, each [num_blocks, 8, 1] float32."""
    # Scales A..H and mins a..h of six bits; capital H is scale 7, its bits 0-3 and 4-5 apart:
    #   bytes  4..7   EEAAAAAA FFBBBBBB GGCCCCCC HHDDDDDD    (upper two bits: bits 4-5 of E..H)
    #   bytes  8..11  eeaaaaaa ffbbbbbb ggcccccc hhdddddd
    #   bytes 12..15  eeeeEEEE ffffFFFF ggggGGGG hhhhHHHH    (bits 0-3)
    first, second, third = blocks[:, 4:16].reshape(-1, 3, 4).unbind(1)
    scale = torch.cat([first & 0x3F, (third & 0x0F) | ((first >> 2) & 0x30)], dim=1)
    minimum = torch.cat([second & 0x3F, (third >> 4) | ((second >> 2) & 0x30)], dim=1)
    scaled = float16_column(blocks, 0) * scale.float()
    return scaled.unsqueeze(2), (float16_column(blocks, 2) * minimum.float()).unsqueeze(2)
