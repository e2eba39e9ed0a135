"""The arrays of one step."""

from __future__ import annotations

import torch

from realm_desktop.engine.batch import Batch, Segment


def test_batch_counts_its_rows() -> None:
    rows = torch.arange(5)

    batch = Batch(rows, rows, rows, rows[:1], (Segment(0, 5, 0, (0,)),))

    assert batch.num_rows == 5
