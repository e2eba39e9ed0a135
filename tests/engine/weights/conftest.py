"""Fixtures for packed weights that are kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from realm_desktop.engine.kernels.library import CpuKernels
from realm_desktop.engine.weights.packed_store import PackedStore
from realm_desktop.formats.model_file import ModelFile, open_model
from tests.support.kernels import fastest_kernels
from tests.support.packed_weights import MakeStore, Shelf
from tests.support.tiny_models import tiny_gguf


@pytest.fixture
def kernels() -> CpuKernels:
    return fastest_kernels()


@pytest.fixture
def model_file(tmp_path: Path) -> Iterator[ModelFile]:
    with closing(open_model(tiny_gguf(tmp_path, "llama", "Q8_0"))) as opened:
        yield opened


@pytest.fixture
def make_store(tmp_path: Path) -> MakeStore:
    """Stores of one folder that keep small files too, and at once."""
    return partial(PackedStore, tmp_path / "packed", least_bytes=1, delay_s=0.0)


@pytest.fixture
def shelf(make_store: MakeStore, model_file: ModelFile, kernels: CpuKernels) -> Shelf:
    """A model, and the folder where its packed weights are kept."""
    return Shelf(make_store, model_file, kernels)
