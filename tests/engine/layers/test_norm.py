"""Root mean square normalisation."""

from __future__ import annotations

import pytest
import torch

from realm_desktop.engine.layers.norm import HeadNorm, RMSNorm

pytestmark = pytest.mark.usefixtures("one_thread")


def test_norm_divides_by_the_root_mean_square() -> None:
    x = torch.tensor([[3.0, -4.0], [0.0, 0.0]], dtype=torch.float64)
    weight = torch.tensor([2.0, 0.5], dtype=torch.float64)

    out = RMSNorm(weight, 1e-12)(x)

    root = (12.5 + 1e-12) ** 0.5
    expected = torch.tensor([[6.0 / root, -2.0 / root], [0.0, 0.0]], dtype=torch.float64)
    torch.testing.assert_close(out, expected)


def test_norm_leaves_its_argument_alone() -> None:
    x = torch.ones(2, 8)

    RMSNorm(torch.full((8,), 3.0), 1e-5)(x)

    assert torch.equal(x, torch.ones(2, 8))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("width", [64, 172, 2048])
def test_row_has_the_same_bits_among_any_others(width: int, dtype: torch.dtype) -> None:
    x = torch.randn(70, width, generator=torch.Generator().manual_seed(0)).to(dtype)
    norm = RMSNorm(torch.linspace(0.5, 1.5, width).to(dtype), 1e-5)
    whole = norm(x)

    for count in (1, 2, 3, 16, 33, 69):
        assert torch.equal(norm(x[:count]), whole[:count])


def test_head_norm_gives_queries_and_keys_their_own_weight() -> None:
    heads = torch.randn(5, 6, 8, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    query, key = (torch.linspace(*ends, 8, dtype=torch.float64) for ends in ((1, 2), (3, 4)))

    out = HeadNorm(query, key, 4, 2, 1e-6)(heads)

    torch.testing.assert_close(out[:, :4], RMSNorm(query, 1e-6)(heads[:, :4]))
    torch.testing.assert_close(out[:, 4:], RMSNorm(key, 1e-6)(heads[:, 4:]))
