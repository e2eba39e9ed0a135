"""Loads the compiled CPU kernels and chooses among the instruction sets they were built for.

The library is a file beside the C++ sources, in `cpu/`: the build backend puts it there when a C++
compiler is at hand. Without it the engine computes with dequantized weights. Knows nothing of
matrices; `packed_matrix` calls what is loaded here.
"""

from __future__ import annotations

import ctypes
import os
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from realm_desktop.engine.kernels.call_list import Call, DraftCall, Rows, StepCall
from realm_desktop.engine.kernels.layer_calls import (
    ExpertsCall,
    GateCall,
    HeadsCall,
    NormCall,
    RouterCall,
)
from realm_desktop.errors import SettingsError

if TYPE_CHECKING:
    from torch import Tensor

ABI_VERSION: Final = 12
MAX_THREADS: Final = 64

SWITCH: Final = "REALM_CPU_KERNELS"
"""Environment variable: "off" computes without the library, the name of an instruction set takes that
one. Read here and not in `settings`, like the variables of OpenMP: it must hold in every process,
the tests and the command line alike, before anything is configured."""

OFF: Final = "off"
REFERENCE_SET: Final = "portable"
"""Plain C++, slower than dequantized weights: for tests, taken only by name."""

LIBRARY_PATH: Final = (
    Path(__file__).parent
    / "cpu"
    / ("realm_kernels.dll" if sys.platform == "win32" else "realm_kernels.so")
)


class Segment(ctypes.Structure):
    """`RealmSegment` of cpu/library.h."""

    _fields_ = (
        ("panels", ctypes.c_void_p),
        ("rows", ctypes.c_int64),
        ("format", ctypes.c_int32),
        ("reserved", ctypes.c_int32),
    )


class Product(ctypes.Structure):
    """`RealmProduct` of cpu/library.h."""

    _fields_ = (
        ("segments", ctypes.POINTER(Segment)),
        ("x", ctypes.c_void_p),
        ("y", ctypes.c_void_p),
        ("bias", ctypes.c_void_p),
        ("columns", ctypes.c_int64),
        ("num_tokens", ctypes.c_int64),
        ("x_stride", ctypes.c_int64),
        ("y_stride", ctypes.c_int64),
        ("num_segments", ctypes.c_int32),
        ("x_type", ctypes.c_int32),
        ("y_type", ctypes.c_int32),
        ("instruction_set", ctypes.c_int32),
        ("num_threads", ctypes.c_int32),
        ("reserved", ctypes.c_int32),
    )


class AdapterTarget(ctypes.Structure):
    """`RealmAdapterTarget` of cpu/library.h."""

    _fields_ = (
        ("a", ctypes.c_void_p),
        ("b", ctypes.c_void_p),
        ("num_ranks", ctypes.c_int64),
        ("first_column", ctypes.c_int64),
        ("num_columns", ctypes.c_int64),
    )


class AdapterTerm(ctypes.Structure):
    """`RealmAdapterTerm` of cpu/library.h; `uses` are rows of five int64."""

    _fields_ = (
        ("targets", ctypes.POINTER(AdapterTarget)),
        ("uses", ctypes.c_void_p),
        ("row_ids", ctypes.c_void_p),
        ("weights", ctypes.c_void_p),
        ("reduced", ctypes.c_void_p),
        ("x", ctypes.c_void_p),
        ("y", ctypes.c_void_p),
        ("num_places", ctypes.c_int64),
        ("num_values", ctypes.c_int64),
        ("num_rows", ctypes.c_int64),
        ("in_features", ctypes.c_int64),
        ("x_stride", ctypes.c_int64),
        ("y_stride", ctypes.c_int64),
        ("num_targets", ctypes.c_int32),
        ("num_uses", ctypes.c_int32),
        ("instruction_set", ctypes.c_int32),
        ("num_threads", ctypes.c_int32),
    )


class Attention(ctypes.Structure):
    """`RealmAttention` of cpu/library.h."""

    _fields_ = (
        ("sequences", ctypes.POINTER(Rows)),
        ("q", ctypes.c_void_p),
        ("out", ctypes.c_void_p),
        ("keys", ctypes.c_void_p),
        ("values", ctypes.c_void_p),
        ("key_scales", ctypes.c_void_p),
        ("value_scales", ctypes.c_void_p),
        ("sinks", ctypes.c_void_p),
        ("num_sequences", ctypes.c_int64),
        ("num_blocks", ctypes.c_int64),
        ("q_stride", ctypes.c_int64),
        ("out_stride", ctypes.c_int64),
        ("window", ctypes.c_int64),
        ("num_heads", ctypes.c_int32),
        ("num_kv_heads", ctypes.c_int32),
        ("head_dim", ctypes.c_int32),
        ("q_type", ctypes.c_int32),
        ("is_int8", ctypes.c_int32),
        ("instruction_set", ctypes.c_int32),
        ("num_threads", ctypes.c_int32),
        ("scale", ctypes.c_float),
        ("softcap", ctypes.c_float),
        ("reserved", ctypes.c_int32),
    )


class KernelsMissing(Exception):
    """There are no kernels to use; the text is a clause that says why."""


@dataclass(frozen=True, slots=True)
class KernelLibrary:
    """A loaded library.

    Attributes:
        functions: What cpu/library.h declares.
        instruction_sets: Name and number of each that this processor runs, fastest first.
    """

    functions: ctypes.CDLL
    instruction_sets: dict[str, int]


