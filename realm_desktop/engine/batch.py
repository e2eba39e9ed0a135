"""The arrays of one step, as the network reads them.

Plain values: who plans a step and which block belongs to whom is decided elsewhere. Built and read
on the engine thread.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from torch import Tensor


class Segment(NamedTuple):
    """The rows of one sequence in a step: consecutive rows at consecutive positions.

    Attributes:
        first_row: Index of its first row in the batch.
        num_rows: How many rows it has, at least 1.
        first_position: Position of its first row in the sequence; KV of all positions before it is
            in the cache.
        block_ids: Blocks of the sequence in order of position; they cover
            `first_position + num_rows` positions.
        window_block_ids: The same of the window kind, NO_BLOCK before what the rows see; empty if
            there is one kind of blocks.
    """

    first_row: int
    num_rows: int
    first_position: int
    block_ids: tuple[int, ...]
    window_block_ids: tuple[int, ...] = ()

    def blocks_of(self, window: int | None) -> tuple[int, ...]:
        """The blocks of layers with this window, in order of position."""
        return self.block_ids if window is None else self.window_block_ids or self.block_ids


class LoraPass(NamedTuple):
    """Rows that get an adapter's term in one product; at most one adapter per row.

    Attributes:
        row_ids: [R] int64, ascending row indices of the step.
        weights: [R, last_rank - first_rank] in the compute dtype: the adapter weight in the ranks
            of the row's own adapter, 0 elsewhere.
        is_foreign: The same shape, bool: ranks that are not the row's own.
        first_rank, last_rank: The hull of the rank ranges in use, `last_rank` not included.
    """

    row_ids: Tensor
    weights: Tensor
    is_foreign: Tensor
    first_rank: int
    last_rank: int


Lookup = Callable[[Tensor], Tensor]
"""How a matrix of the vocabulary is read: [T] ids to [T, hidden], or [T, hidden] to [T, vocabulary]."""


class SavedPass(NamedTuple):
    """Rows whose adapter brings its own matrix of the vocabulary; at most one adapter per row.

    Attributes:
        lookup: Reads the matrix; a row's bits do not follow from the other rows.
        row_ids: [R] int64, ascending within a sequence.
        weights: [R, 1] float64, the adapter weight.
    """

    lookup: Lookup
    row_ids: Tensor
    weights: Tensor


@dataclass(frozen=True, slots=True)
class Batch:
    """One step of T rows, R of which need logits.

    Attributes:
        ids: [T] int64, token ids below the vocabulary size.
        positions: [T] int64.
        slots: [T] int64, `block_id * 64 + offset`: where the KV of each row goes.
        window_slots: The same for layers with a sliding window; None if there is one kind of blocks.
        logit_rows: [R] int64, indices into the rows.
        segments: The rows by sequence, in order of `first_row`, without gaps.
        lora: What adapters add, in order; empty when no row uses one.
        saved_embeddings: Embeddings that adapters bring along; row ids are those of the step.
        saved_heads: The same of output matrices; row ids are indices into `logit_rows`.
    """

    ids: Tensor
    positions: Tensor
    slots: Tensor
    logit_rows: Tensor
    segments: tuple[Segment, ...]
    lora: tuple[LoraPass, ...] = ()
    window_slots: Tensor | None = None
    saved_embeddings: tuple[SavedPass, ...] = ()
    saved_heads: tuple[SavedPass, ...] = ()

    @property
    def num_rows(self) -> int:
        """T."""
        return self.ids.shape[0]

    def slots_of(self, window: int | None) -> Tensor:
        """Where the KV of each row goes in layers with this window."""
        return self.slots if window is None or self.window_slots is None else self.window_slots
