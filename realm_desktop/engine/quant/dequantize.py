"""Turns blocks of any supported tensor type into float32: one function per type, chosen here."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Final

import torch
from torch import Tensor

from realm_desktop.engine.quant import grid_quants, i_quants, k_quants, legacy
from realm_desktop.engine.quant.float_types import TORCH_DTYPES, plain_dequantizer
from realm_desktop.errors import UnsupportedTensorType
from realm_desktop.formats.corruption import quote
from realm_desktop.formats.tensor_types import TensorType

DEFAULT_ROWS_PER_CHUNK: Final = 256

_DEQUANTIZERS = MappingProxyType(
    {
        **{tensor_type: plain_dequantizer(tensor_type) for tensor_type in TORCH_DTYPES},
        TensorType.Q4_0: legacy.dequantize_q4_0,
        TensorType.Q4_1: legacy.dequantize_q4_1,
        TensorType.Q5_0: legacy.dequantize_q5_0,
        TensorType.Q5_1: legacy.dequantize_q5_1,
        TensorType.Q8_0: legacy.dequantize_q8_0,
        TensorType.Q2_K: k_quants.dequantize_q2_k,
        TensorType.Q3_K: k_quants.dequantize_q3_k,
        TensorType.Q4_K: k_quants.dequantize_q4_k,
        TensorType.Q5_K: k_quants.dequantize_q5_k,
        TensorType.Q6_K: k_quants.dequantize_q6_k,
        TensorType.Q8_K: k_quants.dequantize_q8_k,
        TensorType.IQ4_NL: i_quants.dequantize_iq4_nl,
        TensorType.IQ4_XS: i_quants.dequantize_iq4_xs,
        TensorType.TQ1_0: i_quants.dequantize_tq1_0,
        TensorType.TQ2_0: i_quants.dequantize_tq2_0,
        TensorType.MXFP4: i_quants.dequantize_mxfp4,
        TensorType.NVFP4: i_quants.dequantize_nvfp4,
        TensorType.IQ1_S: grid_quants.dequantize_iq1_s,
        TensorType.IQ1_M: grid_quants.dequantize_iq1_m,
        TensorType.IQ2_XXS: grid_quants.dequantize_iq2_xxs,
        TensorType.IQ2_XS: grid_quants.dequantize_iq2_xs,
        TensorType.IQ2_S: grid_quants.dequantize_iq2_s,
        TensorType.IQ3_XXS: grid_quants.dequantize_iq3_xxs,
        TensorType.IQ3_S: grid_quants.dequantize_iq3_s,
    }
)

SUPPORTED_TYPES: Final = frozenset(_DEQUANTIZERS)


def check_supported(tensor_type: TensorType, name: str) -> None:
    """Refuses a type that cannot be computed with.

    Args:
        tensor_type: Type of the tensor.
        name: The tensor, for the sentence.

    Raises:
        UnsupportedTensorType: Names the tensor, its type and the types supported.
    """
    if tensor_type not in SUPPORTED_TYPES:
        supported = ", ".join(sorted(SUPPORTED_TYPES))
        raise UnsupportedTensorType(
            f"Tensor {quote(name)} has type {tensor_type}; supported are {supported}.",
            advice="Choose a file in another quantization, for example Q4_K_M or Q8_0.",
            field=quote(name),
        )


def dequantize_rows(
    rows: Tensor,
    tensor_type: TensorType,
    dtype: torch.dtype = torch.float32,
    *,
    rows_per_chunk: int = DEFAULT_ROWS_PER_CHUNK,
) -> Tensor:
    """The values of raw rows, in fresh memory.

    Beside the result it needs about 24 bytes per value of one chunk.

    Args:
        rows: [num_rows, bytes per row], uint8, any device; bytes per row is a multiple of the
            type's size.
        tensor_type: How the rows are stored.
        dtype: Type of the result; values are computed in float32 and then rounded.
        rows_per_chunk: Rows dequantized at a time, 1 or more.

    Returns:
        [num_rows, values per row] of `dtype`, on the device of `rows`.

    Raises:
        UnsupportedTensorType: No function for this type.
    """
    values_per_row = rows.shape[1] // tensor_type.type_size * tensor_type.block_size
    result = torch.empty(rows.shape[0], values_per_row, dtype=dtype, device=rows.device)
    dequantize_into(rows, tensor_type, result, rows_per_chunk=rows_per_chunk)
    return result


def dequantize_into(
    rows: Tensor,
    tensor_type: TensorType,
    target: Tensor,
    *,
    rows_per_chunk: int = DEFAULT_ROWS_PER_CHUNK,
) -> None:
    """Write the values of raw rows over `target` [num_rows, values per row], on the same device.

    See `dequantize_rows`, whose result has the dtype of `target`.
    """
    check_supported(tensor_type, "(unnamed)")
    dequantizer: Callable[[Tensor], Tensor] = _DEQUANTIZERS[tensor_type]
    for start in range(0, rows.shape[0], rows_per_chunk):
        chunk = rows[start : start + rows_per_chunk]
        values = dequantizer(chunk.reshape(-1, tensor_type.type_size))
        target[start : start + rows_per_chunk] = values.view(chunk.shape[0], target.shape[1])
