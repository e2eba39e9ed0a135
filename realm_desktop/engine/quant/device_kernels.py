"""Kernels of a device that compute with quantization blocks, as products ask for them.

One entry for each kind of kernel, in the order in which they are tried; each may decline. What none of
them has is left to torch, see `device_products`. Runs on the engine thread.
"""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Callable
from functools import cache, cached_property
from typing import Any, Final, Protocol

import torch
from torch import Tensor

from realm_desktop.engine.kernels.gpu import metal_products
from realm_desktop.engine.quant.grid_quants import grid_of
from realm_desktop.engine.quant.i_quants import E2M1_LEVELS, IQ4_LEVELS
from realm_desktop.engine.quant.tensor import QTensor
from realm_desktop.formats.tensor_types import TensorType

logger = logging.getLogger(__name__)

KERNEL_NAMES: Final = ("triton", "metal")
"""Of all kinds of kernels, in the order in which they are tried."""

WhyNot = Callable[[str], str | None]
"""Why something that was tested may not be used, a clause; None if it may."""


class BlockKernels(Protocol):
    """What computes with matrices [out, in] in quantization blocks, all on one device.

    Attributes:
        name: For logs and tests.
        max_rows: Most rows of a product.
        types: Tensor types that it has.
    """

    name: str
    max_rows: int
    types: frozenset[TensorType]

    def multiply(self, x: Tensor, matrix: QTensor, bias: Tensor | None, y: Tensor) -> None:
        """`y = x Wᵀ + b` for up to `max_rows` rows; the bits of a row do not follow from the others.

        Args:
            x: [T, in], its columns side by side.
            matrix: Of one of `types`.
            bias: [out] or None.
            y: [T, out] of the dtype of `x`, its columns side by side; overwritten.
        """

    def write(self, matrix: QTensor, target: Tensor, row_ids: Tensor | None = None) -> None:
        """Dequantize into `target` [T, in], which has no gaps: all rows, or `row_ids` [T] int64."""


class TritonKernels:
    """Triton's, for CUDA, ROCm and XPU.

    Raises:
        ImportError: Triton is not installed, or cannot be loaded.
    """

    def __init__(self) -> None:
        # Not at the top: torch for CUDA brings Triton on Linux alone.
        from realm_desktop.engine.kernels.gpu import triton_products

        self.name = "triton"
        self._products = triton_products
        self.max_rows = triton_products.MAX_ROWS
        self.types = triton_products.TRITON_TYPES

    def multiply(self, x: Tensor, matrix: QTensor, bias: Tensor | None, y: Tensor) -> None:
        """See `BlockKernels.multiply`."""
        table = table_of(matrix.tensor_type, x.device)
        self._products.multiply_few(x, matrix.raw_rows(), matrix.tensor_type, table, bias, y)

    def write(self, matrix: QTensor, target: Tensor, row_ids: Tensor | None = None) -> None:
        """See `BlockKernels.write`."""
        table = table_of(matrix.tensor_type, target.device)
        rows = matrix.raw_rows()
        self._products.write_values(rows, matrix.tensor_type, table, target, row_ids)


class MetalKernels:
    """A shader for Apple's GPUs.

    Args:
        dtype: Of rows and results, one of METAL_DTYPES.
    """

    def __init__(self, dtype: torch.dtype) -> None:
        self.name = "metal"
        self.max_rows = metal_products.MAX_ROWS
        self.types = metal_products.METAL_TYPES
        self._dtype = dtype

    @cached_property
    def _shader(self) -> Any:
        # At the first product: whoever only asks for the name compiles nothing.
        return _compile_shader(metal_products.source_for(self._dtype))

    def multiply(self, x: Tensor, matrix: QTensor, bias: Tensor | None, y: Tensor) -> None:
        """See `BlockKernels.multiply`."""
        rows = matrix.raw_rows()
        metal_products.multiply_few(self._shader, x, rows, matrix.tensor_type, bias, y)

    def write(self, matrix: QTensor, target: Tensor, row_ids: Tensor | None = None) -> None:
        """See `BlockKernels.write`."""
        rows = matrix.raw_rows()
        metal_products.write_values(self._shader, rows, matrix.tensor_type, target, row_ids)


@cache
def table_of(tensor_type: TensorType, device: torch.device) -> Tensor:
    """What a type looks values up in, flat, as signed bytes; one zero for a type that does not."""
    with torch.inference_mode(False):  # whoever asks first, a tensor for all
        if tensor_type in (TensorType.IQ4_NL, TensorType.IQ4_XS):
            return torch.tensor(IQ4_LEVELS, dtype=torch.int8, device=device)
        if tensor_type is TensorType.MXFP4:
            return torch.tensor(E2M1_LEVELS, dtype=torch.int8, device=device)
        if not tensor_type.name.startswith("IQ"):
            return torch.zeros(1, dtype=torch.int8, device=device)
        grid = grid_of(tensor_type.name, torch.device("cpu"))
        return grid.flatten().to(device, torch.int8)


def find_kernels(device: torch.device, dtype: torch.dtype) -> BlockKernels | None:
    """What computes with blocks on a device for rows of a dtype; None leaves all to torch."""
    if device.type in ("cuda", "xpu") and dtype != torch.float64 and _has_triton():
        try:
            return TritonKernels()
        except ImportError as error:  # installed, but not for this system
            logger.warning("Triton cannot be loaded, torch unpacks quantized weights: %s", error)
    if device.type == "mps" and dtype in metal_products.METAL_DTYPES:
        return MetalKernels(dtype)
    return None


def _compile_shader(source: str) -> Any:
    return torch.mps.compile_shader(source)


def _has_triton() -> bool:
    return importlib.util.find_spec("triton") is not None
