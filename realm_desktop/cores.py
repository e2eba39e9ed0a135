"""How many cores this process may compute on.

Asks the operating system; keeps nothing. Any process and thread.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import psutil

_SYSTEM: Final = Path("/sys")
_CONTROL_GROUPS: Final = Path("/proc/self/cgroup")
# Above 0, and of no more digits than the kernel ever writes.
_MICROSECONDS: Final = re.compile(r"[1-9][0-9]{0,18}")
_GROUP: Final = re.compile(r"\d+:(?P<controllers>[^:]*):(?P<path>/.*)")


def physical_cores() -> int:
    """Cores this process may use, hyper-threads not counted; at least 1.

    A second thread on a core shares its arithmetic units and gains nothing. More threads than the
    cores a process is held to (by `taskset`, or a container's share of time) wait for each other in
    every product.

    Threads are not bound to cores: one that is waits for its own core while a window or another
    program computes there and another core is idle, and all others wait for it.
    """
    cores = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    if sys.platform == "linux":
        allowed = os.sched_getaffinity(0)
        cores = min(cores, _cores_of(allowed, _SYSTEM), _share_of_time(_CONTROL_GROUPS, _SYSTEM))
    return cores


def _cores_of(processors: Iterable[int], system: Path) -> int:
    """Cores that these processors are hyper-threads of; an unknown one is a core of its own."""
    folder = system / "devices/system/cpu"
    names = (
        _text(folder / f"cpu{number}/topology/thread_siblings_list") or str(number)
        for number in processors
    )
    return len(set(names))


def _share_of_time(groups: Path, system: Path) -> int:
    """Whole cores' worth of time that a container may take, rounded up; very many without a limit."""
    limits = [-(-quota // period) for quota, period in _quotas(groups, system)]
    return max(1, min(limits, default=sys.maxsize))


def _quotas(groups: Path, system: Path) -> Iterator[tuple[int, int]]:
    """Microseconds of all cores together in a period, and the period, where there is a limit.

    Of the group of this process and all above it: each of them holds.
    """
    for line in filter(None, map(_GROUP.fullmatch, _text(groups).splitlines())):
        controllers, path = line["controllers"], line["path"]
        is_second = not controllers  # version 2, which has one tree
        if not is_second and "cpu" not in controllers.split(","):
            continue
        top = system / "fs/cgroup" / ("" if is_second else "cpu")
        # In a container the path may be that of the host, which is not there; its own group is the top.
        for group in (path, *map(str, Path(path).parents)):
            folder = top / group.lstrip("/")
            if is_second:
                words = _text(folder / "cpu.max").split()
            else:
                words = [_text(folder / f"cpu.cfs_{name}_us") for name in ("quota", "period")]
            # Without a limit the first word is "max" in version 2, and -1 in version 1.
            if len(words) == 2 and all(map(_MICROSECONDS.fullmatch, words)):
                yield int(words[0]), int(words[1])


def _text(path: Path) -> str:
    """What a file of the system says; nothing if it is not there."""
    try:
        # Groups are named by people, in any language.
        return path.read_text(encoding="utf-8", errors="surrogateescape").strip()
    except (OSError, ValueError):  # a name with a NUL, which no file has
        return ""
