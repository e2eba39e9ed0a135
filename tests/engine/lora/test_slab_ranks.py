"""Rank ranges: side by side, reused, given up for others, never while in use."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from realm_desktop.engine.architecture.tensor_names import Part
from realm_desktop.engine.lora.adapter_file import Adapter, LoraPair
from realm_desktop.engine.lora.slab import AdapterSlab
from realm_desktop.engine.lora.slab_ranks import SlabRanks
from realm_desktop.engine.lora.targets import Target
from realm_desktop.errors import OutOfMemory

TARGET = Target(0, Part.QUERY)
BYTES_PER_RANK = 16 * 4


def _slab_ranks(max_ranks: int) -> SlabRanks:
    slab = AdapterSlab(8, 8, torch.float32, torch.device("cpu"))
    return SlabRanks({TARGET: slab}, max_ranks * BYTES_PER_RANK)


def _adapter(rank: int) -> Adapter:
    pair = LoraPair(torch.ones(rank, 8), torch.ones(8, rank))
    return Adapter("a", (rank,), 1.0, "", {TARGET: pair})


def _no_victim() -> None:
    return None


def _place(ranks: SlabRanks, generation: int, rank: int) -> None:
    placement = ranks.begin(_adapter(rank), _no_victim)
    assert placement is not None
    assert placement.advance(1 << 30)
    ranks.settle(generation)


def test_ranges_lie_side_by_side_and_gaps_are_filled() -> None:
    ranks = _slab_ranks(64)
    for generation, rank in ((1, 5), (2, 7), (3, 4)):
        _place(ranks, generation, rank)
    ranks.retire(2)
    _place(ranks, 4, 6)

    assert [ranks.ranks(each) for each in (1, 4, 3)] == [(0, 5), (5, 11), (12, 16)]
    assert 2 not in ranks


def test_retired_generation_keeps_its_ranks_until_its_last_user_ends() -> None:
    ranks = _slab_ranks(64)
    _place(ranks, 1, 5)
    ranks.hold(1)
    ranks.hold(1)
    ranks.retire(1)
    assert (ranks.num_users(1), ranks.num_active) == (2, 5)

    ranks.release(1)
    assert 1 in ranks
    ranks.release(1)
    assert 1 not in ranks
    assert ranks.num_bytes == 0


def test_victims_go_until_there_is_room() -> None:
    ranks = _slab_ranks(16)
    for generation in (1, 2, 3, 4):
        _place(ranks, generation, 4)
    victims = iter([3, 1, 2])

    placement = ranks.begin(_adapter(8), lambda: next(victims))

    assert placement is not None
    assert placement.ranks == (0, 8)  # one gap of 4 was no room, nor were two apart
    assert [each in ranks for each in (1, 2, 3, 4)] == [False, False, False, True]


def test_without_victims_there_is_no_placement() -> None:
    ranks = _slab_ranks(16)
    _place(ranks, 1, 12)

    assert ranks.begin(_adapter(8), _no_victim) is None
    assert 1 in ranks


def test_adapter_that_could_never_fit_drives_nobody_out() -> None:
    ranks = _slab_ranks(16)
    _place(ranks, 1, 12)

    with pytest.raises(OutOfMemory, match=r"a needs 0\.0 MB"):
        ranks.begin(_adapter(17), lambda: 1)
    assert 1 in ranks


def test_cancelled_placement_gives_its_ranks_back() -> None:
    ranks = _slab_ranks(16)
    placement = ranks.begin(_adapter(8), _no_victim)
    assert placement is not None
    placement.advance(1 << 30)

    ranks.cancel()

    assert ranks.num_bytes == 0
    _place(ranks, 1, 8)
    assert ranks.ranks(1) == (0, 8)


def test_matrices_brought_along_whole_count() -> None:
    slab = AdapterSlab(8, 8, torch.float32, torch.device("cpu"))
    ranks = SlabRanks({TARGET: slab}, 32 * BYTES_PER_RANK, lambda part, matrix: matrix.mul)
    own = replace(_adapter(4), saved={Part.HEAD: torch.zeros(16, 16)})
    placement = ranks.begin(own, _no_victim)
    assert placement is not None
    assert placement.advance(1 << 30)
    ranks.settle(1)

    assert ranks.num_bytes == 32 * BYTES_PER_RANK
    assert ranks.has_saved
    assert ranks.begin(_adapter(16), _no_victim) is None
