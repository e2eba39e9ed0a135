"""Dequantization of types that look values up or pack them unevenly: IQ4, TQ, MXFP4, NVFP4.

All functions take blocks [num_blocks, type_size] uint8 and answer float32
[num_blocks, block_size], bit for bit what ggml's `dequantize_row_*` gives. Layouts and tables:
ggml-common.h; MXFP4: OCP Microscaling Formats specification 1.0.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import torch
from torch import Tensor

from realm_desktop.engine.quant.bits import float16_column, split_bits

IQ4_LEVELS: Final = (-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113)
"""ggml-common.h, kvalues_iq4nl: levels denser around zero."""

E2M1_LEVELS: Final = (0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12)
"""The sixteen E2M1 numbers, doubled so that they are integers; the scale is halved in exchange."""

_POWERS_OF_THREE: Final = (1, 3, 9, 27, 81)


def dequantize_iq4_nl(blocks: Tensor) -> Tensor:
    """IQ4_NL: value = d * level[q], blocks of 32."""
    # bytes  0..1  d   2..17 qs: byte i holds value i low and value i + 16 high
    q = split_bits(blocks[:, 2:18], 4).flatten(1)
    return float16_column(blocks, 0) * _look_up(IQ4_LEVELS, q)


def dequantize_iq4_xs(blocks: Tensor) -> Tensor:
    """IQ4_XS: value = d * (scale - 32) * level[q], 8 groups of 32."""
    # bytes  0..1  d
    #        2..3  scales_h: bits 2k and 2k + 1 of the 16-bit number are bits 4-5 of scale k
    #        4..7  scales_l: low half of byte i: bits 0-3 of scale 2 i; high half: of scale 2 i + 1
    #        8..135 qs: eight runs of 16 bytes, each as in IQ4_NL
    low = split_bits(blocks[:, 4:8], 4).transpose(1, 2).flatten(1)
    high = split_bits(blocks[:, 2:4], 2).transpose(1, 2).flatten(1)
    scale = float16_column(blocks, 0) * ((low | (high << 4)).float() - 32)
    q = split_bits(blocks[:, 8:136].reshape(-1, 8, 16), 4).flatten(2)
    return (scale.unsqueeze(2) * _look_up(IQ4_LEVELS, q)).flatten(1)


def dequantize_tq1_0(blocks: Tensor) -> Tensor:
    """TQ1_0: value = d * (q - 1), q of three levels, five to a byte."""
    # bytes  0..31 qs: digit k of byte i is value 32 k + i          (values 0..159)
    #       32..47 qs: digit k of byte i is value 160 + 16 k + i    (values 160..239)
    #       48..51 qh: digit k of byte i is value 240 + 4 k + i     (values 240..255, four digits)
    #       52..53 d
    # A byte is ceil(n * 256 / 243) for the number n of five base-3 digits, so multiplying by 3^k
    # modulo 256 moves digit k to the front, where times 3, divided by 256 reads it.
    digits = torch.cat(
        [
            _leading_digits(blocks[:, :32], 5),
            _leading_digits(blocks[:, 32:48], 5),
            _leading_digits(blocks[:, 48:52], 4),
        ],
        dim=1,
    )
    return float16_column(blocks, 52) * (digits.float() - 1)


def dequantize_tq2_0(blocks: Tensor) -> Tensor:
    """TQ2_0: value = d * (q - 1), two bits per value."""
    # bytes  0..63 qs: two runs of 32 bytes; bits 2k and 2k + 1 are the run's 32 values number k
    #       64..65 d
    q = split_bits(blocks[:, :64].reshape(-1, 2, 32), 2).flatten(1)
    return float16_column(blocks, 64) * (q.float() - 1)


def dequantize_mxfp4(blocks: Tensor) -> Tensor:
    """MXFP4: value = 2^(e - 127) * E2M1[q], blocks of 32."""
    # bytes  0  e, exponent of the shared scale   1..16 qs: byte i holds value i low, i + 16 high
    q = split_bits(blocks[:, 1:17], 4).flatten(1)
    return _half_power_of_two(blocks[:, :1]) * _look_up(E2M1_LEVELS, q)


def dequantize_nvfp4(blocks: Tensor) -> Tensor:
    """NVFP4: value = scale * E2M1[q], 4 groups of 16, each with an unsigned E4M3 scale."""
    # bytes  0..3  scales   4..35 four runs of 8 bytes; low halves are a group's first 8 values
    q = split_bits(blocks[:, 4:36].reshape(-1, 4, 8), 4).flatten(2)
    scale = _half_e4m3(blocks[:, :4]).unsqueeze(2)
    return (scale * _look_up(E2M1_LEVELS, q)).flatten(1)


def _look_up(levels: tuple[int, ...], q: Tensor) -> Tensor:
    return _table(levels, q.device)[q.int()]


@cache
def _table(levels: tuple[int, ...], device: torch.device) -> Tensor:
    """Made once: a copy from the host would wait for a GPU each time."""
    with torch.inference_mode(False):  # whoever asks first, a tensor for all
        return torch.tensor(levels, dtype=torch.float32, device=device)


def _leading_digits(packed: Tensor, num_digits: int) -> Tensor:
    """Base-3 digits 0 to `num_digits` - 1 of each byte: [n, bytes] to [n, digits * bytes]."""
    powers = torch.tensor(_POWERS_OF_THREE[:num_digits], dtype=torch.uint8, device=packed.device)
    shifted = packed.unsqueeze(1) * powers.unsqueeze(1)
    return ((shifted.int() * 3) >> 8).flatten(1)


def _half_power_of_two(exponents: Tensor) -> Tensor:
    """2^(e - 128) as float32, for e of one unsigned byte; below e = 2 the result is subnormal."""
    e = exponents.int()
    bits = torch.where(e < 2, 0x00200000 << e.clamp(max=1), (e - 1).clamp(min=0) << 23)
    return bits.view(torch.float32)


def _half_e4m3(scales: Tensor) -> Tensor:
    """Half of an E4M3 number without sign; 0x7F, its NaN, counts as 0 in ggml."""
    exponent = ((scales >> 3) & 0x0F).int()
    mantissa = (scales & 7).float()
    normal = torch.ldexp(1 + mantissa / 8, exponent - 8)
    value = torch.where(exponent == 0, mantissa * 2.0**-10, normal)
    return torch.where(scales == 0x7F, 0.0, value)
