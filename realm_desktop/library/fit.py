"""Whether a model fits into this machine's memory, as its header lets expect."""

from __future__ import annotations

from enum import StrEnum

import psutil

from realm_desktop.formats.inspection import Inspection

COMFORTABLE_TOKENS = 8192
"""Tokens of several chats together; a model with room for them is not called tight."""

SMALLEST_TOKENS = 512
"""With less the engine refuses to load a model."""


class Fit(StrEnum):
    """Whether a model fits into memory."""

    FITS = "fits"
    TIGHT = "tight"
    TOO_LARGE = "too_large"


def free_memory() -> int:
    """Bytes of memory that a model could take now, without making the system swap."""
    return int(psutil.virtual_memory().available)


def fit_of(model: Inspection, free_bytes: int) -> Fit:
    """How a model fits into so much free memory."""
    memory = model.memory
    fixed_bytes = memory.weights_bytes + (memory.working_bytes or 0)
    if fixed_bytes + memory.kv_bytes(SMALLEST_TOKENS) > free_bytes:
        return Fit.TOO_LARGE
    num_tokens = min(model.context_length or COMFORTABLE_TOKENS, COMFORTABLE_TOKENS)
    return Fit.FITS if fixed_bytes + memory.kv_bytes(num_tokens) <= free_bytes else Fit.TIGHT


def fit_of_file(num_bytes: int, free_bytes: int) -> Fit:
    """How a model of which only the size of its files is known would fit; a rough estimate.

    KV cache and working space are taken as a sixth of the weights and 256 MB more: between what
    `fit_of` computes for small models with long caches and for large ones with grouped queries.
    """
    needed = num_bytes + num_bytes // 6 + 2**28
    if needed <= free_bytes:
        return Fit.FITS
    return Fit.TIGHT if num_bytes + 2**27 <= free_bytes else Fit.TOO_LARGE