class Recorder(Protocol):
    """Takes note of calls, so that they can be repeated."""

    def note(self, call: ctypes.Structure, *results: Tensor) -> None:
        """One call that was made, and the tensors it wrote."""


@dataclass(slots=True)
class CpuKernels:
    """The library together with the instruction set in use.

    Attributes:
        library: What to call.
        name: Of the instruction set.
        recorder: Told of every call of a layer while a pass is recorded.
    """

    library: KernelLibrary
    name: str
    recorder: Recorder | None = field(default=None, compare=False)

    @property
    def set_index(self) -> int:
        """What the library calls the instruction set."""
        return self.library.instruction_sets[self.name]


def load_library(path: Path = LIBRARY_PATH) -> KernelLibrary:
    """The library at a path.

    Raises:
        KernelsMissing: There is no file, it cannot be loaded, or it belongs to another version.
    """
    if not path.exists():
        raise KernelsMissing(
            "the native library was not built, most often for want of a C++ compiler"
        )
    try:
        functions = ctypes.CDLL(str(path))
        # First: a library of another version lacks functions, and would be refused for one of them.
        found = functions.realm_abi_version()
        if found != ABI_VERSION:
            raise KernelsMissing(
                f"the native library has version {found}, expected is {ABI_VERSION}; install again"
            )
        _declare(functions)
    except (OSError, AttributeError) as error:
        raise KernelsMissing(f"the native library cannot be loaded: {error}") from error
    return KernelLibrary(functions, _working_sets(functions))


def choose_kernels(library: KernelLibrary, wish: str) -> CpuKernels:
    """The instruction set to compute with.

    Args:
        library: Loaded.
        wish: Its name; "" takes the fastest.

    Raises:
        KernelsMissing: This processor has none of those that are worth it.
        SettingsError: It cannot run the one that was asked for.
    """
    names = list(library.instruction_sets)
    if wish and wish not in names:
        raise SettingsError(
            f"{SWITCH} is {wish!r}; this processor takes {', '.join([*names, OFF])}.",
            advice=f"Remove the environment variable {SWITCH}.",
            field=SWITCH,
        )
    fastest = wish or names[0]
    if not wish and fastest == REFERENCE_SET:
        raise KernelsMissing("this processor has none of the instruction sets they are made for")
    return CpuKernels(library, fastest)


def find_kernels() -> CpuKernels:
    """The kernels to compute with, as the environment wants it. The library is loaded once.

    Raises:
        KernelsMissing: There are none, or they are switched off.
        SettingsError: The environment names an instruction set that is not there.
    """
    wish = os.environ.get(SWITCH, "")
    if wish == OFF:
        raise KernelsMissing(f"{SWITCH} is {OFF!r}")
    return choose_kernels(_library(), wish)


def describe_kernels() -> tuple[str | None, str]:
    """Name of the instruction set in use, and if there is none, why."""
    try:
        return find_kernels().name, ""
    except (KernelsMissing, SettingsError) as error:
        return None, str(error)


@cache
def _library() -> KernelLibrary:
    return load_library()


def _working_sets(functions: ctypes.CDLL) -> dict[str, int]:
    found: dict[str, int] = {}
    index = 0
    while (name := functions.realm_set_name(index)) is not None:
        if functions.realm_set_works(index):
            found[name.decode("ascii")] = index
        index += 1
    return found


def _declare(functions: ctypes.CDLL) -> None:
    """Tell ctypes every signature: an undeclared pointer would be cut to 32 bits."""
    i32, i64, pointer = ctypes.c_int32, ctypes.c_int64, ctypes.c_void_p
    signatures = {
        "realm_abi_version": (i32, ()),
        "realm_set_name": (ctypes.c_char_p, (i32,)),
        "realm_set_works": (i32, (i32,)),
        "realm_packed_bytes": (i64, (i32, i64, i64)),
        "realm_pack": (
            i32,
            (i32, pointer, pointer, i64, i64, i64, pointer, i64, i64, pointer, i32),
        ),
        "realm_take_rows": (i32, (i32, pointer, i64, i64, pointer, i64, pointer, i32)),
        "realm_quantize": (i32, (i32, pointer, i64, i64, pointer, pointer)),
        "realm_multiply": (i32, (ctypes.POINTER(Product),)),
        "realm_add_norm": (i32, (ctypes.POINTER(NormCall),)),
        "realm_gate": (i32, (ctypes.POINTER(GateCall),)),
        "realm_heads": (i32, (ctypes.POINTER(HeadsCall),)),
        "realm_route": (i32, (ctypes.POINTER(RouterCall),)),
        "realm_experts": (i32, (ctypes.POINTER(ExpertsCall),)),
        "realm_add_adapters": (i32, (ctypes.POINTER(AdapterTerm),)),
        "realm_attend": (i32, (ctypes.POINTER(Attention),)),
        "realm_run_calls": (i32, (ctypes.POINTER(Call), i64)),
        "realm_step": (i32, (ctypes.POINTER(StepCall),)),
        "realm_draft": (i32, (ctypes.POINTER(DraftCall),)),
        "realm_advise_large_pages": (None, (pointer, i64)),
    }
    for name, (result, arguments) in signatures.items():
        function = getattr(functions, name)
        function.restype = result
        function.argtypes = arguments
