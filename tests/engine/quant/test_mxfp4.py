"""MXFP4 of Hugging Face files: the values that transformers gives."""

from __future__ import annotations

import torch

from realm_desktop.engine.quant.mxfp4 import mxfp4_blocks
from realm_desktop.engine.quant.tensor import QTensor
from realm_desktop.formats.tensor_types import TensorType

# E2M1: one sign, two bits of exponent, one of mantissa.
_VALUES = torch.tensor([0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0])


def test_blocks_hold_the_values_of_codes_and_scales() -> None:
    generator = torch.Generator().manual_seed(0)
    codes = torch.randint(0, 256, (5, 3, 16), dtype=torch.uint8, generator=generator)
    scales = torch.randint(100, 140, (5, 3), dtype=torch.uint8, generator=generator)

    blocks = mxfp4_blocks(codes, scales)

    table = torch.cat((_VALUES, -_VALUES))
    values = torch.stack((table[(codes & 15).long()], table[(codes >> 4).long()]), -1)
    expected = torch.ldexp(values.flatten(-2), scales.int().unsqueeze(-1) - 127)
    stored = QTensor(blocks.flatten(), TensorType.MXFP4, (5, 96))
    assert torch.equal(stored.dequantize(), expected.flatten(1))
