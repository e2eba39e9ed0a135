"""Dequantization of plain types: floats and integers, one value per quantization block.

All functions take raw values, [num_values, bytes per value] uint8, and answer float32
[num_values, 1]. F64 and 64-bit integers are rounded to the nearest float32.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType

import torch
from torch import Tensor

from realm_desktop.formats.tensor_types import TensorType

TORCH_DTYPES = MappingProxyType(
    {
        TensorType.F64: torch.float64,
        TensorType.F32: torch.float32,
        TensorType.F16: torch.float16,
        TensorType.BF16: torch.bfloat16,
        TensorType.F8_E4M3: torch.float8_e4m3fn,
        TensorType.F8_E5M2: torch.float8_e5m2,
        TensorType.I64: torch.int64,
        TensorType.I32: torch.int32,
        TensorType.I16: torch.int16,
        TensorType.I8: torch.int8,
        TensorType.U8: torch.uint8,
        TensorType.BOOL: torch.bool,
    }
)


def plain_dequantizer(tensor_type: TensorType) -> Callable[[Tensor], Tensor]:
    """The function that reads raw bytes of a plain type as float32."""
    dtype = TORCH_DTYPES[tensor_type]

    def dequantize_plain(blocks: Tensor) -> Tensor:
        return blocks.contiguous().view(dtype).float()

    return dequantize_plain
