"""The arrays of one step, as the network reads them.

Plain values: who plans a step and which block belongs to whom is decided elsewhere. Built and read
on the engine thread.
"""

from __future__ import annotations

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
    """

    first_row: int
    num_rows: int
    first_position: int
    block_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """One step of T rows, R of which need logits.

    Attributes:
        ids: [T] int64, token ids below the vocabulary size.
        positions: [T] int64.
        slots: [T] int64, `block_id * 64 + offset`: where the KV of each row goes.
        logit_rows: [R] int64, indices into the rows.
        segments: The rows by sequence, in order of `first_row`, without gaps.
    """

    ids: Tensor
    positions: Tensor
    slots: Tensor
    logit_rows: Tensor
    segments: tuple[Segment, ...]

    @property
    def num_rows(self) -> int:
        """T."""
        return self.ids.shape[0]
