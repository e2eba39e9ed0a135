"""Tables of tiles that stay where they are while steps come and go."""

from __future__ import annotations

import numpy as np
import torch

from realm_desktop.engine.attention.backend import (
    AttentionShape,
    StaticAttention,
)
from realm_desktop.engine.attention.gather import GatherAttention
from realm_desktop.engine.attention.static_tables import StaticTables
from realm_desktop.engine.attention.tile_tables import TileTables, build_tables
from realm_desktop.engine.attention.triton_paged import TritonPagedAttention
from realm_desktop.engine.batch import Segment

CPU = torch.device("cpu")
_SHAPE = AttentionShape(4, 2, 64, 0.125, (None, 100))


def _tables(*positions: int) -> TileTables:
    """Of a step with one row for each position."""
    segments = [
        Segment(row, 1, position, tuple(range(position // 64 + 1)))
        for row, position in enumerate(positions)
    ]
    return build_tables(_SHAPE, segments, 64)


def test_the_first_step_is_taken_over() -> None:
    tables = _tables(700, 3)
    static = StaticTables(tables, 2, CPU)

    tiles, joins = static.work[None]

    own = tables.work[None]
    np.testing.assert_array_equal(tiles.numpy()[: len(own.tiles)], own.tiles)
    np.testing.assert_array_equal(joins.numpy()[: len(own.joins)], own.joins)
    ids = static.block_ids.numpy()[: len(tables.block_ids)]
    np.testing.assert_array_equal(ids, tables.block_ids)


def test_free_places_have_no_rows_and_no_splits() -> None:
    static = StaticTables(_tables(700, 600, 800), 3, CPU)

    assert static.load(_tables(1, 2, 600))

    tiles, joins = static.work[None]
    assert tiles[4:, 1].tolist() == [0] * (len(tiles) - 4)
    assert tiles[4:, 6].tolist() == [-1] * (len(tiles) - 4)
    assert joins[1:].tolist() == [[3, 0, 0, 0]] * (len(joins) - 1)


def test_memory_stays_when_a_step_is_taken_over() -> None:
    static = StaticTables(_tables(700, 3), 2, CPU)
    places = [tensor.data_ptr() for pair in static.work.values() for tensor in pair]
    before = static.block_ids.clone()

    assert static.load(_tables(640, 4))

    assert places == [tensor.data_ptr() for pair in static.work.values() for tensor in pair]
    assert static.block_ids.shape == before.shape


def test_room_reaches_to_the_next_power_of_two() -> None:
    static = StaticTables(_tables(1100), 1, CPU)  # 3 splits, all of its window in one

    assert static.load(_tables(2000))  # 4 splits
    assert not static.load(_tables(2300))  # 5 splits


def test_larger_tables_keep_the_room_of_those_before() -> None:
    wide = StaticTables(_tables(2300), 1, CPU)
    assert not wide.load(_tables(1060))  # its window lies in two splits

    both = StaticTables(_tables(1060), 1, CPU, wide)

    assert both.load(_tables(2300))
    assert both.load(_tables(1060))
    assert both.num_partials == wide.num_partials


def test_a_step_that_does_not_fit_changes_nothing() -> None:
    static = StaticTables(_tables(3, 4), 2, CPU)
    before = [tensor.clone() for pair in static.work.values() for tensor in pair]

    assert not static.load(_tables(3, 700))  # its splits are joined

    after = [tensor for pair in static.work.values() for tensor in pair]
    assert all(torch.equal(*pair) for pair in zip(before, after, strict=True))


def test_only_some_backends_can_be_recorded() -> None:
    assert isinstance(TritonPagedAttention(), StaticAttention)
    assert not isinstance(GatherAttention(), StaticAttention)
