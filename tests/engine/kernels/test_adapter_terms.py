"""Terms of adapters are exact, and a row's bits follow from itself and its own adapters."""

from __future__ import annotations

import ctypes
from typing import NamedTuple

import pytest
import torch
from torch import Tensor

from realm_desktop.engine.batch import PackedPass
from realm_desktop.engine.kernels.adapter_terms import (
    AdapterProduct,
    TargetMatrices,
    padded_features,
    write_a,
    write_b,
)
from realm_desktop.engine.kernels.library import AdapterTerm, CpuKernels, KernelLibrary
from tests.support.kernels import random_rows

BAD_ARGUMENT = 1
# One panel and less, odd ends, several panels; ranks between and beyond what is multiplied at once.
SHAPES = ((1, 1, 1), (31, 33, 2), (32, 32, 16), (48, 80, 5), (100, 257, 33), (320, 160, 64))


class Use(NamedTuple):
    """Rows that use an adapter whose ranks begin at `first_rank`."""

    first_rank: int
    rank: int
    rows: tuple[int, ...]
    weight: float = 1.0


class Matrices:
    """Memory for the ranks of one target, and the values in it."""

    def __init__(self, shape: tuple[int, int], num_ranks: int) -> None:
        self.in_features, self.out_features = shape
        self._a_step, self._b_step = map(padded_features, shape)
        self.a = torch.zeros(num_ranks * self._a_step, dtype=torch.bfloat16)
        self.b = torch.zeros(num_ranks * self._b_step, dtype=torch.bfloat16)

    def place(self, first: int, rank: int, seed: int = 0) -> tuple[Tensor, Tensor]:
        """A random adapter; its matrices."""
        a = random_rows(rank, self.in_features, seed).bfloat16()
        b = random_rows(self.out_features, rank, seed + 1000).bfloat16()
        last = first + rank
        write_a(self.a[first * self._a_step : last * self._a_step], a, rank)
        write_b(self.b[first * self._b_step : last * self._b_step], b, rank)
        return a, b

    def target(self, first_column: int = 0) -> TargetMatrices:
        return TargetMatrices(self.a, self.b, first_column, self.out_features)

    def product(self, kernels: CpuKernels) -> AdapterProduct:
        return AdapterProduct(kernels, self.in_features, [self.target()])


def packed(*uses: Use) -> PackedPass:
    table: list[tuple[int, ...]] = []
    row_ids: list[int] = []
    weights: list[float] = []
    num_values = 0
    for use in uses:
        table.append((use.first_rank, use.rank, len(row_ids), len(use.rows), num_values))
        row_ids += use.rows
        weights += [use.weight] * len(use.rows)
        num_values += use.rank * len(use.rows)
    return PackedPass(torch.tensor(table), torch.tensor(row_ids), torch.tensor(weights), num_values)


def added(product: AdapterProduct, x: Tensor, num_columns: int, *uses: Use) -> Tensor:
    y = torch.zeros(x.shape[0], num_columns, dtype=torch.bfloat16)
    product.add(x, y, packed(*uses))
    return y


def assert_rounded(found: Tensor, expected: Tensor) -> None:
    """Equal but for one rounding to bfloat16 and float32 sums."""
    slack = 2.0**-8 * expected.abs() + 1e-5 * expected.abs().max()
    assert ((found.double() - expected).abs() <= slack).all()


@pytest.mark.parametrize("shape", SHAPES)
def test_term_is_the_product_of_row_and_adapter(
    kernels: CpuKernels, shape: tuple[int, int, int]
) -> None:
    in_features, out_features, rank = shape
    matrices = Matrices((in_features, out_features), rank + 9)
    a, b = matrices.place(7, rank)
    x = random_rows(21, in_features).bfloat16()
    expected = 0.7 * x.double() @ a.double().T @ b.double().T

    for num_rows in (1, 2, 3, 4, 7, 21):
        rows = Use(7, rank, tuple(range(num_rows)), 0.7)
        found = added(matrices.product(kernels), x[:num_rows], out_features, rows)
        assert_rounded(found, expected[:num_rows])


@pytest.mark.parametrize("rank", [1, 16, 512])
def test_bits_of_a_row_do_not_follow_from_its_company(kernels: CpuKernels, rank: int) -> None:
    matrices = Matrices((77, 90), 700)
    matrices.place(100, rank)
    matrices.place(rank + 100, 3, seed=1)
    product, x = matrices.product(kernels), random_rows(37, 77).bfloat16()
    alone = added(product, x[5:6], 90, Use(100, rank, (0,), 0.3))[0]

    for rows in ((5,), (4, 5), (5, 7, 8, 9), tuple(range(17)), (*range(20, 37), 5)):
        others = tuple(set(range(37)) - set(rows))
        other = Use(100 + rank, 3, others)
        own = Use(100, rank, rows, 0.3)
        assert torch.equal(added(product, x, 90, own, other)[5], alone), rows
        assert torch.equal(added(product, x, 90, other, own)[5], alone), rows


