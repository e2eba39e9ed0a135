"""Dequantization of IQ1, IQ2 and IQ3: super-blocks of 256 values, four or eight from a grid at once.

All functions take blocks [num_blocks, type_size] uint8 and answer float32 [num_blocks, 256], bit for
bit what ggml's `dequantize_row_*` gives. Layouts: ggml-common.h, `block_iq1_s` to `block_iq3_s`.
The grids, found by ggml's authors by search, are taken from the gguf package.
"""

from __future__ import annotations

from functools import cache

import torch
from gguf import quants
from torch import Tensor

from realm_desktop.engine.quant.bits import float16_column, split_bits, unpack_bits

_IQ1_DELTA = 0.125


def dequantize_iq2_xxs(blocks: Tensor) -> Tensor:
    """IQ2_XXS: value = d * (scale + 1/2) / 4 * grid * sign, 8 groups of 32."""
    # bytes  0..1  d
    #        2..65 eight groups of 8 bytes: four grid indices, then 32 bits
    #              SSSS dddddddccccccccbbbbbbbaaaaaaa: scale and four sign indices of seven bits
    groups = blocks[:, 2:66].reshape(-1, 8, 8)
    packed = groups[:, :, 4:].contiguous().view(torch.int32)
    scale = ((packed >> 28) & 0x0F).flatten(1).float()
    scale = float16_column(blocks, 0) * (0.5 + scale) * 0.25
    values = grid_of("IQ2_XXS", blocks.device)[groups[:, :, :4].int()]
    return (scale[:, :, None, None] * values * _packed_signs(packed)).flatten(1)


def dequantize_iq2_xs(blocks: Tensor) -> Tensor:
    """IQ2_XS: value = d * (scale + 1/2) / 4 * grid * sign, 16 groups of 16."""
    # bytes  0..1  d
    #        2..65 qs: 32 numbers of 16 bits, nine of a grid index and, above, seven of a sign index
    #       66..73 scales: low half of byte i: of group 2 i; high half: of group 2 i + 1
    qs = _uint16(blocks[:, 2:66])
    scale = _half_scales(blocks, 66)
    values = grid_of("IQ2_XS", blocks.device)[(qs & 511).view(-1, 16, 2)]
    signs = _sign_table(blocks.device)[(qs >> 9).view(-1, 16, 2)]
    return (scale[:, :, None, None] * values * signs).flatten(1)


def dequantize_iq2_s(blocks: Tensor) -> Tensor:
    """IQ2_S: value = d * (scale + 1/2) / 4 * grid * sign, 16 groups of 16."""
    # bytes  0..1  d   2..33 qs: bits 0-7 of 32 grid indices   34..65 sign bits of the 256 values
    #       66..73 qh: bits 2k and 2k + 1 of byte i are bits 8-9 of index 4 i + k
    #       74..81 scales, as in IQ2_XS
    high = split_bits(blocks[:, 66:74], 2).transpose(1, 2).flatten(1)
    index = blocks[:, 2:34].int() | (high.int() << 8)
    scale = _half_scales(blocks, 74)
    values = grid_of("IQ2_S", blocks.device)[index.view(-1, 16, 2)]
    signs = _signs(unpack_bits(blocks[:, 34:66])).view(-1, 16, 2, 8)
    return (scale[:, :, None, None] * values * signs).flatten(1)


def dequantize_iq3_xxs(blocks: Tensor) -> Tensor:
    """IQ3_XXS: value = d * (scale + 1/2) / 2 * grid * sign, 8 groups of 32."""
    # bytes  0..1  d   2..65 qs: 64 indices of a grid of fours
    #       66..97 eight numbers of 32 bits: scale and four sign indices, as in IQ2_XXS
    packed = blocks[:, 66:98].reshape(-1, 8, 4).contiguous().view(torch.int32)
    scale = ((packed >> 28) & 0x0F).flatten(1).float()
    scale = float16_column(blocks, 0) * (0.5 + scale) * 0.5
    values = grid_of("IQ3_XXS", blocks.device)[blocks[:, 2:66].int()].view(-1, 8, 4, 8)
    return (scale[:, :, None, None] * values * _packed_signs(packed)).flatten(1)


def dequantize_iq3_s(blocks: Tensor) -> Tensor:
    """IQ3_S: value = d * (2 * scale + 1) * grid * sign, 8 groups of 32."""
    # bytes  0..1  d   2..65 qs: bits 0-7 of 64 indices of a grid of fours
    #       66..73 qh: bit k of byte i is bit 8 of index 8 i + k
    #       74..105 sign bits of the 256 values   106..109 scales, halves as in IQ2_XS
    index = blocks[:, 2:66].int() | (unpack_bits(blocks[:, 66:74]).int() << 8)
    scale = split_bits(blocks[:, 106:110], 4).transpose(1, 2).flatten(1).float()
    scale = float16_column(blocks, 0) * (1 + 2 * scale)
    values = grid_of("IQ3_S", blocks.device)[index].view(-1, 8, 4, 8)
    signs = _signs(unpack_bits(blocks[:, 74:106])).view(-1, 8, 4, 8)
    return (scale[:, :, None, None] * values * signs).flatten(1)


