"""Whether an NVIDIA driver is there, and for which CUDA: without torch, and without waking a card.

Standard library only. Loading the driver's library opens no CUDA context: that would take memory of
the card and keep it from resting.
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

_LIBRARY: Final = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
_TOOL: Final = "nvidia-smi"
_TOOL_LIMIT_S: Final = 10.0
"""A driver that was not used for a while is initialized first; more is a driver that hangs."""

_MIB: Final = 2**20


@dataclass(frozen=True, slots=True)
class NvidiaDevice:
    """One card.

    Attributes:
        compute: Its compute capability, such as (8, 9).
    """

    name: str
    memory_bytes: int
    compute: tuple[int, int]


@dataclass(frozen=True, slots=True)
class NvidiaDriver:
    """The driver of this machine.

    Attributes:
        cuda: The newest version of CUDA whose programs it runs, such as (13, 0).
        devices: As `nvidia-smi` lists them; empty where that is missing or fails.
    """

    cuda: tuple[int, int]
    devices: tuple[NvidiaDevice, ...] = ()


def find_nvidia_driver(
    load_library: Callable[[str], Any] = ctypes.CDLL, list_cards: Callable[[], str] | None = None
) -> NvidiaDriver | None:
    """The driver, or None without one; takes up to a second.

    Args:
        load_library: Replaces ctypes in tests.
        list_cards: Replaces the call of `nvidia-smi` in tests.
    """
    if sys.platform == "darwin":
        return None
    version = ctypes.c_int(0)
    try:
        # The one function that answers before cuInit.
        status = load_library(_LIBRARY).cuDriverGetVersion(ctypes.byref(version))
    except (OSError, AttributeError):
        return None
    if status != 0 or version.value <= 0:
        return None
    cuda = (version.value // 1000, version.value % 1000 // 10)
    return NvidiaDriver(cuda, _devices((list_cards or _ask_tool)()))


def _ask_tool() -> str:
    """What `nvidia-smi` says of the cards, a line each; "" where it does not answer."""
    tool = shutil.which(_TOOL)
    if tool is None:
        return ""
    command = [tool, "--query-gpu=name,memory.total,compute_cap", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TOOL_LIMIT_S,
            check=False,
            # No black window flashes up on Windows.
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


def _devices(lines: str) -> tuple[NvidiaDevice, ...]:
    found = []
    for line in lines.splitlines():
        name, *numbers = (part.strip() for part in line.split(","))
        try:
            memory, compute = numbers
            major, minor = compute.split(".")
            found.append(NvidiaDevice(name, int(memory) * _MIB, (int(major), int(minor))))
        except ValueError:
            continue  # such as "[N/A]" of a card that is shared
    return tuple(found)
