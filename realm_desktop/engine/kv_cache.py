"""The tensors of the KV cache: blocks of 64 positions, head-major.

Knows shapes and bytes; which block belongs to whom is the block manager's business. One owner: the
engine thread.
"""

from __future__ import annotations

import math
import mmap
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from realm_desktop.engine.architecture.spec import ModelSpec
from realm_desktop.engine.options import BLOCK_SIZE

# Far beyond any value of a sound network, yet too small for the product with a sound query to
# overflow: see `KVCache.write`.
_KV_LIMIT = 1e9


class BlockSelection(NamedTuple):
    """Blocks to read, in the order of their positions; made once per step by `KVCache.select`.

    Attributes:
        first_block: Where they start if they ascend one by one, else -1.
        num_blocks: How many.
        ids: [num_blocks] int64 on the cache's device if they do not ascend.
    """

    first_block: int
    num_blocks: int
    ids: Tensor | None


class KVCache:
    """Keys and values of all layers; how they are stored is known here alone.

    Invariant: every value is finite, so a masked position never disturbs a result, whoever wrote it.

    Args:
        spec: The network whose layers, heads and head_dim it follows.
        num_blocks: Blocks of each layer, at least 1.
        dtype: Type of the keys and values that are read.
        device: Where they live.
        num_window_blocks: Blocks of each layer with a sliding window, which then has block ids of
            its own; 0 gives all layers the same blocks.
    """

    def __init__(
        self,
        spec: ModelSpec,
        num_blocks: int,
        dtype: torch.dtype,
        device: torch.device,
        num_window_blocks: int = 0,
    ) -> None:
        self.dtype = dtype
        self.device = device
        self._is_windowed = [
            window is not None and num_window_blocks > 0 for window in spec.layer_windows
        ]
        # Head-major: an ascending run of blocks is one strided view.
        self._values = [
            _zeros((2, spec.num_kv_heads, count, BLOCK_SIZE, spec.head_dim), dtype, device)
            for count in (num_window_blocks if own else num_blocks for own in self._is_windowed)
        ]
        self._slots = [values.flatten(2, 3) for values in self._values]

    @staticmethod
    def bytes_per_block(spec: ModelSpec, dtype: torch.dtype, num_layers: int | None = None) -> int:
        """Bytes of the keys and values of one block, over all layers or over so many."""
        num_layers = spec.num_layers if num_layers is None else num_layers
        return 2 * num_layers * spec.num_key_values * BLOCK_SIZE * dtype.itemsize

    @property
    def num_bytes(self) -> int:
        """Bytes of the blocks of all layers."""
        return sum(values.nbytes for values in self._values)

    def write(self, layer: int, slots: Tensor, k: Tensor, v: Tensor) -> None:
        """Store the keys and values of T rows.

        Args:
            layer: Which layer.
            slots: [T] int64, all different.
            k: [T, num_kv_heads, head_dim]; changed in place: NaN becomes 0 and other values are
                limited to ±1e9, since 0 times infinity would carry a broken row of one request
                into the masked part of another one's block.
            v: Same shape, changed in the same way.
        """
        for place, rows in zip(self._slots[layer], (k, v), strict=True):
            place.index_copy_(1, slots, _bounded(rows).transpose(0, 1))

    def select(self, block_ids: Sequence[int]) -> BlockSelection:
        """Name blocks, at least one, for `read`; valid for every layer."""
        first, count = block_ids[0], len(block_ids)
        if block_ids[-1] - first == count - 1 and tuple(block_ids) == tuple(
            range(first, first + count)
        ):
            return BlockSelection(first, count, None)
        return BlockSelection(-1, count, torch.tensor(block_ids, device=self.device))

    def read(self, layer: int, blocks: BlockSelection) -> tuple[Tensor, Tensor]:
        """The keys and values of whole blocks: a view if the blocks ascend, else a copy.

        Returns:
            Two tensors [1, num_kv_heads, 64 · num_blocks, head_dim] of `dtype`, to be read only.
            They are valid until the next `read` or `write`.
        """
        if blocks.ids is None:
            first, count = blocks.first_block * BLOCK_SIZE, blocks.num_blocks * BLOCK_SIZE
            both = self._slots[layer].narrow(2, first, count)
        else:
            both = self._values[layer].index_select(2, blocks.ids).flatten(2, 3)
        return both[:1], both[1:]

    def copy_block(self, source: int, target: int, is_window: bool = False) -> None:
        """Copy the keys and values of one block over another, in all layers of its kind."""
        for values, is_windowed in zip(self._values, self._is_windowed, strict=True):
            if is_windowed == is_window:
                values[:, :, target].copy_(values[:, :, source])


def _zeros(shape: tuple[int, ...], dtype: torch.dtype, device: torch.device) -> Tensor:
    """Zeros that take memory only where they are written, on the CPU.

    torch fills what it allocates: 1 GiB cost 0.9 s and 1 GiB of resident memory at load, and a pool
    is rarely used to its end. Fresh pages of the system are zero already. Huge pages are declined:
    a block of one head takes 8 KiB, so each of the hundreds of layers and heads would cost 2 MiB
    for the first chat (500 MB more for a Llama of 1 billion parameters).
    """
    if device.type != "cpu":
        return torch.zeros(shape, dtype=dtype, device=device)
    pages = mmap.mmap(-1, math.prod(shape) * dtype.itemsize)
    if hasattr(mmap, "MADV_NOHUGEPAGE"):
        pages.madvise(mmap.MADV_NOHUGEPAGE)
    return torch.frombuffer(pages, dtype=dtype).view(shape)


def _bounded(values: Tensor) -> Tensor:
    return values.nan_to_num_(nan=0.0).clamp_(-_KV_LIMIT, _KV_LIMIT)
