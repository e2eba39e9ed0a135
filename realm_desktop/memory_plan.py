"""The memory plan: how large the KV pools may be beside the weights.

The engine sizes its pools by it once the weights are there; the window shows what it will come to
before a model is loaded. Works on plain numbers; knows neither torch nor a file.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import psutil

from realm_desktop.errors import OutOfMemory
from realm_desktop.kv_blocks import BLOCK_SIZE, SlidingWindow, blocks_for

RESERVE_BYTES = 512 * 2**20
"""Left to the system and to the rest of the engine process."""

KV_SHARE = 0.5
"""Part of the free memory that the KV pool may take at most."""

CARD_KV_SHARE = 0.8
"""The same of a card's own memory, which other programs want less of."""

ADAPTER_SHARE = 0.1
"""Part of the free memory that adapters may take at most; it comes out of what the pool leaves."""

WARM_ADAPTER_SHARE = 0.05
"""Part of the free memory for copies of adapters that were used lately; the same holds for it."""

CONTEXTS_WANTED = 8
"""A pool for this many full contexts is enough for every open chat."""

WINDOWS_WANTED = 2
"""Windows at most for every sequence that may run: as much as it uses stays for the ends of earlier
turns, where conversations go on."""

FULL_PER_WINDOW_BLOCK = 4
"""Full blocks for each window block at most: a chat shorter than the window takes as many of both, and
chats are rarely as long as the context."""

SMALLEST_CONTEXT_TOKENS = 512
"""A model that cannot hold this much is refused instead of loaded."""

SMALL_MATRIX_WEIGHTS = 2**21
"""Below it a network counts as small. 4 MiB of bfloat16 take one core about 0.2 ms to read, ten times
what waking a thread costs."""


class PoolOptions(Protocol):
    """What a user may choose about the KV pool; `EngineOptions` is one."""

    @property
    def context_length(self) -> int | None:
        """Longest sequence in tokens; None takes the model's own."""

    @property
    def kv_pool_tokens(self) -> int | None:
        """Tokens of the pool; None takes what fits."""

    @property
    def max_running(self) -> int:
        """Most sequences of one step."""


@dataclass(frozen=True, slots=True)
class BlockBytes:
    """What the KV of a network costs.

    Attributes:
        full: Bytes of one block over the layers that see every position.
        windowed: Bytes of one block over the layers with a sliding window; 0 if there are none.
        window: What those layers see; None if there are none.
    """

    full: int
    windowed: int = 0
    window: SlidingWindow | None = None

    def num_window_blocks(self, num_blocks: int, context_blocks: int, max_running: int) -> int:
        """Size of the window pool beside a full pool of so many blocks.

        At least what the longest sequence holds alone; else so many that neither pool is likely to be
        full long before the other.
        """
        if self.window is None:
            return 0
        held = self.window.num_blocks(num_blocks * BLOCK_SIZE)
        of_long_chats = -(-num_blocks * held // context_blocks)
        wanted = max(of_long_chats, num_blocks // FULL_PER_WINDOW_BLOCK)
        return min(max(held, min(wanted, WINDOWS_WANTED * max_running * held)), num_blocks)

    def num_bytes(self, num_blocks: int, num_window_blocks: int) -> int:
        """Bytes of both pools."""
        return num_blocks * self.full + num_window_blocks * self.windowed


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """Sizes of the KV pools, of the longest sequence, and of what adapters may take.

    Attributes:
        adapter_bytes: For adapters beside the weights.
        warm_adapter_bytes: For prepared copies of adapters in host memory.
    """

    num_blocks: int
    num_window_blocks: int
    context_length: int
    kv_bytes: int
    adapter_bytes: int
    warm_adapter_bytes: int = 0


def kv_room(free_bytes: int, *, is_on_card: bool = False) -> int:
    """Bytes that the KV pools may take of what is free once the weights are there."""
    share = CARD_KV_SHARE if is_on_card else KV_SHARE
    return max(int((free_bytes - RESERVE_BYTES) * share), 0)


def plan_memory(
    options: PoolOptions,
    model_context_length: int,
    block_bytes: BlockBytes,
    free_bytes: int | None = None,
    host_bytes: int | None = None,
) -> MemoryPlan:
    """Size the KV pools for a model whose weights are loaded.

    Args:
        options: Context length and pool size the user asked for, if any.
        model_context_length: Longest sequence the model was made for, tokens.
        block_bytes: Cost of the KV.
        free_bytes: Memory of the device to plan with; None asks the system for its own.
        host_bytes: Free memory of the system, where the device has memory beside it; None where both
            are one.

    Raises:
        OutOfMemory: Not even the smallest context fits.
    """
    if free_bytes is None:
        free_bytes = psutil.virtual_memory().available
    wanted_context = min(options.context_length or model_context_length, model_context_length)
    usable_bytes = kv_room(free_bytes, is_on_card=host_bytes is not None)
    pools = _Pools(block_bytes, blocks_for(wanted_context), options.max_running)
    asked = options.kv_pool_tokens
    most = CONTEXTS_WANTED * pools.context_blocks if asked is None else max(blocks_for(asked), 1)
    # Searched for: the window pool grows in steps, so no formula gives the number back.
    num_blocks = bisect_right(range(1, most + 1), usable_bytes, key=pools.num_bytes)
    smallest = blocks_for(min(SMALLEST_CONTEXT_TOKENS, wanted_context)) if asked is None else most
    if num_blocks < smallest:
        raise _too_little(pools.num_bytes(smallest), usable_bytes)
    spare_bytes = max(free_bytes - RESERVE_BYTES, 0)
    beside_bytes = free_bytes if host_bytes is None else host_bytes
    return MemoryPlan(
        num_blocks=num_blocks,
        num_window_blocks=pools.num_window_blocks(num_blocks),
        context_length=min(wanted_context, num_blocks * BLOCK_SIZE),
        kv_bytes=pools.num_bytes(num_blocks),
        adapter_bytes=int(spare_bytes * ADAPTER_SHARE),
        warm_adapter_bytes=int(max(beside_bytes - RESERVE_BYTES, 0) * WARM_ADAPTER_SHARE),
    )


class _Pools(NamedTuple):
    """Both pools of a network, by the number of full blocks."""

    costs: BlockBytes
    context_blocks: int
    max_running: int

    def num_window_blocks(self, num_blocks: int) -> int:
        return self.costs.num_window_blocks(num_blocks, self.context_blocks, self.max_running)

    def num_bytes(self, num_blocks: int) -> int:
        return self.costs.num_bytes(num_blocks, self.num_window_blocks(num_blocks))


def _too_little(needed_bytes: int, usable_bytes: int) -> OutOfMemory:
    return OutOfMemory(
        f"the KV cache needs {_megabytes(needed_bytes)} and {_megabytes(usable_bytes)} can be used",
        advice="Close other programs, or choose a smaller model or context.",
        field="kv_pool_tokens",
    )


def _megabytes(num_bytes: int) -> str:
    return f"{num_bytes / 2**20:,.0f} MB"
