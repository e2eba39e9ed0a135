"""The choice of experts and their products in compiled code: the bits of the same calls one by one."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import pytest
import torch
from torch import Tensor

from realm_desktop.engine.architecture.experts import ExpertSpec
from realm_desktop.engine.kernels.expert_operations import (
    ExpertsKernel,
    PackedExpert,
    RoutedRows,
    RouterKernel,
)
from realm_desktop.engine.kernels.library import CpuKernels, KernelLibrary
from realm_desktop.engine.kernels.packed_matrix import PackedProduct
from realm_desktop.engine.kernels.row_operations import GateKernel
from realm_desktop.engine.layers.router import Router, sigmoid
from realm_desktop.engine.quant.sample_blocks import random_quantized
from realm_desktop.formats.tensor_types import TensorType
from tests.support.kernels import pack_whole, random_rows

NUM_EXPERTS, HIDDEN, MIDDLE, CHOSEN = 12, 96, 160, 3
SPEC = ExpertSpec(
    num_experts=NUM_EXPERTS, num_chosen=CHOSEN, intermediate_size=MIDDLE, layers=(True,)
)
SPECS = {
    "softmax": SPEC,
    "normalised": replace(SPEC, is_normalised=True, scale=2.5),
    "sigmoid": replace(SPEC, scoring="sigmoid", is_normalised=True),
    "chosen first": replace(SPEC, scoring="softmax_of_chosen"),
    "groups": replace(SPEC, num_groups=4, num_chosen_groups=2),
    "groups of sigmoids": replace(SPEC, scoring="sigmoid", num_groups=3, num_chosen_groups=1),
    "all": replace(SPEC, num_chosen=NUM_EXPERTS),
}
DTYPES = (torch.float32, torch.bfloat16)


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


class RouterParts(NamedTuple):
    """Tensors of a router."""

    weight: Tensor
    bias: Tensor | None = None
    choice_bias: Tensor | None = None
    shared: Tensor | None = None


def router_parts(num_experts: int = NUM_EXPERTS, width: int = HIDDEN) -> RouterParts:
    return RouterParts(
        random_rows(num_experts, width, seed=7) / math.sqrt(width),
        random_rows(1, num_experts, seed=8)[0],
        random_rows(1, num_experts, seed=9)[0],
        random_rows(1, width, seed=10) / math.sqrt(width),
    )


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", list(SPECS))
def test_choice_is_that_of_the_plain_router(
    kernels: CpuKernels, name: str, dtype: torch.dtype
) -> None:
    x, parts = random_rows(9, HIDDEN).to(dtype), router_parts()

    ids, weights = RouterKernel(kernels, SPECS[name], *parts)(x)

    choice = Router(SPECS[name], parts.weight, parts.bias, parts.choice_bias)(x)
    assert torch.equal(ids.long(), choice.ids)
    torch.testing.assert_close(weights[:, :-1], choice.weights, rtol=2e-5, atol=1e-6)
    assert parts.shared is not None
    last = sigmoid(x.float() @ parts.shared.T)
    torch.testing.assert_close(weights[:, -1:], last, rtol=1e-5, atol=1e-6)


def test_shared_expert_counts_whole_without_a_gate(fastest: CpuKernels) -> None:
    routed = RouterKernel(fastest, SPEC, router_parts().weight)(random_rows(4, HIDDEN))

    assert routed.weights[:, -1].tolist() == [1.0] * 4


def test_of_equal_scores_the_first_experts_are_chosen(kernels: CpuKernels) -> None:
    routed = RouterKernel(kernels, SPEC, torch.zeros(NUM_EXPERTS, HIDDEN))(torch.ones(2, HIDDEN))

    assert routed.ids.tolist() == [[0, 1, 2]] * 2
    torch.testing.assert_close(routed.weights[0, :3], torch.full((3,), 1 / NUM_EXPERTS))


@pytest.mark.parametrize("name", list(SPECS))
def test_row_of_nan_chooses_experts_all_the_same(kernels: CpuKernels, name: str) -> None:
    x, router = random_rows(3, HIDDEN), RouterKernel(kernels, SPECS[name], *router_parts())
    before = router(x).weights.clone()
    x[1] = math.nan

    ids, weights = router(x)

    assert all(len(set(row)) == len(row) for row in ids.tolist())
    assert ids.min() >= 0
    assert ids.max() < NUM_EXPERTS
    assert weights[1].isnan().all()
    assert torch.equal(weights[::2], before[::2])


class Experts(NamedTuple):
    """All experts, and the kernel that has them."""

    experts: list[PackedExpert]
    gate: GateKernel
    kernel: ExpertsKernel


def make_experts(
    kernels: CpuKernels,
    tensor_type: TensorType = TensorType.Q8_0,
    sizes: tuple[int, int, int] = (NUM_EXPERTS, HIDDEN, MIDDLE),
    *,
    has_bias: bool = False,
) -> Experts:
    """Random experts; with a bias they have the gate of gpt-oss too."""
    num_experts, hidden, middle = sizes

    def product(shapes: list[tuple[int, int]], seed: int) -> PackedProduct:
        parts = [random_quantized(tensor_type, shape, seed + i) for i, shape in enumerate(shapes)]
        rows = sum(rows for rows, _ in shapes)
        bias = random_rows(1, rows, seed=seed)[0] if has_bias else None
        return PackedProduct([pack_whole(kernels, part) for part in parts], bias)

    experts = [
        PackedExpert(
            product([(middle, hidden)] * 2, 100 + 3 * index),
            product([(hidden, middle)], 102 + 3 * index),
        )
        for index in range(num_experts)
    ]
    gate = GateKernel(kernels, middle, "clamped" if has_bias else "silu", alpha=1.7, limit=7.0)
    return Experts(experts, gate, ExpertsKernel(kernels, experts, gate, CHOSEN))


def routed_rows(num_rows: int, num_experts: int = NUM_EXPERTS) -> RoutedRows:
    generator = torch.Generator().manual_seed(num_rows)
    order = torch.rand(num_rows, num_experts, generator=generator).argsort(1)
    ids = order[:, :CHOSEN].sort(1).values.int().contiguous()
    return RoutedRows(ids, torch.rand(num_rows, CHOSEN + 1, generator=generator))


def one_by_one(own: Experts, x: Tensor, routed: RoutedRows, shared: Tensor | None) -> Tensor:
    """The same from the single calls."""
    total = torch.zeros(x.shape)
    for row, (ids, weights) in enumerate(zip(routed.ids.tolist(), routed.weights, strict=True)):
        for place, index in enumerate(ids):
            gate_up, down = own.experts[index]
            total[row] += down(own.gate(gate_up(x[row : row + 1])))[0].float() * weights[place]
        if shared is not None:
            total[row] += shared[row].float() * weights[-1]
    return total.to(x.dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("has_bias", [False, True])
@pytest.mark.parametrize("num_rows", [1, 2, 7, 40])
def test_sum_has_the_bits_of_single_calls(
    kernels: CpuKernels, num_rows: int, has_bias: bool, dtype: torch.dtype
) -> None:
    own = make_experts(kernels, has_bias=has_bias)
    x, shared = (random_rows(num_rows, HIDDEN, seed).to(dtype) for seed in (3, 4))
    routed = routed_rows(num_rows)

    y = own.kernel(x, routed, shared).clone()

    assert torch.equal(y, one_by_one(own, x, routed, shared))
    assert torch.equal(own.kernel(x, routed), one_by_one(own, x, routed, None))


@pytest.mark.parametrize("tensor_type", [TensorType.Q4_K, TensorType.MXFP4, TensorType.Q6_K])
def test_units_that_end_behind_a_row_are_filled_up(
    fastest: CpuKernels, tensor_type: TensorType
) -> None:
    middle = 256 if tensor_type.block_size == 256 else 288  # nine blocks of units of four
    own = make_experts(fastest, tensor_type, (5, 256, middle))
    x, routed = random_rows(6, 256), routed_rows(6, 5)

    assert torch.equal(own.kernel(x, routed), one_by_one(own, x, routed, None))


@pytest.mark.parametrize("dtype", DTYPES)
def test_bits_follow_neither_from_other_rows_nor_from_threads(
    fastest: CpuKernels, dtype: torch.dtype
) -> None:
    # Enough for several threads, for several blocks of rows, and for more rows than an expert's tiles.
    own = make_experts(fastest, sizes=(4, 1024, 512))
    x, routed = random_rows(1200, 1024).to(dtype), routed_rows(1200, 4)
    alone = [
        own.kernel(x[row : row + 1], RoutedRows(*(part[row : row + 1] for part in routed))).clone()
        for row in (0, 600, 1199)
    ]

    for num_threads in (1, 2, 5):
        torch.set_num_threads(num_threads)
        whole = own.kernel(x, routed)
        assert torch.equal(whole[[0, 600, 1199]], torch.cat(alone))


@pytest.mark.parametrize("dtype", DTYPES)
def test_choice_follows_neither_from_other_rows_nor_from_threads(
    fastest: CpuKernels, dtype: torch.dtype
) -> None:
    spec = replace(SPEC, num_experts=70, num_groups=7, num_chosen_groups=3)
    router = RouterKernel(fastest, spec, *router_parts(70, 2048))
    x = random_rows(100, 2048).to(dtype)
    alone = [tuple(part.clone() for part in router(x[row : row + 1])) for row in range(100)]

    for num_threads in (1, 2, 5):
        torch.set_num_threads(num_threads)
        ids, weights = router(x)
        assert torch.equal(ids, torch.cat([own for own, _ in alone]))
        assert torch.equal(weights, torch.cat([own for _, own in alone]))


@pytest.mark.parametrize("dtype", DTYPES)
def test_all_instruction_sets_give_the_same_bits(
    library: KernelLibrary, dtype: torch.dtype
) -> None:
    sets = [CpuKernels(library, name) for name in library.instruction_sets]
    x, parts = random_rows(5, HIDDEN).to(dtype), router_parts()

    results = []
    for one in sets:
        routed = RouterKernel(one, SPECS["groups of sigmoids"], *parts)(x)
        results.append((*routed, make_experts(one, has_bias=True).kernel(x, routed)))

    for found in results:
        assert all(torch.equal(*pair) for pair in zip(found, results[0], strict=True))


@pytest.mark.parametrize("expert", [-1, NUM_EXPERTS, 2**31 - 1])
def test_experts_that_are_not_there_are_refused(fastest: CpuKernels, expert: int) -> None:
    own, routed = make_experts(fastest), routed_rows(3)
    routed.ids[1, 1] = expert

    with pytest.raises(ValueError, match="refuses"):
        own.kernel(random_rows(3, HIDDEN), routed)


def test_rows_that_do_not_fit_are_refused(fastest: CpuKernels) -> None:
    own, router = make_experts(fastest), RouterKernel(fastest, SPEC, router_parts().weight)

    for x in (torch.zeros(2, HIDDEN - 1), torch.zeros(2, HIDDEN).double(), torch.zeros(0, HIDDEN)):
        with pytest.raises(ValueError, match=r"expected|refuses"):
            router(x)
        with pytest.raises(ValueError, match=r"expected|refuses"):
            own.kernel(x, routed_rows(len(x)))
    with pytest.raises(ValueError, match="expected"):
        own.kernel(torch.zeros(2, HIDDEN), routed_rows(3))
    with pytest.raises(ValueError, match="expected"):
        own.kernel(torch.zeros(2, HIDDEN), routed_rows(2), torch.zeros(1, HIDDEN))


def test_experts_of_other_shapes_are_refused(fastest: CpuKernels) -> None:
    first, second = (
        make_experts(fastest, sizes=(1, HIDDEN, middle)) for middle in (MIDDLE, MIDDLE + 32)
    )

    with pytest.raises(ValueError, match="expected"):
        ExpertsKernel(fastest, first.experts + second.experts, first.gate, 1)


@pytest.mark.parametrize(
    "spec",
    [
        replace(SPEC, num_chosen=0),
        replace(SPEC, num_chosen=13),
        replace(SPEC, num_groups=5),
        replace(SPEC, num_chosen_groups=2),
    ],
    ids=["none", "more than there are", "uneven groups", "more groups than there are"],
)
def test_impossible_choices_are_refused(fastest: CpuKernels, spec: ExpertSpec) -> None:
    router = RouterKernel(fastest, spec, router_parts().weight)

    with pytest.raises(ValueError, match="refuses"):
        router(random_rows(2, HIDDEN))
