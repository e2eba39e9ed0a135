"""The tables of tiles cover every row and split once."""

from __future__ import annotations

import numpy as np
import pytest

from realm_desktop.engine.attention import tile_tables
from realm_desktop.engine.attention.tile_tables import SPLIT, TileTables, Work, build_tables
from realm_desktop.engine.batch import Segment
from tests.support.mixed_attention import MIXED, Network, Rows, mixed_step

ROWS = (*MIXED, Rows(5000, 3), Rows(700, 300), Rows(512, 1), Rows(511, 1))
FOLDED = 64


def _tables(network: Network, *, has_own_blocks: bool = False) -> tuple[TileTables, list[Segment]]:
    step = mixed_step(network, ROWS, has_own_blocks=has_own_blocks)
    return build_tables(step.shape, step.batch.segments, FOLDED), list(step.batch.segments)


def _computed(work: Work) -> list[tuple[int, int]]:
    """Row and split, for every split of every row of every tile."""
    return [
        (row, split)
        for first, count, _, _, first_split, num_splits, _, _ in work.tiles.tolist()
        for row in range(first, first + count)
        for split in range(first_split, first_split + num_splits)
    ]


def _wanted(segments: list[Segment], window: int | None) -> set[tuple[int, int]]:
    """Row and split, for every split that a row sees anything of."""
    found = set()
    for segment in segments:
        for index in range(segment.num_rows):
            position = segment.first_position + index
            first = 0 if window is None else max(0, position - window + 1)
            splits = range(first // SPLIT, position // SPLIT + 1)
            found |= {(segment.first_row + index, split) for split in splits}
    return found


@pytest.mark.parametrize("window", [None, 1, 200, 600])
@pytest.mark.parametrize("heads", [(4, 2, 16), (3, 1, 16), (64, 1, 16), (2, 2, 16)])
def test_every_row_gets_every_split_it_sees_once(
    heads: tuple[int, int, int], window: int | None
) -> None:
    tables, segments = _tables(Network(heads, windows=(window,)))

    computed = _computed(tables.work[window])

    assert len(computed) == len(set(computed))
    assert set(computed) >= _wanted(segments, window)


@pytest.mark.parametrize("heads", [(4, 2, 16), (3, 1, 16)])
def test_tiles_know_the_positions_and_blocks_of_their_rows(heads: tuple[int, int, int]) -> None:
    tables, segments = _tables(Network(heads))

    for first, count, position, place, *_ in tables.work[None].tiles.tolist():
        (segment,) = (own for own in segments if 0 <= first - own.first_row < own.num_rows)
        assert position == segment.first_position + first - segment.first_row
        assert first + count <= segment.first_row + segment.num_rows
        needed = segment.block_ids
        assert tuple(tables.block_ids[place : place + len(needed)].tolist()) == needed


def test_partials_are_written_once_and_all_joined() -> None:
    network = Network((6, 2, 16))
    work = _tables(network)[0].work[None]

    written = [
        (row, split, first_partial + (row - first) * 3)
        for first, count, _, _, split, _, first_partial, _ in work.tiles.tolist()
        for row in range(first, first + count)
        if first_partial >= 0
    ]
    joined = [
        (row, split, first_partial + split * distance)
        for row, first_partial, distance, num_splits in work.joins.tolist()
        for split in range(num_splits)
    ]

    assert sorted(written) == sorted(joined)
    places = [place + head for _, _, place in written for head in range(3)]
    assert sorted(places) == list(range(work.num_partials))


def test_long_chunks_are_not_split() -> None:
    work = _tables(Network((4, 2, 16)))[0].work[None]
    chunk = work.tiles[(work.tiles[:, 2] >= 700) & (work.tiles[:, 2] < 1000)]

    assert len(chunk) == -(-300 // 32)
    assert (chunk[:, 6] == -1).all()


def test_tiles_with_most_splits_begin_first() -> None:
    splits = _tables(Network())[0].work[None].tiles[:, 5]

    assert (np.diff(splits) <= 0).all()


def test_what_the_workspace_cannot_hold_is_not_split(monkeypatch: pytest.MonkeyPatch) -> None:
    network = Network((4, 2, 16))
    everything = _tables(network)[0].work[None]
    bytes_each = 2 * (16 + 2) * 4
    monkeypatch.setattr(tile_tables, "WORKSPACE_BYTES", 10 * bytes_each)

    work = _tables(network)[0].work[None]

    assert 0 < work.num_partials <= 10 < everything.num_partials
    assert set(_computed(work)) == set(_computed(everything))


def test_windows_with_blocks_of_their_own_name_those() -> None:
    tables, segments = _tables(Network(windows=(None, 200)), has_own_blocks=True)

    for window in (None, 200):
        tiles = tables.work[window].tiles
        place = int(tiles[tiles[:, 0] == 0][0, 3])
        blocks = segments[0].blocks_of(window)
        assert tuple(tables.block_ids[place : place + len(blocks)].tolist()) == blocks


def test_parts_of_a_table_begin_at_16_bytes() -> None:
    for rows in (MIXED[:1], MIXED, ROWS):
        step = mixed_step(Network(), rows)
        assert len(build_tables(step.shape, step.batch.segments, FOLDED).block_ids) % 4 == 0
