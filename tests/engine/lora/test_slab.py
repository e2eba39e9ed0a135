"""The term of the slab: equal to merged weights, and the same bits in every company."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from realm_desktop.engine.lora.adapter_file import LoraPair
from realm_desktop.engine.lora.passes import RangeUse, RankRange, RowUses, build_passes
from realm_desktop.engine.lora.slab import AdapterSlab, LinearAdapters, rank_pieces

CPU = torch.device("cpu")
IN, OUT = 48, 80

pytestmark = pytest.mark.usefixtures("one_thread")


def _pair(rank: int, dtype: torch.dtype, seed: int = 0) -> LoraPair:
    generator = torch.Generator().manual_seed(seed)
    a = torch.randn(rank, IN, generator=generator).to(dtype)
    return LoraPair(a, torch.randn(OUT, rank, generator=generator).to(dtype))


def _slab(dtype: torch.dtype = torch.float32, capacity: int = 64) -> AdapterSlab:
    slab = AdapterSlab(OUT, IN, dtype, CPU)
    slab.reserve(capacity)
    return slab


def _added(slab: AdapterSlab, x: Tensor, rows: list[RowUses]) -> Tensor:
    y = torch.zeros(x.shape[0], OUT, dtype=x.dtype)
    passes = build_passes(rows, x.dtype, CPU)
    LinearAdapters([slab]).add(x, y, passes)
    return y


def _use(first: int, last: int, weight: float = 1.0) -> tuple[RangeUse, ...]:
    return (RangeUse(RankRange(first, last), weight),)


def test_term_is_the_product_of_the_pair_and_the_weight() -> None:
    slab, pair = _slab(torch.float64), _pair(5, torch.float64)
    slab.write(7, pair)
    x = torch.randn(3, IN, dtype=torch.float64)

    added = _added(slab, x, [RowUses(0, 3, _use(7, 12, 0.5))])

    torch.testing.assert_close(added, 0.5 * x @ pair.a.t() @ pair.b.t())


def test_empty_slab_takes_no_memory_and_adds_nothing() -> None:
    slab = AdapterSlab(OUT, IN, torch.float32, CPU)

    assert slab.capacity == 0
    assert not _added(slab, torch.ones(2, IN), [RowUses(0, 2, _use(0, 4))]).any()


def test_growing_keeps_what_is_there() -> None:
    slab = _slab(capacity=4)
    slab.write(0, _pair(4, torch.float32))
    x = torch.randn(2, IN)
    before = _added(slab, x, [RowUses(0, 2, _use(0, 4))])
    slab.reserve(100)

    assert slab.capacity == 112
    assert torch.equal(_added(slab, x, [RowUses(0, 2, _use(0, 4))]), before)


def test_cleared_ranks_add_nothing() -> None:
    slab = _slab()
    slab.write(3, _pair(4, torch.float32))
    slab.clear(3, 7)

    assert not _added(slab, torch.ones(2, IN), [RowUses(0, 2, _use(3, 7))]).any()


def test_memory_is_given_back() -> None:
    slab = _slab()
    slab.give_back()

    assert slab.capacity == 0


def test_targets_of_a_fused_layer_get_their_own_columns() -> None:
    first, second = _slab(), _slab()
    second.write(0, _pair(4, torch.float32))
    x, y = torch.randn(2, IN), torch.zeros(2, 2 * OUT)
    passes = build_passes([RowUses(0, 2, _use(0, 4))], torch.float32, CPU)
    LinearAdapters([first, second]).add(x, y, passes)

    assert not y[:, :OUT].any()
    assert torch.equal(y[:, OUT:], _added(second, x, [RowUses(0, 2, _use(0, 4))]))


def test_infinity_in_foreign_ranks_does_not_reach_a_row() -> None:
    slab, huge = _slab(), _pair(4, torch.float32, seed=1)
    slab.write(0, _pair(4, torch.float32))
    slab.write(4, LoraPair(huge.a * 3e38, huge.b))
    x = torch.randn(2, IN)
    alone = _added(slab, x, [RowUses(0, 1, _use(0, 4))])

    both = _added(slab, x, [RowUses(0, 1, _use(0, 4)), RowUses(1, 1, _use(4, 8))])

    assert not both[1].isfinite().all()
    assert torch.equal(both[0], alone[0])


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("rank", [1, 8, 33])
def test_row_has_the_same_bits_in_every_company(dtype: torch.dtype, rank: int) -> None:
    pair, x = _pair(rank, dtype), torch.randn(1, IN).to(dtype)
    alone_slab = _slab(dtype, capacity=rank)
    alone_slab.write(0, pair)
    alone = _added(alone_slab, x, [RowUses(0, 1, _use(0, rank, 0.7))])[0]
    generator = torch.Generator().manual_seed(rank)
    for _ in range(40):
        row, num_rows, first, before, after = (
            int(torch.randint(low, 60, (1,), generator=generator)) for low in (0, 1, 0, 0, 1)
        )
        company = torch.randn(row + num_rows, IN, generator=generator).to(dtype)
        company[row] = x
        start = first + before
        slab = _slab(dtype, capacity=start + rank + after)
        slab.write(first, _pair(before, dtype, seed=1))
        slab.write(start, pair)
        slab.write(start + rank, _pair(after, dtype, seed=2))
        rows = [
            RowUses(0, row, _use(first, start)),
            RowUses(row, 1, _use(start, start + rank, 0.7)),
            RowUses(row + 1, num_rows - 1, _use(start + rank, start + rank + after)),
        ]

        assert torch.equal(_added(slab, company, rows)[row], alone)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_row_has_the_same_bits_beside_ranges_far_away(dtype: torch.dtype) -> None:
    pair, x = _pair(64, dtype), torch.randn(2, IN).to(dtype)
    slab, reference = _slab(dtype, capacity=1100), None
    for start, other in [(0, 80), *((start, 0) for start in range(464, 624, 16)), (25, 700)]:
        slab.clear(0, 1104)
        slab.write(other, _pair(8, dtype, seed=1))
        slab.write(start, pair)
        rows = [RowUses(0, 1, _use(start, start + 64)), RowUses(1, 1, _use(other, other + 8))]
        added = _added(slab, x, rows)[0]
        reference = added if reference is None else reference

        assert torch.equal(added, reference)


@pytest.mark.parametrize("num_threads", [1, 2])
@pytest.mark.parametrize("rank", [1, 2, 16, 40])
def test_wide_row_has_the_same_bits_among_more_rows_and_adapters(
    rank: int, num_threads: int
) -> None:
    torch.set_num_threads(num_threads)  # the fixture of this module sets it back
    slab = AdapterSlab(OUT, 900, torch.bfloat16, CPU)
    slab.reserve(20 * rank)
    for index in range(20):
        a, b = torch.randn(rank, 900), torch.randn(OUT, rank)
        slab.write(index * rank, LoraPair(a, b))
    x = torch.randn(40, 900).bfloat16()
    uses = [_use(index % 20 * rank, (index % 20 + 1) * rank) for index in range(40)]
    together = _added(slab, x, [RowUses(row, 1, uses[row]) for row in range(40)])

    for row in range(0, 40, 7):
        alone = _added(slab, x[row : row + 1], [RowUses(0, 1, uses[row])])
        assert torch.equal(alone[0], together[row])


def test_rows_of_no_pass_keep_their_bits() -> None:
    slab = _slab(torch.bfloat16)
    slab.write(0, _pair(4, torch.bfloat16))
    x, y = torch.randn(6, IN).bfloat16(), torch.full((6, OUT), -0.0, dtype=torch.bfloat16)
    passes = build_passes([RowUses(2, 3, _use(0, 4))], torch.bfloat16, CPU)
    LinearAdapters([slab]).add(x, y, passes)

    assert y[[0, 1, 5]].signbit().all()
    assert y[2:5].count_nonzero() > 2 * OUT


def test_target_without_adapter_between_others_gets_nothing() -> None:
    slabs = [_slab(), AdapterSlab(OUT, IN, torch.float32, CPU), _slab()]
    for slab in (slabs[0], slabs[2]):
        slab.write(0, _pair(4, torch.float32))
    x, y = torch.randn(2, IN), torch.zeros(2, 3 * OUT)
    LinearAdapters(slabs).add(x, y, build_passes([RowUses(0, 2, _use(0, 4))], x.dtype, CPU))

    assert not y[:, OUT : 2 * OUT].any()
    assert y[:, :OUT].any()
    assert torch.equal(y[:, :OUT], y[:, 2 * OUT :])


def test_term_of_new_memory_is_used_after_growing() -> None:
    slab, x = _slab(capacity=4), torch.randn(2, IN)
    rows = [RowUses(0, 2, _use(0, 4))]
    assert not _added(slab, x, rows).any()
    slab.reserve(100)
    slab.write(0, _pair(4, torch.float32))

    assert _added(slab, x, rows).any()


def test_many_compositions_are_not_all_remembered() -> None:
    slab, x = _slab(capacity=64), torch.randn(1, IN)
    for first in range(40):
        _added(slab, x, [RowUses(0, 1, _use(first, first + 4))])

    assert len(slab._views) <= 16


def test_pieces_of_a_range_are_equal_and_never_single() -> None:
    assert list(rank_pieces(5, 6)) == [(5, 6)]
    assert list(rank_pieces(0, 32)) == [(0, 32)]
    assert list(rank_pieces(10, 43)) == [(10, 26), (26, 43)]
    assert [last - first for first, last in rank_pieces(3, 259)] == [32] * 8


def test_terms_of_a_bfloat16_network_are_computed_in_float32() -> None:
    slab = _slab(torch.bfloat16)

    assert slab.dtype == torch.float32
    assert slab.bytes_per_rank == 4 * (IN + OUT)


@pytest.mark.parametrize("rank", [3, 40])
def test_pair_of_a_lower_rank_than_its_range_adds_the_same(rank: int) -> None:
    slab, pair, x = (
        _slab(torch.float64, 80),
        _pair(rank, torch.float64),
        torch.randn(2, IN).double(),
    )
    slab.write(5, pair, 64)

    added = _added(slab, x, [RowUses(0, 2, _use(5, 69))])

    torch.testing.assert_close(added, x @ pair.a.t() @ pair.b.t())


@pytest.mark.parametrize("num_rows", [3, 4, 8, 9])
def test_leading_rows_get_the_same_bits_as_rows_further_on(num_rows: int) -> None:
    slab, x = _slab(torch.bfloat16), torch.randn(num_rows, IN).bfloat16()
    slab.write(0, _pair(8, torch.bfloat16))
    leading = _added(slab, x, [RowUses(0, num_rows, _use(0, 8))])

    later = _added(slab, torch.cat((x[:1], x)), [RowUses(1, num_rows, _use(0, 8))])

    assert torch.equal(later[1:], leading)
