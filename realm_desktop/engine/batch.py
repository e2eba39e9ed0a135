"""The arrays of one step, as the network reads them.

Plain values: who plans a step and which block belongs to whom is decided elsewhere. Built and read
on the engine thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from realm_desktop.kv_blocks import BLOCK_SIZE, blocks_for


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
        is_long: Whether all its keys have the angles that longrope gives long sequences.
    """

    first_row: int
    num_rows: int
    first_position: int
    block_ids: tuple[int, ...]
    window_block_ids: tuple[int, ...] = ()
    is_long: bool = False

    def blocks_of(self, window: int | None) -> tuple[int, ...]:
        """The blocks of layers with this window, in order of position."""
        return self.block_ids if window is None else self.window_block_ids or self.block_ids


class BatchPart(NamedTuple):
    """The rows of one sequence in a batch.

    Attributes:
        token_ids: Ids of the rows, at least one.
        first_position: Position of the first of them.
        block_table: Blocks of the sequence; they cover all rows.
        num_logit_rows: How many rows at the end need logits.
        window_table: Blocks of the window kind; empty if `block_table` serves all layers.
        is_long: See `Segment.is_long`.
    """

    token_ids: Sequence[int]
    first_position: int
    block_table: Sequence[int]
    num_logit_rows: int
    window_table: Sequence[int] = ()
    is_long: bool = False


TILE_ROWS = 4
"""Rows of one adapter that are multiplied together; the rest of a tile is padding."""


class LoraRun(NamedTuple):
    """Tiles whose rank ranges lie at equal distances: one view of a slab serves them all.

    Attributes:
        first_tile, num_tiles: Which tiles of the pass.
        first_rank: Where the range of the first tile begins.
        rank_step: From the range of one tile to that of the next; 0 for tiles of one adapter.
    """

    first_tile: int
    num_tiles: int
    first_rank: int
    rank_step: int


class TiledPass(NamedTuple):
    """Rows that get the term of one adapter each; all adapters have the same rank here.

    Attributes:
        tile_row_ids: [tiles · 4] int64, the row index of the step that stands at each place; a tile
            holds rows of one adapter, and repeats one of them where it has fewer than 4.
        weights: [tiles, 4, 1] in the compute dtype, the adapter weights; None if all are 1.
        row_ids: [R] int64, ascending row indices of the step.
        places: [R] int64, where each of these rows stands in the tiles.
        num_leading_rows: R if the rows are the first R of the step, else 0.
        is_in_order: Whether they also stand in this order in the tiles, as those of one adapter do.
        rank: Of the rank ranges.
        runs: The tiles in order.
    """

    tile_row_ids: Tensor
    weights: Tensor | None
    row_ids: Tensor
    places: Tensor
    num_leading_rows: int
    is_in_order: bool
    rank: int
    runs: tuple[LoraRun, ...]


class PackedPass(NamedTuple):
    """All rows of a step that use adapters, as the compiled kernels take them; on the CPU.

    A *place* is one row in one use; a row with several adapters has as many.

    Attributes:
        uses: [uses, 5] int64, in the order in which they are added: first rank and number of ranks,
            first place and number of places, first value of the intermediate result.
        row_ids: [places] int64, row indices of the step.
        weights: [places] float32, the adapter weights.
        num_values: Of the intermediate result: the ranks of all places.
    """

    uses: Tensor
    row_ids: Tensor
    weights: Tensor
    num_values: int


class MaskedPass(NamedTuple):
    """All rows of a step, those without adapters included, over all ranks up to the last one in use.

    Attributes:
        mask: [T, ranks] in the compute dtype: the adapter weight in the ranks of a row's own adapters,
            0 elsewhere.
    """

    mask: Tensor


LoraPass = TiledPass | PackedPass | MaskedPass
"""What adapters add to a step, or a part of it; all of a step are of one kind."""


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
        table_rows: [T] int64, rows of the tables of rotations; None where those are the positions.
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
    table_rows: Tensor | None = None
    saved_embeddings: tuple[SavedPass, ...] = ()
    saved_heads: tuple[SavedPass, ...] = ()

    @property
    def num_rows(self) -> int:
        """T."""
        return self.ids.shape[0]

    def slots_of(self, window: int | None) -> Tensor:
        """Where the KV of each row goes in layers with this window."""
        return self.slots if window is None or self.window_slots is None else self.window_slots


class RowTable(NamedTuple):
    """The rows of a step on the host.

    Attributes:
        columns: [columns, T] int64: ids, positions, slots and, with two kinds of blocks, those of the
            window kind.
        logit_rows: Indices of rows that need logits.
        segments: As `Batch` has them.
    """

    columns: NDArray[np.int64]
    logit_rows: list[int]
    segments: tuple[Segment, ...]

    def batch(self, columns: Tensor, logit_rows: Tensor) -> Batch:
        """The batch whose rows lie in `columns`, of the shape of the table's, on a device."""
        return Batch(
            ids=columns[0],
            positions=columns[1],
            slots=columns[2],
            window_slots=columns[3] if len(columns) > 3 else None,
            logit_rows=logit_rows,
            segments=self.segments,
        )


def lay_out(parts: Iterable[BatchPart]) -> RowTable:
    """The rows of one forward pass, in the order of its parts."""
    ids: list[int] = []
    positions: list[int] = []
    slots: list[int] = []
    window_slots: list[int] = []
    logit_rows: list[int] = []
    segments: list[Segment] = []
    for part in parts:
        first, end = part.first_position, part.first_position + len(part.token_ids)
        block_ids = tuple(part.block_table[: blocks_for(end)])
        window_block_ids = tuple(part.window_table[: blocks_for(end)])
        segments.append(
            Segment(len(ids), end - first, first, block_ids, window_block_ids, part.is_long)
        )
        ids.extend(part.token_ids)
        positions.extend(range(first, end))
        slots.extend(_slots(block_ids, first, end))
        if window_block_ids:
            window_slots.extend(_slots(window_block_ids, first, end))
        logit_rows.extend(range(len(ids) - part.num_logit_rows, len(ids)))
    integers = np.array([*ids, *positions, *slots, *window_slots], np.int64)
    return RowTable(integers.reshape(-1, len(ids)), logit_rows, tuple(segments))


def assemble_batch(parts: Iterable[BatchPart], device: torch.device) -> Batch:
    """The arrays of one forward pass, planned on the host and moved in one go."""
    table = lay_out(parts)
    columns, logit_rows = table.columns, table.logit_rows
    integers = np.concatenate([columns.ravel(), np.array(logit_rows, np.int64)])
    flat = moved(torch.from_numpy(integers), device)
    return table.batch(flat[: columns.size].view(columns.shape), flat[columns.size :])


def moved(host: Tensor, device: torch.device) -> Tensor:
    """A tensor of the host on a device; itself on the CPU. CUDA is not waited for."""
    if device.type != "cuda":
        return host.to(device)
    # From other memory the copy would wait for all that the device has to do before it.
    return host.pin_memory().to(device, non_blocking=True)


def _slots(block_ids: tuple[int, ...], first: int, end: int) -> Iterator[int]:
    """Where the KV of the positions from `first` up to `end` lies in a pool."""
    # Ranges, not NumPy: a decode has one row, for which an array takes ten times as long.
    for index in range(first // BLOCK_SIZE, len(block_ids)):
        moved = (block_ids[index] - index) * BLOCK_SIZE
        last = min(end, (index + 1) * BLOCK_SIZE)
        yield from range(max(first, index * BLOCK_SIZE) + moved, last + moved)
