"""Experts: the weighted sum of those chosen, bitwise the same for a row among any others."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from realm_desktop.engine.kernels.library import CpuKernels
from realm_desktop.engine.layers.experts import (
    ClampedGate,
    Expert,
    ExpertMLP,
    SharedExpert,
    expert_gate,
)
from realm_desktop.engine.layers.linear import Linear
from realm_desktop.engine.layers.mlp import GatedMLP
from realm_desktop.engine.layers.router import Router
from realm_desktop.engine.quant.sample_blocks import random_quantized
from realm_desktop.engine.quant.tensor import QTensor
from realm_desktop.engine.weights.linear_weight import LinearWeight, RawMatrices
from realm_desktop.formats.tensor_types import TensorType
from tests.support.kernels import fastest_kernels, pack_whole
from tests.support.small_experts import HIDDEN, NUM_EXPERTS, SPEC, WIDE

pytestmark = pytest.mark.usefixtures("one_thread")


def draw(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def matrix(rows: int, columns: int, seed: int) -> Tensor:
    return draw(rows, columns, seed=seed) / math.sqrt(columns)


def plain_experts(dtype: torch.dtype) -> list[Expert]:
    return [
        Expert(
            Linear(matrix(2 * WIDE, HIDDEN, 10 + index).to(dtype)),
            Linear(matrix(HIDDEN, WIDE, 20 + index).to(dtype)),
        )
        for index in range(NUM_EXPERTS)
    ]


def plain_mlp(dtype: torch.dtype, shared: SharedExpert | None = None) -> ExpertMLP:
    wide = torch.float64 if dtype == torch.float64 else torch.float32
    router = Router(SPEC, matrix(NUM_EXPERTS, HIDDEN, 1).to(wide))
    return ExpertMLP(router, plain_experts(dtype), expert_gate(SPEC, None), shared)


def expected(x: Tensor) -> Tensor:
    """By the definition, every expert computed for every row."""
    x = x.double()
    scores = (x @ matrix(NUM_EXPERTS, HIDDEN, 1).double().T).softmax(-1)
    best = scores.topk(2)
    weights = torch.zeros_like(scores).scatter_(1, best.indices, best.values)
    weights /= weights.sum(-1, keepdim=True)
    total = torch.zeros_like(x)
    for index in range(NUM_EXPERTS):
        gate, up = (x @ matrix(2 * WIDE, HIDDEN, 10 + index).double().T).chunk(2, -1)
        term = (gate.sigmoid() * gate * up) @ matrix(HIDDEN, WIDE, 20 + index).double().T
        total += weights[:, index : index + 1] * term
    return total


def quantized_linear(
    kernels: CpuKernels | None, tensor_type: TensorType, shapes: list[tuple[int, int]], seed: int
) -> tuple[LinearWeight, list[QTensor]]:
    raw = [random_quantized(tensor_type, shape, seed + i) for i, shape in enumerate(shapes)]
    if kernels is None:
        return RawMatrices(tuple(raw)), raw
    return tuple(pack_whole(kernels, one) for one in raw), raw


def quantized_mlp(kernels: CpuKernels | None, tensor_type: TensorType) -> tuple[ExpertMLP, ...]:
    """Experts that stay quantized, and the same ones dequantized."""
    gate = expert_gate(SPEC, kernels)
    router = Router(SPEC, matrix(NUM_EXPERTS, HIDDEN, 1))
    kept, plain = [], []
    for index in range(NUM_EXPERTS):
        up, raw_up = quantized_linear(kernels, tensor_type, [(WIDE, HIDDEN)] * 2, 100 + 2 * index)
        down, raw_down = quantized_linear(kernels, tensor_type, [(HIDDEN, WIDE)], 200 + index)
        kept.append(Expert(Linear(up), Linear(down)))
        whole = torch.cat([one.dequantize() for one in raw_up])
        plain.append(Expert(Linear(whole), Linear(raw_down[0].dequantize())))
    return ExpertMLP(router, kept, gate), ExpertMLP(router, plain, expert_gate(SPEC, None))


@pytest.mark.parametrize(
    ("dtype", "tolerance"), [(torch.float64, 1e-12), (torch.float32, 1e-5), (torch.bfloat16, 3e-2)]
)
def test_result_is_the_weighted_sum_of_the_chosen(dtype: torch.dtype, tolerance: float) -> None:
    x = draw(23, HIDDEN, seed=5).to(dtype)

    out = plain_mlp(dtype)(x, 23)

    assert out.dtype == dtype
    torch.testing.assert_close(out.double(), expected(x), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
def test_row_has_the_same_bits_in_every_batch(dtype: torch.dtype) -> None:
    mlp, x = plain_mlp(dtype), draw(70, HIDDEN, seed=5).to(dtype)
    whole = mlp(x, 70).clone()

    for start, count in ((0, 1), (69, 1), (1, 2), (4, 7), (3, 33), (2, 64)):
        part = mlp(x[start : start + count], count)
        assert torch.equal(part, whole[start : start + count]), (start, count)
    order = torch.randperm(70, generator=torch.Generator().manual_seed(0))
    assert torch.equal(mlp(x[order], 70), whole[order])


@pytest.mark.parametrize("tensor_type", [TensorType.Q8_0, TensorType.Q4_0, TensorType.MXFP4])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_packed_row_has_the_same_bits_in_every_batch(
    tensor_type: TensorType, dtype: torch.dtype
) -> None:
    mlp, _ = quantized_mlp(fastest_kernels(), tensor_type)
    x = draw(40, HIDDEN, seed=5).to(dtype)
    whole = mlp(x, 40).clone()

    for start, count in ((0, 1), (39, 1), (4, 7), (2, 33)):
        part = mlp(x[start : start + count], count)
        assert torch.equal(part, whole[start : start + count]), (start, count)


@pytest.mark.parametrize("tensor_type", [TensorType.Q8_0, TensorType.Q4_0, TensorType.MXFP4])
def test_packed_experts_are_those_of_the_file(tensor_type: TensorType) -> None:
    packed, plain = quantized_mlp(fastest_kernels(), tensor_type)
    x = draw(17, HIDDEN, seed=5)

    error = (packed(x, 17) - plain(x, 17)).norm() / plain(x, 17).norm()

    assert error < 2e-2  # activations are rounded to 8 bits


def test_experts_without_kernels_are_dequantized_as_they_are_used() -> None:
    raw, plain = quantized_mlp(None, TensorType.Q4_0)
    x = draw(17, HIDDEN, seed=5)

    assert torch.equal(raw(x, 17), plain(x, 17))
    assert raw.num_bytes < plain.num_bytes / 4


def test_padding_rows_choose_no_expert() -> None:
    mlp, x = plain_mlp(torch.float32), draw(4, HIDDEN, seed=5)

    out = mlp(torch.cat((x, torch.full((4, HIDDEN), torch.nan))), 4)

    assert torch.equal(out[:4], mlp(x, 4))
    assert not out[4:].any()


def test_broken_row_leaves_the_others_alone() -> None:
    mlp, x = plain_mlp(torch.float32), draw(8, HIDDEN, seed=5)
    whole = mlp(x, 8)
    x[3] = torch.nan

    broken = mlp(x, 8)

    assert broken[3].isnan().all()
    others = torch.arange(8) != 3
    assert torch.equal(broken[others], whole[others])


@pytest.mark.parametrize("has_gate", [False, True])
def test_shared_expert_computes_every_row(has_gate: bool) -> None:
    weights = (matrix(2 * WIDE, HIDDEN, 7), matrix(HIDDEN, WIDE, 8), matrix(1, HIDDEN, 9))
    gate_up, down, score = (weight.double() for weight in weights)
    shared = SharedExpert(
        GatedMLP(Linear(gate_up.clone()), Linear(down.clone())),
        Linear(score.clone()) if has_gate else None,
    )
    x = draw(11, HIDDEN, seed=5).double()

    out = plain_mlp(torch.float64, shared)(x, 11)

    gate, up = (x @ gate_up.T).chunk(2, -1)
    term = (gate * gate.sigmoid() * up) @ down.T
    term = term * (x @ score.T).sigmoid() if has_gate else term
    torch.testing.assert_close(out, expected(x) + term)


def test_clamped_gate_is_that_of_gpt_oss() -> None:
    gate_up = 8 * draw(5, 2 * WIDE)

    out = ClampedGate(1.702, 7.0)(gate_up)

    gate, up = gate_up.chunk(2, -1)
    gate, up = gate.clamp(max=7.0), up.clamp(-7.0, 7.0)
    torch.testing.assert_close(out, (up + 1) * gate * torch.sigmoid(1.702 * gate))
    alone = torch.cat([ClampedGate(1.702, 7.0)(row) for row in torch.split(gate_up, 1)])
    assert torch.equal(alone, out)


def test_gate_follows_the_spec() -> None:
    clamped = replace(SPEC, gate="clamped", gate_limit=1.0)

    assert isinstance(expert_gate(clamped, None), ClampedGate)
    assert expert_gate(clamped, None)(torch.full((1, 2), 9.0)).item() == pytest.approx(1.6916, 1e-4)
