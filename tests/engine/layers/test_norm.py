"""Root mean square normalisation."""

from __future__ import annotations

import pytest
import torch

from realm_desktop.engine.layers.norm import HeadNorm, RMSNorm
from tests.support.kernels import fastest_kernels, random_rows

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


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_norm_of_a_sum_replaces_the_sum(dtype: torch.dtype) -> None:
    hidden, term = (random_rows(3, 48, seed=seed).to(dtype) for seed in (1, 2))
    weight, total = torch.linspace(0.5, 1.5, 48).to(dtype), hidden + term
    expected = RMSNorm(weight, 1e-5)(total)

    for kernels in (None, fastest_kernels()):
        own = hidden.clone()
        out = RMSNorm(weight, 1e-5, kernels).add(own, term)

        assert torch.equal(own, total)
        torch.testing.assert_close(out, expected)


def test_norm_without_a_term_leaves_its_rows_alone() -> None:
    hidden = random_rows(3, 48)

    for kernels in (None, fastest_kernels()):
        norm = RMSNorm(torch.ones(48), 1e-5, kernels)

        assert torch.equal(norm.add(hidden, None), norm(hidden))
    assert torch.equal(hidden, random_rows(3, 48))


def test_norm_whose_result_is_held_gets_memory_of_its_own() -> None:
    norm = RMSNorm(torch.ones(48), 1e-5, fastest_kernels())
    first = norm(torch.ones(1, 48))

    norm(torch.zeros(1, 48))

    assert first.all()
