"""Tables of the tiles of a step for kernels that attend with all of its rows at once.

Plain NumPy over all sequences together: a step with 32 chats has thousands of splits, and its Python
stays under two milliseconds. Knows no device.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from realm_desktop.engine.attention.backend import AttentionShape
from realm_desktop.engine.batch import Segment
from realm_desktop.kv_blocks import blocks_for

SPLIT: Final = 512
"""Positions of a split, as in the CPU kernels. One chat of 8,192 positions and 8 key heads makes 128
programs, about as many as a large card has multiprocessors."""

WORKSPACE_BYTES: Final = 64 << 20
"""Most memory of a step for sums of splits that are joined by a second kernel."""

TILE_FIELDS: Final = 8
JOIN_FIELDS: Final = 4

_MAX_SPLIT_ROWS: Final = 4  # in tiles: longer chunks of a prompt keep a device busy as they are
_FLOAT_BYTES: Final = 4
_ALIGNMENT: Final = (
    4  # integers: what begins at 16 bytes keeps Triton from compiling another variant
)

Table = NDArray[np.int32]


class Work(NamedTuple):
    """The tiles of the layers with one window.

    Attributes:
        tiles: [tiles, 8] int32, those with most keys first: first row, number of rows, position of
            the first row, place of the sequence's block ids, first split, number of splits, first
            partial or -1, 0. A tile with partials has one split.
        joins: [rows, 4] int32 of the rows whose splits are joined afterwards: row, its first
            partial, how many partials lie between two of its splits, number of splits.
        num_partials: A partial is the sum of one split for one row and query head of a key head.
    """

    tiles: Table
    joins: Table
    num_partials: int


class TileTables(NamedTuple):
    """What kernels read of one step.

    Attributes:
        block_ids: int32, of all sequences one behind the other; a multiple of 4 of them.
        work: By window.
    """

    block_ids: Table
    work: dict[int | None, Work]


class _Rows(NamedTuple):
    """Runs of rows of one sequence each, int64; `is_short` if their sequence has few rows."""

    first: NDArray[np.int64]
    number: NDArray[np.int64]
    position: NDArray[np.int64]
    place: NDArray[np.int64]
    is_short: NDArray[np.bool_]


def build_tables(
    shape: AttentionShape, segments: Sequence[Segment], folded_rows: int
) -> TileTables:
    """The tables of a step.

    Args:
        shape: Heads of the network.
        segments: Of the step, at least one.
        folded_rows: Of a tile: rows times the query heads of a key head.
    """
    windows = tuple(dict.fromkeys(shape.layer_windows))
    ids: list[int] = []
    places: dict[bool, list[int]] = {}
    for is_window in dict.fromkeys(_has_own_blocks(segments, window) for window in windows):
        places[is_window] = []
        for segment in segments:
            blocks = segment.window_block_ids if is_window else segment.block_ids
            places[is_window].append(len(ids))
            ids.extend(blocks[: blocks_for(segment.first_position + segment.num_rows)])
    ids.extend([0] * (-len(ids) % _ALIGNMENT))
    work = {}
    for window in windows:
        rows = _tiles(segments, places[_has_own_blocks(segments, window)], shape, folded_rows)
        work[window] = _work(rows, window, shape)
    return TileTables(np.array(ids, np.int32), work)


def _has_own_blocks(segments: Sequence[Segment], window: int | None) -> bool:
    return window is not None and bool(segments[0].window_block_ids)


def _tiles(
    segments: Sequence[Segment], places: list[int], shape: AttentionShape, folded_rows: int
) -> _Rows:
    """The rows of the step, cut into tiles."""
    tile_rows = folded_rows // shape.group_size
    columns = [(part.first_row, part.num_rows, part.first_position) for part in segments]
    first, count, position = np.array(columns, np.int64).T
    num_tiles = -(-count // tile_rows)
    owner = np.repeat(np.arange(len(segments)), num_tiles)
    # How many rows of its sequence come before each tile.
    before = (np.arange(len(owner)) - (np.cumsum(num_tiles) - num_tiles)[owner]) * tile_rows
    return _Rows(
        first[owner] + before,
        np.minimum(count[owner] - before, tile_rows),
        position[owner] + before,
        np.array(places, np.int64)[owner],
        (num_tiles <= _MAX_SPLIT_ROWS)[owner],
    )


def _work(rows: _Rows, window: int | None, shape: AttentionShape) -> Work:
    end = rows.position + rows.number
    first_seen = 0 if window is None else np.maximum(rows.position - window + 1, 0)
    first_split = first_seen // SPLIT + np.zeros_like(end)
    num_splits = -(-end // SPLIT) - first_split
    folded = rows.number * shape.group_size
    partials = np.where(rows.is_short & (num_splits > 1), num_splits * folded, 0)
    # Whom the workspace has no room for computes its splits one after the other, to the same bits.
    is_split = (partials > 0) & (np.cumsum(partials) <= _max_partials(shape))
    partials[~is_split] = 0
    first_partial = np.cumsum(partials) - partials

    copies = np.where(is_split, num_splits, 1)
    tile = np.repeat(np.arange(len(end)), copies)
    split = np.arange(len(tile)) - (np.cumsum(copies) - copies)[tile]
    tiles = np.zeros((len(tile), TILE_FIELDS), np.int32)
    tiles[:, 0], tiles[:, 1] = rows.first[tile], rows.number[tile]
    tiles[:, 2], tiles[:, 3] = rows.position[tile], rows.place[tile]
    tiles[:, 4] = first_split[tile] + split
    tiles[:, 5] = np.where(is_split, 1, num_splits)[tile]
    tiles[:, 6] = np.where(is_split[tile], first_partial[tile] + split * folded[tile], -1)
    # Long ones first: begun last, they would keep one multiprocessor busy when all others rest.
    tiles = tiles[np.argsort(-tiles[:, 5], kind="stable")]
    joins = _joins(rows, is_split, first_partial, num_splits, shape.group_size)
    return Work(tiles, joins, int(partials.sum()))


def _joins(
    rows: _Rows,
    is_split: NDArray[np.bool_],
    first_partial: NDArray[np.int64],
    num_splits: NDArray[np.int64],
    group_size: int,
) -> Table:
    counts = np.where(is_split, rows.number, 0)
    tile = np.repeat(np.arange(len(counts)), counts)
    row = np.arange(len(tile)) - (np.cumsum(counts) - counts)[tile]
    joins = np.empty((len(tile), JOIN_FIELDS), np.int32)
    joins[:, 0] = rows.first[tile] + row
    joins[:, 1] = first_partial[tile] + row * group_size
    joins[:, 2] = rows.number[tile] * group_size
    joins[:, 3] = num_splits[tile]
    return joins


def _max_partials(shape: AttentionShape) -> int:
    """Partials whose sums, largest scores and weights fit the workspace, for all key heads."""
    return WORKSPACE_BYTES // (shape.num_kv_heads * (shape.head_dim + 2) * _FLOAT_BYTES)
