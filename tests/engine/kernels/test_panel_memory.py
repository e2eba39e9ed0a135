"""Small matrices lie side by side in large pieces of memory, larger ones by themselves."""

from __future__ import annotations

import gc
from itertools import pairwise

import pytest

from realm_desktop.engine.kernels.library import CpuKernels
from realm_desktop.engine.kernels.panel_memory import PANEL_ALIGNMENT, PanelMemory


def test_small_pieces_lie_side_by_side(fastest: CpuKernels) -> None:
    memory = PanelMemory(fastest)

    first, second, third = (memory.take(size) for size in (1000, 64, 7))

    assert (first.numel(), second.numel(), third.numel()) == (1000, 64, 7)
    assert second.data_ptr() - first.data_ptr() == 1024
    assert third.data_ptr() - second.data_ptr() == 64
    assert first.data_ptr() % PANEL_ALIGNMENT == 0


@pytest.mark.parametrize("size", [8 << 20, (8 << 20) + 1, 100 << 20])
def test_pieces_of_any_size_are_apart(fastest: CpuKernels, size: int) -> None:
    memory = PanelMemory(fastest)
    pieces = [memory.take(size) for _ in range(6)]

    starts = sorted(piece.data_ptr() for piece in pieces)

    assert all(start % PANEL_ALIGNMENT == 0 for start in starts)
    assert all(later - start >= size for start, later in pairwise(starts))


def test_pieces_keep_their_memory(fastest: CpuKernels) -> None:
    memory = PanelMemory(fastest)
    pieces = [memory.take(1 << 20).fill_(number) for number in range(40)]
    del memory
    gc.collect()

    assert all(int(piece.min()) == int(piece.max()) == i for i, piece in enumerate(pieces))
