"""Attention on Apple's GPUs: a shader of our own for rows that decode, gathered blocks for prompts.

The shader reads keys and values where they lie. Chunks of prompts go through torch, which multiplies
matrices where the shader takes keys one by one. Never run on a real device by its authors: the
self-test decides there. Runs on the engine thread.
"""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import Any, Final

import torch
from torch import Tensor

from realm_desktop.engine.attention.backend import AttentionShape
from realm_desktop.engine.attention.gather import GatherAttentionPlan
from realm_desktop.engine.attention.tile_tables import SPLIT, build_tables
from realm_desktop.engine.batch import Batch
from realm_desktop.engine.kernels.gpu.metal_attention import LANES, attention_source
from realm_desktop.engine.kernels.gpu.metal_products import METAL_DTYPES
from realm_desktop.engine.kv_cache import KVCache
from realm_desktop.kv_blocks import BLOCK_SIZE, num_kv_scales

_MAX_ROWS: Final = 8  # of a sequence: each reads all of its keys again
_MAX_HEAD_DIM: Final = 256
_MAX_OWN_VALUES: Final = 64
"""Most values of all query heads of a key head that a lane holds, thrice: more than its registers."""

_GROUPS: Final = 4  # SIMD groups of a threadgroup; they share nothing
_NO_WINDOW: Final = 1 << 30
_LOG2_E: Final = 1.4426950408889634


class MetalAttention:
    """Attention by a Metal shader, two launches per layer; prompts by torch."""

    name = "metal"

    def supports(
        self, shape: AttentionShape, device: torch.device, dtype: torch.dtype
    ) -> str | None:
        """None on MPS in float32 and bfloat16, for heads of up to 256 values."""
        if device.type != "mps":
            return f"it computes on MPS, not on {device.type}"
        if dtype not in METAL_DTYPES:
            return f"it computes in float32 and bfloat16, not in {dtype}"
        if shape.head_dim > _MAX_HEAD_DIM:
            return f"heads have {shape.head_dim} values, more than {_MAX_HEAD_DIM}"
        own = shape.group_size * -(-shape.head_dim // LANES)
        if own > _MAX_OWN_VALUES:
            return (
                f"{shape.group_size} query heads of {shape.head_dim} values share a key head, more"
                " than fits"
            )
        if not hasattr(torch.mps, "compile_shader"):
            return f"torch {torch.__version__} compiles no shaders"
        return None

    def plan(self, shape: AttentionShape, batch: Batch, kv_cache: KVCache) -> MetalAttentionPlan:
        """Move the tables of rows that decode, and the masks of prompts, to the device."""
        return MetalAttentionPlan(shape, batch, kv_cache)


class MetalAttentionPlan:
    """The rows of one step.

    Args:
        shape: Heads of the network.
        batch: The step.
        kv_cache: The pool its block ids point into.
    """

    def __init__(self, shape: AttentionShape, batch: Batch, kv_cache: KVCache) -> None:
        self._shape = shape
        self._kv_cache = kv_cache
        few = tuple(own for own in batch.segments if own.num_rows <= _MAX_ROWS)
        many = tuple(own for own in batch.segments if own.num_rows > _MAX_ROWS)
        self._prompts = GatherAttentionPlan(shape, replace(batch, segments=many), kv_cache)
        self._work: dict[int | None, tuple[Tensor, Tensor]] = {}
        if not few:
            return
        device = kv_cache.device
        # Folded rows of one row: the shader has a row in each tile.
        tables = build_tables(shape, few, shape.group_size)
        self._block_ids = torch.from_numpy(tables.block_ids).to(device)
        num_partials = max(work.num_partials for work in tables.work.values())
        self._partials = torch.empty(
            max(num_partials, 1) * shape.num_kv_heads * (shape.head_dim + 2), device=device
        )
        for window, work in tables.work.items():
            tiles, joins = (torch.from_numpy(part).to(device) for part in (work.tiles, work.joins))
            self._work[window] = (tiles, joins)
        self._shader = _compiled(_source(shape, kv_cache))

    def run(self, layer: int, q: Tensor) -> Tensor:
        """See `AttentionPlan.run`."""
        shape = self._shape
        if q.stride(2) != 1 or q.stride(1) != shape.head_dim:
            q = q.contiguous()
        out = torch.zeros(q.shape, dtype=q.dtype, device=q.device)
        self._prompts.run_into(out, layer, q)
        if self._work:
            self._attend(layer, q, out)
        return out.flatten(1)

    def _attend(self, layer: int, q: Tensor, out: Tensor) -> None:
        """Write the rows of the shader into `out`."""
        shape = self._shape
        window = shape.layer_windows[layer]
        tiles, joins = self._work[window]
        (keys, values), scales = self._kv_cache.stored(layer)
        key_scales, value_scales = (q, q) if scales is None else scales  # unread without
        sinks = self._partials if shape.sinks is None else shape.sinks[layer]
        scale = shape.scale / shape.softcap if shape.softcap else shape.scale * _LOG2_E
        self._shader.attend(
            *(q, keys, values, key_scales, value_scales, sinks, out, self._partials),
            *(self._block_ids, tiles, q.stride(0), keys.shape[1] * BLOCK_SIZE),
            *(window or _NO_WINDOW, float(scale), float(shape.softcap * _LOG2_E)),
            threads=(LANES, shape.num_kv_heads, len(tiles)),
            group_size=(LANES, 1, _GROUPS),
        )
        if len(joins):
            self._shader.join(
                *(self._partials, sinks, out, joins),
                threads=(LANES, shape.num_heads, len(joins)),
                group_size=(LANES, _GROUPS, 1),
            )


def _source(shape: AttentionShape, kv_cache: KVCache) -> str:
    is_int8 = kv_cache.stored_dtype == torch.int8
    return attention_source(
        kv_cache.dtype,
        kv_cache.stored_dtype,
        heads=shape.num_heads,
        group=shape.group_size,
        head_dim=shape.head_dim,
        scales=num_kv_scales(shape.head_dim) if is_int8 else 0,
        split=SPLIT,
        sinks=shape.sinks is not None,
        cap=shape.softcap != 0.0,
    )


@functools.cache
def _compiled(source: str) -> Any:
    """A shader; once for each network, whatever the number of steps."""
    return torch.mps.compile_shader(source)
