"""Quantizes real weights to the types that gguf-py only reads: K-quants, IQ4_NL and IQ4_XS.

Each group of values gets the scale that its range asks for and each value the nearest code: worse than
llama.cpp's search for scales, but the numbers are those of a working network.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from realm_desktop.formats.tensor_types import TensorType

SUPER_BLOCK = 256
IQ4_LEVELS = torch.tensor(
    [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113], dtype=torch.float32
)


class Groups(NamedTuple):
    """What became of super-blocks: codes [blocks, 256], the rest [blocks, groups], d as float16."""

    codes: Tensor
    scales: Tensor
    mins: Tensor
    d: Tensor
    d_min: Tensor


def nearest_blocks(values: Tensor, tensor_type: TensorType) -> Tensor:
    """Quantization blocks, uint8 [num_blocks, type_size].

    Args:
        values: Float32, as many as whole blocks take.
        tensor_type: One of `ENCODERS`.
    """
    return ENCODERS[tensor_type](values.reshape(-1, tensor_type.block_size))


def _q2_k(blocks: Tensor) -> Tensor:
    found = _with_mins(blocks, num_groups=16, most_code=3, most_scale=15)
    scales = found.scales | (found.mins << 4)
    return torch.cat([scales, _pairs(found.codes), found.d, found.d_min], 1)


def _q3_k(blocks: Tensor) -> Tensor:
    found = _around_zero(blocks, num_groups=16, least_code=-4, most_scale=31)
    codes, scales = (found.codes + 4).byte(), (found.scales + 32).byte()
    low = (scales[:, :8] & 15) | ((scales[:, 8:] & 15) << 4)
    high = _joined(scales.view(-1, 4, 4) >> 4, 2)
    third = _joined(codes.view(-1, 8, 32) >> 2, 1)
    return torch.cat([third, _pairs(codes & 3), low, high, found.d], 1)


def _q4_k(blocks: Tensor) -> Tensor:
    found = _with_mins(blocks, num_groups=8, most_code=15, most_scale=63)
    return torch.cat([found.d, found.d_min, _six_bit_pairs(found), _nibbles(found.codes, 32)], 1)


def _q5_k(blocks: Tensor) -> Tensor:
    found = _with_mins(blocks, num_groups=8, most_code=31, most_scale=63)
    fifth = _joined(found.codes.view(-1, 8, 32) >> 4, 1)
    low = _nibbles(found.codes & 15, 32)
    return torch.cat([found.d, found.d_min, _six_bit_pairs(found), fifth, low], 1)


def _q6_k(blocks: Tensor) -> Tensor:
    found = _around_zero(blocks, num_groups=16, least_code=-32, most_scale=127)
    codes = (found.codes + 32).byte()
    scales = found.scales.to(torch.int8).view(torch.uint8)
    return torch.cat([_nibbles(codes & 15, 64), _pairs(codes >> 4), scales, found.d], 1)


def _iq4_nl(blocks: Tensor) -> Tensor:
    d = (blocks.abs().amax(1, keepdim=True) / 127).half()
    codes = _nearest_levels(blocks / d.float().clamp_min(1e-12))
    return torch.cat([_bytes_of(d), _nibbles(codes, 16)], 1)


def _iq4_xs(blocks: Tensor) -> Tensor:
    groups = blocks.view(-1, 8, 32)
    wanted = groups.abs().amax(2) / 127
    d = (wanted.amax(1, keepdim=True) / 31).half()
    scales = (wanted / d.float().clamp_min(1e-12)).round().clamp(1, 31)
    codes = _nearest_levels(groups / (d.float() * scales).clamp_min(1e-12).unsqueeze(2))
    stored = (scales + 32).byte()
    low = _joined((stored & 15).view(-1, 4, 2).transpose(1, 2), 4)
    high = _joined((stored >> 4).view(-1, 2, 4).transpose(1, 2), 2)
    return torch.cat([_bytes_of(d), high, low, _nibbles(codes.flatten(1), 16)], 1)


ENCODERS = {
    TensorType.Q2_K: _q2_k,
    TensorType.Q3_K: _q3_k,
    TensorType.Q4_K: _q4_k,
    TensorType.Q5_K: _q5_k,
    TensorType.Q6_K: _q6_k,
    TensorType.IQ4_NL: _iq4_nl,
    TensorType.IQ4_XS: _iq4_xs,
}


def _with_mins(blocks: Tensor, *, num_groups: int, most_code: int, most_scale: int) -> Groups:
    """Value = d * scale * code - dmin * min, all of them at least 0."""
    groups = blocks.view(len(blocks), num_groups, -1)
    lowest = groups.amin(2).clamp_max(0)
    wanted = (groups.amax(2) - lowest) / most_code
    d, d_min = (part.amax(1, keepdim=True).div(most_scale).half() for part in (wanted, -lowest))
    scales = (wanted / d.float().clamp_min(1e-12)).round().clamp(0, most_scale)
    mins = (-lowest / d_min.float().clamp_min(1e-12)).round().clamp(0, most_scale)
    steps = (d.float() * scales).clamp_min(1e-12).unsqueeze(2)
    codes = ((groups + (d_min.float() * mins).unsqueeze(2)) / steps).round().clamp(0, most_code)
    parts = (codes.flatten(1).byte(), scales.byte(), mins.byte())
    return Groups(*parts, _bytes_of(d), _bytes_of(d_min))


def _around_zero(blocks: Tensor, *, num_groups: int, least_code: int, most_scale: int) -> Groups:
    """Value = d * scale * code, with as many codes below 0 as above."""
    groups = blocks.view(len(blocks), num_groups, -1)
    wanted = groups.abs().amax(2) / -least_code
    d = (wanted.amax(1, keepdim=True) / most_scale).half()
    scales = (wanted / d.float().clamp_min(1e-12)).round().clamp(1, most_scale)
    steps = (d.float() * scales).clamp_min(1e-12).unsqueeze(2)
    codes = (groups / steps).round().clamp(least_code, -least_code - 1).flatten(1)
    return Groups(codes, scales, torch.zeros_like(scales), _bytes_of(d), torch.empty(0))


def _nearest_levels(scaled: Tensor) -> Tensor:
    borders = (IQ4_LEVELS[1:] + IQ4_LEVELS[:-1]) / 2
    return torch.bucketize(scaled.contiguous(), borders).byte()


def _joined(parts: Tensor, width: int) -> Tensor:
    """[blocks, n]: part k of [blocks, parts, n] goes `width` * k bits up."""
    joined = torch.zeros_like(parts[:, 0])
    for place in range(parts.shape[1]):
        joined |= parts[:, place] << (width * place)
    return joined


def _nibbles(codes: Tensor, run: int) -> Tensor:
    """Runs of bytes: low halves are the first `run` codes, high halves the next."""
    return _joined(codes.view(-1, 2, run), 4).view(len(codes), -1)


def _pairs(codes: Tensor) -> Tensor:
    """Two runs of 32 bytes; bits 2k and 2k + 1 are the run's 32 codes number k."""
    return _joined(codes.view(-1, 4, 32), 2).view(len(codes), -1)


def _six_bit_pairs(found: Groups) -> Tensor:
    """The twelve bytes of Q4_K and Q5_K."""
    (low_scales, scales), (low_mins, mins) = (
        (part[:, :4], part[:, 4:]) for part in (found.scales, found.mins)
    )
    first, second = low_scales | ((scales >> 4) << 6), low_mins | ((mins >> 4) << 6)
    return torch.cat([first, second, (scales & 15) | ((mins & 15) << 4)], 1)


def _bytes_of(halves: Tensor) -> Tensor:
    return halves.contiguous().view(torch.uint8)
