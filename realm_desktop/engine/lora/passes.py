"""Which rows of a step get which rank ranges, as few products as possible.

Rows that use the same adapter are put into tiles of a fixed size, and tiles of equal rank share one
batched product. So the shape of the product that gives a row its term follows from the row's own
adapter alone, whatever else is in the step or in the slabs. The compiled kernels need no tiles: one
pass lists all rows by adapter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from realm_desktop.engine.batch import TILE_ROWS, LoraRun, MaskedPass, PackedPass, TiledPass
from realm_desktop.engine.lora.slab import rank_pieces, round_up


class RankRange(NamedTuple):
    """The ranks of one adapter in the slabs; `last` is not included."""

    first: int
    last: int


class RangeUse(NamedTuple):
    """One adapter of a mix: where it lies and its weight."""

    ranks: RankRange
    weight: float


class RowUses(NamedTuple):
    """Consecutive rows of one sequence and the adapters of its mix, in the order of the request."""

    first_row: int
    num_rows: int
    uses: tuple[RangeUse, ...]


class _Entry(NamedTuple):
    """Rows and one piece of the ranks that they use."""

    first_row: int
    num_rows: int
    first_rank: int
    rank: int
    weight: float


def build_passes(
    rows: Sequence[RowUses], dtype: torch.dtype, device: torch.device
) -> tuple[TiledPass, ...]:
    """The passes of a step, for slabs in the layout for torch.

    A row's first adapter is added before its second, whatever ranges they lie in: the order of a
    sum is part of its bits. So are the pieces of a high rank, each of which is added by itself.

    Args:
        rows: Of sequences that use adapters.
        dtype: The compute dtype.
        device: Where the network computes.
    """
    cut = [list(_cut(entry)) for entry in rows if entry.num_rows]
    passes: list[TiledPass] = []
    for level in range(max(map(len, cut), default=0)):
        by_rank: dict[int, list[_Entry]] = {}
        for entries in cut:
            if level < len(entries):
                by_rank.setdefault(entries[level].rank, []).append(entries[level])
        passes += [_build_pass(rank, by_rank[rank], dtype, device) for rank in sorted(by_rank)]
    return tuple(passes)


def build_packed_pass(rows: Sequence[RowUses]) -> tuple[PackedPass, ...]:
    """The pass of a step, for slabs in the layout of the compiled kernels; none without a use.

    Args:
        rows: Of sequences; first the first adapter of every row is added, then the second.
    """
    uses: list[tuple[int, int, int, int, int]] = []
    row_ids: list[int] = []
    weights: list[float] = []
    num_values = 0
    for level in range(max((len(row.uses) for row in rows), default=0)):
        for ranks, own in sorted(_by_range(rows, level).items()):
            rank, first_place = ranks.last - ranks.first, len(row_ids)
            for row in own:
                row_ids += range(row.first_row, row.first_row + row.num_rows)
                weights += [row.uses[level].weight] * row.num_rows
            num_places = len(row_ids) - first_place
            uses.append((ranks.first, rank, first_place, num_places, num_values))
            num_values += rank * num_places
    if not uses:
        return ()
    tensors = (torch.tensor(uses), torch.tensor(row_ids), torch.tensor(weights))
    return (PackedPass(*tensors, num_values),)


def build_masked_pass(
    rows: Iterable[RowUses], num_rows: int, dtype: torch.dtype, device: torch.device
) -> tuple[MaskedPass, ...]:
    """The pass of a step of `num_rows` rows, for slabs in the layout of a GPU; none without a use."""
    mask = rank_mask(rows, num_rows)
    return (MaskedPass(torch.from_numpy(mask).to(device, dtype)),) if mask.size else ()


def rank_mask(
    rows: Iterable[RowUses], num_rows: int, num_ranks: int | None = None
) -> NDArray[np.float32]:
    """[num_rows, ranks]: the adapter weights of each row; see `MaskedPass`.

    `num_ranks` of None ends with the last one in use, rounded up: few shapes are met so.
    """
    used = [row for row in rows if row.num_rows]
    if num_ranks is None:
        last = max((ranks.last for row in used for ranks, _ in row.uses), default=0)
        num_ranks = round_up(last)
    mask = np.zeros((num_rows, num_ranks), np.float32)
    for row in used:
        for ranks, weight in row.uses:
            # Added, not set: a mix may name an adapter twice.
            mask[row.first_row : row.first_row + row.num_rows, ranks.first : ranks.last] += weight
    return mask


def _by_range(rows: Iterable[RowUses], level: int) -> dict[RankRange, list[RowUses]]:
    """The rows that have so many uses, by the ranks of that one."""
    found: dict[RankRange, list[RowUses]] = {}
    for row in rows:
        if row.num_rows and level < len(row.uses):
            found.setdefault(row.uses[level].ranks, []).append(row)
    return found


def _cut(row: RowUses) -> Iterable[_Entry]:
    """The uses of a row in order, in pieces that one product takes."""
    for (first, last), weight in row.uses:
        for piece_first, piece_last in rank_pieces(first, last):
            rank = piece_last - piece_first
            yield _Entry(row.first_row, row.num_rows, piece_first, rank, weight)


def _build_pass(
    rank: int, group: Iterable[_Entry], dtype: torch.dtype, device: torch.device
) -> TiledPass:
    """A pass of entries of this rank."""
    rows_of: dict[int, list[tuple[int, float]]] = {}
    for entry in group:
        rows = range(entry.first_row, entry.first_row + entry.num_rows)
        rows_of.setdefault(entry.first_rank, []).extend((row, entry.weight) for row in rows)
    tile_rows: list[int] = []
    weights: list[float] = []
    place_of: dict[int, int] = {}
    tile_ranks: list[int] = []
    for first_rank, own in sorted(rows_of.items()):
        place_of.update((row, len(tile_rows) + index) for index, (row, _) in enumerate(own))
        # A free place repeats a row of the same adapter, so that no value of another one gets in.
        padded = own + own[:1] * (-len(own) % TILE_ROWS)
        tile_rows.extend(row for row, _ in padded)
        weights.extend(weight for _, weight in padded)
        tile_ranks.extend([first_rank] * (len(padded) // TILE_ROWS))
    row_ids = sorted(place_of)
    integers = np.array([*tile_rows, *row_ids, *(place_of[row] for row in row_ids)], np.int64)
    ids = torch.from_numpy(integers).to(device)
    num_places, num_rows = len(tile_rows), len(row_ids)
    is_leading = row_ids[-1] == num_rows - 1
    has_weights = any(weight != 1.0 for weight in weights)
    tile_weights = torch.tensor(weights, dtype=dtype, device=device).view(-1, TILE_ROWS, 1)
    return TiledPass(
        tile_row_ids=ids[:num_places],
        weights=tile_weights if has_weights else None,
        row_ids=ids[num_places : num_places + num_rows],
        places=ids[num_places + num_rows :],
        num_leading_rows=num_rows if is_leading else 0,
        is_in_order=is_leading and tile_rows[:num_rows] == row_ids,
        rank=rank,
        runs=_runs(tile_ranks),
    )


def _runs(tile_ranks: Sequence[int]) -> tuple[LoraRun, ...]:
    """Tiles in order, cut where the distance of their ranges changes."""
    runs: list[LoraRun] = []
    for tile, first_rank in enumerate(tile_ranks):
        if runs:
            first_tile, num_tiles, run_first, step = runs[-1]
            distance = first_rank - tile_ranks[tile - 1]
            if num_tiles == 1 or distance == step:
                runs[-1] = LoraRun(first_tile, num_tiles + 1, run_first, distance)
                continue
        runs.append(LoraRun(tile, 1, first_rank, 0))
    return tuple(runs)
