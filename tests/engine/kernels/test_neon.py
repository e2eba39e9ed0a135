"""The kernels for ARM compute the bits of the portable ones; run in an emulator where there is one."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from realm_desktop.engine.kernels.library import LIBRARY_PATH

COMPILERS = ("aarch64-linux-gnu-g++", "aarch64-linux-gnu-g++-12")
EMULATOR = "qemu-aarch64"
SOURCES = LIBRARY_PATH.parent


@pytest.mark.slow
def test_neon_gives_the_bits_of_the_portable_kernels(tmp_path: Path) -> None:
    compiler = next(filter(None, map(shutil.which, COMPILERS)), None)
    if compiler is None or shutil.which(EMULATOR) is None:
        pytest.skip("Debian's g++-aarch64-linux-gnu and qemu-user are not installed")
    plain = [compiler, "-std=c++17", "-O1", "-ffp-contract=off", f"-I{SOURCES}", "-c"]
    portable = ['-DREALM_VECTORS="vectors_portable.h"', "-DREALM_SET=kPortableSet"]
    neon = ['-DREALM_VECTORS="vectors_neon.h"', "-DREALM_SET=kNeonSet", "-march=armv8.2-a+dotprod"]
    product, program = str(SOURCES / "product.cpp"), str(tmp_path / "compare_sets")

    def run(*command: str) -> None:
        subprocess.run(command, cwd=tmp_path, check=True)

    run(*plain, *portable, product, "-o", "portable.o")
    run(*plain, *neon, product, "-o", "neon.o")
    packing = [str(SOURCES / name) for name in ("packing.cpp", "sources.cpp")]
    run(*plain, *packing, str(Path(__file__).parent / "compare_sets.cpp"))
    run(compiler, "-static", *map(str, tmp_path.glob("*.o")), "-o", program)

    assert subprocess.run([EMULATOR, "-cpu", "max", program], check=False).returncode == 0
