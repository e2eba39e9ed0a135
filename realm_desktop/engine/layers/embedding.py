"""Token ids to vectors."""

from __future__ import annotations

from torch import Tensor


class Embedding:
    """A lookup table.

    Args:
        weight: [vocabulary_size, hidden_size].
    """

    def __init__(self, weight: Tensor) -> None:
        self._weight = weight
        self.num_bytes = weight.nbytes

    def __call__(self, ids: Tensor) -> Tensor:
        """[T, hidden_size] for `ids` [T] int64; a new tensor."""
        return self._weight.index_select(0, ids)
