"""Tensor types that the CPU kernels can pack, and the grids that some of them take values from."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import Final

import torch
from gguf import quants
from torch import Tensor

from realm_desktop.formats.tensor_types import TensorType

# In the order of `Format` in cpu/sources.h.
_TYPES = (
    TensorType.Q4_0,
    TensorType.Q8_0,
    TensorType.Q4_K,
    TensorType.Q5_K,
    TensorType.Q6_K,
    TensorType.Q4_1,
    TensorType.Q5_0,
    TensorType.Q5_1,
    TensorType.Q2_K,
    TensorType.Q3_K,
    TensorType.IQ4_NL,
    TensorType.IQ4_XS,
    TensorType.MXFP4,
    TensorType.IQ1_S,
    TensorType.IQ1_M,
    TensorType.IQ2_XXS,
    TensorType.IQ2_XS,
    TensorType.IQ2_S,
    TensorType.IQ3_XXS,
    TensorType.IQ3_S,
    TensorType.TQ1_0,
    TensorType.TQ2_0,
    TensorType.NVFP4,
)

FORMATS: Final = MappingProxyType({kind: number for number, kind in enumerate(_TYPES)})
"""Tensor types that can be packed, with the library's numbers for them."""

_GRID_TYPES: Final = frozenset(kind for kind in _TYPES if kind.startswith(("IQ1", "IQ2", "IQ3")))


@cache
def grid_codes(tensor_type: TensorType) -> Tensor:
    """The grid of a type, each value as the number of its magnitude: uint8 [entries * width].

    The grids, found by ggml's authors by search, are taken from the gguf package. Empty for types
    without one.
    """
    if tensor_type not in _GRID_TYPES:
        return torch.empty(0, dtype=torch.uint8)
    table = getattr(quants, tensor_type.value)
    table.init_grid()
    values = torch.from_numpy(table.grid).flatten()
    magnitudes = torch.tensor(table.grid_map, dtype=torch.float32)
    return torch.bucketize(values, magnitudes).to(torch.uint8)
