"""The arrays of one step."""

from __future__ import annotations

import torch

from realm_desktop.engine.batch import Batch, Segment


def test_batch_counts_its_rows() -> None:
    rows = torch.arange(5)

    batch = Batch(rows, rows, rows, rows[:1], (Segment(0, 5, 0, (0,)),))

    assert batch.num_rows == 5


def test_layers_with_a_window_have_blocks_and_slots_of_their_own() -> None:
    rows, window_slots = torch.arange(5), torch.arange(5, 10)
    segment = Segment(0, 5, 0, (3,), (7,))
    batch = Batch(rows, rows, rows, rows, (segment,), window_slots=window_slots)

    assert (segment.blocks_of(None), segment.blocks_of(90)) == ((3,), (7,))
    assert batch.slots_of(None) is rows
    assert batch.slots_of(90) is window_slots


def test_one_kind_of_blocks_serves_all_layers() -> None:
    rows, segment = torch.arange(5), Segment(0, 5, 0, (3,))

    assert segment.blocks_of(90) == (3,)
    assert Batch(rows, rows, rows, rows, (segment,)).slots_of(90) is rows
