"""Stand-ins for packages that a lent machine with a GPU may lack: as much of each as a benchmark needs.

Imported before anything of the engine. What needs more than a stand-in has fails with a word about it,
and the row of the table says so.
"""

from __future__ import annotations

import importlib
import os
import resource
import sys
from types import ModuleType, SimpleNamespace
from typing import Any, Final

LACKABLE: Final = ("psutil", "llguidance", "gguf", "platformdirs")

_FALLBACK_BYTES: Final = 8 * 2**30


class _Lacking(type):
    """A class whose every function refuses."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _refuse


class _Missing(ModuleType):
    """A package that is not there: its classes can be named and not used."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Lacking(name, (), {"__init__": _refuse})


class _MissingTables(ModuleType):
    """A module of tables that is not there."""

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"{self.__name__} is not installed here")


def _refuse(*_: object, **__: object) -> None:
    raise RuntimeError("this needs a package that is not installed here")


def replace_missing() -> tuple[str, ...]:
    """Put a stand-in in the place of every package that cannot be imported; their names."""
    missing = []
    for name in LACKABLE:
        try:
            importlib.import_module(name)
        except ImportError:
            sys.modules[name] = _psutil() if name == "psutil" else _Missing(name)
            missing.append(name)
    if "gguf" in missing:
        # Tables of the IQ types are read there: their checks fail and say so.
        sys.modules["gguf.quants"] = _MissingTables("gguf.quants")
        sys.modules["gguf"].quants = sys.modules["gguf.quants"]  # type: ignore[attr-defined]  # a stand-in
    return tuple(missing)


def _psutil() -> ModuleType:
    """Memory and cores, as Linux tells them."""
    module: Any = ModuleType("psutil")
    module.virtual_memory = _memory
    module.cpu_count = lambda logical=True: os.cpu_count()
    module.Process = lambda *_: SimpleNamespace(memory_info=_own_memory)
    module.Error = OSError
    return module  # type: ignore[no-any-return]  # Any, so that it takes attributes


def _memory() -> SimpleNamespace:
    sizes = {}
    try:
        with open("/proc/meminfo", encoding="ascii") as lines:  # noqa: PTH123  # no file of ours
            for line in lines:
                name, _, value = line.partition(":")
                sizes[name] = int(value.split()[0]) * 1024
    except OSError:
        pass
    total = sizes.get("MemTotal", _FALLBACK_BYTES)
    return SimpleNamespace(total=total, available=sizes.get("MemAvailable", total))


def _own_memory() -> SimpleNamespace:
    return SimpleNamespace(rss=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
