"""One row of a tensor directory, the same for every container."""

from __future__ import annotations

import math
from dataclasses import dataclass

from realm_desktop.formats.tensor_types import TensorType


@dataclass(frozen=True, slots=True)
class TensorEntry:
    """Where one tensor lies and how it is stored.

    Args:
        name: As written in the file.
        tensor_type: How values are stored.
        shape: Row-major, outermost first: a linear layer is (out, in). Empty for a scalar.
        offset: First byte, counted from the start of the file that holds the tensor.
        num_bytes: Bytes of the tensor, padding not counted.
    """

    name: str
    tensor_type: TensorType
    shape: tuple[int, ...]
    offset: int
    num_bytes: int

    @property
    def num_values(self) -> int:
        """Product of the shape."""
        return math.prod(self.shape)
