"""Random quantization blocks of every type, for whoever tests what computes with them."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

import torch
from torch import Tensor

from realm_desktop.engine.quant.tensor import QTensor
from realm_desktop.formats.tensor_types import TensorType

_SCALE_OFFSETS: Final = MappingProxyType(
    {
        TensorType.Q4_1: (0, 2),
        TensorType.Q5_1: (0, 2),
        TensorType.Q2_K: (80, 82),
        TensorType.Q3_K: (108,),
        TensorType.Q4_K: (0, 2),
        TensorType.Q5_K: (0, 2),
        TensorType.Q6_K: (208,),
        TensorType.TQ1_0: (52,),
        TensorType.TQ2_0: (64,),
        TensorType.NVFP4: (),
    }
)
"""Where the float16 scales of a quantization block lie, if not in front; IQ1_M, MXFP4 and NVFP4 have none.

Every other bit may be anything.
"""


def random_quantized(tensor_type: TensorType, shape: tuple[int, int], seed: int = 0) -> QTensor:
    """A matrix in which every bit of every quantization block is random, its scales sensible."""
    generator = torch.Generator().manual_seed(seed)
    num_blocks = shape[0] * shape[1] // tensor_type.block_size
    size = (num_blocks, tensor_type.type_size)
    blocks = torch.randint(0, 256, size, dtype=torch.uint8, generator=generator)
    set_scales(blocks, tensor_type, generator)
    return QTensor(blocks.flatten(), tensor_type, shape)


def set_scales(blocks: Tensor, tensor_type: TensorType, generator: torch.Generator) -> None:
    """Give quantization blocks [num_blocks, type_size] scales between -0.03 and 0.07."""
    num_blocks = len(blocks)
    if tensor_type is TensorType.MXFP4:
        blocks[:, 0] = torch.randint(115, 125, (num_blocks,), generator=generator)
        return
    if tensor_type is TensorType.Q8_K:
        scales = torch.rand(num_blocks, 1, generator=generator) * 0.1 - 0.03
        blocks[:, :4] = scales.view(torch.uint8)
        return
    for offset in _SCALE_OFFSETS.get(tensor_type, (0,)):
        scales = (torch.rand(num_blocks, generator=generator) * 0.1 - 0.03).half()
        if tensor_type is not TensorType.IQ1_M:
            blocks[:, offset : offset + 2] = scales.view(torch.uint8).view(-1, 2)
            continue
        # A quarter of the number lies in the upper half of every second byte of the last eight.
        for place in range(4):
            quarter = (scales.view(torch.int16) >> (4 * place)).to(torch.uint8) & 0x0F
            byte = blocks[:, 49 + 2 * place]
            byte.copy_((byte & 0x0F) | (quarter << 4))
