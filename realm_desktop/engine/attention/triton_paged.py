"""Flash attention over the block cache by our own Triton kernels: every row of a step in one launch.

The keys and values are read where they lie, as they are stored. Scores, softmax and sums are float32;
a row's sums have splits at multiples of 512 positions and tiles whose size follows from the network
alone, so its bits are the same in any batch as far as the device's products of tiles treat all rows
of a tile alike. Which tiles are split over programs, and in which order programs run, changes no bit.
Runs on the engine thread; without Triton it declines.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Final, NamedTuple

import numpy as np
import torch
from torch import Tensor

from realm_desktop.engine.attention.backend import AttentionShape, StaticAttentionPlan
from realm_desktop.engine.attention.static_tables import StaticTables
from realm_desktop.engine.attention.tile_tables import SPLIT, Table, TileTables, build_tables
from realm_desktop.engine.batch import Batch, Segment
from realm_desktop.engine.kv_cache import KVCache
from realm_desktop.kv_blocks import BLOCK_SIZE, num_kv_scales

_DTYPES: Final = (torch.bfloat16, torch.float16, torch.float32)
_MAX_HEAD_DIM: Final = 256
_MAX_GROUP_SIZE: Final = 64
_LEAST_CAPABILITY: Final = (8, 0)  # Triton's own minimum on NVIDIA
_STAGES: Final = 3  # a step ahead its keys and values are loaded, two steps ahead the block's id
_NO_WINDOW: Final = 1 << 30  # beyond any position; differences of positions stay within int32
_LOG2_E: Final = 1.4426950408889634


class TilePlan(NamedTuple):
    """Sizes of tiles, by network and types alone: were they to follow the batch, bits would too.

    Attributes:
        rows: Folded rows of a tile, the query heads of a key head times rows of a sequence.
        step: Positions whose keys are multiplied at a time, a divisor of 64.
        num_warps: Of a program.
        num_stages: Of the pipeline that loads steps ahead.
    """

    rows: int
    step: int
    num_warps: int
    num_stages: int


class TritonPagedAttention:
    """Attention by Triton, one or two launches per layer."""

    name = "triton"

    def supports(
        self, shape: AttentionShape, device: torch.device, dtype: torch.dtype
    ) -> str | None:
        """None on CUDA, ROCm and XPU with Triton, for heads of up to 256 values."""
        if device.type not in ("cuda", "xpu"):
            return f"it computes on graphics cards that Triton knows, not on {device.type}"
        if dtype not in _DTYPES:
            return f"it computes in float32, float16 and bfloat16, not in {dtype}"
        if shape.head_dim > _MAX_HEAD_DIM:
            return f"heads have {shape.head_dim} values, more than {_MAX_HEAD_DIM}"
        if shape.group_size > _MAX_GROUP_SIZE:
            return f"{shape.group_size} query heads share a key head, more than {_MAX_GROUP_SIZE}"
        if importlib.util.find_spec("triton") is None:
            return "Triton is not installed"
        return _lacking(device)

    def plan(self, shape: AttentionShape, batch: Batch, kv_cache: KVCache) -> TritonAttentionPlan:
        """Cut the batch into tiles, and move their table to the device in one copy."""
        tables = _tables(shape, batch.segments, kv_cache)
        parts = [tables.block_ids]
        for work in tables.work.values():
            parts += [work.tiles, work.joins]
        block_ids, *own = _move(parts, kv_cache.device)
        work_by_window = dict(zip(tables.work, zip(own[::2], own[1::2], strict=True), strict=True))
        num_partials = max(work.num_partials for work in tables.work.values())
        moved = _Moved(block_ids, work_by_window, num_partials)
        return TritonAttentionPlan(shape, kv_cache, batch.num_rows, moved)

    def static_plan(
        self,
        shape: AttentionShape,
        batch: Batch,
        kv_cache: KVCache,
        least: StaticAttentionPlan | None = None,
    ) -> TritonStaticPlan:
        """Keep the tables where they are from step to step."""
        own = least if isinstance(least, TritonStaticPlan) else None
        return TritonStaticPlan(shape, batch, kv_cache, own)


class _Moved(NamedTuple):
    """Tables on the device; see `TileTables`."""

    block_ids: Tensor
    work: Mapping[int | None, tuple[Tensor, Tensor]]
    num_partials: int


class TritonAttentionPlan:
    """The tiles of one step.

    Args:
        shape: Heads of the network.
        kv_cache: The pool its block ids point into.
        num_rows: Of the step.
        moved: Its tables.
    """

    def __init__(
        self, shape: AttentionShape, kv_cache: KVCache, num_rows: int, moved: _Moved
    ) -> None:
        self._shape = shape
        self._kv_cache = kv_cache
        self._num_rows = num_rows
        self._sizes = tile_plan(shape.head_dim, kv_cache.dtype)
        self._block_ids, self._work, num_partials = moved
        # One after the other, all layers use the same memory for their partials.
        self._sums, self._tops = (
            torch.empty(
                (max(1, num_partials), shape.num_kv_heads, size),
                dtype=torch.float32,
                device=kv_cache.device,
            )
            for size in (shape.head_dim, 2)
        )

    def run(self, layer: int, q: Tensor) -> Tensor:
        """See `AttentionPlan.run`."""
        shape = self._shape
        num_rows, width = q.shape[0], shape.num_heads * shape.head_dim
        if q.stride(2) != 1 or q.stride(1) != shape.head_dim:
            q = q.contiguous()
        # One row more: joins that only fill a static table write there.
        out = torch.empty(num_rows + 1, width, dtype=q.dtype, device=q.device)[:num_rows]
        if num_rows > self._num_rows:
            out[self._num_rows :].zero_()
        tiles, joins = self._work[shape.layer_windows[layer]]
        sinks = self._sums if shape.sinks is None else shape.sinks[layer]  # unread without
        self._attend(layer, q, out, sinks, tiles)
        if len(joins):
            _kernels().join_splits[(len(joins), shape.num_heads)](
                *(self._sums, self._tops, sinks, out, joins),
                **self._constants(),
                num_warps=1,
            )
        return out

    def _attend(self, layer: int, q: Tensor, out: Tensor, sinks: Tensor, tiles: Tensor) -> None:
        shape, sizes = self._shape, self._sizes
        (keys, values), scales = self._kv_cache.stored(layer)
        key_scales, value_scales = (keys, values) if scales is None else scales
        scale = shape.scale / shape.softcap if shape.softcap else shape.scale * _LOG2_E
        _kernels().attend_tiles[(len(tiles), shape.num_kv_heads)](
            *(q, keys, values, key_scales, value_scales, sinks, out),
            *(self._sums, self._tops, self._block_ids, tiles),
            *(q.stride(0), keys.shape[1] * BLOCK_SIZE),
            shape.layer_windows[layer] or _NO_WINDOW,
            *(scale, shape.softcap * _LOG2_E),
            **self._constants(),
            NUM_SCALES=0 if scales is None else num_kv_scales(shape.head_dim),
            HAS_CAP=shape.softcap != 0.0,
            ROWS=sizes.rows,
            STEP=sizes.step,
            BLOCK_SIZE=BLOCK_SIZE,
            SPLIT=SPLIT,
            PRECISION="ieee",  # without it float32 is multiplied with 10 bits
            num_warps=sizes.num_warps,
            num_stages=sizes.num_stages,
        )

    def _constants(self) -> dict[str, int | bool]:
        """What both kernels are compiled for.

        Without fusion: the same sums stand in both, and a compiler may fuse other products in each.
        """
        shape = self._shape
        return {
            "NUM_HEADS": shape.num_heads,
            "GROUP": shape.group_size,
            "HEAD_DIM": shape.head_dim,
            "DIM_PAD": padded_dim(shape.head_dim),
            "HAS_SINKS": shape.sinks is not None,
            "enable_fp_fusion": False,
        }


class TritonStaticPlan:
    """Tiles of one step after the other, for recorded passes; arguments as of `static_plan`."""

    def __init__(
        self,
        shape: AttentionShape,
        batch: Batch,
        kv_cache: KVCache,
        least: TritonStaticPlan | None = None,
    ) -> None:
        self._shape = shape
        self._kv_cache = kv_cache
        num_rows, tables = batch.num_rows, _tables(shape, batch.segments, kv_cache)
        room = None if least is None else least._tables
        self._tables: StaticTables = StaticTables(tables, num_rows, kv_cache.device, room)
        moved = _Moved(self._tables.block_ids, self._tables.work, self._tables.num_partials)
        self._plan = TritonAttentionPlan(shape, kv_cache, num_rows, moved)

    def load(self, segments: tuple[Segment, ...]) -> bool:
        """See `StaticAttentionPlan.load`."""
        return self._tables.load(_tables(self._shape, segments, self._kv_cache))

    def run(self, layer: int, q: Tensor) -> Tensor:
        """See `AttentionPlan.run`."""
        return self._plan.run(layer, q)


def tile_plan(head_dim: int, dtype: torch.dtype) -> TilePlan:
    """Sizes for which what a step needs stays in registers, but for a little of 256 values.

    By the count of the compiler for capabilities 8.0, 9.0 and 12.0. A program fits the 99 KiB of
    consumer cards and the 64 KiB of AMD's.
    """
    size = padded_dim(head_dim)
    if dtype == torch.float32:
        return TilePlan(32, 32 if size <= 128 else 16, 8, _STAGES)
    return TilePlan(64, 64 if size <= 128 else 32, 4 if size <= 64 else 8, _STAGES)


def padded_dim(head_dim: int) -> int:
    """The next power of two; products want at least 16."""
    return max(16, 1 << (head_dim - 1).bit_length())


def _tables(shape: AttentionShape, segments: Sequence[Segment], kv_cache: KVCache) -> TileTables:
    return build_tables(shape, segments, tile_plan(shape.head_dim, kv_cache.dtype).rows)


def _move(parts: Sequence[Table], device: torch.device) -> list[Tensor]:
    """Tables on a device, moved in one copy."""
    flat = torch.from_numpy(np.concatenate([part.ravel() for part in parts]))
    if device.type == "cuda":
        flat = flat.pin_memory()  # else the copy waits for the device
    moved = flat.to(device, non_blocking=True).split_with_sizes([part.size for part in parts])
    return [rows.view(part.shape) for rows, part in zip(moved, parts, strict=True)]


def _lacking(device: torch.device) -> str | None:
    """Why Triton does not compile for the device; None if it does as far as can be asked."""
    if device.type != "cuda" or torch.version.hip is not None:
        return None
    if not torch.cuda.is_available():
        return "torch finds no CUDA device"
    capability = torch.cuda.get_device_capability(device)
    if capability < _LEAST_CAPABILITY:
        return f"the device has compute capability {capability[0]}.{capability[1]}, less than 8.0"
    return None


@functools.cache
def _kernels() -> ModuleType:
    """The kernels; imported late, since Triton is an accelerator that may be missing."""
    return importlib.import_module("realm_desktop.engine.kernels.gpu.paged_attention")
