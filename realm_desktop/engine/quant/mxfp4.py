"""MXFP4 as Hugging Face files have it, in the words of GGUF: 4-bit floats, 32 of them to a scale.

Both store the same values: codes of E2M1 and a power of two with a bias of 127 (OCP Microscaling
formats, version 1.0). They differ in where a byte's two codes stand, and in that Hugging Face keeps
the scales in a tensor of their own.
"""

from __future__ import annotations

import torch
from torch import Tensor

_HALF = 16


def mxfp4_blocks(codes: Tensor, scales: Tensor) -> Tensor:
    """Blocks of GGUF's MXFP4: [rows, blocks, 17] uint8, the scale first.

    Byte i of a block of Hugging Face holds values 2 i (low half) and 2 i + 1; of GGUF values i and
    16 + i.

    Args:
        codes: [rows, blocks, 16] uint8.
        scales: [rows, blocks] uint8.
    """
    values = torch.stack((codes & 15, codes >> 4), -1).flatten(-2)
    packed = values[..., :_HALF] | (values[..., _HALF:] << 4)
    return torch.cat((scales.unsqueeze(-1), packed), -1)
