"""Terms of adapters in the layout of a GPU: all rows times all ranks, masked between the products."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from realm_desktop.engine.lora.adapter_file import LoraPair
from realm_desktop.engine.lora.passes import (
    RangeUse,
    RankRange,
    RowUses,
    build_masked_pass,
    rank_mask,
)
from realm_desktop.engine.lora.slab import AdapterSlab, LinearAdapters, choose_layout

IN, OUT = 24, 40
CPU = torch.device("cpu")


def _pair(rank: int, seed: int = 0) -> LoraPair:
    generator = torch.Generator().manual_seed(seed)
    a = torch.randn(rank, IN, generator=generator).double()
    return LoraPair(a, torch.randn(OUT, rank, generator=generator).double())


def _slab(capacity: int = 64) -> AdapterSlab:
    slab = AdapterSlab(OUT, IN, torch.float64, CPU, layout="masked")
    slab.reserve(capacity)
    return slab


def _rows(count: int) -> Tensor:
    return torch.randn(count, IN, generator=torch.Generator().manual_seed(9)).double()


def _added(slabs: list[AdapterSlab], x: Tensor, rows: list[RowUses]) -> Tensor:
    y = torch.zeros(len(x), sum(slab.out_features for slab in slabs), dtype=x.dtype)
    LinearAdapters(slabs).add(x, y, build_masked_pass(rows, len(x), x.dtype, CPU))
    return y


def _use(first: int, last: int, weight: float = 1.0) -> RangeUse:
    return RangeUse(RankRange(first, last), weight)


def test_term_is_the_product_of_the_pair_and_the_weight() -> None:
    slab, pair, x = _slab(), _pair(5), _rows(3)
    slab.write(7, pair)

    added = _added([slab], x, [RowUses(0, 3, (_use(7, 12, 0.5),))])

    torch.testing.assert_close(added, 0.5 * x @ pair.a.t() @ pair.b.t())


def test_each_row_gets_its_own_adapters_and_no_other() -> None:
    slab, first, second, x = _slab(), _pair(4), _pair(20, 1), _rows(4)
    slab.write(0, first)
    slab.write(4, second)
    rows = [RowUses(0, 1, (_use(0, 4),)), RowUses(2, 2, (_use(0, 4, 2.0), _use(4, 24, -1.0)))]

    added = _added([slab], x, rows)

    one, two = (x @ pair.a.t() @ pair.b.t() for pair in (first, second))
    assert not added[1].any()
    torch.testing.assert_close(added[0], one[0])
    torch.testing.assert_close(added[2:], 2.0 * one[2:] - two[2:])


def test_a_mix_may_name_an_adapter_twice() -> None:
    slab, pair, x = _slab(), _pair(3), _rows(1)
    slab.write(0, pair)

    added = _added([slab], x, [RowUses(0, 1, (_use(0, 3, 0.5), _use(0, 3, 0.25)))])

    torch.testing.assert_close(added, 0.75 * x @ pair.a.t() @ pair.b.t())


def test_infinite_values_of_another_adapter_stay_with_it() -> None:
    slab, pair, x = _slab(), _pair(3), _rows(2)
    slab.write(0, pair)
    slab.write(3, LoraPair(torch.full((1, IN), torch.inf).double(), torch.ones(OUT, 1).double()))
    rows = [RowUses(0, 1, (_use(0, 3),)), RowUses(1, 1, (_use(3, 4),))]

    added = _added([slab], x, rows)

    torch.testing.assert_close(added[:1], x[:1] @ pair.a.t() @ pair.b.t())


def test_slabs_on_top_of_each_other_keep_their_columns() -> None:
    upper, empty, lower, x = _slab(), _slab(), _slab(), _rows(2)
    empty.give_back()
    upper.write(0, _pair(2))
    lower.write(0, _pair(2, 1))

    added = _added([upper, empty, lower], x, [RowUses(0, 2, (_use(0, 2),))])

    alone = [_added([slab], x, [RowUses(0, 2, (_use(0, 2),))]) for slab in (upper, lower)]
    torch.testing.assert_close(added[:, :OUT], alone[0])
    assert not added[:, OUT : 2 * OUT].any()
    torch.testing.assert_close(added[:, 2 * OUT :], alone[1])


def test_a_slab_that_has_yet_to_grow_takes_part() -> None:
    slab, pair, x = _slab(16), _pair(2), _rows(1)
    slab.write(0, pair)
    y = torch.zeros(1, OUT, dtype=torch.float64)
    (lora,) = build_masked_pass(
        [RowUses(0, 1, (_use(0, 2),)), RowUses(1, 1, (_use(40, 41),))], 2, x.dtype, CPU
    )

    LinearAdapters([slab]).add(x, y, [lora._replace(mask=lora.mask[:1])])

    torch.testing.assert_close(y, x @ pair.a.t() @ pair.b.t())


def test_growing_keeps_what_is_there_and_padding_rows_get_nothing() -> None:
    slab, pair, x = _slab(16), _pair(5), _rows(4)
    slab.write(3, pair)
    slab.reserve(200)
    y = torch.zeros(4, OUT, dtype=torch.float64)
    passes = build_masked_pass([RowUses(0, 2, (_use(3, 8),))], 2, x.dtype, CPU)

    LinearAdapters([slab]).add(x, y, passes)

    torch.testing.assert_close(y[:2], x[:2] @ pair.a.t() @ pair.b.t())
    assert not y[2:].any()


def test_cleared_ranks_add_nothing() -> None:
    slab, x = _slab(), _rows(2)
    slab.write(0, _pair(6))
    slab.clear(0, 6)

    assert not _added([slab], x, [RowUses(0, 2, (_use(0, 6),))]).any()


def test_mask_ends_with_a_multiple_of_ranks_or_where_it_is_asked_to() -> None:
    rows = [RowUses(1, 2, (_use(4, 20, 3.0),))]

    assert rank_mask(rows, 4).shape == (4, 32)
    assert rank_mask(rows, 4, 64).shape == (4, 64)
    assert rank_mask(rows, 4).sum() == 2 * 16 * 3.0


def test_rows_without_adapters_need_no_pass() -> None:
    assert build_masked_pass([RowUses(0, 1, ())], 1, torch.float32, CPU) == ()


@pytest.mark.parametrize(
    ("device", "expected"), [("cpu", "tiled"), ("cuda", "masked"), ("mps", "masked")]
)
def test_layout_follows_from_the_device(device: str, expected: str) -> None:
    assert choose_layout(torch.float32, torch.device(device), None) == expected
