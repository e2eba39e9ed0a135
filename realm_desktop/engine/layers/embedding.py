"""Token ids to vectors."""

from __future__ import annotations

import torch
from torch import Tensor

from realm_desktop.engine.kernels.packed_matrix import PackedMatrix


class Embedding:
    """A lookup table.

    Args:
        weight: [vocabulary_size, hidden_size]; a packed one gives up single rows too.
        dtype: Of the vectors; None takes that of a weight that is not packed.
    """

    def __init__(self, weight: Tensor | PackedMatrix, dtype: torch.dtype | None = None) -> None:
        self._weight = weight
        self._dtype = dtype or torch.float32
        self.num_bytes = weight.nbytes if isinstance(weight, Tensor) else weight.num_bytes

    @property
    def packed(self) -> PackedMatrix | None:
        """The table, if it is packed."""
        return None if isinstance(self._weight, Tensor) else self._weight

    def __call__(self, ids: Tensor) -> Tensor:
        """[T, hidden_size] for `ids` [T] int64; a new tensor."""
        if isinstance(self._weight, Tensor):
            return self._weight.index_select(0, ids)
        return self._weight.take_rows(ids, self._dtype)
