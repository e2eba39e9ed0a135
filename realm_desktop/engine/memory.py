"""The memory plan: how large the KV pool may be beside the weights.

Computed before the pool is allocated. Works on plain numbers, so it can be shown and tested.
"""

from __future__ import annotations

from dataclasses import dataclass

import psutil

from realm_desktop.engine.options import BLOCK_SIZE, EngineOptions
from realm_desktop.errors import OutOfMemory

RESERVE_BYTES = 512 * 2**20
"""Left to the system and to the rest of the engine process."""

KV_SHARE = 0.5
"""Part of the free memory that the KV pool may take at most."""

ADAPTER_SHARE = 0.1
"""Part of the free memory that adapters may take at most; it comes out of what the pool leaves."""

CONTEXTS_WANTED = 8
"""A pool for this many full contexts is enough for every open chat."""

SMALLEST_CONTEXT_TOKENS = 512
"""A model that cannot hold this much is refused instead of loaded."""


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """Sizes of the KV pool, of the longest sequence, and of what adapters may take."""

    num_blocks: int
    context_length: int
    kv_bytes: int
    adapter_bytes: int


def plan_memory(
    options: EngineOptions,
    model_context_length: int,
    bytes_per_block: int,
    free_bytes: int | None = None,
) -> MemoryPlan:
    """Size the KV pool for a model whose weights are loaded.

    Args:
        options: Context length and pool size the user asked for, if any.
        model_context_length: Longest sequence the model was made for, tokens.
        bytes_per_block: KV of one block over all layers.
        free_bytes: Memory to plan with; None asks the system.

    Raises:
        OutOfMemory: Not even the smallest context fits.
    """
    if free_bytes is None:
        free_bytes = psutil.virtual_memory().available
    wanted_context = min(options.context_length or model_context_length, model_context_length)
    usable_bytes = max(int((free_bytes - RESERVE_BYTES) * KV_SHARE), 0)
    affordable = usable_bytes // bytes_per_block
    if options.kv_pool_tokens is not None:
        num_blocks = max(_blocks(options.kv_pool_tokens), 1)
    else:
        num_blocks = min(affordable, CONTEXTS_WANTED * _blocks(wanted_context))
    smallest = _blocks(min(SMALLEST_CONTEXT_TOKENS, wanted_context))
    if num_blocks > affordable or (options.kv_pool_tokens is None and num_blocks < smallest):
        needed = max(num_blocks, smallest) * bytes_per_block
        raise OutOfMemory(
            f"the KV cache needs {_megabytes(needed)} and {_megabytes(usable_bytes)} can be used",
            advice="Close other programs, or choose a smaller model or context.",
            field="kv_pool_tokens",
        )
    context = min(wanted_context, num_blocks * BLOCK_SIZE)
    adapter_bytes = max(int((free_bytes - RESERVE_BYTES) * ADAPTER_SHARE), 0)
    return MemoryPlan(num_blocks, context, num_blocks * bytes_per_block, adapter_bytes)


def _blocks(num_tokens: int) -> int:
    return -(-num_tokens // BLOCK_SIZE)


def _megabytes(num_bytes: int) -> str:
    return f"{num_bytes / 2**20:,.0f} MB"
