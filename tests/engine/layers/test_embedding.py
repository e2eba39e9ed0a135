"""Token ids to vectors."""

from __future__ import annotations

import torch

from realm_desktop.engine.layers.embedding import Embedding


def test_embedding_looks_up_rows_in_order() -> None:
    table = torch.arange(12.0).view(4, 3)

    rows = Embedding(table)(torch.tensor([2, 0, 2]))

    assert rows.tolist() == [[6.0, 7.0, 8.0], [0.0, 1.0, 2.0], [6.0, 7.0, 8.0]]


def test_embedding_gives_a_copy() -> None:
    table = torch.zeros(4, 3)

    Embedding(table)(torch.tensor([1])).add_(1.0)

    assert torch.equal(table, torch.zeros(4, 3))