def test_bits_of_a_row_do_not_follow_from_the_place_of_its_ranks(kernels: CpuKernels) -> None:
    x, found = random_rows(3, 50).bfloat16(), []
    for first in (0, 1, 16, 37):
        matrices = Matrices((50, 70), 60)
        matrices.place(first, 20)
        found.append(added(matrices.product(kernels), x, 70, Use(first, 20, (0, 1, 2))))

    assert all(torch.equal(each, found[0]) for each in found)


def test_all_instruction_sets_add_the_same_bits(library: KernelLibrary) -> None:
    matrices = Matrices((333, 95), 40)
    matrices.place(0, 37)
    x = random_rows(11, 333).bfloat16()

    found = [
        added(matrices.product(CpuKernels(library, name)), x, 95, Use(0, 37, tuple(range(11))))
        for name in library.instruction_sets
    ]

    assert all(torch.equal(each, found[0]) for each in found)


@pytest.mark.parametrize("num_threads", [2, 5])
@pytest.mark.usefixtures("one_thread")
def test_threads_do_not_change_bits(fastest: CpuKernels, num_threads: int) -> None:
    matrices = Matrices((640, 900), 96)
    matrices.place(0, 48)
    matrices.place(48, 48, seed=1)
    product, x = matrices.product(fastest), random_rows(150, 640).bfloat16()
    uses = (Use(0, 48, tuple(range(0, 150, 2))), Use(48, 48, tuple(range(1, 150, 2))))
    alone = added(product, x, 900, *uses)

    torch.set_num_threads(num_threads)  # the fixture sets it back

    for _ in range(20):
        assert torch.equal(added(product, x, 900, *uses), alone)


def test_long_prompt_has_the_bits_of_its_rows(fastest: CpuKernels) -> None:
    matrices = Matrices((96, 130), 16)
    matrices.place(0, 16)
    product, x = matrices.product(fastest), random_rows(512, 96).bfloat16()

    together = added(product, x, 130, Use(0, 16, tuple(range(512))))

    alone = [added(product, row, 130, Use(0, 16, (0,))) for row in torch.split(x, 1)]
    assert torch.equal(together, torch.cat(alone))


def test_rows_of_no_adapter_and_foreign_columns_keep_their_bits(kernels: CpuKernels) -> None:
    matrices = Matrices((40, 45), 8)
    matrices.place(0, 8)
    y = torch.full((6, 100), -0.0, dtype=torch.bfloat16)
    x = random_rows(6, 40).bfloat16()
    x[1] = torch.nan
    product = AdapterProduct(kernels, 40, [matrices.target(first_column=30)])

    product.add(x, y, packed(Use(0, 8, (2, 4))))

    assert y[[2, 4], 30:75].count_nonzero() > 80
    assert y[[2, 4], 30:75].isfinite().all()
    y[[2, 4], 30:75] = -0.0
    assert torch.equal(y.view(torch.int16), torch.full_like(y, -0.0).view(torch.int16))


def test_infinity_in_foreign_ranks_does_not_reach_a_row(kernels: CpuKernels) -> None:
    matrices = Matrices((33, 33), 12)
    matrices.place(4, 4)
    product, x = matrices.product(kernels), random_rows(2, 33).bfloat16()
    alone = added(product, x, 33, Use(4, 4, (0, 1)))
    for first in (0, 8):
        matrices.a[first * 64 : (first + 4) * 64] = torch.inf
        matrices.b[first * 64 : (first + 4) * 64] = torch.nan

    assert torch.equal(added(product, x, 33, Use(4, 4, (0, 1))), alone)


def test_several_adapters_of_a_row_are_added_in_order(kernels: CpuKernels) -> None:
    matrices = Matrices((64, 64), 24)
    matrices.place(0, 8)
    matrices.place(8, 16, seed=1)
    product, x = matrices.product(kernels), random_rows(5, 64).bfloat16()
    rows = tuple(range(5))
    first = added(product, x, 64, Use(8, 16, rows, 0.5))
    product.add(x, first, packed(Use(0, 8, rows, 2.0)))

    both = added(product, x, 64, Use(8, 16, rows, 0.5), Use(0, 8, rows, 2.0))

    assert torch.equal(both, first)


def test_targets_of_one_layer_get_their_own_columns(kernels: CpuKernels) -> None:
    targets = [Matrices((70, width), 16) for width in (40, 20, 7)]
    for seed, matrices in enumerate(targets):
        matrices.place(3, 9, seed)
    x, uses = random_rows(6, 70).bfloat16(), Use(3, 9, (0, 2, 3, 5))
    columns = [matrices.target(first) for matrices, first in zip(targets, (0, 40, 61), strict=True)]

    together = added(AdapterProduct(kernels, 70, columns), x, 68, uses)

    alone = [added(each.product(kernels), x, each.out_features, uses) for each in targets]
    gap = torch.zeros(6, 1, dtype=torch.bfloat16)
    assert torch.equal(together, torch.cat((alone[0], alone[1], gap, alone[2]), dim=1))


