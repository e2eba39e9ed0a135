"""Products with matrices that stay in their quantization blocks, on an accelerator.

Few rows are multiplied by a kernel that dequantizes as it goes: it reads an eighth to a half of what
the values would take. For many rows the values are written once into memory that all layers share, and
the library of the device multiplies. Runs on the engine thread.

A row has the same bits in every product of up to `max_rows` of the kernels; beyond that the library
chooses the order of sums, as for matrices that are not quantized.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from realm_desktop.engine.quant.dequantize import SUPPORTED_TYPES, dequantize_into
from realm_desktop.engine.quant.device_kernels import BlockKernels, WhyNot, find_kernels
from realm_desktop.engine.quant.tensor import QTensor
from realm_desktop.formats.tensor_types import TensorType

_MAX_SHARED_VALUES: Final = 1 << 26
"""128 MiB in bfloat16: a larger matrix is multiplied in pieces of rows. The output matrix of a
vocabulary of 128,256 would take 1 GiB."""

_CHUNK_VALUES: Final = 1 << 22
"""Values that torch dequantizes at a time; each takes about 24 bytes on the way."""


class BlockProducts:
    """What a network on one device multiplies with.

    Args:
        device: Where the matrices lie.
        dtype: Of rows and results.
        why_not: Says what failed its test; asked for "triton Q4_K", and so on.
        kernels: Those of the device; found if not given.
    """

    def __init__(
        self,
        device: torch.device,
        dtype: torch.dtype,
        why_not: WhyNot = lambda _name: None,
        kernels: BlockKernels | None = None,
    ) -> None:
        self.device = device
        self.dtype = dtype
        self._why_not = why_not
        self._kernels = kernels or find_kernels(device, dtype)
        self._num_values = 0
        self._shared = torch.empty(0, dtype=dtype, device=device)

    @property
    def num_bytes(self) -> int:
        """Of the memory that the layers share, taken at the first product of many rows."""
        return self._num_values * self.dtype.itemsize

    def takes(self, tensor_type: TensorType) -> bool:
        """Whether matrices of a type may stay in their blocks here."""
        if not tensor_type.is_quantized or tensor_type not in SUPPORTED_TYPES:
            return False
        if self._kernels_for(tensor_type) is not None:
            return True
        return not self._why_not(f"torch {tensor_type}")

    def add(self, matrix: QTensor) -> None:
        """Tell of a matrix that will be multiplied with, so that there is memory for its values."""
        rows = min(matrix.shape[0], max(1, _MAX_SHARED_VALUES // matrix.shape[1]))
        self._num_values = max(self._num_values, rows * matrix.shape[1])

    def multiply(self, x: Tensor, matrices: Sequence[QTensor], bias: Tensor | None) -> Tensor:
        """[T, sum of out] = `x Wᵀ + b`.

        Args:
            x: [T, in] of the dtype, T at least 1.
            matrices: On top of each other, of types that are taken; told of by `add`.
            bias: [sum of out] or None.
        """
        y = x.new_empty(x.shape[0], sum(matrix.shape[0] for matrix in matrices))
        x = x if x.stride(1) == 1 else x.contiguous()
        first = 0
        for matrix in matrices:
            last = first + matrix.shape[0]
            own = None if bias is None else bias[first:last]
            self._multiply(x, matrix, own, y[:, first:last])
            first = last
        return y

    def take_rows(self, matrix: QTensor, row_ids: Tensor) -> Tensor:
        """[T, in]: the values of single rows, for `row_ids` [T] int64."""
        values = torch.empty(len(row_ids), matrix.shape[1], dtype=self.dtype, device=row_ids.device)
        if kernels := self._kernels_for(matrix.tensor_type):
            kernels.write(matrix, values, row_ids)
        else:
            rows = matrix.raw_rows().index_select(0, row_ids)
            dequantize_into(rows, matrix.tensor_type, values, rows_per_chunk=_chunk_rows(matrix))
        return values

    def _multiply(self, x: Tensor, matrix: QTensor, bias: Tensor | None, y: Tensor) -> None:
        kernels = self._kernels_for(matrix.tensor_type)
        if kernels is not None and x.shape[0] <= kernels.max_rows:
            kernels.multiply(x, matrix, bias, y)
            return
        step = max(1, self._num_values // matrix.shape[1])
        for start in range(0, matrix.shape[0], step):
            piece = matrix.rows(start, min(start + step, matrix.shape[0]))
            rows = slice(start, start + step)
            own = None if bias is None else bias[rows]
            y[:, rows] = functional.linear(x, self._values(piece), own)

    def _values(self, matrix: QTensor) -> Tensor:
        """[rows, in], valid until the next call."""
        num_rows, num_columns = matrix.shape
        if self._shared.numel() < self._num_values:
            with torch.inference_mode(False):  # so that it may be written outside of it too
                self._shared = torch.empty(self._num_values, dtype=self.dtype, device=self.device)
        values = self._shared[: num_rows * num_columns].view(num_rows, num_columns)
        if kernels := self._kernels_for(matrix.tensor_type):
            kernels.write(matrix, values)
        else:
            chunk = _chunk_rows(matrix)
            dequantize_into(matrix.raw_rows(), matrix.tensor_type, values, rows_per_chunk=chunk)
        return values

    def _kernels_for(self, tensor_type: TensorType) -> BlockKernels | None:
        kernels = self._kernels
        if kernels is None or tensor_type not in kernels.types:
            return None
        return None if self._why_not(f"{kernels.name} {tensor_type}") else kernels


def _chunk_rows(matrix: QTensor) -> int:
    return max(1, _CHUNK_VALUES // matrix.shape[1])
