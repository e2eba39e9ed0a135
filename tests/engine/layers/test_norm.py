"""Normalisation of rows and of heads."""

from __future__ import annotations

import pytest
import torch

from realm_desktop.engine.layers.norm import HeadNorm, LayerNorm, PlainSum, RMSNorm
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


def test_head_norm_of_each_head_has_its_own_weight() -> None:
    heads = torch.randn(5, 6, 8, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    weights = torch.arange(48, dtype=torch.float64).view(6, 8)

    out = HeadNorm(weights[:4], weights[4:], 4, 2, 1e-6, "layer")(heads)

    centred = heads - heads.mean(-1, keepdim=True)
    expected = centred / (centred.pow(2).mean(-1, keepdim=True) + 1e-6).sqrt() * weights
    torch.testing.assert_close(out, expected)


@pytest.mark.parametrize("num_kv_heads", [2, 4])
def test_whole_head_norm_sees_all_heads_as_one_row(num_kv_heads: int) -> None:
    num_all = 4 + num_kv_heads
    heads = torch.randn(
        3, num_all, 8, generator=torch.Generator().manual_seed(0), dtype=torch.float64
    )
    query, key = torch.linspace(1, 2, 32).double(), torch.linspace(3, 4, 8 * num_kv_heads).double()

    out = HeadNorm(query, key, 4, num_kv_heads, 1e-6, is_whole=True)(heads).flatten(1)

    torch.testing.assert_close(out[:, :32], RMSNorm(query, 1e-6)(heads.flatten(1)[:, :32]))
    torch.testing.assert_close(out[:, 32:], RMSNorm(key, 1e-6)(heads.flatten(1)[:, 32:]))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("is_layer", [False, True])
def test_kernels_norm_and_add_as_torch_does(is_layer: bool, dtype: torch.dtype) -> None:
    weight, bias = torch.linspace(0.5, 1.5, 48), torch.linspace(-1, 1, 48)
    results = []
    for kernels in (None, fastest_kernels()):
        norm: RMSNorm | LayerNorm = RMSNorm(weight.to(dtype), 1e-5, kernels, multiplier=0.5)
        if is_layer:
            norm = LayerNorm(weight.to(dtype), bias.to(dtype), 1e-5, kernels, multiplier=0.5)
        hidden, term = random_rows(3, 48).to(dtype), random_rows(3, 48, seed=2).to(dtype)
        results.append((norm.add(hidden, term).clone(), hidden, norm(random_rows(3, 48).to(dtype))))

    for plain, compiled in zip(*results, strict=True):
        torch.testing.assert_close(plain, compiled, rtol=2e-2, atol=2e-2)
    assert torch.equal(results[0][1], results[1][1])


@pytest.mark.parametrize("multiplier", [1.0, 0.5])
def test_plain_sum_gives_the_rows_themselves(multiplier: float) -> None:
    for kernels in (None, fastest_kernels()):
        plain, hidden = PlainSum(8, kernels, multiplier=multiplier), torch.ones(2, 8)

        assert plain.add(hidden, None) is hidden
        assert torch.equal(hidden, torch.ones(2, 8))
        assert plain.add(hidden, torch.full((2, 8), 3.0)) is hidden
        assert torch.equal(hidden, torch.full((2, 8), 1.0 + 3.0 * multiplier))


def test_weight_wider_than_the_rows_is_not_rounded() -> None:
    x, weight = torch.full((1, 8), 3.0).bfloat16(), torch.full((8,), 1.0009765625)

    for kernels in (None, fastest_kernels()):
        out = RMSNorm(weight, 0.0, kernels)(x)

        assert (out.dtype, out[0, 0].item()) == (torch.bfloat16, 1.0)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float64])
def test_layer_norm_centres_and_scales_each_row(dtype: torch.dtype) -> None:
    x = torch.randn(33, 48, generator=torch.Generator().manual_seed(0)).to(dtype)
    weight, bias = torch.linspace(0.5, 1.5, 48).to(dtype), torch.linspace(-1, 1, 48).to(dtype)
    norm = LayerNorm(weight, bias, 1e-5)

    whole = norm(x)

    centred = x.double() - x.double().mean(-1, keepdim=True)
    expected = centred / (centred.pow(2).mean(-1, keepdim=True) + 1e-5).sqrt() * weight + bias
    torch.testing.assert_close(whole.double(), expected, rtol=2e-2, atol=2e-2)
    assert all(torch.equal(norm(x[:count]), whole[:count]) for count in (1, 2, 16))


def test_layer_norm_of_a_sum_replaces_the_sum() -> None:
    hidden, term = random_rows(3, 48), random_rows(3, 48, seed=2)
    norm = LayerNorm(torch.ones(48), None, 1e-5)
    total = hidden + term

    out = norm.add(hidden, term)

    assert torch.equal(hidden, total)
    assert torch.equal(out, norm.add(total.clone(), None))


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
