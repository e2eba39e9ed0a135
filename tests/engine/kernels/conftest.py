"""The library under test, and each instruction set of it that this processor runs."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

from realm_desktop.engine.kernels.library import (
    LIBRARY_PATH,
    CpuKernels,
    KernelLibrary,
    load_library,
)
from tests.support.kernels import NO_KERNELS

IS_ARM = platform.machine().lower() in ("aarch64", "arm64")
# Those of the other family are tested there, or in the emulator (`test_neon.py`).
SETS = (*(("neon",) if IS_ARM else ("avx512vnni", "avxvnni", "avx2")), "portable")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Another build of the library, as `.ci/sanitize` makes one."""
    parser.addoption("--kernel-library", help="the native library to test", default=None)


@pytest.fixture(scope="session")
def library(request: pytest.FixtureRequest) -> KernelLibrary:
    path = Path(request.config.getoption("--kernel-library", None) or LIBRARY_PATH)
    if not path.exists():
        pytest.skip(NO_KERNELS)
    return load_library(path)


@pytest.fixture(params=SETS)
def kernels(request: pytest.FixtureRequest, library: KernelLibrary) -> CpuKernels:
    if request.param not in library.instruction_sets:
        pytest.skip(f"this processor has no {request.param}")
    return CpuKernels(library, request.param)


@pytest.fixture
def fastest(library: KernelLibrary) -> CpuKernels:
    return CpuKernels(library, next(iter(library.instruction_sets)))
