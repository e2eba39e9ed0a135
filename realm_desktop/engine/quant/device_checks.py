"""Tests of products with quantization blocks on a device, for the self-test before its first load.

Each way to multiply, kernels of the device and torch, against float64 on the CPU, type by type.
"""

from __future__ import annotations

from functools import partial
from typing import Final

import torch
from torch import Tensor

from realm_desktop.engine.quant.dequantize import SUPPORTED_TYPES
from realm_desktop.engine.quant.device_kernels import KERNEL_NAMES, WhyNot, find_kernels
from realm_desktop.engine.quant.device_products import BlockProducts
from realm_desktop.engine.quant.sample_blocks import random_quantized
from realm_desktop.engine.self_test import CannotRun, Check, relative_error
from realm_desktop.formats.tensor_types import TensorType

_OUTPUTS: Final = 67  # not a multiple of any tile
_INPUTS: Final = 1024  # several blocks, in more than one part
_FEW_ROWS: Final = (1, 3, 16, 17)
_MANY_ROWS: Final = 70


def checks() -> list[Check]:
    """One for each kind of kernels and type, and for torch in their place."""
    types = sorted(kind for kind in SUPPORTED_TYPES if kind.is_quantized)
    names = (*KERNEL_NAMES, "torch")
    return [
        Check(f"{name} {kind}", "", partial(_error, name, kind)) for name in names for kind in types
    ]


def _error(name: str, tensor_type: TensorType, device: torch.device) -> float:
    """The largest error of products of few and many rows, and of single rows."""
    products = BlockProducts(device, torch.bfloat16, _only(name))
    kernels = find_kernels(device, torch.bfloat16)
    if name != "torch" and (kernels is None or kernels.name != name):
        raise CannotRun(f"{device.type} has no {name} kernels here")
    if name != "torch" and kernels is not None and tensor_type not in kernels.types:
        raise CannotRun(f"{name} leaves {tensor_type} to torch")
    host = random_quantized(tensor_type, (_OUTPUTS, _INPUTS))
    matrix, values = host.to(device), host.dequantize().double()
    products.add(matrix)
    errors = [
        relative_error(products.multiply(x.to(device), (matrix,), None), x.double() @ values.T)
        for x in map(_rows, (*_FEW_ROWS, _MANY_ROWS))
    ]
    ids = torch.arange(_OUTPUTS - 1, 0, -7)
    taken = products.take_rows(matrix, ids.to(device))
    return max(*errors, relative_error(taken, values[ids]))


def _rows(num_rows: int) -> Tensor:
    generator = torch.Generator().manual_seed(num_rows)
    return torch.randn(num_rows, _INPUTS, generator=generator).bfloat16()


def _only(name: str) -> WhyNot:
    """Leaves no other way than this one."""
    return lambda other: None if other.startswith(f"{name} ") else "it is not asked for"
