"""Norms, gates and heads of all kinds agree with float64, and with each other in every bit."""

from __future__ import annotations

from typing import Literal

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from realm_desktop.engine.kernels.library import CpuKernels, KernelLibrary
from realm_desktop.engine.kernels.row_operations import (
    GateKernel,
    HeadLayout,
    HeadNormWeights,
    HeadsKernel,
    NormKernel,
    SumKernel,
)
from realm_desktop.engine.layers.experts import ClampedGate
from realm_desktop.engine.layers.rotary import rotate
from tests.support.kernels import random_rows

DTYPES = (torch.float32, torch.bfloat16)
WIDTHS = (256, 8, 33, 172)
LAYOUT = HeadLayout(4, 2, 24)
NUM_POSITIONS = 50


def near(result: Tensor, expected: Tensor) -> None:
    bound = 2.0**-8 if result.dtype == torch.bfloat16 else 5e-6
    torch.testing.assert_close(result.double(), expected, rtol=bound, atol=bound)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("has_bias", [False, True])
def test_layer_norm_agrees_with_float64(
    kernels: CpuKernels, width: int, dtype: torch.dtype, has_bias: bool
) -> None:
    weight = torch.linspace(0.5, 1.5, width)
    bias = torch.linspace(-1.0, 1.0, width) if has_bias else None
    x = (random_rows(5, width) + 3.0).to(dtype)

    y = NormKernel(kernels, weight, 1e-5, bias=bias, kind="layer")(x)

    wide = None if bias is None else bias.double()
    near(y, functional.layer_norm(x.double(), (width,), weight.double(), wide, 1e-5))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("width", WIDTHS)
def test_multiplied_term_is_added_and_rounded_once(
    kernels: CpuKernels, width: int, dtype: torch.dtype
) -> None:
    hidden, term = random_rows(5, width).to(dtype), random_rows(5, width, seed=2).to(dtype)
    expected = (hidden.float() + term.float() * 0.22).to(dtype)
    norm = NormKernel(kernels, torch.ones(width), 1e-6, multiplier=0.22)
    other = hidden.clone()

    y = norm(hidden, term)
    SumKernel(kernels, width, 0.22)(other, term)

    assert torch.equal(hidden, expected)
    assert torch.equal(other, expected)
    assert torch.equal(y, norm(expected))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("width", WIDTHS)
def test_activation_without_a_gate_agrees_with_float64(
    kernels: CpuKernels, width: int, dtype: torch.dtype
) -> None:
    x = 3 * random_rows(5, width).to(dtype)

    y = GateKernel(kernels, width, "gelu_tanh", is_gated=False)(x)

    near(y, functional.gelu(x.double(), approximate="tanh"))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("width", WIDTHS)
def test_clamped_gate_agrees_with_float64(
    kernels: CpuKernels, width: int, dtype: torch.dtype
) -> None:
    gate_up = 5 * random_rows(5, 2 * width).to(dtype)

    y = GateKernel(kernels, width, "clamped", alpha=1.702, limit=7.0)(gate_up)

    near(y, ClampedGate(1.702, 7.0)(gate_up.double()))


def test_clamped_gate_of_extreme_values_is_that_of_its_limits(kernels: CpuKernels) -> None:
    gate = torch.tensor([-3e38, -1e4, 1e4, 3e38, float("nan"), 1.0, 1.0])
    up = torch.tensor([1.0, 1.0, 3e38, -3e38, 1.0, float("nan"), 0.0])

    y = GateKernel(kernels, 7, "clamped", alpha=1.0, limit=7.0)(torch.cat((gate, up))[None])[0]

    assert y[:2].tolist() == pytest.approx([0.0, 0.0], abs=1e-30)
    assert y[2:4].tolist() == pytest.approx([55.949, -41.962], rel=1e-4)
    assert y[4:6].isnan().all()
    assert y[6].item() == pytest.approx(0.73106, rel=1e-4)


def norm_weights(is_shared: bool) -> tuple[Tensor, Tensor]:
    """Of query heads and of key heads."""
    query = torch.linspace(0.5, 1.5, LAYOUT.num_heads * LAYOUT.head_dim)
    key = torch.linspace(2.0, -1.0, LAYOUT.num_kv_heads * LAYOUT.head_dim)
    query, key = query.view(-1, LAYOUT.head_dim), key.view(-1, LAYOUT.head_dim)
    return (query[0].clone(), key[0].clone()) if is_shared else (query, key)


def normed(heads: Tensor, weight: Tensor, kind: str, *, is_whole: bool) -> Tensor:
    """By the definition, in float64."""
    rows = heads.double().flatten(1) if is_whole else heads.double()
    if kind == "layer":
        rows = rows - rows.mean(-1, keepdim=True)
    rows = rows / (rows.pow(2).mean(-1, keepdim=True) + 1e-5).sqrt()
    return rows.view(heads.shape) * weight.double()


