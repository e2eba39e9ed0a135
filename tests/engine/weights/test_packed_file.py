"""Files of packed matrices: what is read back, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
import torch

from realm_desktop.engine.kernels.library import CpuKernels
from realm_desktop.engine.quant.sample_blocks import random_quantized
from realm_desktop.engine.weights.packed_file import (
    ALIGNMENT,
    KeptFile,
    KeptWeightsWrong,
    MatrixForm,
    aligned,
    header,
    read_forms,
)
from realm_desktop.formats.mapped_file import MappedFile
from realm_desktop.formats.tensor_types import TensorType
from tests.support.kernels import pack_whole

KEY = bytes(range(32))
FORMS = [MatrixForm(TensorType.Q8_0, (20, 64)), MatrixForm(TensorType.Q4_K, (16, 256))]


@pytest.fixture
def path(kernels: CpuKernels, tmp_path: Path) -> Path:
    """A file with matrices of these forms."""
    content = header(KEY, FORMS)
    for form in FORMS:
        panels = pack_whole(kernels, random_quantized(*form)).panels
        content += panels.numpy().tobytes().ljust(aligned(panels.numel()), b"\0")
    path = tmp_path / "kept.packed"
    path.write_bytes(content)
    return path


def kept_file(path: Path, kernels: CpuKernels) -> KeptFile:
    with path.open("rb") as file:
        return KeptFile(kernels, FORMS, file, path)


def test_forms_are_read_back() -> None:
    head = header(KEY, FORMS)

    assert read_forms(BytesIO(head), KEY) == FORMS
    assert len(head) == ALIGNMENT


def test_forms_of_something_else_are_refused() -> None:
    assert read_forms(BytesIO(header(KEY, FORMS)), bytes(32)) is None


@pytest.mark.parametrize("place", [0, 10, 47, 50, 75, 100])
def test_changed_header_is_refused(place: int) -> None:
    damaged = bytearray(header(KEY, FORMS))
    damaged[place] ^= 1

    assert read_forms(BytesIO(damaged), KEY) is None


@pytest.mark.parametrize("length", [0, 8, 47, 48, 90, 127])
def test_header_that_is_cut_short_is_refused(length: int) -> None:
    assert read_forms(BytesIO(header(KEY, FORMS)[:length]), KEY) is None


@pytest.mark.parametrize(
    "form",
    [
        MatrixForm(TensorType.F32, (16, 32)),
        MatrixForm(TensorType.Q8_0, (16, 33)),
        MatrixForm(TensorType.Q8_0, (2**40, 32)),
        MatrixForm(TensorType.Q8_0, (0, 32)),
    ],
)
def test_matrix_that_nobody_packs_is_refused(form: MatrixForm) -> None:
    assert read_forms(BytesIO(header(KEY, [form])), KEY) is None


def test_matrices_are_those_that_were_written(kernels: CpuKernels, path: Path) -> None:
    kept = kept_file(path, kernels)

    for form in FORMS:
        expected = pack_whole(kernels, random_quantized(*form)).panels
        assert torch.equal(kept.take(form), expected)


def test_matrix_of_another_form_is_refused(kernels: CpuKernels, path: Path) -> None:
    with pytest.raises(KeptWeightsWrong):
        kept_file(path, kernels).take(FORMS[1])


def test_more_matrices_than_there_are_is_refused(kernels: CpuKernels, path: Path) -> None:
    kept = kept_file(path, kernels)
    for form in FORMS:
        kept.take(form)

    with pytest.raises(KeptWeightsWrong):
        kept.take(FORMS[0])


@pytest.mark.parametrize("change", [lambda data: data[:-1], lambda data: data + b"\0"])
def test_file_of_another_length_is_refused(
    kernels: CpuKernels, path: Path, change: Callable[[bytes], bytes]
) -> None:
    path.write_bytes(change(path.read_bytes()))

    with pytest.raises(KeptWeightsWrong):
        kept_file(path, kernels)


def test_disk_that_fails_is_no_end_of_the_process(
    kernels: CpuKernels, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(5, "Input/output error")

    kept = kept_file(path, kernels)
    monkeypatch.setattr(MappedFile, "populate", fail)

    with pytest.raises(KeptWeightsWrong):
        kept.take(FORMS[0])
