"""Norms, gate and heads of the CPU kernels agree with float64, and a row's bits are its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

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
)
from realm_desktop.engine.layers.rotary import rotate
from tests.support.kernels import random_rows

DTYPES = (torch.float32, torch.bfloat16)
# Whole vectors of 16, less than one, and ends that are none.
WIDTHS = (256, 8, 12, 33, 172, 2048)
LAYOUTS = (
    HeadLayout(8, 4, 32),
    HeadLayout(3, 1, 32),
    HeadLayout(6, 2, 12),
    HeadLayout(4, 4, 8),
    HeadLayout(2, 1, 128),
)
NUM_SLOTS, NUM_POSITIONS = 128, 200


def assert_near(result: Tensor, expected: Tensor) -> None:
    """Within half a unit in the last place of bfloat16, or some of float32."""
    bound = 2.0**-8 if result.dtype == torch.bfloat16 else 3e-6
    torch.testing.assert_close(result.double(), expected, rtol=bound, atol=bound / 4)


class Heads(NamedTuple):
    """One step: rows that are stored, positions, slots, tables, and norms."""

    layout: HeadLayout
    qkv: Tensor
    positions: Tensor
    slots: Tensor
    tables: tuple[Tensor, Tensor]
    norm: HeadNormWeights | None = None

    def run(self, kernels: CpuKernels, rows: slice = slice(None)) -> tuple[Tensor, Tensor]:
        """Queries, and the pool, which was zero before."""
        layout, dtype = self.layout, self.qkv.dtype
        pool = torch.zeros(2, layout.num_kv_heads, NUM_SLOTS, layout.head_dim, dtype=dtype)
        heads = HeadsKernel(kernels, layout, self.positions[rows], *self.tables)
        return heads(self.qkv[rows].contiguous(), pool, self.slots[rows], self.norm), pool


def make_heads(
    layout: HeadLayout, num_rows: int, dtype: torch.dtype, norm: HeadNormWeights | None = None
) -> Heads:
    """Random heads at random positions and slots."""
    generator = torch.Generator().manual_seed(layout.head_dim)
    width = (layout.num_heads + 2 * layout.num_kv_heads) * layout.head_dim
    angles = torch.rand(NUM_POSITIONS, 1, layout.head_dim // 2, generator=generator) * 6
    cos, sin = angles.cos(), angles.sin()
    return Heads(
        layout,
        random_rows(num_rows, width).to(dtype),
        torch.randint(0, NUM_POSITIONS, (num_rows,), generator=generator),
        torch.randperm(NUM_SLOTS, generator=generator)[:num_rows],
        (torch.cat((cos, cos), 2), torch.cat((-sin, sin), 2)),
        norm,
    )


def head_norms(head_dim: int) -> HeadNormWeights:
    """Other weights for queries than for keys."""
    return HeadNormWeights(
        torch.linspace(0.5, 1.5, head_dim), torch.linspace(2.0, -1.0, head_dim), 1e-5
    )


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("width", WIDTHS)
def test_norm_agrees_with_float64(kernels: CpuKernels, width: int, dtype: torch.dtype) -> None:
    weight = torch.linspace(0.5, 1.5, width).to(dtype)
    x = random_rows(5, width).to(dtype)

    y = NormKernel(kernels, weight, 1e-5)(x)

    expected = functional.rms_norm(x.double(), (width,), weight.double(), 1e-5)
    assert_near(y, expected)
    assert torch.equal(x, random_rows(5, width).to(dtype))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("width", WIDTHS)
def test_what_is_added_before_a_norm_has_the_bits_of_torch(
    kernels: CpuKernels, width: int, dtype: torch.dtype
) -> None:
    hidden, term = random_rows(5, width).to(dtype), random_rows(5, width, seed=2).to(dtype)
    norm = NormKernel(kernels, torch.ones(width), 1e-6)
    expected = hidden + term

    y = norm(hidden, term)

    assert torch.equal(hidden, expected)
    assert torch.equal(y, norm(expected))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("width", WIDTHS)
def test_gate_agrees_with_float64(kernels: CpuKernels, width: int, dtype: torch.dtype) -> None:
    gate_up = random_rows(5, 2 * width).to(dtype)

    y = GateKernel(kernels, width)(gate_up)

    gate, up = gate_up.double().chunk(2, dim=1)
    assert_near(y, functional.silu(gate) * up)


def test_gate_is_precise_everywhere(kernels: CpuKernels) -> None:
    gate = torch.linspace(-100.0, 100.0, 40_001)

    y = GateKernel(kernels, len(gate))(torch.cat((gate, torch.ones_like(gate))).unsqueeze(0))[0]

    torch.testing.assert_close(y.double(), functional.silu(gate.double()), rtol=4e-7, atol=1e-36)


def test_gate_of_extreme_values_is_that_of_its_limits(kernels: CpuKernels) -> None:
    gate = torch.tensor([-3e38, -1e4, 0.0, 1e4, 3e38, float("inf"), float("nan")])

    y = GateKernel(kernels, len(gate))(torch.cat((gate, torch.ones_like(gate))).unsqueeze(0))[0]

    assert y[:6].tolist() == [0.0, 0.0, 0.0, 1e4, gate[4].item(), float("inf")]
    assert y[6].isnan()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("width", WIDTHS)
def test_gelu_gate_agrees_with_float64(kernels: CpuKernels, width: int, dtype: torch.dtype) -> None:
    gate_up = 3 * random_rows(5, 2 * width).to(dtype)
    own = GateKernel(kernels, width, "gelu_tanh")

    y = own(gate_up).clone()

    gate, up = gate_up.double().chunk(2, dim=1)
    assert_near(y, functional.gelu(gate, approximate="tanh") * up)
    assert torch.equal(own(gate_up[3:4]), y[3:4])


def test_gelu_gate_of_extreme_values_is_that_of_its_limits(kernels: CpuKernels) -> None:
    gate = torch.tensor([-1e9, -1e4, -12.0, 0.0, 12.0, 1e4])

    y = GateKernel(kernels, len(gate), "gelu_tanh")(
        torch.cat((gate, torch.ones_like(gate))).unsqueeze(0)
    )[0]

    torch.testing.assert_close(y, torch.tensor([0.0, 0.0, 0.0, 0.0, 12.0, 1e4]))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_heads_are_turned_and_stored_as_torch_does_it(
    kernels: CpuKernels, layout: HeadLayout, dtype: torch.dtype
) -> None:
    step = make_heads(layout, 5, dtype)

    queries, pool = step.run(kernels)

    heads = step.qkv.view(5, -1, layout.head_dim)
    turned = rotate(heads, *(table[step.positions] for table in step.tables))
    num_rotated = layout.num_heads + layout.num_kv_heads
    assert torch.equal(queries, turned[:, : layout.num_heads])
    stored = pool[:, :, step.slots].transpose(1, 2)
    assert torch.equal(stored[0], turned[:, layout.num_heads : num_rotated])
    assert torch.equal(stored[1], heads[:, num_rotated:])
    assert pool.count_nonzero() == stored.count_nonzero()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_norm_of_heads_comes_before_their_rotation(kernels: CpuKernels, layout: HeadLayout) -> None:
    norm = head_norms(layout.head_dim)
    step = make_heads(layout, 5, torch.float32, norm)

    queries, pool = step.run(kernels)

    heads = step.qkv.double().view(5, -1, layout.head_dim)
    tables = [table[step.positions].double() for table in step.tables]
    for weight, turned, first, count in (
        (torch.linspace(0.5, 1.5, layout.head_dim), queries, 0, layout.num_heads),
        (
            torch.linspace(2.0, -1.0, layout.head_dim),
            pool[0, :, step.slots].transpose(0, 1),
            layout.num_heads,
            layout.num_kv_heads,
        ),
    ):
        own = heads[:, first : first + count]
        normed = functional.rms_norm(own, (layout.head_dim,), weight.double(), 1e-5)
        torch.testing.assert_close(turned.double(), rotate(normed, *tables), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("dtype", DTYPES)
def test_stored_values_are_finite(kernels: CpuKernels, dtype: torch.dtype) -> None:
    layout = LAYOUTS[0]
    step = make_heads(layout, 3, dtype)
    wild = [float("nan"), float("inf"), float("-inf"), 3e38]
    step.qkv[1] = torch.tensor(wild * (step.qkv.shape[1] // 4)).to(dtype)

    queries, pool = step.run(kernels)

    assert pool.isfinite().all()
    assert pool.abs().max() <= 1.01e9
    assert queries[[0, 2]].isfinite().all()


def test_padding_rows_give_zero_queries_and_store_nothing(kernels: CpuKernels) -> None:
    layout = LAYOUTS[0]
    step = make_heads(layout, 8, torch.float32)
    kernel = HeadsKernel(kernels, layout, step.positions[:5], *step.tables)
    pool = torch.zeros(2, layout.num_kv_heads, NUM_SLOTS, layout.head_dim)

    queries = kernel(step.qkv, pool, step.slots[:5])

    assert not queries[5:].any()
    assert queries[:5].all()
    assert not pool[:, :, step.slots[5:]].any()


def test_rows_go_to_slots_in_order_where_none_are_named(kernels: CpuKernels) -> None:
    layout = LAYOUTS[2]
    step = make_heads(layout, 4, torch.float32)
    kernel = HeadsKernel(kernels, layout, step.positions, *step.tables)
    plain = torch.zeros(2, layout.num_kv_heads, 4, layout.head_dim)

    kernel(step.qkv, plain, None)

    assert torch.equal(plain, step.run(kernels)[1][:, :, step.slots])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.usefixtures("one_thread")
def test_bits_follow_neither_from_other_rows_nor_from_threads(
    fastest: CpuKernels, dtype: torch.dtype
) -> None:
    # 70 rows of 2048 values are enough for several threads to get a share.
    x, gate_up = random_rows(70, 2048).to(dtype), random_rows(70, 4000).to(dtype)
    norm, gate = (
        NormKernel(fastest, torch.linspace(0.5, 1.5, 2048), 1e-5),
        GateKernel(fastest, 2000),
    )
    step = make_heads(HeadLayout(16, 8, 64), 70, dtype, head_norms(64))
    operations: list[Callable[[slice], Tensor]] = [
        lambda rows: norm(x[rows]),
        lambda rows: gate(gate_up[rows]),
        lambda rows: step.run(fastest, rows)[0],
        lambda rows: step.run(fastest, rows)[1][:, :, step.slots[rows]].transpose(0, 2),
    ]
    for operation in operations:
        alone = torch.cat([operation(slice(row, row + 1)).clone() for row in range(70)])

        for num_threads in (1, 2, 3, 7, 64):
            torch.set_num_threads(num_threads)
            for rows in (slice(0, 70), slice(3, 36), slice(69, 70)):
                assert torch.equal(operation(rows), alone[rows])


@pytest.mark.parametrize("dtype", DTYPES)
def test_all_instruction_sets_give_the_same_bits(
    library: KernelLibrary, dtype: torch.dtype
) -> None:
    sets = [CpuKernels(library, name) for name in library.instruction_sets]
    x, step = random_rows(4, 1000).to(dtype), make_heads(LAYOUTS[2], 4, dtype, head_norms(12))

    results = [
        (
            NormKernel(one, torch.linspace(0, 1, 1000), 1e-5)(x),
            GateKernel(one, 500)(x),
            *step.run(one),
        )
        for one in sets
    ]

    for found in results:
        assert all(torch.equal(*pair) for pair in zip(found, results[0], strict=True))


@pytest.mark.parametrize(
    "x",
    [
        torch.zeros(2, 63),
        torch.zeros(0, 64),
        torch.zeros(4, 128)[:, :64],
        torch.zeros(2, 64, dtype=torch.float64),
        torch.zeros(2, 64, device="meta"),
    ],
    ids=lambda x: f"{list(x.shape)}-{x.dtype}-{x.device}",
)
def test_wrong_rows_are_refused(fastest: CpuKernels, x: Tensor) -> None:
    norm = NormKernel(fastest, torch.ones(64), 1e-5)

    with pytest.raises(ValueError, match=r"expected|refuses"):
        norm(x)
    with pytest.raises(ValueError, match=r"expected|refuses"):
        norm(torch.zeros(2, 64), x)


@pytest.mark.parametrize(
    "gate_up", [torch.zeros(2, 63), torch.zeros(4, 256)[:, :64], torch.zeros(2, 64).double()]
)
def test_wrong_gates_are_refused(fastest: CpuKernels, gate_up: Tensor) -> None:
    with pytest.raises(ValueError, match=r"expected|refuses"):
        GateKernel(fastest, 32)(gate_up)


@pytest.mark.parametrize("place", [-1, NUM_SLOTS, 2**62])
def test_slots_outside_the_pool_are_refused(fastest: CpuKernels, place: int) -> None:
    step = make_heads(LAYOUTS[0], 3, torch.float32)
    step.slots[1] = place

    with pytest.raises(ValueError, match="refuses"):
        step.run(fastest)


@pytest.mark.parametrize("position", [-1, NUM_POSITIONS, 2**62])
def test_positions_outside_the_tables_are_refused(fastest: CpuKernels, position: int) -> None:
    step = make_heads(LAYOUTS[0], 3, torch.float32)
    step.positions[2] = position

    with pytest.raises(ValueError, match="refuses"):
        step.run(fastest)


def test_more_positions_than_rows_are_refused(fastest: CpuKernels) -> None:
    step = make_heads(LAYOUTS[0], 3, torch.float32)
    kernel = HeadsKernel(fastest, step.layout, step.positions, *step.tables)
    pool = torch.zeros(2, 4, NUM_SLOTS, 32)

    with pytest.raises(ValueError, match="refuses"):
        kernel(step.qkv[:2], pool, step.slots)
    with pytest.raises(ValueError, match="refuses"):
        kernel(step.qkv, pool[:, :, :2].contiguous(), None)


def test_pools_and_weights_of_other_shapes_are_refused(fastest: CpuKernels) -> None:
    step = make_heads(LAYOUTS[0], 3, torch.float32)
    kernel = HeadsKernel(fastest, step.layout, step.positions, *step.tables)

    for pool in (torch.zeros(2, 3, 64, 32), torch.zeros(2, 4, 64, 32).bfloat16()):
        with pytest.raises(ValueError, match="expected"):
            kernel(step.qkv, pool, step.slots)
    with pytest.raises(ValueError, match="expected"):
        kernel(step.qkv, torch.zeros(2, 4, NUM_SLOTS, 32), step.slots, head_norms(16))
    with pytest.raises(ValueError, match="expected"):
        HeadsKernel(fastest, step.layout, step.positions.int(), *step.tables)
