"""Gives memory that was freed back to the system, where the C library keeps it for later.

Called on the engine thread after a load and after a model was given up.
"""

from __future__ import annotations

import ctypes
import sys


def trim_heap() -> bool:
    """Give back what the C library holds and nobody uses; whether it did.

    glibc takes pieces of up to 32 MiB from its heap once one of that size was freed, and keeps the
    gaps. Loading 257 MiB of bfloat16 weights, each matrix stacked and then packed, left 53 MiB of
    them behind (glibc 2.36).
    """
    if sys.platform != "linux":
        return False
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError):  # another C library, such as musl
        return False
    return bool(trim(0))
