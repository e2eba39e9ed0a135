"""Packed experts give what experts one by one give, and padding chooses none."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import pytest
import torch
from torch import Tensor

from realm_desktop.engine.kernels.expert_operations import (
    ExpertsKernel,
    PackedExpert,
    RouterKernel,
)
from realm_desktop.engine.kernels.library import CpuKernels
from realm_desktop.engine.kernels.packed_matrix import PackedMatrix, PackedProduct
from realm_desktop.engine.kernels.row_operations import GateKernel
from realm_desktop.engine.layers.experts import Expert, ExpertMLP, SharedExpert, expert_gate
from realm_desktop.engine.layers.linear import Linear
from realm_desktop.engine.layers.mlp import GatedMLP
from realm_desktop.engine.layers.packed_experts import PackedExpertMLP
from realm_desktop.engine.layers.router import Router
from realm_desktop.engine.quant.sample_blocks import random_quantized
from realm_desktop.formats.tensor_types import TensorType
from tests.support.kernels import fastest_kernels, pack_whole, random_rows
from tests.support.small_experts import HIDDEN, NUM_EXPERTS, WIDE
from tests.support.small_experts import SPEC as PLAIN_SPEC

pytestmark = pytest.mark.usefixtures("one_thread")

SPEC = replace(PLAIN_SPEC, shared_size=WIDE)
ROUTER = random_rows(NUM_EXPERTS, HIDDEN, seed=7) / math.sqrt(HIDDEN)
SHARED_GATE = random_rows(1, HIDDEN, seed=8) / math.sqrt(HIDDEN)
DTYPES = (torch.float32, torch.bfloat16)


@cache
def kernels() -> CpuKernels:
    """One library for all parts of a product."""
    return fastest_kernels()


def matrix(rows: int, columns: int, seed: int) -> PackedMatrix:
    return pack_whole(kernels(), random_quantized(TensorType.Q8_0, (rows, columns), seed))


def weights(index: int) -> tuple[tuple[PackedMatrix, ...], tuple[PackedMatrix, ...]]:
    """Gate and up, and down, of one expert."""
    wide = tuple(matrix(WIDE, HIDDEN, 10 * index + part) for part in range(2))
    return wide, (matrix(HIDDEN, WIDE, 10 * index + 2),)


def shared_mlp() -> GatedMLP:
    gate_up, down = weights(99)
    return GatedMLP(Linear(gate_up), Linear(down), kernels())


def packed_mlp(*, has_shared: bool) -> PackedExpertMLP:
    experts = [
        PackedExpert(*(PackedProduct(own) for own in weights(index)))
        for index in range(NUM_EXPERTS)
    ]
    return PackedExpertMLP(
        RouterKernel(kernels(), SPEC, ROUTER, shared=SHARED_GATE),
        ExpertsKernel(kernels(), experts, GateKernel(kernels(), WIDE), 2),
        shared_mlp() if has_shared else None,
    )


def single_mlp(*, has_shared: bool) -> ExpertMLP:
    experts = [Expert(*(Linear(own) for own in weights(index))) for index in range(NUM_EXPERTS)]
    shared = SharedExpert(shared_mlp(), Linear(SHARED_GATE)) if has_shared else None
    gate = expert_gate(SPEC, kernels())
    return ExpertMLP(Router(SPEC, ROUTER), experts, gate, shared)


def rows(count: int, dtype: torch.dtype) -> Tensor:
    return random_rows(count, HIDDEN, seed=3).to(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("has_shared", [False, True])
def test_result_is_that_of_single_experts(has_shared: bool, dtype: torch.dtype) -> None:
    x = rows(9, dtype)

    y = packed_mlp(has_shared=has_shared)(x, 9)

    expected = single_mlp(has_shared=has_shared)(x, 9)
    tolerance = 1e-5 if dtype == torch.float32 else 1e-2
    assert (y.double() - expected.double()).norm() < tolerance * expected.double().norm()


@pytest.mark.parametrize("dtype", DTYPES)
def test_row_has_the_same_bits_in_every_batch(dtype: torch.dtype) -> None:
    mlp, x = packed_mlp(has_shared=True), rows(70, dtype)
    whole = mlp(x, 70).clone()

    for start, count in ((0, 1), (69, 1), (1, 2), (4, 7), (3, 33), (2, 64)):
        assert torch.equal(mlp(x[start : start + count], count), whole[start : start + count])


def test_padding_rows_choose_no_expert() -> None:
    mlp, x = packed_mlp(has_shared=True), rows(8, torch.float32)
    expected = mlp(x[:5], 5).clone()
    x[5:] = math.nan

    y = mlp(x, 5)

    assert torch.equal(y[:5], expected)
    assert not y[5:].any()


def test_all_weights_are_counted() -> None:
    mlp = packed_mlp(has_shared=True)

    own = sum(
        part.num_bytes for index in range(NUM_EXPERTS) for one in weights(index) for part in one
    )
    assert mlp.num_bytes == own + 4 * (NUM_EXPERTS + 1) * HIDDEN
    assert len(mlp.linears) == 2
