"""Which rows share a product, and what their masks hold."""

from __future__ import annotations

import torch

from realm_desktop.engine.lora.passes import (
    MAX_HULL,
    RangeUse,
    RankRange,
    RowUses,
    build_passes,
)

CPU = torch.device("cpu")


def _uses(*uses: tuple[int, int, float]) -> tuple[RangeUse, ...]:
    return tuple(RangeUse(RankRange(first, last), weight) for first, last, weight in uses)


def test_no_adapter_needs_no_pass() -> None:
    assert build_passes([], torch.float32, CPU) == ()
    assert build_passes([RowUses(0, 3, ())], torch.float32, CPU) == ()


def test_two_adapters_share_the_hull_of_their_ranges() -> None:
    rows = [RowUses(0, 1, _uses((38, 40, 0.5))), RowUses(1, 2, _uses((18, 20, 2.0)))]

    (lora,) = build_passes(rows, torch.float32, CPU)

    assert (lora.first_rank, lora.last_rank) == (16, 48)
    assert lora.row_ids.tolist() == [0, 1, 2]
    assert lora.weights[0].nonzero().flatten().tolist() == [22, 23]
    assert lora.weights[1].nonzero().flatten().tolist() == [2, 3]
    assert lora.weights[:, [2, 22]].tolist() == [[0.0, 0.5], [2.0, 0.0], [2.0, 0.0]]


def test_foreign_ranks_are_all_but_the_own() -> None:
    rows = [RowUses(0, 1, _uses((0, 1, 1.0))), RowUses(1, 1, _uses((1, 3, 1.0)))]

    (lora,) = build_passes(rows, torch.float32, CPU)

    assert (~lora.is_foreign[0]).nonzero().flatten().tolist() == [0]
    assert (~lora.is_foreign[1]).nonzero().flatten().tolist() == [1, 2]


def test_rows_without_an_adapter_are_in_no_pass() -> None:
    rows = [RowUses(0, 2, ()), RowUses(2, 1, _uses((0, 4, 1.0))), RowUses(3, 5, ())]

    (lora,) = build_passes(rows, torch.float32, CPU)

    assert lora.row_ids.tolist() == [2]


def test_second_adapter_of_a_row_gets_a_pass_of_its_own() -> None:
    rows = [RowUses(0, 1, _uses((4, 6, 1.0), (0, 2, 3.0))), RowUses(1, 1, _uses((0, 2, 1.0)))]

    first, second = build_passes(rows, torch.float32, CPU)

    assert first.row_ids.tolist() == [0, 1]
    assert second.row_ids.tolist() == [0]
    assert second.weights[0].tolist() == [3.0, 3.0] + [0.0] * 14


def test_ranges_far_apart_get_passes_of_limited_width() -> None:
    rows = [RowUses(row, 1, _uses((start, start + 16, 1.0))) for row, start in enumerate((0, 900))]

    passes = build_passes(rows, torch.float32, CPU)

    assert [lora.row_ids.tolist() for lora in passes] == [[0], [1]]
    assert all(lora.last_rank - lora.first_rank <= MAX_HULL for lora in passes)


def test_hull_is_never_wider_than_a_product() -> None:
    starts = range(0, 1200, 37)
    rows = [RowUses(row, 1, _uses((start, start + 41, 1.0))) for row, start in enumerate(starts)]

    passes = build_passes(rows, torch.float32, CPU)

    assert sorted(row for lora in passes for row in lora.row_ids.tolist()) == list(range(33))
    assert all(lora.last_rank - lora.first_rank <= MAX_HULL for lora in passes)


def test_rows_of_a_pass_ascend_whatever_the_order_of_ranges() -> None:
    rows = [RowUses(0, 2, _uses((8, 9, 1.0))), RowUses(2, 1, _uses((0, 1, 1.0)))]

    (lora,) = build_passes(rows, torch.bfloat16, CPU)

    assert lora.row_ids.tolist() == [0, 1, 2]
    assert lora.weights.dtype == torch.bfloat16
    assert lora.weights[0, 8] == 1.0
    assert lora.weights[2, 0] == 1.0
