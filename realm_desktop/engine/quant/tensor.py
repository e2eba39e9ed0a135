"""A weight as it lies in the file: raw bytes, tensor type and shape."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass

import torch
from torch import Tensor

from realm_desktop.engine.quant.dequantize import DEFAULT_ROWS_PER_CHUNK, dequantize_rows
from realm_desktop.formats.tensor_types import TensorType

# torch reads values of up to eight bytes; a mapped safetensors tensor may start anywhere.
_ALIGNMENT_BYTES = 8


@dataclass(frozen=True, slots=True, eq=False)
class QTensor:
    """A tensor that was not dequantized; plain types included.

    `data` may alias a read-only mapping of the file: writing to it ends the process. Everything
    this class computes is in fresh memory.

    Args:
        data: [num_bytes], uint8, contiguous, any device.
        tensor_type: How the bytes are to be read.
        shape: Row-major; the innermost dimension is a multiple of the quantization block.

    Raises:
        ValueError: Number of bytes and shape contradict each other.
    """

    data: Tensor
    tensor_type: TensorType
    shape: tuple[int, ...]

    def __post_init__(self) -> None:
        needed = self.tensor_type.num_bytes(math.prod(self.shape))
        row = self.shape[-1] if self.shape else 1
        if self.data.numel() != needed or row % self.tensor_type.block_size:
            raise ValueError(
                f"{self.data.numel()} bytes for {self.tensor_type} {self.shape}: {needed} expected"
            )

    @staticmethod
    def from_bytes(view: memoryview, tensor_type: TensorType, shape: tuple[int, ...]) -> QTensor:
        """A tensor over bytes of a file, without a copy unless they lie at an odd address."""
        if not view.nbytes:
            return QTensor(torch.empty(0, dtype=torch.uint8), tensor_type, shape)
        with warnings.catch_warnings():
            # torch has no read-only tensors and warns of it; nothing here writes to `data`.
            warnings.filterwarnings("ignore", message="The given buffer is not writable")
            data = torch.frombuffer(view, dtype=torch.uint8)
        if data.data_ptr() % _ALIGNMENT_BYTES:
            data = data.clone()
        return QTensor(data, tensor_type, shape)

    @property
    def num_values(self) -> int:
        """Product of the shape."""
        return math.prod(self.shape)

    @property
    def num_bytes(self) -> int:
        """Bytes of `data`."""
        return self.data.numel()

    def raw_rows(self) -> Tensor:
        """A view of `data` with one row per innermost row: [num_rows, bytes per row], uint8."""
        row_values = self.shape[-1] if self.shape else 1
        row_bytes = self.tensor_type.num_bytes(row_values)
        return self.data.view(self.num_values // max(1, row_values), row_bytes)

    def rows(self, start: int, stop: int) -> QTensor:
        """Rows `start` to `stop` of a matrix, as a view.

        Raises:
            ValueError: The tensor has not two dimensions, or the rows do not exist.
        """
        if len(self.shape) != 2 or not 0 <= start <= stop <= self.shape[0]:
            raise ValueError(f"rows {start} to {stop} of a tensor of shape {self.shape}")
        data = self.raw_rows()[start:stop].reshape(-1)
        return QTensor(data, self.tensor_type, (stop - start, self.shape[1]))

    def dequantize(
        self, dtype: torch.dtype = torch.float32, *, rows_per_chunk: int = DEFAULT_ROWS_PER_CHUNK
    ) -> Tensor:
        """All values in fresh memory, of shape `shape`.

        Args:
            dtype: Type of the result; values are computed in float32 and then rounded.
            rows_per_chunk: Rows dequantized at a time; bounds the extra memory.

        Raises:
            UnsupportedTensorType: The type cannot be computed with.
        """
        values = dequantize_rows(
            self.raw_rows(), self.tensor_type, dtype, rows_per_chunk=rows_per_chunk
        )
        return values.view(self.shape)

    def to(self, device: torch.device | str) -> QTensor:
        """The same tensor on a device; itself if it is already there."""
        data = self.data.to(device)
        return self if data is self.data else QTensor(data, self.tensor_type, self.shape)
