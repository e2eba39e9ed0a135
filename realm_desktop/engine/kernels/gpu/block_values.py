"""Values of quantization blocks inside Triton kernels: the types without a grid.

Every function gives values 32 · `group` to 32 · `group` + 31 of a block for several blocks at once. The
formulas and layouts are those of `engine/quant`, where the bytes are drawn; here each lane fetches its
own. Imported only where Triton is installed.

All functions take
    block: [rows, 1] pointers to the first byte of a block of each row.
    lane: [1, 32] int32, 0 to 31.
    table: See `engine/quant/device_tables.py`; of the types that look values up.
    group: Which 32 values; 0 where a block has no more.
and answer float32 [rows, 32].
"""

from __future__ import annotations

import triton.language as tl

from realm_desktop.engine.kernels.gpu.jit import jit


@jit
def half_at(place: tl.tensor) -> tl.tensor:
    """The float16 at each pointer as float32; every type with one has it at an even byte."""
    return tl.load(place.to(tl.pointer_type(tl.float16))).to(tl.float32)


@jit
def byte_at(place: tl.tensor) -> tl.tensor:
    """The byte at each pointer as int32: shifts of uint8 differ between Triton and NumPy."""
    return tl.load(place).to(tl.int32)


@jit
def signed_byte_at(place: tl.tensor) -> tl.tensor:
    """The signed byte at each pointer as float32."""
    return tl.load(place.to(tl.pointer_type(tl.int8))).to(tl.float32)


@jit
def uint16_at(place: tl.tensor) -> tl.tensor:
    """The little-endian number of 16 bits at each pointer as int32."""
    return tl.load(place.to(tl.pointer_type(tl.uint16))).to(tl.int32)


@jit
def _half_bytes(start: tl.tensor, lane: tl.tensor) -> tl.tensor:
    """Four bits of 32 values in 16 bytes: value i low in byte i, value 16 + i high."""
    return (byte_at(start + (lane & 15)) >> ((lane >> 4) * 4)) & 15


@jit
def _fifth_bits(start: tl.tensor, lane: tl.tensor) -> tl.tensor:
    """The bits of four bytes, in the place of a fifth bit."""
    return ((byte_at(start + (lane >> 3)) >> (lane & 7)) & 1) << 4


@jit
def q4_0(block: tl.tensor, lane: tl.tensor, table: tl.tensor, group: tl.constexpr) -> tl.tensor:
    """See `quant.legacy.dequantize_q4_0`."""
    return half_at(block) * (_half_bytes(block + 2, lane) - 8).to(tl.float32)


@jit
def q4_1(block: tl.tensor, lane: tl.tensor, table: tl.tensor, group: tl.constexpr) -> tl.tensor:
    """See `quant.legacy.dequantize_q4_1`."""
    return half_at(block) * _half_bytes(block + 4, lane).to(tl.float32) + half_at(block + 2)


@jit
def q5_0(block: tl.tensor, lane: tl.tensor, table: tl.tensor, group: tl.constexpr) -> tl.tensor:
    """See `quant.legacy.dequantize_q5_0`."""
    q = _half_bytes(block + 6, lane) | _fifth_bits(block + 2, lane)
    return half_at(block) * (q - 16).to(tl.float32)


@jit
def q5_1(block: tl.tensor, lane: tl.tensor, table: tl.tensor, group: tl.constexpr) -> tl.tensor:
    """See `quant.legacy.dequantize_q5_1`."""
    q = _half_bytes(block + 8, lane) | _fifth_bits(block + 4, lane)
    return half_at(block) * q.to(tl.float32) + half_at(block + 2)


@jit
def q8_0(block: tl.tensor, lane: tl.tensor, table: tl.tensor, group: tl.constexpr) -> tl.tensor:
    """See `quant.legacy.dequantize_q8_0`."""
    return half_at(block) * signed_byte_at(block + 2 + lane)


