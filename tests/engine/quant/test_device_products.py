"""Products with blocks that stay where they are: by torch here, and by kernels that a double stands for."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from realm_desktop.engine.quant import device_kernels, device_products
from realm_desktop.engine.quant.dequantize import SUPPORTED_TYPES, dequantize_into
from realm_desktop.engine.quant.device_checks import checks
from realm_desktop.engine.quant.device_kernels import find_kernels, table_of
from realm_desktop.engine.quant.device_products import BlockProducts
from realm_desktop.engine.quant.grid_quants import grid_of
from realm_desktop.engine.quant.sample_blocks import random_quantized
from realm_desktop.engine.quant.tensor import QTensor
from realm_desktop.engine.self_test import CannotRun
from realm_desktop.formats.tensor_types import TensorType
from tests.support.kernels import random_rows, relative_error

CPU = torch.device("cpu")
_QUANTIZED = sorted(kind for kind in SUPPORTED_TYPES if kind.is_quantized)


class _Kernels:
    """Kernels for Q8_0 alone that note what they are asked for; their results are a constant."""

    name = "double"
    max_rows = 4
    types = frozenset({TensorType.Q8_0})

    def __init__(self) -> None:
        self.calls: list[str] = []

    def multiply(self, x: Tensor, matrix: QTensor, bias: Tensor | None, y: Tensor) -> None:
        self.calls.append(f"multiply {len(x)}")
        y.fill_(7.0)

    def write(self, matrix: QTensor, target: Tensor, row_ids: Tensor | None = None) -> None:
        self.calls.append("write" if row_ids is None else "write rows")
        target.fill_(1.0)


def _products(dtype: torch.dtype = torch.float32, *matrices: QTensor) -> BlockProducts:
    products = BlockProducts(CPU, dtype)
    for matrix in matrices:
        products.add(matrix)
    return products


@pytest.mark.parametrize("num_rows", [1, 3, 40])
@pytest.mark.parametrize("tensor_type", _QUANTIZED)
def test_torch_multiplies_every_type(tensor_type: TensorType, num_rows: int) -> None:
    matrix, x = random_quantized(tensor_type, (19, 256)), random_rows(num_rows, 256)
    bias = torch.linspace(-1.0, 1.0, 19)

    y = _products(torch.float32, matrix).multiply(x, (matrix,), bias)

    exact = x.double() @ matrix.dequantize().double().T + bias.double()
    assert relative_error(y, exact) < 1e-5


def test_matrices_on_top_of_each_other_keep_their_columns() -> None:
    upper = random_quantized(TensorType.Q4_K, (6, 256))
    lower = random_quantized(TensorType.Q6_K, (10, 256), seed=1)
    x, bias = random_rows(3, 256), torch.arange(16.0)

    y = _products(torch.float32, upper, lower).multiply(x, (upper, lower), bias)

    both = torch.cat((upper.dequantize(), lower.dequantize()))
    assert relative_error(y, x.double() @ both.double().T + bias.double()) < 1e-5


def test_a_large_matrix_is_multiplied_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_products, "_MAX_SHARED_VALUES", 4 * 256)
    matrix, x = random_quantized(TensorType.Q5_K, (19, 256)), random_rows(3, 256)
    products = _products(torch.float32, matrix)

    y = products.multiply(x, (matrix,), torch.ones(19))

    assert products.num_bytes == 4 * 256 * 4
    assert relative_error(y, x.double() @ matrix.dequantize().double().T + 1.0) < 1e-5


def test_layers_share_the_memory_of_the_largest_matrix() -> None:
    small = random_quantized(TensorType.Q8_0, (8, 256))
    large = random_quantized(TensorType.Q8_0, (24, 256))

    products = _products(torch.bfloat16, small, large)

    assert products.num_bytes == 24 * 256 * 2


def test_memory_for_values_does_not_move_between_products() -> None:
    matrix, x = random_quantized(TensorType.Q8_0, (8, 256)), random_rows(2, 256)
    products = _products(torch.float32, matrix)

    with torch.inference_mode():
        first = products.multiply(x, (matrix,), None)
    second = products.multiply(x, (matrix,), None)

    assert torch.equal(first, second)


def test_rows_are_taken_by_their_ids() -> None:
    matrix = random_quantized(TensorType.Q4_0, (20, 64))

    rows = _products(torch.bfloat16).take_rows(matrix, torch.tensor([19, 0, 0, 7]))

    assert torch.equal(rows, matrix.dequantize(torch.bfloat16)[[19, 0, 0, 7]])


def test_columns_with_gaps_between_them_are_multiplied_too() -> None:
    matrix, x = random_quantized(TensorType.Q8_0, (5, 64)), random_rows(64, 6).t()

    y = _products(torch.float32, matrix).multiply(x, (matrix,), None)

    assert relative_error(y, x.double() @ matrix.dequantize().double().T) < 1e-5


@pytest.mark.parametrize(
    ("num_rows", "expected"), [(1, ["multiply 1"]), (4, ["multiply 4"]), (5, ["write"])]
)
def test_kernels_multiply_few_rows_and_write_values_for_many(
    num_rows: int, expected: list[str]
) -> None:
    matrix, kernels = random_quantized(TensorType.Q8_0, (5, 64)), _Kernels()
    products = BlockProducts(CPU, torch.float32, kernels=kernels)
    products.add(matrix)

    y = products.multiply(torch.ones(num_rows, 64), (matrix,), None)

    assert kernels.calls == expected
    assert torch.equal(y, torch.full_like(y, 7.0 if num_rows <= 4 else 64.0))


def test_kernels_take_single_rows() -> None:
    kernels = _Kernels()
    products = BlockProducts(CPU, torch.float32, kernels=kernels)

    products.take_rows(random_quantized(TensorType.Q8_0, (5, 64)), torch.tensor([2]))

    assert kernels.calls == ["write rows"]


def test_what_kernels_do_not_have_is_left_to_torch() -> None:
    matrix, kernels = random_quantized(TensorType.Q4_0, (5, 64)), _Kernels()
    products = BlockProducts(CPU, torch.float32, kernels=kernels)
    products.add(matrix)

    y = products.multiply(torch.ones(1, 64), (matrix,), None)

    assert not kernels.calls
    assert relative_error(y, matrix.dequantize().double().sum(1)[None]) < 1e-5


def test_kernels_that_failed_their_test_are_not_asked() -> None:
    matrix, kernels = random_quantized(TensorType.Q8_0, (5, 64)), _Kernels()
    faults = {"double Q8_0": "its result is wrong"}
    products = BlockProducts(CPU, torch.float32, faults.get, kernels)
    products.add(matrix)

    y = products.multiply(torch.ones(1, 64), (matrix,), None)

    assert not kernels.calls
    assert relative_error(y, matrix.dequantize().double().sum(1)[None]) < 1e-5


def test_a_type_that_nothing_computes_rightly_is_not_taken() -> None:
    faults = {"torch Q8_0": "wrong", "torch Q4_0": "wrong", "double Q4_0": "wrong"}
    products = BlockProducts(CPU, torch.float32, faults.get, _Kernels())

    assert products.takes(TensorType.Q8_0)  # by its kernel
    assert products.takes(TensorType.Q4_1)
    assert not products.takes(TensorType.Q4_0)


@pytest.mark.parametrize("kind", [TensorType.F16, TensorType.BF16, TensorType.Q8_1])
def test_plain_and_unknown_types_are_not_taken(kind: TensorType) -> None:
    assert not BlockProducts(CPU, torch.float32).takes(kind)


def test_a_triton_that_cannot_be_loaded_leaves_all_to_torch(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise ImportError("libtriton.so: cannot open shared object file")

    monkeypatch.setattr(device_kernels, "_has_triton", lambda: True)
    monkeypatch.setattr(device_kernels, "TritonKernels", fail)

    assert find_kernels(torch.device("cuda"), torch.bfloat16) is None
    assert "libtriton.so" in caplog.text


def test_the_cpu_has_no_kernels_of_a_device() -> None:
    assert find_kernels(CPU, torch.bfloat16) is None


@pytest.mark.parametrize("kind", [TensorType.IQ2_XS, TensorType.IQ3_S, TensorType.IQ1_M])
def test_grids_fit_signed_bytes(kind: TensorType) -> None:
    grid = grid_of(kind.name, CPU)

    assert torch.equal(table_of(kind, CPU).float(), grid.flatten())


def test_self_test_names_every_way_and_type_once() -> None:
    names = [check.name for check in checks()]

    assert len(set(names)) == len(names)
    assert {f"{way} {kind}" for way in ("triton", "metal", "torch") for kind in _QUANTIZED} == set(
        names
    )


@pytest.mark.parametrize("kind", [TensorType.Q4_K, TensorType.IQ3_XXS, TensorType.MXFP4])
def test_self_test_passes_torch_on_the_cpu(kind: TensorType) -> None:
    (check,) = [check for check in checks() if check.name == f"torch {kind}"]

    assert check.run(CPU) < check.bound


def test_self_test_finds_values_that_are_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    (check,) = [check for check in checks() if check.name == "torch Q8_0"]

    def shifted(rows: Tensor, kind: TensorType, target: Tensor, *, rows_per_chunk: int) -> None:
        dequantize_into(rows.roll(1, 0), kind, target, rows_per_chunk=rows_per_chunk)

    monkeypatch.setattr(device_products, "dequantize_into", shifted)

    assert check.run(CPU) > check.bound


def test_self_test_says_where_there_are_no_kernels() -> None:
    (check,) = [check for check in checks() if check.name == "triton Q4_K"]

    with pytest.raises(CannotRun, match="cpu has no triton kernels here"):
        check.run(CPU)
