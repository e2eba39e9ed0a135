"""Values of quantization blocks inside Triton kernels: IQ1, IQ2 and IQ3, by their grids.

See `block_values`; `table` has the grid of the type, eight or four signed bytes to an entry. Layouts:
`engine/quant/grid_quants.py`. A group is four entries of eight values, or eight of four.
"""

from __future__ import annotations

import triton.language as tl

from realm_desktop.engine.kernels.gpu.block_values import byte_at, half_at, uint16_at
from realm_desktop.engine.kernels.gpu.jit import jit

_DELTA = tl.constexpr(0.125)  # a kernel reads no plain globals


@jit
def _entry(table: tl.tensor, index: tl.tensor, lane: tl.tensor, width: tl.constexpr) -> tl.tensor:
    """The value of a grid that each lane has: `width` neighbours share an entry."""
    return tl.load(table + index * width + (lane & (width - 1))).to(tl.float32)


@jit
def _with_sign(values: tl.tensor, bits: tl.tensor, lane: tl.tensor) -> tl.tensor:
    """Negative where bit `lane` modulo 8 of a byte of signs is set."""
    return tl.where((bits >> (lane & 7)) & 1 == 0, values, -values)


@jit
def _whole_signs(index: tl.tensor) -> tl.tensor:
    """Eight signs of seven stored ones: the last makes the number of minus signs even."""
    parity = index ^ (index >> 4)
    parity = parity ^ (parity >> 2)
    parity = (parity ^ (parity >> 1)) & 1
    return index | (parity << 7)


@jit
def _packed_signs(start: tl.tensor, lane: tl.tensor) -> tl.tensor:
    """The signs of each lane out of 28 bits: seven for every eight lanes."""
    packed = uint16_at(start) | (uint16_at(start + 2) << 16)
    return _whole_signs((packed >> (7 * (lane >> 3))) & 127)


@jit
def _nibble(place: tl.tensor, number: tl.tensor) -> tl.tensor:
    """The low half of a byte for number 0, else the high half, as float32."""
    return ((byte_at(place) >> (4 * number)) & 15).to(tl.float32)


@jit
def iq2_xxs(block: tl.tensor, lane: tl.tensor, table: tl.tensor, group: tl.constexpr) -> tl.tensor:
    """See `quant.grid_quants.dequantize_iq2_xxs`."""
    start = block + 2 + 8 * group
    values = _entry(table, byte_at(start + (lane >> 3)), lane, 8)
    scale = half_at(block) * (0.5 + (uint16_at(start + 6) >> 12).to(tl.float32)) * 0.25
    return scale * _with_sign(values, _packed_signs(start + 4, lane), lane)


@jit
def iq2_xs(block: tl.tensor, lane: tl.tensor, table: tl.tensor, group: tl.constexpr) -> tl.tensor:
    """See `quant.grid_quants.dequantize_iq2_xs`."""
    packed = uint16_at(block + 2 + 8 * group + 2 * (lane >> 3))
    scale = half_at(block) * (0.5 + _nibble(block + 66 + group, lane >> 4)) * 0.25
    values = _entry(table, packed & 511, lane, 8)
    return scale * _with_sign(values, _whole_signs(packed >> 9), lane)


@jit
def iq2_s(block: tl.tensor, lane: tl.tensor, table: tl.tensor, group: tl.constexpr) -> tl.tensor:
    """See `quant.grid_quants.dequantize_iq2_s`."""
    four = lane >> 3
    high = (byte_at(block + 66 + group) >> (2 * four)) & 3
    index = byte_at(block + 2 + 4 * group + four) | (high << 8)
    scale = half_at(block) * (0.5 + _nibble(block + 74 + group, lane >> 4)) * 0.25
    signs = byte_at(block + 34 + 4 * group + four)
    return scale * _with_sign(_entry(table, index, lane, 8), signs, lane)


@jit
def iq3_xxs(block: tl.tensor, lane: tl.tensor, table: tl.tensor, group: tl.constexpr) -> tl.tensor:
    """See `quant.grid_quants.dequantize_iq3_xxs`."""
    values = _entry(table, byte_at(block + 2 + 8 * group + (lane >> 2)), lane, 4)
    start = block + 66 + 4 * group
    scale = half_at(block) * (0.5 + (uint16_at(start + 2) >> 12).to(tl.float32)) * 0.5
    return scale * _with_sign(values, _packed_signs(start, lane), lane)


@jit
def iq3_s(block: tl.tensor, lane: tl.tensor, table: tl.tensor, group: tl.constexpr) -> tl.tensor:
    """See `quant.grid_quants.dequantize_iq3_s`."""
    eight = lane >> 2
    high = (byte_at(block + 66 + group) >> eight) & 1
    index = byte_at(block + 2 + 8 * group + eight) | (high << 8)
    scale = half_at(block) * (1.0 + 2.0 * _nibble(block + 106 + group // 2, group % 2))
    signs = byte_at(block + 74 + 4 * group + (lane >> 3))
    return scale * _with_sign(_entry(table, index, lane, 4), signs, lane)


@jit
def iq1_s(block: tl.tensor, lane: tl.tensor, table: tl.tensor, group: tl.constexpr) -> tl.tensor:
    """See `quant.grid_quants.dequantize_iq1_s`."""
    four = lane >> 3
    packed = uint16_at(block + 34 + 2 * group)
    index = byte_at(block + 2 + 4 * group + four) | (((packed >> (3 * four)) & 7) << 8)
    scale = half_at(block) * (2 * ((packed >> 12) & 7) + 1).to(tl.float32)
    delta = tl.where((packed & 0x8000) == 0, _DELTA, -_DELTA)
    return scale * (_entry(table, index, lane, 8) + delta)


@jit
def iq1_m(block: tl.tensor, lane: tl.tensor, table: tl.tensor, group: tl.constexpr) -> tl.tensor:
    """See `quant.grid_quants.dequantize_iq1_m`."""
    four = lane >> 3
    # A quarter of d lies in the top four bits of each of four numbers, lowest first.
    d = uint16_at(block + 48) >> 12
    d = d | ((uint16_at(block + 50) >> 8) & 0xF0)
    d = d | ((uint16_at(block + 52) >> 4) & 0xF00)
    d = d | (uint16_at(block + 54) & 0xF000)
    packed = uint16_at(block + 48 + 2 * (group // 2))
    number = 2 * ((packed >> (3 * ((2 * group) % 4 + (lane >> 4)))) & 7) + 1
    scale = d.to(tl.uint16).to(tl.float16, bitcast=True).to(tl.float32) * number.to(tl.float32)
    field = (byte_at(block + 32 + 2 * group + (four >> 1)) >> (4 * (four & 1))) & 15
    index = byte_at(block + 4 * group + four) | ((field & 7) << 8)
    delta = tl.where((field & 8) == 0, _DELTA, -_DELTA)
    return scale * (_entry(table, index, lane, 8) + delta)
