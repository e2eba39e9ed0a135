"""Triton kernels over quantization blocks: interpreted on the CPU, and compiled for cards."""

from __future__ import annotations

from pathlib import Path

import pytest

from realm_desktop.engine.quant.dequantize import SUPPORTED_TYPES
from realm_desktop.formats.tensor_types import TensorType
from tests.support.triton_children import child_report

_LEFT_TO_TORCH = {TensorType.Q8_K, TensorType.TQ1_0, TensorType.TQ2_0, TensorType.NVFP4}
_TYPES = sorted(kind for kind in SUPPORTED_TYPES - _LEFT_TO_TORCH if kind.is_quantized)
# Float32 sums of 256 products against float64: a hundred times what is found, far below a wrong bit.
_TOLERANCE = 1e-5

Report = dict[str, list[float]]


@pytest.fixture(scope="module")
def interpreted(tmp_path_factory: pytest.TempPathFactory) -> Report:
    folder = tmp_path_factory.mktemp("triton")
    found: Report = child_report("tests.support.interpreted_blocks", folder, is_interpreted=True)
    return found


@pytest.mark.slow
def test_kernels_have_every_type_but_the_rare_ones(interpreted: Report) -> None:
    assert sorted(interpreted) == sorted([*map(str, _TYPES), "parts"])


@pytest.mark.slow
@pytest.mark.parametrize("tensor_type", _TYPES)
def test_values_are_those_of_torch_to_the_bit(interpreted: Report, tensor_type: TensorType) -> None:
    all_rows, single_rows, *_ = interpreted[tensor_type]

    assert all_rows == 0.0
    assert single_rows == 0.0


@pytest.mark.slow
@pytest.mark.parametrize("tensor_type", _TYPES)
def test_products_of_1_3_and_16_rows_are_right(
    interpreted: Report, tensor_type: TensorType
) -> None:
    errors = interpreted[tensor_type][2:5]

    assert len(errors) == 3
    assert max(errors) < _TOLERANCE


@pytest.mark.slow
@pytest.mark.parametrize("tensor_type", _TYPES)
def test_a_row_has_the_same_bits_among_others(interpreted: Report, tensor_type: TensorType) -> None:
    assert interpreted[tensor_type][5] == 1.0


@pytest.mark.slow
def test_parts_of_a_product_add_up_in_one_order(interpreted: Report) -> None:
    error, is_same_alone = interpreted["parts"]

    assert error < 2e-3  # of float16
    assert is_same_alone == 1.0


@pytest.mark.slow
def test_kernels_compile_for_cards_that_are_not_here(tmp_path: Path) -> None:
    found = child_report("tests.support.compiled_blocks", tmp_path, is_interpreted=False)

    _assert_compiled(found)


@pytest.mark.full
@pytest.mark.timeout(600)
def test_kernels_of_every_type_compile_for_cards(tmp_path: Path) -> None:
    found = child_report("tests.support.compiled_blocks", tmp_path, "--all", is_interpreted=False)

    assert set(found["80"]) == {
        f"{kind} {what}" for kind in _TYPES for what in ("product", "values")
    } | {"sum"}
    _assert_compiled(found)


def _assert_compiled(found: dict[str, dict[str, list[int]]]) -> None:
    assert set(found) == {"80", "90"}
    for kernels in found.values():
        for num_bytes, shared_bytes in kernels.values():
            assert num_bytes > 0
            # What every card since Turing has for a block of threads.
            assert shared_bytes <= 48 * 1024
