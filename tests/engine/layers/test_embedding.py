"""Token ids to vectors."""

from __future__ import annotations

import torch

from realm_desktop.engine.layers.embedding import Embedding
from realm_desktop.engine.quant.sample_blocks import random_quantized
from realm_desktop.formats.tensor_types import TensorType
from tests.support.kernels import fastest_kernels, pack_whole


def test_embedding_looks_up_rows_in_order() -> None:
    table = torch.arange(12.0).view(4, 3)

    rows = Embedding(table)(torch.tensor([2, 0, 2]))

    assert rows.tolist() == [[6.0, 7.0, 8.0], [0.0, 1.0, 2.0], [6.0, 7.0, 8.0]]


def test_embedding_gives_a_copy() -> None:
    table = torch.zeros(4, 3)

    Embedding(table)(torch.tensor([1])).add_(1.0)

    assert torch.equal(table, torch.zeros(4, 3))


def test_packed_embedding_gives_the_rows_of_the_file() -> None:
    weight = random_quantized(TensorType.Q6_K, (40, 256))
    table = pack_whole(fastest_kernels(), weight)
    ids = torch.tensor([39, 0, 39])

    embedding = Embedding((table,), torch.bfloat16)

    assert torch.equal(embedding(ids), weight.dequantize(torch.bfloat16)[ids])
    assert embedding.num_bytes == table.num_bytes
