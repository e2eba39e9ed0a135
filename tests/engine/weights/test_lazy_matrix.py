"""Matrices that are made when they are wanted: the same values, and nothing made in vain."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from realm_desktop.engine.kernels.library import CpuKernels
from realm_desktop.engine.quant.sample_blocks import random_quantized
from realm_desktop.engine.quant.tensor import QTensor
from realm_desktop.engine.weights.lazy_matrix import LazyMatrix
from realm_desktop.engine.weights.packer import Packer
from realm_desktop.formats.tensor_types import TensorType

SHAPE = (20, 64)


@pytest.fixture
def made() -> list[QTensor]:
    """What was made."""
    return []


@pytest.fixture
def matrix(made: list[QTensor]) -> LazyMatrix:
    def read() -> QTensor:
        made.append(random_quantized(TensorType.Q8_0, SHAPE))
        return made[-1]

    return LazyMatrix(TensorType.Q8_0, SHAPE, read)


def test_form_is_known_without_the_bytes(matrix: LazyMatrix, made: list[QTensor]) -> None:
    assert (matrix.tensor_type, matrix.shape, matrix.num_values) == (TensorType.Q8_0, SHAPE, 1280)
    assert made == []


def test_bytes_and_values_are_those_of_what_is_made(matrix: LazyMatrix) -> None:
    expected = random_quantized(TensorType.Q8_0, SHAPE)

    assert torch.equal(matrix.data, expected.data)
    assert torch.equal(matrix.raw_rows(), expected.raw_rows())
    for dtype in (torch.float32, torch.bfloat16):
        assert torch.equal(matrix.dequantize(dtype), expected.dequantize(dtype))


def test_matrix_is_made_once_to_be_packed(
    matrix: LazyMatrix, made: list[QTensor], kernels: CpuKernels
) -> None:
    packed = Packer(kernels).pack(matrix)

    assert len(made) == 1
    assert torch.equal(packed.panels, Packer(kernels).pack(made[0]).panels)


def test_error_while_it_is_made_reaches_the_load(kernels: CpuKernels, tmp_path: Path) -> None:
    def read() -> QTensor:
        raise OSError(5, "Input/output error", tmp_path)

    with pytest.raises(OSError, match="Input/output"):
        Packer(kernels).pack(LazyMatrix(TensorType.Q8_0, SHAPE, read))
