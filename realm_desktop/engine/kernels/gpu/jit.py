"""Triton's decorator with a type: Triton is imported without types, and may be missing.

Imported by modules of kernels alone, which nobody imports where Triton is missing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import triton


def jit(function: Callable[..., Any]) -> Any:
    """A kernel, or a function that kernels call: compiled at its first launch for each set of types.

    With TRITON_INTERPRET=1 at the time of import it runs in NumPy instead.
    """
    return triton.jit(function)


def jit_once(*names: str) -> Callable[[Callable[..., Any]], Any]:
    """The same, but compiled once for all values of the arguments of these names.

    Triton compiles anew where an integer is 1 or a multiple of 16: replies would pause when a chat begins
    beside fifteen others.
    """

    def decorate(function: Callable[..., Any]) -> Any:
        return triton.jit(function, do_not_specialize=names)

    return decorate
