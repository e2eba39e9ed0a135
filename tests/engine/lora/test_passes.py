"""Which rows share a product, and where they stand in it."""

from __future__ import annotations

import torch

from realm_desktop.engine.batch import LoraRun, PackedPass, TiledPass
from realm_desktop.engine.lora.passes import (
    RangeUse,
    RankRange,
    RowUses,
    build_packed_pass,
    build_passes,
)

CPU = torch.device("cpu")


def _uses(*uses: tuple[int, int, float]) -> tuple[RangeUse, ...]:
    return tuple(RangeUse(RankRange(first, last), weight) for first, last, weight in uses)


def _row(row: int, first: int, last: int, weight: float = 1.0, num_rows: int = 1) -> RowUses:
    return RowUses(row, num_rows, _uses((first, last, weight)))


def _tiles(lora: TiledPass) -> list[list[int]]:
    tiles: list[list[int]] = lora.tile_row_ids.view(-1, 4).tolist()
    return tiles


def test_no_adapter_needs_no_pass() -> None:
    assert build_passes([], torch.float32, CPU) == ()
    assert build_passes([RowUses(0, 3, ())], torch.float32, CPU) == ()


def test_rows_of_one_adapter_fill_tiles_of_four() -> None:
    rows = [_row(1, 0, 8, num_rows=2), _row(4, 0, 8, num_rows=4)]

    (lora,) = build_passes(rows, torch.float32, CPU)

    assert _tiles(lora) == [[1, 2, 4, 5], [6, 7, 1, 1]]
    assert lora.row_ids.tolist() == [1, 2, 4, 5, 6, 7]
    assert lora.places.tolist() == [0, 1, 2, 3, 4, 5]
    assert lora.runs == (LoraRun(0, 2, 0, 0),)
    assert (lora.rank, lora.num_leading_rows) == (8, 0)


def test_adapters_side_by_side_share_a_run() -> None:
    rows = [_row(0, 16, 24), _row(1, 0, 8), _row(2, 8, 16)]

    (lora,) = build_passes(rows, torch.float32, CPU)

    assert _tiles(lora) == [[1] * 4, [2] * 4, [0] * 4]
    assert lora.places.tolist() == [8, 0, 4]
    assert lora.runs == (LoraRun(0, 3, 0, 8),)
    assert lora.num_leading_rows == 3


def test_another_distance_begins_another_run() -> None:
    rows = [_row(row, first, first + 8) for row, first in enumerate((0, 8, 24, 40, 56))]

    (lora,) = build_passes(rows, torch.float32, CPU)

    assert lora.runs == (LoraRun(0, 2, 0, 8), LoraRun(2, 3, 24, 16))


def test_leading_rows_of_one_adapter_are_in_order() -> None:
    (ordered,) = build_passes([_row(0, 0, 8, num_rows=5)], torch.float32, CPU)
    (later,) = build_passes([_row(1, 0, 8, num_rows=5)], torch.float32, CPU)
    (mixed,) = build_passes([_row(0, 8, 16), _row(1, 0, 8)], torch.float32, CPU)

    assert ordered.is_in_order
    assert not later.is_in_order
    assert not mixed.is_in_order


def test_tile_holds_rows_of_one_adapter_only() -> None:
    rows = [_row(row, 8 * (row % 3), 8 * (row % 3) + 8) for row in range(20)]

    (lora,) = build_passes(rows, torch.float32, CPU)

    assert all(len({row % 3 for row in tile}) == 1 for tile in _tiles(lora))
    assert lora.tile_row_ids[lora.places].tolist() == list(range(20))


def test_every_row_is_multiplied_by_its_own_weight() -> None:
    rows = [_row(0, 0, 8, 0.5), _row(1, 0, 8, 2.0), _row(2, 8, 16)]

    (lora,) = build_passes(rows, torch.bfloat16, CPU)

    assert lora.weights is not None
    assert lora.weights.shape == (2, 4, 1)
    assert lora.weights.dtype == torch.bfloat16
    assert lora.weights.flatten()[lora.places].tolist() == [0.5, 2.0, 1.0]


def test_weights_of_one_need_no_multiplication() -> None:
    (lora,) = build_passes([_row(0, 0, 8), _row(1, 8, 16)], torch.float32, CPU)

    assert lora.weights is None


def test_rows_without_an_adapter_are_in_no_pass() -> None:
    rows = [RowUses(0, 2, ()), _row(2, 0, 4), RowUses(3, 5, ())]

    (lora,) = build_passes(rows, torch.float32, CPU)

    assert lora.row_ids.tolist() == [2]
    assert set(lora.tile_row_ids.tolist()) == {2}


def test_adapters_of_different_rank_get_passes_of_their_own() -> None:
    first, second = build_passes([_row(0, 0, 16), _row(1, 16, 20)], torch.float32, CPU)

    assert (first.rank, first.row_ids.tolist()) == (4, [1])
    assert (second.rank, second.row_ids.tolist()) == (16, [0])


def test_second_adapter_of_a_row_gets_a_pass_of_its_own() -> None:
    rows = [RowUses(0, 1, _uses((4, 6, 1.0), (0, 2, 3.0))), RowUses(1, 1, _uses((0, 2, 1.0)))]

    first, second = build_passes(rows, torch.float32, CPU)

    assert (first.row_ids.tolist(), second.row_ids.tolist()) == ([0, 1], [0])
    assert first.runs == (LoraRun(0, 2, 0, 4),)
    assert second.runs == (LoraRun(0, 1, 0, 0),)
    assert second.weights is not None


def test_high_rank_is_added_in_pieces() -> None:
    rows = [_row(0, 8, 72), _row(1, 72, 104)]

    first, second = build_passes(rows, torch.float32, CPU)

    assert (first.rank, first.runs) == (32, (LoraRun(0, 2, 8, 64),))
    assert (second.rank, second.runs) == (32, (LoraRun(0, 1, 40, 0),))


def _packed(rows: list[RowUses]) -> PackedPass:
    (packed,) = build_packed_pass(rows)
    return packed


def test_packed_pass_lists_rows_by_adapter() -> None:
    rows = [_row(0, 16, 24, 0.5), _row(1, 0, 8, num_rows=2), _row(4, 16, 24)]

    packed = _packed(rows)

    assert packed.uses.tolist() == [[0, 8, 0, 2, 0], [16, 8, 2, 2, 16]]
    assert packed.row_ids.tolist() == [1, 2, 0, 4]
    assert packed.weights.tolist() == [1.0, 1.0, 0.5, 1.0]
    assert packed.num_values == 32


def test_packed_pass_has_first_adapters_of_all_rows_before_second_ones() -> None:
    rows = [RowUses(0, 1, _uses((40, 44, 1.0), (0, 2, 3.0))), _row(1, 0, 2)]

    packed = _packed(rows)

    assert packed.uses.tolist() == [[0, 2, 0, 1, 0], [40, 4, 1, 1, 2], [0, 2, 2, 1, 6]]
    assert packed.row_ids.tolist() == [1, 0, 0]
    assert packed.weights.tolist() == [1.0, 1.0, 3.0]


def test_no_adapter_needs_no_packed_pass() -> None:
    rows = [RowUses(0, 3, ()), RowUses(3, 0, _uses((0, 8, 1.0)))]

    assert build_packed_pass(rows) == ()
