"""Metal shaders compiled as C++, with the interface that torch gives to compiled ones.

A SIMD group is 32 threads. What is proven is that the source is sound C++ and computes the right
values, not that Metal's compiler takes it.
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from torch import Tensor

_FOLDER = Path(__file__).parent / "metal"


class CompiledShader:
    """Kernels by their names, called as `torch.mps.compile_shader` has it.

    Args:
        source: Metal.
        folder: For what is compiled.
        entries: File with the functions through which the kernels are called.
    """

    def __init__(self, source: str, folder: Path, entries: str = "entries.inc") -> None:
        compiler = shutil.which("g++")
        if compiler is None:
            pytest.skip("needs a C++ compiler")
        file, library = folder / "shader.cpp", folder / "shader.so"
        file.write_text(source + (_FOLDER / entries).read_text(encoding="utf-8"))
        flags = ["-std=c++20", "-O1", "-shared", "-fPIC", "-pthread", "-Wall", "-Wno-attributes"]
        subprocess.run(
            [compiler, *flags, "-Wno-unknown-pragmas", f"-I{_FOLDER}", file, "-o", library],
            check=True,
        )
        self._library = ctypes.CDLL(str(library))

    def __getattr__(self, name: str) -> Callable[..., None]:
        function = getattr(self._library, f"run_{name}")

        def call(
            *values: Tensor | float,
            threads: tuple[int, int, int],
            group_size: tuple[int, int, int],
        ) -> None:
            assert threads[0] == group_size[0] == 32, "a SIMD group along the first dimension"
            passed = [_passed(value) for value in values]
            function(ctypes.c_uint(threads[1]), ctypes.c_uint(threads[2]), *passed)

        return call


def _passed(value: Tensor | float) -> ctypes.c_void_p | ctypes.c_long | ctypes.c_float:
    """What torch makes of an argument: Metal has no float64."""
    if isinstance(value, Tensor):
        return ctypes.c_void_p(value.data_ptr())
    return ctypes.c_long(value) if isinstance(value, int) else ctypes.c_float(value)
