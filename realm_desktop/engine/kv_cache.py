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
        num_blocks: Blocks of each layer, at least 1.
        dtype: Type of keys and values.
        device: Where they live.
        num_window_blocks: Blocks of each layer with a sliding window, which then has block ids of
            its own; 0 gives all layers the same blocks.

    Attributes:
        k, v: [layers, num_kv_heads, num_blocks, 64, head_dim], contiguous.
        window_k, window_v: The same of the layers that have block ids of their own.
        layers: Per layer the keys and values, [num_kv_heads, num_blocks, 64, head_dim] each.
        slot_views: The same memory as [num_kv_heads, slots, head_dim].
    """

    def __init__(
        self,
        spec: ModelSpec,
        num_blocks: int,
        dtype: torch.dtype,
        device: torch.device,
        num_window_blocks: int = 0,
    ) -> None:
        def make(num_layers: int, count: int) -> Tensor:
            shape = (num_layers, spec.num_kv_heads, count, BLOCK_SIZE, spec.head_dim)
            return _zeros(shape, dtype, device)

        is_windowed = [
            window is not None and num_window_blocks > 0 for window in spec.layer_windows
        ]
        num_windowed = sum(is_windowed)
        num_full = spec.num_layers - num_windowed
        self.k, self.v = make(num_full, num_blocks), make(num_full, num_blocks)
        self.window_k = make(num_windowed, num_window_blocks)
        self.window_v = make(num_windowed, num_window_blocks)
        full = zip(self.k.unbind(0), self.v.unbind(0), strict=True)
        windowed = zip(self.window_k.unbind(0), self.window_v.unbind(0), strict=True)
        self.layers = tuple(next(windowed if own else full) for own in is_windowed)
        self.slot_views = tuple((k.flatten(1, 2), v.flatten(1, 2)) for k, v in self.layers)

    @staticmethod
    def bytes_per_block(spec: ModelSpec, dtype: torch.dtype, num_layers: int | None = None) -> int:
        """Bytes of the keys and values of one block, over all layers or over so many."""
        num_layers = spec.num_layers if num_layers is None else num_layers
        return 2 * num_layers * spec.num_key_values * BLOCK_SIZE * dtype.itemsize

    @property
    def num_bytes(self) -> int:
        """Bytes of the blocks of all layers."""
        return sum(k.nbytes + v.nbytes for k, v in self.layers)

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

    def copy_block(self, source: int, target: int, is_window: bool = False) -> None:
        """Copy the keys and values of one block over another, in all layers of its kind."""
        for values in (self.window_k, self.window_v) if is_window else (self.k, self.v):
            values[:, :, target].copy_(values[:, :, source])


def _zeros(shape: tuple[int, ...], dtype: torch.dtype, device: torch.device) -> Tensor:
    """Zeros that take memory only where they are written, on the CPU.

    torch fills what it allocates: 1 GiB cost 0.9 s and 1 GiB of resident memory at load, and a pool
    is rarely used to its end. Fresh pages of the system are zero already. Huge pages are declined:
    a block of one head takes 8 KiB, so each of the hundreds of layers and heads would cost 2 MiB
    for the first chat (500 MB more for a Llama of 1 billion parameters).
    """
    if device.type != "cpu" or not math.prod(shape):
        return torch.zeros(shape, dtype=dtype, device=device)
    pages = mmap.mmap(-1, math.prod(shape) * dtype.itemsize)
    if hasattr(mmap, "MADV_NOHUGEPAGE"):
        pages.madvise(mmap.MADV_NOHUGEPAGE)
    return torch.frombuffer(pages, dtype=dtype).view(shape)


def _bounded(values: Tensor) -> Tensor:
    return values.nan_to_num_(nan=0.0).clamp_(-_KV_LIMIT, _KV_LIMIT)
