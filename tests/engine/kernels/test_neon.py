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
HERE = Path(__file__).parent
PORTABLE = ('-DREALM_VECTORS="vectors_portable.h"', "-DREALM_SET=kPortableSet")
NEON = ('-DREALM_VECTORS="vectors_neon.h"', "-DREALM_SET=kNeonSet", "-march=armv8.2-a+dotprod")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sources", "level", "others"),
    [
        # Optimizing the many tiles takes 17 s, compiling them plainly 2.
        (
            ("product.cpp",),
            "-O0",
            (SOURCES / "packing.cpp", SOURCES / "sources.cpp", HERE / "compare_sets.cpp"),
        ),
        (("attend.cpp",), "-O1", (HERE / "compare_attention.cpp",)),
        (("rows.cpp", "router.cpp"), "-O1", (HERE / "compare_rows.cpp",)),
    ],
)
def test_neon_gives_the_bits_of_the_portable_kernels(
    tmp_path: Path, sources: tuple[str, ...], level: str, others: tuple[Path, ...]
) -> None:
    compiler = next(filter(None, map(shutil.which, COMPILERS)), None)
    if compiler is None or shutil.which(EMULATOR) is None:
        pytest.skip("Debian's g++-aarch64-linux-gnu and qemu-user are not installed")
    plain = [compiler, "-std=c++17", level, "-ffp-contract=off", f"-I{SOURCES}", "-c"]

    def run(*command: str) -> None:
        subprocess.run(command, cwd=tmp_path, check=True)

    for source in sources:
        run(*plain, *PORTABLE, str(SOURCES / source), "-o", f"portable_{source}.o")
        run(*plain, *NEON, str(SOURCES / source), "-o", f"neon_{source}.o")
    run(*plain, *map(str, others))
    program = str(tmp_path / "compare")
    run(compiler, "-static", *map(str, tmp_path.glob("*.o")), "-o", program)

    assert subprocess.run([EMULATOR, "-cpu", "max", program], check=False).returncode == 0
