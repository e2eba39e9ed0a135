"""Matrices that are put together from a file when their bytes are wanted, and not before.

Weights that an earlier load kept are taken as they are: what a file has of them is not even read, but
for a few that are compared. Runs on the engine thread.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Protocol

import torch
from torch import Tensor

from realm_desktop.engine.quant.tensor import QTensor
from realm_desktop.formats.tensor_types import TensorType


class FileMatrix(Protocol):
    """A matrix of a file; a `QTensor` has its bytes at hand, a `LazyMatrix` makes them."""

    @property
    def tensor_type(self) -> TensorType:
        """How its bytes are to be read."""

    @property
    def shape(self) -> tuple[int, ...]:
        """As of `QTensor`."""

    @property
    def num_values(self) -> int:
        """Product of the shape."""

    @property
    def data(self) -> Tensor:
        """Its bytes: uint8, contiguous; may alias the file."""

    def raw_rows(self) -> Tensor:
        """[rows, bytes of a row] uint8."""

    def dequantize(self, dtype: torch.dtype) -> Tensor:
        """Its values, a new tensor."""


@dataclass(frozen=True, slots=True, eq=False)
class LazyMatrix:
    """A matrix whose bytes are made each time they are asked for.

    Args:
        tensor_type: How they are to be read.
        shape: [out, in].
        read: Makes a matrix of this type and shape.
    """

    tensor_type: TensorType
    shape: tuple[int, int]
    read: Callable[[], QTensor]

    @property
    def num_values(self) -> int:
        """Product of the shape."""
        return prod(self.shape)

    @property
    def data(self) -> Tensor:
        """See `FileMatrix`; so is what follows."""
        return self.read().data

    def raw_rows(self) -> Tensor:
        """See `FileMatrix`."""
        return self.read().raw_rows()

    def dequantize(self, dtype: torch.dtype) -> Tensor:
        """See `FileMatrix`."""
        return self.read().dequantize(dtype)