def test_results_are_rounded_as_torch_rounds(kernels: CpuKernels) -> None:
    matrices = Matrices((1, 32), 1)
    y = random_rows(1, 32, seed=3).bfloat16()
    a, b = matrices.place(0, 1)
    x = torch.tensor([[1.5]], dtype=torch.bfloat16)
    b[3] = torch.nan
    write_b(matrices.b, b, 1)
    expected = (y.float() + (x.float() * a.float()) * b.float().T).bfloat16()

    matrices.product(kernels).add(x, y, packed(Use(0, 1, (0,))))

    assert y[0, 3].isnan()
    torch.testing.assert_close(y, expected, rtol=0, atol=0, equal_nan=True)


def test_rows_that_are_not_side_by_side_are_read_in_place(fastest: CpuKernels) -> None:
    matrices = Matrices((40, 50), 8)
    matrices.place(0, 8)
    product, wide = matrices.product(fastest), random_rows(4, 100).bfloat16()
    rows = Use(0, 8, (0, 1, 2, 3))
    expected = added(product, wide[:, :40].contiguous(), 50, rows)

    assert torch.equal(added(product, wide[:, :40], 50, rows), expected)
    turned = wide[:, :40].t().contiguous().t()
    assert torch.equal(added(product, turned, 50, rows), expected)


def test_tensors_that_do_not_fit_are_refused(fastest: CpuKernels) -> None:
    product = Matrices((40, 50), 8).product(fastest)
    x, y = torch.zeros(3, 40, dtype=torch.bfloat16), torch.zeros(3, 50, dtype=torch.bfloat16)
    rows = packed(Use(0, 8, (0,)))

    for wrong_x, wrong_y in (
        (x.float(), y),
        (x, y.float()),
        (x.to("meta"), y),
        (x[:, :39], y),
        (x[0], y),
        (x[:2], y),
        (x, y[:, :49]),
        (x, y.t().contiguous().t()),
        (torch.zeros(3, 41, dtype=torch.bfloat16), y),
    ):
        with pytest.raises(ValueError, match=r"activations|results"):
            product.add(wrong_x, wrong_y, rows)


@pytest.mark.parametrize(
    "use",
    [
        Use(0, 8, (3,)),
        Use(0, 8, (-1,)),
        Use(1, 8, (0,)),
        Use(-1, 8, (0,)),
        Use(0, 9, (0,)),
        Use(0, 0, (0,)),
        Use(2**62, 2, (0,)),
    ],
)
def test_rows_and_ranks_outside_are_refused(fastest: CpuKernels, use: Use) -> None:
    product = Matrices((40, 50), 8).product(fastest)
    x, y = torch.zeros(3, 40, dtype=torch.bfloat16), torch.zeros(3, 50, dtype=torch.bfloat16)

    with pytest.raises(ValueError, match="refuses"):
        product.add(x, y, packed(use))


def test_uses_beyond_their_places_are_refused(fastest: CpuKernels) -> None:
    product = Matrices((40, 50), 8).product(fastest)
    x, y = torch.zeros(3, 40, dtype=torch.bfloat16), torch.zeros(3, 50, dtype=torch.bfloat16)
    sound = packed(Use(0, 8, (0, 1)))

    for column, value in ((2, 1), (2, -1), (3, 3), (3, 0), (4, 1), (4, -1), (3, 2**62)):
        uses = sound.uses.clone()
        uses[0, column] = value
        with pytest.raises(ValueError, match="refuses"):
            product.add(x, y, sound._replace(uses=uses))
    with pytest.raises(ValueError, match="places"):
        product.add(x, y, sound._replace(weights=sound.weights[:1]))
    with pytest.raises(ValueError, match="places"):
        product.add(x, y, sound._replace(row_ids=sound.row_ids.int()))


def test_memory_of_another_kind_is_refused(fastest: CpuKernels) -> None:
    sound = Matrices((40, 50), 8).target()

    for wrong in (
        sound._replace(a=sound.a.float()),
        sound._replace(b=sound.b[:-1]),
        sound._replace(a=sound.a[:-1]),
        sound._replace(b=sound.b.to("meta")),
        sound._replace(num_columns=70),
        sound._replace(first_column=-1),
        sound._replace(num_columns=0),
    ):
        with pytest.raises(ValueError, match="adapter matrices"):
            AdapterProduct(fastest, 40, [wrong])
    for number in (0, 9):
        with pytest.raises(ValueError, match="1 to 8 expected"):
            AdapterProduct(fastest, 40, [sound] * number)


def test_library_refuses_an_empty_call(library: KernelLibrary) -> None:
    functions = library.functions

    assert functions.realm_add_adapters(None) == BAD_ARGUMENT
    assert functions.realm_add_adapters(ctypes.byref(AdapterTerm())) == BAD_ARGUMENT
