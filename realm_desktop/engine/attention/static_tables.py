"""Tables of tiles in memory that stays, so that a recorded pass serves other steps.

A recording launches as many programs each time. So tables are as long as the next power of two, and what
a step leaves free is filled with tiles that have no rows and joins that have no splits.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from torch import Tensor

from realm_desktop.engine.attention.tile_tables import (
    JOIN_FIELDS,
    TILE_FIELDS,
    Table,
    TileTables,
)

_FIRST_PARTIAL: Final = 6
_NO_PARTIAL: Final = -1


class StaticTables:
    """The tables of steps of one number of rows.

    Args:
        tables: Of the first step; it determines how much later ones may have.
        num_rows: Of every step.
        device: Where kernels read them.
        least: What has grown too small; there is as much room at least.

    Attributes:
        block_ids: int32, on the device.
        work: By window: tiles and joins, on the device.
        num_partials: Most partials of a step.
    """

    def __init__(
        self,
        tables: TileTables,
        num_rows: int,
        device: torch.device,
        least: StaticTables | None = None,
    ) -> None:
        parts = _parts(tables)
        # Kept: else steps that need much of one table and steps that need much of another would take
        # turns in making tables anew.
        rooms = [0] * len(parts) if least is None else [shape[0] for shape in least._shapes]
        self._shapes: list[tuple[int, ...]] = [
            (max(_capacity(len(part)), room), *part.shape[1:])
            for part, room in zip(parts, rooms, strict=True)
        ]
        sizes = [int(np.prod(shape)) for shape in self._shapes]
        with torch.inference_mode(False):  # so that they may be changed outside of it too
            # Pinned: from other memory a copy would wait for the device.
            self._host = torch.empty(
                sum(sizes), dtype=torch.int32, pin_memory=device.type == "cuda"
            )
            self._moved = torch.empty_like(self._host, device=device)
        self._views = [
            view.numpy().reshape(shape)
            for view, shape in zip(self._host.split_with_sizes(sizes), self._shapes, strict=True)
        ]
        self._padding = _padding(num_rows)
        own = [
            view.view(shape)
            for view, shape in zip(self._moved.split_with_sizes(sizes), self._shapes, strict=True)
        ]
        self.block_ids = own[0]
        self.work: dict[int | None, tuple[Tensor, Tensor]] = {
            window: (tiles, joins)
            for window, tiles, joins in zip(tables.work, own[1::2], own[2::2], strict=True)
        }
        num_partials = _capacity(max(work.num_partials for work in tables.work.values()))
        self.num_partials: int = max(num_partials, 0 if least is None else least.num_partials)
        assert self.load(tables), "there is room for the step that determined it"

    def load(self, tables: TileTables) -> bool:
        """Take another step over; False, and nothing changes, if it needs more room."""
        parts = _parts(tables)
        if any(len(part) > shape[0] for part, shape in zip(parts, self._shapes, strict=True)):
            return False
        if any(work.num_partials > self.num_partials for work in tables.work.values()):
            return False
        for part, view in zip(parts, self._views, strict=True):
            view[: len(part)] = part
            view[len(part) :] = self._padding.get(view.shape[1:], 0)
        self._moved.copy_(self._host, non_blocking=True)
        return True


def _parts(tables: TileTables) -> list[Table]:
    parts = [tables.block_ids]
    for work in tables.work.values():
        parts += [work.tiles, work.joins]
    return parts


def _capacity(count: int) -> int:
    """Room for so many entries, and for those of some later steps; none stays none."""
    return 1 << (count - 1).bit_length() if count else 0


def _padding(num_rows: int) -> dict[tuple[int, ...], Table]:
    """Entries that compute nothing, by their shape.

    A join writes its row though it has no splits: the row behind the last one, which nobody reads.
    """
    tile = np.zeros(TILE_FIELDS, np.int32)
    tile[_FIRST_PARTIAL] = _NO_PARTIAL
    join = np.zeros(JOIN_FIELDS, np.int32)
    join[0] = num_rows
    return {tile.shape: tile, join.shape: join}
