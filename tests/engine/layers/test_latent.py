"""Heads of latent attention: where each value of a file's head goes."""

from __future__ import annotations

from dataclasses import replace

import torch

from realm_desktop.engine.architecture.latent import LatentSpec
from realm_desktop.engine.layers.latent import LatentProjection, LatentUp, head_order
from realm_desktop.engine.layers.linear import Linear
from realm_desktop.engine.layers.norm import RMSNorm

SPEC = LatentSpec(query_rank=0, key_rank=6, plain_dim=4, rotated_dim=4, value_dim=6)


def test_rotated_values_stand_first_in_each_half() -> None:
    # Plain values 0 to 3, then the pairs (4, 5) and (6, 7).
    assert head_order(SPEC).tolist() == [4, 6, 0, 1, 5, 7, 2, 3]


def test_rotated_values_may_lie_in_split_halves() -> None:
    assert head_order(replace(SPEC, is_interleaved=False)).tolist() == [4, 5, 0, 1, 6, 7, 2, 3]


def test_longer_values_pad_the_keys() -> None:
    spec = LatentSpec(query_rank=0, key_rank=6, plain_dim=2, rotated_dim=2, value_dim=7)

    assert spec.head_dim == 8
    assert head_order(spec).tolist() == [2, 0, 1, 4, 3, 4, 4, 4]


def test_projection_gives_queries_keys_and_values() -> None:
    generator = torch.Generator().manual_seed(0)
    weights = [
        torch.randn(shape, generator=generator, dtype=torch.float64)
        for shape in ((2 * 8 + 6 + 4, 10), (2 * 4, 6), (2 * 6, 6))
    ]
    x = torch.randn(3, 10, generator=generator, dtype=torch.float64)
    norm = RMSNorm(torch.ones(6, dtype=torch.float64), 1e-6)
    down, key, value = (Linear(weight.clone()) for weight in weights)
    projection = LatentProjection(SPEC, 2, down, norm, LatentUp(key, value))

    heads = projection(x).view(3, 6, 8)

    query, latent, shared = torch.split(x @ weights[0].T, [16, 6, 4], 1)
    latent = norm(latent.contiguous())
    keys = torch.cat(
        ((latent @ weights[1].T).view(3, 2, 4), shared.unsqueeze(1).expand(-1, 2, -1)), 2
    )
    order = head_order(SPEC)
    torch.testing.assert_close(heads[:, :2], query.view(3, 2, 8)[..., order])
    torch.testing.assert_close(heads[:, 2:4], keys[..., order])
    torch.testing.assert_close(heads[:, 4:, :6], (latent @ weights[2].T).view(3, 2, 6))
    assert not heads[:, 4:, 6:].any()


def test_padding_of_values_is_taken_off_again() -> None:
    empty = RMSNorm(torch.ones(6), 1e-6)
    linear = Linear(torch.zeros(26, 10))
    projection = LatentProjection(SPEC, 2, linear, empty, LatentUp(linear, linear))
    attended = torch.arange(32.0).view(2, 16)

    rows = projection.without_padding(attended)

    assert rows.tolist() == [[*range(6), *range(8, 14)], [*range(16, 22), *range(24, 30)]]
