"""The tensors of the KV cache: blocks of 64 positions, head-major.

Knows shapes and bytes; which block belongs to whom is the block manager's business. One owner: the
engine thread.
"""

from __future__ import annotations

import math
import mmap

import torch
from torch import Tensor

from realm_desktop.engine.architecture.spec import ModelSpec
from realm_desktop.engine.options import BLOCK_SIZE

# Far beyond any value of a sound network, yet too small for the product with a sound query to
# overflow: see `KVCache.write`.
_KV_LIMIT = 1e9


class KVCache:
    """Keys and values of all layers.

    Invariant: every value is finite, so a masked position never disturbs a result, whoever wrote it.

    Args:
        spec: The network whose layers, heads and head_dim it follows.
        num_blocks: Blocks of the pool, at least 1.
        dtype: Type of keys and values.
        device: Where they live.

    Attributes:
        k, v: [layers, num_kv_heads, num_blocks, 64, head_dim], contiguous.
        layers: Per layer the keys and values, [num_kv_heads, num_blocks, 64, head_dim] each.
        slot_views: The same memory as [num_kv_heads, slots, head_dim].
    """

    def __init__(
        self, spec: ModelSpec, num_blocks: int, dtype: torch.dtype, device: torch.device
    ) -> None:
        shape = (spec.num_layers, spec.num_kv_heads, num_blocks, BLOCK_SIZE, spec.head_dim)
        self.num_blocks = num_blocks
        self.k = _zeros(shape, dtype, device)
        self.v = _zeros(shape, dtype, device)
        self.layers = tuple(zip(self.k.unbind(0), self.v.unbind(0), strict=True))
        self.slot_views = tuple((k.flatten(1, 2), v.flatten(1, 2)) for k, v in self.layers)

    @staticmethod
    def bytes_per_block(spec: ModelSpec, dtype: torch.dtype) -> int:
        """Bytes of the keys and values of one block over all layers."""
        values = spec.num_layers * spec.num_key_values * BLOCK_SIZE
        return 2 * values * dtype.itemsize

    @property
    def num_bytes(self) -> int:
        """Bytes of the whole pool."""
        return self.k.nbytes + self.v.nbytes

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
        k_view, v_view = self.slot_views[layer]
        k_view.index_copy_(1, slots, _bounded(k).transpose(0, 1))
        v_view.index_copy_(1, slots, _bounded(v).transpose(0, 1))

    def copy_block(self, source: int, target: int) -> None:
        """Copy the keys and values of one block over another, in all layers."""
        self.k[:, :, target].copy_(self.k[:, :, source])
        self.v[:, :, target].copy_(self.v[:, :, source])


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