@jit
def _two_bits(start: tl.tensor, lane: tl.tensor, group: tl.constexpr) -> tl.tensor:
    """Two bits of 256 values: two runs of 32 bytes, bits 2k and 2k + 1 of a run its group k."""
    return (byte_at(start + 32 * (group // 4) + lane) >> (2 * (group % 4))) & 3


@jit
def q2_k(block: tl.tensor, lane: tl.tensor, table: tl.tensor, group: tl.constexpr) -> tl.tensor:
    """See `quant.k_quants.dequantize_q2_k`."""
    both = byte_at(block + 2 * group + (lane >> 4))
    scale = half_at(block + 80) * (both & 15).to(tl.float32)
    minimum = half_at(block + 82) * (both >> 4).to(tl.float32)
    return scale * _two_bits(block + 16, lane, group).to(tl.float32) - minimum


@jit
def q3_k(block: tl.tensor, lane: tl.tensor, table: tl.tensor, group: tl.constexpr) -> tl.tensor:
    """See `quant.k_quants.dequantize_q3_k`."""
    # Scales 2 · group and the next: low halves of the first eight bytes serve scales 0 to 7.
    low = byte_at(block + 96 + (2 * group) % 8 + (lane >> 4)) >> (4 * (group // 4))
    high = byte_at(block + 104 + (2 * group) % 4 + (lane >> 4)) >> (2 * (group // 2))
    scale = ((low & 15) | ((high & 3) << 4)) - 32
    third = (byte_at(block + lane) >> group) & 1
    q = (_two_bits(block + 32, lane, group) | (third << 2)) - 4
    return half_at(block + 108) * scale.to(tl.float32) * q.to(tl.float32)


@jit
def _scaled(
    block: tl.tensor, q: tl.tensor, group: tl.constexpr
) -> tl.tensor:  # of Q4_K and Q5_K, whose scales and mins `k_quants._scales_and_mins` draws
    if group < 4:
        scale = byte_at(block + 4 + group) & 63
        minimum = byte_at(block + 8 + group) & 63
    else:
        both = byte_at(block + 8 + group)
        scale = (both & 15) | ((byte_at(block + group) >> 2) & 0x30)
        minimum = (both >> 4) | ((byte_at(block + 4 + group) >> 2) & 0x30)
    scale = half_at(block) * scale.to(tl.float32)
    minimum = half_at(block + 2) * minimum.to(tl.float32)
    return scale * q.to(tl.float32) - minimum


@jit
def q4_k(block: tl.tensor, lane: tl.tensor, table: tl.tensor, group: tl.constexpr) -> tl.tensor:
    """See `quant.k_quants.dequantize_q4_k`."""
    q = (byte_at(block + 16 + 32 * (group // 2) + lane) >> (4 * (group % 2))) & 15
    return _scaled(block, q, group)


@jit
def q5_k(block: tl.tensor, lane: tl.tensor, table: tl.tensor, group: tl.constexpr) -> tl.tensor:
    """See `quant.k_quants.dequantize_q5_k`."""
    low = (byte_at(block + 48 + 32 * (group // 2) + lane) >> (4 * (group % 2))) & 15
    high = (byte_at(block + 16 + lane) >> group) & 1
    return _scaled(block, low | (high << 4), group)


@jit
def q6_k(block: tl.tensor, lane: tl.tensor, table: tl.tensor, group: tl.constexpr) -> tl.tensor:
    """See `quant.k_quants.dequantize_q6_k`."""
    # A run of 128 values: its first 64 in low halves, in 64 bytes; its groups in bit pairs of 32.
    start = block + 64 * (group // 4) + 32 * (group % 2)
    low = (byte_at(start + lane) >> (4 * ((group % 4) // 2))) & 15
    q = (low | (_two_bits(block + 128, lane, group) << 4)) - 32
    scale = half_at(block + 208) * signed_byte_at(block + 192 + 2 * group + (lane >> 4))
    return scale * q.to(tl.float32)


@jit
def iq4_nl(block: tl.tensor, lane: tl.tensor, table: tl.tensor, group: tl.constexpr) -> tl.tensor:
    """See `quant.i_quants.dequantize_iq4_nl`."""
    return half_at(block) * tl.load(table + _half_bytes(block + 2, lane)).to(tl.float32)


@jit
def iq4_xs(block: tl.tensor, lane: tl.tensor, table: tl.tensor, group: tl.constexpr) -> tl.tensor:
    """See `quant.i_quants.dequantize_iq4_xs`."""
    low = (byte_at(block + 4 + group // 2) >> (4 * (group % 2))) & 15
    high = (byte_at(block + 2 + group // 4) >> (2 * (group % 4))) & 3
    scale = half_at(block) * ((low | (high << 4)) - 32).to(tl.float32)
    return scale * tl.load(table + _half_bytes(block + 8 + 16 * group, lane)).to(tl.float32)


@jit
def mxfp4(block: tl.tensor, lane: tl.tensor, table: tl.tensor, group: tl.constexpr) -> tl.tensor:
    """See `quant.i_quants.dequantize_mxfp4`; the table is doubled, so the scale is halved."""
    e = byte_at(block)
    # 2^(e - 128); below e = 2 it is subnormal, and there the bits are no exponent.
    bits = tl.where(e < 2, 0x00200000 << tl.minimum(e, 1), (tl.maximum(e, 1) - 1) << 23)
    scale = bits.to(tl.float32, bitcast=True)
    return scale * tl.load(table + _half_bytes(block + 1, lane)).to(tl.float32)
