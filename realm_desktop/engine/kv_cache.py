"""The tensors of the KV cache: blocks of 64 positions, head-major.

Knows shapes and bytes; which block belongs to whom is the block manager's business. One owner: the
engine thread.
"""

from __future__ import annotations

import math
import mmap
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

import torch
from torch import Tensor

from realm_desktop.engine.architecture.spec import ModelSpec
from realm_desktop.kv_blocks import BLOCK_SIZE, kv_row_bytes, num_kv_scales
from realm_desktop.protocol import KVCacheDtype

# Far beyond any value of a sound network, yet too small for the product with a sound query to
# overflow: see `KVCache.write`.
_KV_LIMIT = 1e9

_MAX_CODE = 127
_SMALLEST_SCALE = 1e-30  # of a group of zeros; also far above bfloat16's denormals


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
        storage: "auto" stores `dtype`; "int8" stores integers with a scale of `dtype` for every 32
            values of a row (for every row of a head whose head_dim is no multiple of 32).
    """

    def __init__(
        self,
        spec: ModelSpec,
        num_blocks: int,
        dtype: torch.dtype,
        device: torch.device,
        num_window_blocks: int = 0,
        storage: KVCacheDtype = "auto",
    ) -> None:
        self.dtype = dtype
        self.device = device
        self._is_windowed = [
            window is not None and num_window_blocks > 0 for window in spec.layer_windows
        ]
        # Head-major: an ascending run of blocks is one strided view.
        counts = [num_window_blocks if own else num_blocks for own in self._is_windowed]
        self._layers = spec.kv_layers
        is_int8 = storage == "int8"
        self._pages: dict[Tensor, mmap.mmap] = {}
        values: dict[int, Tensor] = {}
        scales: dict[int, Tensor] = {}
        for layer in self._layers:
            heads = spec.heads_of(layer)
            shape = (2, heads.num_kv_heads, counts[layer], BLOCK_SIZE)
            values[layer] = self._zeros((*shape, heads.head_dim), torch.int8 if is_int8 else dtype)
            if is_int8:
                scales[layer] = self._zeros((*shape, num_kv_scales(heads.head_dim)), dtype)
        # A layer that reads the keys of another one finds that one's tensors in its own place.
        sources = [spec.kv_source(layer) for layer in range(spec.num_layers)]
        self._values = [values[source] for source in sources]
        self._slots = [own.flatten(2, 3) for own in self._values]
        self._scales = [scales[source] for source in sources if is_int8]
        self._scale_slots = [own.flatten(2, 3) for own in self._scales]
        self._buffer = torch.empty(0, dtype=dtype, device=device)

    @staticmethod
    def bytes_per_block(
        spec: ModelSpec,
        dtype: torch.dtype,
        *,
        is_windowed: bool | None = None,
        storage: KVCacheDtype = "auto",
    ) -> int:
        """Bytes of the keys and values of one block, over all layers that have some of their own.

        With `is_windowed` over those with a sliding window, or over those without.
        """
        num_bytes = 0
        for layer in spec.kv_layers:
            if is_windowed is not None and is_windowed != (spec.layer_windows[layer] is not None):
                continue
            heads = spec.heads_of(layer)
            row_bytes = kv_row_bytes(heads.head_dim, dtype.itemsize, is_int8=storage == "int8")
            num_bytes += 2 * heads.num_kv_heads * BLOCK_SIZE * row_bytes
        return num_bytes

    @property
    def stored_dtype(self) -> torch.dtype:
        """Type of what is stored."""
        return self._values[0].dtype

    @property
    def num_bytes(self) -> int:
        """Bytes of the blocks of all layers."""
        return sum(pool[layer].nbytes for pool in self._pools() for layer in self._layers)

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
        for index, rows in enumerate((_bounded(k), _bounded(v))):
            stored = rows
            if self._scales:
                stored, scales = _quantize(rows)
                self._scale_slots[layer][index].index_copy_(1, slots, scales.transpose(0, 1))
            self._slots[layer][index].index_copy_(1, slots, stored.transpose(0, 1))

    def plain_pool(self, layer: int) -> Tensor | None:
        """[2, num_kv_heads, slots, head_dim] of `dtype`, the keys and values of a layer themselves.

        Who writes there keeps the invariant. None where they are stored in another form.
        """
        return None if self._scales else self._slots[layer]

    def select(self, block_ids: Sequence[int]) -> BlockSelection:
        """Name blocks, at least one, for `read`; valid for every layer."""
        first, count = block_ids[0], len(block_ids)
        if block_ids[-1] - first == count - 1 and tuple(block_ids) == tuple(
            range(first, first + count)
        ):
            return BlockSelection(first, count, None)
        return BlockSelection(-1, count, torch.tensor(block_ids, device=self.device))

    def read(self, layer: int, blocks: BlockSelection) -> tuple[Tensor, Tensor]:
        """The keys and values of whole blocks: a view where that is possible, else a copy.

        Returns:
            Two tensors [1, num_kv_heads, 64 · num_blocks, head_dim] of `dtype`, to be read only.
            They are valid until the next `read` or `write`.
        """
        both = _take(self._values[layer], self._slots[layer], blocks)
        if self._scales:
            scales = _take(self._scales[layer], self._scale_slots[layer], blocks)
            both = self._dequantize(both, scales)
        return both[:1], both[1:]

    def stored(self, layer: int) -> tuple[Tensor, Tensor | None]:
        """What a layer holds, as it lies in memory: keys first, then values; to be read only.

        Returns:
            [2, num_kv_heads, num_blocks, 64, head_dim] of `stored_dtype`, contiguous; and where that
            is int8 the scales [2, num_kv_heads, num_blocks, 64, scales] of `dtype`.
        """
        return self._values[layer], self._scales[layer] if self._scales else None

    def copy_block(self, source: int, target: int, is_window: bool = False) -> None:
        """Copy the keys and values of one block over another, in all layers of its kind."""
        for values in self._own(is_window=is_window):
            values[:, :, target].copy_(values[:, :, source])

    @property
    def can_give_back(self) -> bool:
        """Whether `give_back` can give memory back: in host memory of Linux."""
        return bool(self._pages) and hasattr(mmap, "MADV_REMOVE")

    def give_back(self, block_ids: Collection[int], is_window: bool = False) -> int:
        """Give the memory of blocks of one kind back to the system; how many bytes.

        What they held reads as 0 from then on. Whole pages only, so the scales of int8, which lie
        closer together, stay here and there.
        """
        if not self.can_give_back:
            return 0
        num_bytes, runs = 0, _runs(block_ids)
        for values in self._own(is_window=is_window):
            pages, stride = self._pages[values], values.stride(2) * values.itemsize
            for head in range(0, values.nbytes, values.stride(1) * values.itemsize):
                for first, count in runs:
                    start = head + first * stride
                    num_bytes += _discard(pages, start, start + count * stride)
        return num_bytes

    def _pools(self) -> list[list[Tensor]]:
        """Values of each layer, and scales where there are some."""
        return [pool for pool in (self._values, self._scales) if pool]

    def _own(self, *, is_window: bool) -> Iterator[Tensor]:
        """The tensors of the layers of one kind, each once."""
        for pool in self._pools():
            yield from (
                pool[index] for index in self._layers if self._is_windowed[index] == is_window
            )

    def _zeros(self, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
        """Zeros that take memory only where they are written, on the CPU.

        torch fills what it allocates: 1 GiB cost 0.9 s and 1 GiB of resident memory at load, and a
        pool is rarely used to its end. Fresh pages of the system are zero already. Huge pages are
        declined: a block of one head takes 8 KiB, so each of the hundreds of layers and heads would
        cost 2 MiB for the first chat (500 MB more for a Llama of 1 billion parameters).
        """
        if self.device.type != "cpu":
            return torch.zeros(shape, dtype=dtype, device=self.device)
        pages = mmap.mmap(-1, math.prod(shape) * dtype.itemsize)
        if hasattr(mmap, "MADV_NOHUGEPAGE"):
            with suppress(OSError):  # by a kernel that has no huge pages to decline
                pages.madvise(mmap.MADV_NOHUGEPAGE)
        zeros = torch.frombuffer(pages, dtype=dtype).view(shape)
        self._pages[zeros] = pages
        return zeros

    def _dequantize(self, codes: Tensor, scales: Tensor) -> Tensor:
        """[2, num_kv_heads, positions, head_dim] of `dtype`, in a buffer that is used again."""
        if self._buffer.numel() < codes.numel():
            with torch.inference_mode(False):  # so that it may be written outside of it too
                self._buffer = torch.empty(codes.numel(), dtype=self.dtype, device=self.device)
        values = self._buffer[: codes.numel()].view(codes.shape)
        values.copy_(codes)
        values.view(*scales.shape, -1).mul_(scales.unsqueeze(-1))
        return values


def _take(pool: Tensor, slots: Tensor, blocks: BlockSelection) -> Tensor:
    """[2, num_kv_heads, positions, …] of a layer's pool or, the same, its view by slots."""
    if blocks.ids is None:
        return slots.narrow(2, blocks.first_block * BLOCK_SIZE, blocks.num_blocks * BLOCK_SIZE)
    return pool.index_select(2, blocks.ids).flatten(2, 3)


