"""Slabs in the layout of the compiled kernels: the same behaviour as those for torch, half as large."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from realm_desktop.engine.kernels.library import CpuKernels
from realm_desktop.engine.lora.adapter_file import LoraPair
from realm_desktop.engine.lora.passes import (
    RangeUse,
    RankRange,
    RowUses,
    build_packed_pass,
    build_passes,
)
from realm_desktop.engine.lora.slab import AdapterSlab, LinearAdapters
from tests.support.kernels import fastest_kernels

CPU = torch.device("cpu")
IN, OUT = 48, 80


@pytest.fixture(scope="module")
def kernels() -> CpuKernels:
    return fastest_kernels()


def _pair(rank: int, seed: int = 0) -> LoraPair:
    generator = torch.Generator().manual_seed(seed)
    a = torch.randn(rank, IN, generator=generator)
    return LoraPair(a, torch.randn(OUT, rank, generator=generator))


def _slab(kernels: CpuKernels | None, capacity: int = 64) -> AdapterSlab:
    slab = AdapterSlab(OUT, IN, torch.bfloat16, CPU, kernels)
    slab.reserve(capacity)
    return slab


def _x(num_rows: int) -> Tensor:
    return torch.randn(num_rows, IN, generator=torch.Generator().manual_seed(9)).bfloat16()


def _use(first: int, last: int, weight: float = 1.0) -> tuple[RangeUse, ...]:
    return (RangeUse(RankRange(first, last), weight),)


def _added(slabs: list[AdapterSlab] | LinearAdapters, x: Tensor, *rows: RowUses) -> Tensor:
    adapters = slabs if isinstance(slabs, LinearAdapters) else LinearAdapters(slabs)
    y = torch.zeros(x.shape[0], 3 * OUT, dtype=torch.bfloat16)
    adapters.add(x, y, build_packed_pass(rows))
    return y


@pytest.mark.parametrize("rank", [1, 8, 33, 512])
def test_term_is_that_of_the_slab_for_torch(kernels: CpuKernels, rank: int) -> None:
    slab, plain, x = _slab(kernels, 600), _slab(None, 600), _x(9)
    pair = _pair(rank)
    rounded = LoraPair(pair.a.bfloat16(), pair.b.bfloat16())
    rows = [RowUses(1, 5, _use(7, 7 + rank, 0.5)), RowUses(6, 2, _use(7, 7 + rank))]
    slab.write(7, pair)
    plain.write(7, rounded)
    y = torch.zeros(9, OUT, dtype=torch.bfloat16)
    LinearAdapters([plain]).add(x, y, build_passes(rows, torch.bfloat16, CPU))

    added = _added([slab], x, *rows)[:, :OUT]

    assert torch.equal(added[[0, 8]], torch.zeros(2, OUT, dtype=torch.bfloat16))
    # The other one rounds after every 32 ranks.
    slack = 0.008 * (1 + rank // 32) ** 0.5 * float(y.abs().max())
    torch.testing.assert_close(added, y, rtol=0.008, atol=slack if rank > 32 else 1e-3)


def test_memory_of_a_rank_is_that_of_its_bfloat16_values(kernels: CpuKernels) -> None:
    slab = _slab(kernels)

    assert slab.is_packed
    assert slab.dtype == torch.bfloat16
    assert slab.bytes_per_rank == 2 * (64 + 96)  # 48 and 80, rounded up to panels
    assert slab.capacity == 64


def test_other_networks_keep_the_layout_for_torch(kernels: CpuKernels) -> None:
    for dtype in (torch.float32, torch.float64):
        assert not AdapterSlab(OUT, IN, dtype, CPU, kernels).is_packed
    assert not AdapterSlab(OUT, IN, torch.bfloat16, torch.device("meta"), kernels).is_packed


def test_growing_keeps_what_is_there_and_is_noticed(kernels: CpuKernels) -> None:
    slab, x, rows = _slab(kernels, 4), _x(2), RowUses(0, 2, _use(0, 4))
    adapters = LinearAdapters([slab])
    assert not _added(adapters, x, rows).any()
    slab.write(0, _pair(4))
    before = _added(adapters, x, rows)
    slab.reserve(100)
    slab.write(90, _pair(4))

    assert before.any()
    assert torch.equal(_added(adapters, x, rows), before)
    assert torch.equal(_added(adapters, x, RowUses(0, 2, _use(90, 94))), before)


def test_cleared_ranks_and_memory_given_back_add_nothing(kernels: CpuKernels) -> None:
    slab, x, rows = _slab(kernels), _x(2), RowUses(0, 2, _use(3, 7))
    adapters = LinearAdapters([slab])
    slab.write(3, _pair(4))
    assert _added(adapters, x, rows).any()
    slab.clear(3, 7)
    assert not _added(adapters, x, rows).any()
    slab.give_back()

    assert slab.capacity == 0
    assert not _added(adapters, x, rows).any()


def test_pair_of_a_lower_rank_than_its_range_adds_the_same(kernels: CpuKernels) -> None:
    lower, exact, x = _slab(kernels, 80), _slab(kernels, 80), _x(5)
    lower.write(5, _pair(40), 64)
    exact.write(5, _pair(40))

    added = _added([lower], x, RowUses(0, 5, _use(5, 69)))

    assert torch.equal(added, _added([exact], x, RowUses(0, 5, _use(5, 45))))


def test_ranks_reused_by_another_rank_hold_nothing_of_the_old(kernels: CpuKernels) -> None:
    slab, fresh, x = _slab(kernels), _slab(kernels), _x(3)
    slab.write(0, _pair(48, seed=1))
    slab.clear(0, 20)
    for each in (slab, fresh):
        each.write(0, _pair(13), 20)
    rows = RowUses(0, 3, _use(0, 20))

    assert torch.equal(_added([slab], x, rows), _added([fresh], x, rows))


def test_target_without_adapter_between_others_gets_nothing(kernels: CpuKernels) -> None:
    slabs = [_slab(kernels), AdapterSlab(OUT, IN, torch.bfloat16, CPU, kernels), _slab(kernels)]
    slabs[0].write(0, _pair(4))
    slabs[2].write(0, _pair(4))

    y = _added(slabs, _x(2), RowUses(0, 2, _use(0, 4)))

    assert not y[:, OUT : 2 * OUT].any()
    assert y[:, :OUT].any()
    assert torch.equal(y[:, :OUT], y[:, 2 * OUT :])


def test_row_has_the_same_bits_in_every_mix(kernels: CpuKernels) -> None:
    slab, x = _slab(kernels, 300), _x(40)
    ranks = [1, 7, 16, 33, 64]
    firsts = [sum(ranks[:index]) for index in range(5)]
    for seed, (first, rank) in enumerate(zip(firsts, ranks, strict=True)):
        slab.write(first, _pair(rank, seed))
    generator = torch.Generator().manual_seed(0)
    adapters = LinearAdapters([slab])

    for _ in range(60):
        picks = torch.randint(0, 5, (40, 2), generator=generator).tolist()
        mixes = [
            tuple(use for pick in row for use in _use(firsts[pick], firsts[pick] + ranks[pick]))
            for row in picks
        ]
        together = _added(adapters, x, *(RowUses(i, 1, mix) for i, mix in enumerate(mixes)))
        row = int(torch.randint(0, 40, (1,), generator=generator))
        alone = _added(adapters, x[row : row + 1], RowUses(0, 1, mixes[row]))
        assert torch.equal(together[row], alone[0])
