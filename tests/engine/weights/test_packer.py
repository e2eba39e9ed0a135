"""Matrices that are packed, and those that were kept: the same bytes, or an error."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from realm_desktop.engine.kernels.library import CpuKernels
from realm_desktop.engine.quant.sample_blocks import random_quantized
from realm_desktop.engine.quant.tensor import QTensor
from realm_desktop.engine.weights.packed_file import (
    KeptFile,
    KeptWeightsWrong,
    MatrixForm,
    aligned,
    header,
)
from realm_desktop.engine.weights.packer import Packer
from realm_desktop.formats.tensor_types import TensorType

KEY = bytes(32)
# One panel and a part of another.
SHAPE = (20, 64)
ORDER = torch.arange(20).flip(0)


def matrix(seed: int = 0, shape: tuple[int, int] = SHAPE) -> QTensor:
    return random_quantized(TensorType.Q4_0, shape, seed)


def kept(packer: Packer, folder: Path) -> KeptFile:
    """What a packer packed, written to a file and mapped."""
    forms = [MatrixForm(packed.tensor_type, packed.shape) for packed in packer.packed]
    path = folder / "kept.packed"
    with path.open("wb") as file:
        file.write(header(KEY, forms))
        for packed in packer.packed:
            file.write(packed.panels.numpy().tobytes().ljust(aligned(packed.num_bytes), b"\0"))
    with path.open("rb") as file:
        return KeptFile(packer.kernels, forms, file, path)


@pytest.mark.parametrize("order", [None, ORDER])
def test_kept_matrix_has_the_bytes_of_a_packed_one(
    kernels: CpuKernels, tmp_path: Path, order: torch.Tensor | None
) -> None:
    first = Packer(kernels, keeps=True)
    packed = first.pack(matrix(), order)
    told: list[int] = []

    again = Packer(kernels, kept(first, tmp_path))
    found = again.pack(matrix(), order, told.append)

    assert torch.equal(found.panels, packed.panels)
    assert (found.shape, found.tensor_type) == (packed.shape, packed.tensor_type)
    assert sum(told) == 20 * 64
    assert again.mapped_bytes == packed.num_bytes


def test_nothing_is_remembered_unless_asked(kernels: CpuKernels) -> None:
    packer = Packer(kernels)
    packer.pack(matrix())

    assert (packer.packed, packer.mapped_bytes) == ([], 0)


def test_other_values_in_the_model_are_found(kernels: CpuKernels, tmp_path: Path) -> None:
    first = Packer(kernels, keeps=True)
    first.pack(matrix(seed=0))

    again = Packer(kernels, kept(first, tmp_path))

    with pytest.raises(KeptWeightsWrong):
        again.pack(matrix(seed=1))


def test_another_order_of_rows_is_found(kernels: CpuKernels, tmp_path: Path) -> None:
    first = Packer(kernels, keeps=True)
    first.pack(matrix())

    again = Packer(kernels, kept(first, tmp_path))

    with pytest.raises(KeptWeightsWrong):
        again.pack(matrix(), ORDER)


def test_damaged_panels_are_found(kernels: CpuKernels, tmp_path: Path) -> None:
    first = Packer(kernels, keeps=True)
    first.pack(matrix(shape=(16, 64)))
    first.packed[0].panels.zero_()  # as blocks that never reached the disk

    again = Packer(kernels, kept(first, tmp_path))

    with pytest.raises(KeptWeightsWrong):
        again.pack(matrix(shape=(16, 64)))


def test_few_matrices_of_many_are_compared(
    kernels: CpuKernels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Packer(kernels, keeps=True)
    for _ in range(400):
        first.pack(matrix(shape=(16, 32)))
    compared: list[object] = []
    monkeypatch.setattr(Packer, "_compare_one_panel", lambda *parts: compared.append(parts))

    again = Packer(kernels, kept(first, tmp_path))
    for _ in range(400):
        again.pack(matrix(shape=(16, 32)))

    # 32 are expected; each of the bounds is missed less than once in a million runs.
    assert 6 < len(compared) < 66
