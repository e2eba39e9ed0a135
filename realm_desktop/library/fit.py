"""Whether a model fits into this machine's memory, as its header lets expect."""

from __future__ import annotations

from enum import StrEnum

import psutil

from realm_desktop.formats.inspection import Inspection
from realm_desktop.library.load_plan import KERNEL_BYTES
from realm_desktop.memory_plan import SMALLEST_CONTEXT_TOKENS, kv_room

COMFORTABLE_TOKENS = 8192
"""Tokens of several chats together; a model with room for them is not called tight."""


class Fit(StrEnum):
    """Whether a model fits into memory."""

    FITS = "fits"
    TIGHT = "tight"
    TOO_LARGE = "too_large"


def free_memory() -> int:
    """Bytes of memory that a model could take now, without making the system swap."""
    return int(psutil.virtual_memory().available)


def fit_of(model: Inspection, free_bytes: int) -> Fit:
    """How a model fits into so much free memory, as the plan of its load counts it."""
    memory = model.memory
    after_weights = free_bytes - memory.weights_bytes
    if memory.kv_bytes_per_token is None:
        return Fit.FITS if after_weights >= 0 else Fit.TOO_LARGE
    # The engine keeps a reserve; beside that, its steps need their room in what is left.
    room = min(kv_room(after_weights), after_weights - (memory.working_bytes or 0) - KERNEL_BYTES)
    most_tokens = model.context_length or COMFORTABLE_TOKENS
    if memory.kv_bytes(min(most_tokens, SMALLEST_CONTEXT_TOKENS)) > room:
        return Fit.TOO_LARGE
    return Fit.FITS if memory.kv_bytes(min(most_tokens, COMFORTABLE_TOKENS)) <= room else Fit.TIGHT


def fit_of_file(num_bytes: int, free_bytes: int) -> Fit:
    """How a model of which only the size of its files is known would fit; a rough estimate.

    KV cache and working space are taken as a sixth of the weights and 256 MB more: between what
    `fit_of` computes for small models with long caches and for large ones with grouped queries.
    """
    needed = num_bytes + num_bytes // 6 + 2**28
    if needed <= free_bytes:
        return Fit.FITS
    return Fit.TIGHT if num_bytes + 2**27 <= free_bytes else Fit.TOO_LARGE
