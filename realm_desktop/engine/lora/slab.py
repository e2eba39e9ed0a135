"""The matrices of all loaded adapters side by side, and the term they add to a linear layer.

Masked rank concatenation: `y += ((x A_catᵀ) ⊙ mask) B_catᵀ`, where an adapter owns a range of the
ranks and the mask holds a row's adapter weight in the ranges it uses. Knows neither adapters nor
requests. Runs on the engine thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import Tensor

from realm_desktop.engine.batch import LoraPass
from realm_desktop.engine.lora.adapter_file import LoraPair

RANK_MULTIPLE = 16
"""Slabs have room for a multiple of this many ranks, and products take whole multiples: oneDNN sums
a product of a single column in another order than wider ones."""

Multiply = Callable[[Tensor, Tensor], Tensor]
"""`x Wᵀ` for x [T, in] and W [out, in]; the bits of a row must not follow from the other rows, nor
from columns of x that are 0 for it."""


class AdapterSlab:
    """A and B of every adapter for one target.

    Memory is taken when the first adapter changes this target. Invariant: a slab that has memory
    has room for every rank range in use.

    Args:
        out_features, in_features: Of the target.
        dtype, device: Of the network's computation.
    """

    def __init__(
        self, out_features: int, in_features: int, dtype: torch.dtype, device: torch.device
    ) -> None:
        self.out_features = out_features
        self.in_features = in_features
        # Ranks come first in both, so that a range of ranks is one piece of memory.
        self._a = torch.zeros(0, in_features, dtype=dtype, device=device)
        self._b = torch.zeros(0, out_features, dtype=dtype, device=device)

    @property
    def capacity(self) -> int:
        """Ranks that fit without taking memory."""
        return self._a.shape[0]

    @property
    def bytes_per_rank(self) -> int:
        """Memory of one rank."""
        return (self.in_features + self.out_features) * self._a.element_size()

    def reserve(self, capacity: int) -> None:
        """Make room for at least so many ranks; new ones are 0. Allocates and copies."""
        capacity = round_up(capacity)
        if capacity > self.capacity:
            self._a = _grown(self._a, capacity)
            self._b = _grown(self._b, capacity)

    def give_back(self) -> None:
        """Free the memory; no adapter may be loaded."""
        self._a = self._a.new_zeros(0, self.in_features)
        self._b = self._b.new_zeros(0, self.out_features)

    def write(self, first_rank: int, pair: LoraPair) -> None:
        """Place a pair from `first_rank` on."""
        last_rank = first_rank + pair.a.shape[0]
        self._a[first_rank:last_rank] = pair.a
        self._b[first_rank:last_rank] = pair.b.t()

    def clear(self, first_rank: int, last_rank: int) -> None:
        """Set a range to 0, as far as it has memory."""
        self._a[first_rank:last_rank] = 0
        self._b[first_rank:last_rank] = 0

    def term(self, x: Tensor, lora: LoraPass, multiply: Multiply) -> Tensor:
        """What the adapters of a pass add: [R, out] for `x` [R, in], its rows."""
        ranks = slice(lora.first_rank, lora.last_rank)
        reduced = multiply(x, self._a[ranks])
        # Not by the weights alone: 0 times an infinity of another row's adapter is NaN.
        own = (reduced * lora.weights).masked_fill_(lora.is_foreign, 0.0)
        return multiply(own, self._b[ranks].t())


class LinearAdapters:
    """The slabs of one linear layer, which may hold several targets on top of each other.

    Args:
        slabs: In the order of the layer's output columns.
        multiply: How the layer's device multiplies.
    """

    def __init__(self, slabs: Iterable[AdapterSlab], multiply: Multiply) -> None:
        self._slabs = tuple(slabs)
        self._multiply = multiply

    def add(self, x: Tensor, y: Tensor, passes: Iterable[LoraPass]) -> None:
        """Add the term of each pass to its rows.

        Rows of no pass keep their bits.

        Args:
            x: [T, in], the layer's input.
            y: [T, out], its output; changed in place.
            passes: Of the step; row ids below T.
        """
        for lora in passes:
            rows = x.index_select(0, lora.row_ids)
            first = 0
            for slab in self._slabs:
                own = y[:, first : first + slab.out_features]
                first += slab.out_features
                if slab.capacity:
                    own.index_add_(0, lora.row_ids, slab.term(rows, lora, self._multiply))


def round_up(num_ranks: int) -> int:
    """The next multiple of RANK_MULTIPLE."""
    return -(-num_ranks // RANK_MULTIPLE) * RANK_MULTIPLE


def _grown(matrix: Tensor, capacity: int) -> Tensor:
    grown = matrix.new_zeros(capacity, matrix.shape[1])
    grown[: matrix.shape[0]] = matrix
    return grown
