"""How many cores this process may compute on.

Asks the operating system; keeps nothing. Any process and thread.
"""

from __future__ import annotations

import os
import sys

import psutil


def physical_cores() -> int:
    """Cores this process may use, hyper-threads not counted; at least 1.

    A second thread on a core shares its arithmetic units and gains nothing. More threads than the
    cores a process is held to (by `taskset` or a container) wait for each other in every product.
    """
    cores = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    if sys.platform == "linux":
        cores = min(cores, len(os.sched_getaffinity(0)))
    return cores
