"""Attention that runs wherever torch runs: gathered blocks and an explicit mask.

For devices without a backend of their own, and the reference in tests. Bitwise the same for a row
in any batch only as far as the device's own kernels are.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from realm_desktop.engine.attention.backend import AttentionShape
from realm_desktop.engine.attention.sinks import sink_share
from realm_desktop.engine.attention.softcap import attend_capped
from realm_desktop.engine.batch import Batch, Segment
from realm_desktop.engine.kv_cache import BlockSelection, KVCache
from realm_desktop.kv_blocks import BLOCK_SIZE, blocks_for, first_visible_block


class _Keys(NamedTuple):
    """The blocks that one sequence reads for one window, and which of their keys each row sees."""

    blocks: BlockSelection
    mask: Tensor


class _Part(NamedTuple):
    """One sequence of the step: its rows, and its keys per window."""

    segment: Segment
    keys: dict[int | None, _Keys]


class GatherAttention:
    """One call of torch's attention per sequence, over a copy of its blocks."""

    name = "gather"

    def supports(
        self, shape: AttentionShape, device: torch.device, dtype: torch.dtype
    ) -> str | None:
        """None: every device."""
        return None

    def plan(self, shape: AttentionShape, batch: Batch, kv_cache: KVCache) -> GatherAttentionPlan:
        """Move block ids and masks to the device."""
        return GatherAttentionPlan(shape, batch, kv_cache)


class GatherAttentionPlan:
    """The sequences of one step.

    Args:
        shape: Heads of the network.
        batch: The step.
        kv_cache: The pool its block ids point into.
    """

    def __init__(self, shape: AttentionShape, batch: Batch, kv_cache: KVCache) -> None:
        self._shape = shape
        self._kv_cache = kv_cache
        self._num_rows = batch.num_rows
        self._parts = [self._part(segment) for segment in batch.segments]

    def run(self, layer: int, q: Tensor) -> Tensor:
        """See `AttentionPlan.run`."""
        window = self._shape.layer_windows[layer]
        out = q.new_zeros(q.shape)
        for segment, keys in self._parts:
            k, v = self._kv_cache.read(layer, keys[window].blocks)
            rows = slice(segment.first_row, segment.first_row + segment.num_rows)
            out[rows] = self._unfold(
                self._attend(layer, self._fold(q[rows]), k, v, keys[window].mask)
            )
        return out.flatten(1)

    def _attend(self, layer: int, q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
        """[1, num_kv_heads, folded rows, head_dim] for the folded rows of one sequence."""
        shape = self._shape
        if shape.softcap:
            return attend_capped(q, k, v, mask, shape.scale, shape.softcap)
        attended = functional.scaled_dot_product_attention(
            q, k, v, attn_mask=mask, scale=shape.scale
        )
        if shape.sinks is None:
            return attended
        # torch gives the sums of the weights on the CPU alone: the scores are computed once more.
        wide = shape.sinks.dtype
        scores = q.to(wide) @ k.to(wide).transpose(-1, -2) * shape.scale + mask.to(wide)
        sinks = shape.sinks[layer].view(shape.num_kv_heads, shape.group_size)
        folded = sinks.repeat(1, q.shape[2] // shape.group_size)
        share = sink_share(scores.logsumexp(-1), folded)
        return (attended * share.unsqueeze(-1)).to(q.dtype)

    def _fold(self, q: Tensor) -> Tensor:
        shape = self._shape
        grouped = q.view(-1, shape.num_kv_heads, shape.group_size, shape.head_dim)
        return grouped.transpose(0, 1).reshape(1, shape.num_kv_heads, -1, shape.head_dim)

    def _unfold(self, attended: Tensor) -> Tensor:
        shape = self._shape
        grouped = attended.reshape(shape.num_kv_heads, -1, shape.group_size, shape.head_dim)
        return grouped.transpose(0, 1).reshape(-1, shape.num_heads, shape.head_dim)

    def _part(self, segment: Segment) -> _Part:
        windows = dict.fromkeys(self._shape.layer_windows)
        return _Part(segment, {window: self._keys(segment, window) for window in windows})

    def _keys(self, segment: Segment, window: int | None) -> _Keys:
        first = first_visible_block(segment.first_position, window)
        end = blocks_for(segment.first_position + segment.num_rows)
        blocks = self._kv_cache.select(segment.blocks_of(window)[first:end])
        return _Keys(blocks, self._mask(segment, window, first, end))

    def _mask(
        self, segment: Segment, window: int | None, first_block: int, end_block: int
    ) -> Tensor:
        """[1, num_kv_heads, folded rows, keys] of 0 and minus infinity, never broadcast.

        MPS computes wrong values with broadcast masks (pytorch#184180).
        """
        shape = self._shape
        device = self._kv_cache.device
        keys = torch.arange(first_block * BLOCK_SIZE, end_block * BLOCK_SIZE, device=device)
        rows = torch.arange(segment.num_rows, device=device) + segment.first_position
        rows = rows.repeat_interleave(shape.group_size).unsqueeze(1)
        hidden = keys > rows
        if window is not None:
            hidden |= keys <= rows - window
        mask = torch.zeros(hidden.shape, dtype=self._kv_cache.dtype, device=device)
        mask.masked_fill_(hidden, float("-inf"))
        return mask.expand(1, shape.num_kv_heads, -1, -1).contiguous()