def turned_heads(
    kernels: CpuKernels, qkv: Tensor, norm: HeadNormWeights | None, factors: Tensor | None = None
) -> tuple[Tensor, Tensor, tuple[Tensor, Tensor]]:
    """Queries, keys and values as stored, and the tables of the rows."""
    angles = torch.rand(NUM_POSITIONS, 1, 12, generator=torch.Generator().manual_seed(0)) * 6
    cos, sin = angles.cos(), angles.sin()
    tables = torch.cat((cos, cos), 2), torch.cat((-sin, sin), 2)
    positions = torch.tensor([7, 3, 49])
    pool = torch.zeros(2, LAYOUT.num_kv_heads, 3, LAYOUT.head_dim, dtype=qkv.dtype)
    kernel = HeadsKernel(kernels, LAYOUT, positions, *tables, factors)
    queries = kernel(qkv, pool, None, norm).clone()
    return queries, pool, (tables[0][positions], tables[1][positions])


@pytest.mark.parametrize("kind", ["rms", "layer"])
@pytest.mark.parametrize("form", ["shared", "own", "whole"])
def test_norms_of_heads_of_all_kinds_come_before_the_rotation(
    kernels: CpuKernels, kind: Literal["rms", "layer"], form: str
) -> None:
    query, key = norm_weights(form == "shared")
    is_whole = form == "whole"
    qkv = random_rows(3, 8 * LAYOUT.head_dim) + 0.5

    norm = HeadNormWeights(query, key, 1e-5, kind, is_whole=is_whole)
    queries, pool, tables = turned_heads(kernels, qkv, norm)

    heads = qkv.view(3, -1, LAYOUT.head_dim)
    for weight, found, own in (
        (query, queries, heads[:, :4]),
        (key, pool[0].transpose(0, 1), heads[:, 4:6]),
    ):
        wide = tuple(table.double() for table in tables)
        near(found, rotate(normed(own, weight, kind, is_whole=is_whole), *wide))
    assert torch.equal(pool[1].transpose(0, 1), heads[:, 6:])


@pytest.mark.parametrize("dtype", DTYPES)
def test_factors_are_those_of_the_positions_of_queries(
    kernels: CpuKernels, dtype: torch.dtype
) -> None:
    qkv = random_rows(3, 8 * LAYOUT.head_dim).to(dtype)
    factors = torch.linspace(1.0, 3.0, NUM_POSITIONS)

    queries, pool, _ = turned_heads(kernels, qkv, None, factors)

    plain, plain_pool, _ = turned_heads(kernels, qkv.float(), None)
    near(queries, plain.double() * factors[[7, 3, 49]].double().view(-1, 1, 1))
    assert torch.equal(pool, plain_pool.to(dtype))


@pytest.mark.parametrize("dtype", DTYPES)
def test_all_instruction_sets_give_the_same_bits(
    library: KernelLibrary, dtype: torch.dtype
) -> None:
    x, term = random_rows(4, 1000).to(dtype), random_rows(4, 1000, seed=2).to(dtype)
    qkv = random_rows(3, 8 * LAYOUT.head_dim).to(dtype)
    results = []
    for name in library.instruction_sets:
        one = CpuKernels(library, name)
        weight = torch.linspace(0, 1, 1000)
        layer_norm = NormKernel(one, weight, 1e-5, bias=weight, kind="layer", multiplier=0.3)
        whole = HeadNormWeights(*norm_weights(False), 1e-5, "layer", is_whole=True)
        gate = GateKernel(one, 500, "clamped", alpha=1.7, limit=2.0)
        heads = turned_heads(one, qkv, whole)[:2]
        results.append((layer_norm(x.clone(), term), gate(x), *heads))

    for found in results:
        assert all(torch.equal(*pair) for pair in zip(found, results[0], strict=True))


def test_what_does_not_fit_is_refused(fastest: CpuKernels) -> None:
    with pytest.raises(ValueError, match="bias of a norm"):
        NormKernel(fastest, torch.ones(8), 1e-5, bias=torch.ones(7))
    with pytest.raises(ValueError, match="expected"):
        SumKernel(fastest, 8)(torch.zeros(2, 8), torch.zeros(1, 8))
    with pytest.raises(ValueError, match="factors of queries"):
        turned_heads(fastest, torch.zeros(3, 8 * 24), None, torch.ones(NUM_POSITIONS - 1))
    other = HeadNormWeights(torch.ones(3, 24), torch.ones(2, 24), 1e-5)
    with pytest.raises(ValueError, match="weights of head norms"):
        turned_heads(fastest, torch.zeros(3, 8 * 24), other)
    with pytest.raises(ValueError, match="expected"):
        GateKernel(fastest, 8, is_gated=False)(torch.zeros(2, 16))
