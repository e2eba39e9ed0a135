"""Quantized matrices with random bits, packed for the CPU kernels, and what products must give."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from realm_desktop.engine.kernels.library import (
    LIBRARY_PATH,
    CpuKernels,
    choose_kernels,
    load_library,
)
from realm_desktop.engine.kernels.packed_matrix import PackedMatrix, pack, quantize_activations
from realm_desktop.engine.quant.tensor import QTensor

NO_KERNELS = "needs the compiled kernels: install from source with a C++ compiler (README.md)"


def fastest_kernels() -> CpuKernels:
    """What the engine would take; the test is skipped where there is nothing."""
    if not LIBRARY_PATH.exists():
        pytest.skip(NO_KERNELS)
    library = load_library()
    return choose_kernels(library, next(iter(library.instruction_sets)))


def pack_whole(kernels: CpuKernels, weight: QTensor) -> PackedMatrix:
    """All of a matrix, in the file's order."""
    num_rows, num_columns = weight.shape
    return pack(kernels, weight.data, weight.tensor_type, (num_rows, num_columns))


def random_rows(num_rows: int, num_columns: int, seed: int = 1) -> Tensor:
    """Activations with heavy tails: float32 [num_rows, num_columns]."""
    generator = torch.Generator().manual_seed(seed)
    rows = torch.randn(num_rows, num_columns, generator=generator)
    return rows * torch.randn(num_rows, num_columns, generator=generator).exp()


def exact_product(kernels: CpuKernels, x: Tensor, weight: QTensor) -> Tensor:
    """What a product should give: its own 8-bit activations times the weights, in float64."""
    q, scales = quantize_activations(kernels, x)
    grouped = q.double().view(len(x), -1, 32) * scales.double().unsqueeze(2)
    return grouped.flatten(1) @ weight.dequantize().double().T


def relative_error(result: Tensor, expected: Tensor) -> float:
    """Largest difference, as a part of the largest value expected."""
    difference = (result.double() - expected).abs().max()
    return float(difference / expected.abs().max())