def dequantize_iq1_s(blocks: Tensor) -> Tensor:
    """IQ1_S: value = d * (2 * scale + 1) * (grid + delta), 8 groups of 32."""
    # bytes  0..1  d   2..33 qs: bits 0-7 of 32 grid indices
    #       34..49 qh: eight numbers of 16 bits  DSSSdddcccbbbaaa: sign of delta, scale, and bits
    #              8-10 of the group's four indices
    qh = _uint16(blocks[:, 34:50])
    scale = float16_column(blocks, 0) * (2 * ((qh >> 12) & 7) + 1).float()
    delta = torch.where((qh & 0x8000) == 0, _IQ1_DELTA, -_IQ1_DELTA)
    shifts = torch.tensor([0, 3, 6, 9], dtype=torch.int32, device=blocks.device)
    high = ((qh.unsqueeze(2) >> shifts) & 7).flatten(1)
    index = blocks[:, 2:34].int() | (high << 8)
    values = grid_of("IQ1_S", blocks.device)[index].view(-1, 8, 4, 8)
    return (scale[:, :, None, None] * (values + delta[:, :, None, None])).flatten(1)


def dequantize_iq1_m(blocks: Tensor) -> Tensor:
    """IQ1_M: value = d * (2 * scale + 1) * (grid + delta), 16 groups of 16."""
    # bytes  0..31 qs: bits 0-7 of 32 grid indices
    #       32..47 qh: 32 fields of four bits: bits 8-10 of an index, and the sign of its delta
    #       48..55 four numbers of 16 bits: in the top four bits a quarter of d, lowest first, and
    #              below four scales of three bits
    packed = _uint16(blocks[:, 48:56])
    device = blocks.device
    places = torch.tensor([12, 8, 4, 0], dtype=torch.int32, device=device)
    d = ((packed & 0xF000) >> places).sum(1, keepdim=True).to(torch.int16)
    shifts = torch.tensor([0, 3, 6, 9], dtype=torch.int32, device=device)
    scales = ((packed.unsqueeze(2) >> shifts) & 7).flatten(1)
    scale = d.view(torch.float16).float() * (2 * scales + 1).float()
    fields = split_bits(blocks[:, 32:48], 4).transpose(1, 2).flatten(1).int()
    delta = torch.where((fields & 8) == 0, _IQ1_DELTA, -_IQ1_DELTA).view(-1, 16, 2, 1)
    index = blocks[:, :32].int() | ((fields & 7) << 8)
    values = grid_of("IQ1_M", device)[index].view(-1, 16, 2, 8)
    return (scale[:, :, None, None] * (values + delta)).flatten(1)


@cache
def grid_of(name: str, device: torch.device) -> Tensor:
    """[entries, 4 or 8] float32: the grid of a type."""
    table = getattr(quants, name)
    table.init_grid()
    return torch.from_numpy(table.grid.reshape(table.grid_shape).copy()).to(device)


def _half_scales(blocks: Tensor, start: int) -> Tensor:
    """[num_blocks, 16] scales of IQ2_XS and IQ2_S from the eight bytes at `start`."""
    scale = split_bits(blocks[:, start : start + 8], 4).transpose(1, 2).flatten(1).float()
    return float16_column(blocks, 0) * (0.5 + scale) * 0.25


def _uint16(packed: Tensor) -> Tensor:
    """Little-endian numbers of 16 bits as int32, which torch can shift: [n, 2 k] to [n, k]."""
    pairs = packed.reshape(packed.shape[0], -1, 2).int()
    return pairs[:, :, 0] | (pairs[:, :, 1] << 8)


def _packed_signs(packed: Tensor) -> Tensor:
    """Signs of four sign indices of seven bits each: [n, 8, 1] int32 to [n, 8, 4, 8]."""
    shifts = torch.tensor([0, 7, 14, 21], dtype=torch.int32, device=packed.device)
    return _sign_table(packed.device)[(packed >> shifts) & 0x7F]


def _signs(bits: Tensor) -> Tensor:
    return torch.where(bits == 0, 1.0, -1.0)


@cache
def _sign_table(device: torch.device) -> Tensor:
    """[128, 8] of 1 and -1: seven stored signs, the eighth makes the number of minus even."""
    indices = torch.frombuffer(bytearray(quants.IQ2_XXS.ksigns), dtype=torch.uint8)
    return _signs(unpack_bits(indices.view(128, 1))).to(device)
