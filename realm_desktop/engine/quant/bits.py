"""Taking fields of a few bits out of bytes, for every row of quantization blocks at once."""

from __future__ import annotations

import torch
from torch import Tensor


def float16_column(blocks: Tensor, start: int) -> Tensor:
    """The float16 in bytes `start` and `start + 1` of each block, as float32.

    Args:
        blocks: [num_blocks, type_size], uint8.
        start: First byte.

    Returns:
        [num_blocks, 1], float32.
    """
    return blocks[:, start : start + 2].contiguous().view(torch.float16).float()


def split_bits(packed: Tensor, width: int) -> Tensor:
    """The fields of `width` bits of every byte, lowest first, as a new dimension before the last.

    Args:
        packed: [..., n], uint8.
        width: 1, 2 or 4.

    Returns:
        [..., 8 / width, n], uint8: entry k of the new dimension holds bits k·width and up.
    """
    shifts = torch.arange(0, 8, width, dtype=torch.uint8, device=packed.device)
    return (packed.unsqueeze(-2) >> shifts.unsqueeze(-1)) & ((1 << width) - 1)


def unpack_bits(packed: Tensor) -> Tensor:
    """The bits of each byte in order, lowest first: [..., n] uint8 to [..., 8 n] uint8."""
    return split_bits(packed, 1).transpose(-1, -2).flatten(-2)
