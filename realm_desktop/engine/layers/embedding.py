"""Token ids to vectors."""

from __future__ import annotations

import torch
from torch import Tensor

from realm_desktop.engine.kernels.packed_matrix import PackedMatrix
from realm_desktop.engine.weights.linear_weight import LinearWeight, RawMatrices


class Embedding:
    """A lookup table.

    Args:
        weight: [vocabulary_size, hidden_size], one matrix; quantized ones give up single rows too.
        dtype: Of the vectors; None takes that of a weight that is not packed.
    """

    def __init__(self, weight: LinearWeight, dtype: torch.dtype | None = None) -> None:
        self._weight = weight[0] if isinstance(weight, tuple) else weight
        self._dtype = dtype or torch.float32
        if isinstance(self._weight, RawMatrices):
            self.num_bytes = self._weight.matrices[0].num_bytes
        else:
            own = self._weight
            self.num_bytes = own.nbytes if isinstance(own, Tensor) else own.num_bytes

    @property
    def packed(self) -> PackedMatrix | None:
        """The table, if it is packed."""
        return self._weight if isinstance(self._weight, PackedMatrix) else None

    def __call__(self, ids: Tensor) -> Tensor:
        """[T, hidden_size] for `ids` [T] int64; a new tensor."""
        if isinstance(self._weight, Tensor):
            return self._weight.index_select(0, ids)
        if isinstance(self._weight, RawMatrices):
            (matrix,), products = self._weight.matrices, self._weight.products
            assert products is not None, "raw tables are those of a GPU"
            return products.take_rows(matrix, ids)
        return self._weight.take_rows(ids, self._dtype)