def _quantize(rows: Tensor) -> tuple[Tensor, Tensor]:
    """Codes [T, heads, head_dim] int8 and scales [T, heads, scales] of finite rows.

    Element by element and with exact maxima, so a row's codes follow from the row alone.
    """
    groups = rows.reshape(*rows.shape[:2], num_kv_scales(rows.shape[-1]), -1)
    largest = groups.abs().amax(-1, keepdim=True).float()
    scales = (largest / _MAX_CODE).clamp_min_(_SMALLEST_SCALE).to(rows.dtype)
    # The stored scale divides, not the exact one: its own rounding then costs nothing. In bfloat16
    # it may be 1/512 too small; 127 · 513/512 still rounds to 127.
    codes = (groups.float() / scales.float()).round_()
    return codes.to(torch.int8).flatten(-2), scales.squeeze(-1)


def _runs(block_ids: Collection[int]) -> list[tuple[int, int]]:
    """First id and length of each run of blocks that ascend one by one."""
    runs: list[tuple[int, int]] = []
    for block in sorted(block_ids):
        if runs and sum(runs[-1]) == block:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((block, 1))
    return runs


def _discard(pages: mmap.mmap, start: int, end: int) -> int:
    """Give the whole pages between two bytes back to the system; how many bytes. They read as 0."""
    first, last = -(-start // mmap.PAGESIZE) * mmap.PAGESIZE, end // mmap.PAGESIZE * mmap.PAGESIZE
    if first >= last:
        return 0
    try:
        pages.madvise(mmap.MADV_REMOVE, first, last - first)
    except OSError:  # a sandbox may not let it through: the memory stays, and nothing is lost
        return 0
    return last - first


def _bounded(values: Tensor) -> Tensor:
    limit = min(_KV_LIMIT, torch.finfo(values.dtype).max)  # float16 ends before
    return values.nan_to_num_(nan=0.0).clamp_(-limit, limit)
