"""Attention that runs wherever torch runs: gathered blocks and an explicit mask.

For devices without a backend of their own, and the reference in tests. It keeps the rules without
which MPS computes wrong values: whole blocks, since lengths that are no multiple of 32 are wrong there
(pytorch#169222); a mask of full shape (#184180), never `is_causal`, which lets rows see what comes
after them (#195910); the scale always given. Bitwise the same for a row in any batch only as far as
the device's own kernels are.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from realm_desktop.engine.attention.backend import AttentionShape
from realm_desktop.engine.attention.sinks import sink_share
from realm_desktop.engine.attention.softcap import attend_capped
from realm_desktop.engine.batch import Batch, Segment
from realm_desktop.engine.kv_cache import BlockSelection, KVCache
from realm_desktop.kv_blocks import BLOCK_SIZE, blocks_for, first_visible_block

_MASK_BYTES: Final = 64 << 20
"""Most memory of a mask: a row of a 32 k sequence and 32 heads takes 2 MiB of it in 16 bits."""


class _Tile(NamedTuple):
    """Rows of a sequence that are attended with at once.

    Attributes:
        rows: Which rows of the step.
        position: Of the first of them.
        num_slots: How many of the sequence's gathered keys they read, from the first on.
    """

    rows: slice
    position: int
    num_slots: int


class _Keys(NamedTuple):
    """What one sequence reads for one window.

    Attributes:
        blocks: Which blocks.
        first_position: Of the first key in them.
        tiles: The rows.
        mask: Of the tile if there is one alone; those of several are made for each layer again.
    """

    blocks: BlockSelection
    first_position: int
    tiles: list[_Tile]
    mask: Tensor | None


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
        windows = dict.fromkeys(shape.layer_windows)
        self._keys = {
            window: [self._select(segment, window) for segment in batch.segments]
            for window in windows
        }

    def run(self, layer: int, q: Tensor) -> Tensor:
        """See `AttentionPlan.run`."""
        out = q.new_zeros(q.shape)
        self.run_into(out, layer, q)
        return out.flatten(1)

    def run_into(self, out: Tensor, layer: int, q: Tensor) -> None:
        """Write the rows of the plan's sequences into `out` [T, num_heads, head_dim]."""
        window = self._shape.layer_windows[layer]
        for keys in self._keys[window]:
            k, v = self._kv_cache.read(layer, keys.blocks)
            for tile in keys.tiles:
                mask = self._mask(keys, tile, window) if keys.mask is None else keys.mask
                seen_k, seen_v = k[:, :, : tile.num_slots], v[:, :, : tile.num_slots]
                rows = self._fold(q[tile.rows])
                out[tile.rows] = self._unfold(self._attend(layer, rows, seen_k, seen_v, mask))

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

    def _select(self, segment: Segment, window: int | None) -> _Keys:
        first = first_visible_block(segment.first_position, window)
        end = blocks_for(segment.first_position + segment.num_rows)
        blocks = self._kv_cache.select(segment.blocks_of(window)[first:end])
        tiles = self._cut(segment, first, (end - first) * BLOCK_SIZE)
        keys = _Keys(blocks, first * BLOCK_SIZE, tiles, None)
        is_alone = len(tiles) == 1
        return keys._replace(mask=self._mask(keys, tiles[0], window)) if is_alone else keys

    def _cut(self, segment: Segment, first_block: int, num_slots: int) -> list[_Tile]:
        """Tiles whose masks fit; how many rows they have follows from their own sequence."""
        row_bytes = self._shape.num_heads * num_slots * self._kv_cache.dtype.itemsize
        most = max(1, _MASK_BYTES // row_bytes)
        tiles = []
        for before in range(0, segment.num_rows, most):
            count = min(most, segment.num_rows - before)
            first_row, position = segment.first_row + before, segment.first_position + before
            seen = (blocks_for(position + count) - first_block) * BLOCK_SIZE
            tiles.append(_Tile(slice(first_row, first_row + count), position, seen))
        return tiles

    def _mask(self, keys: _Keys, tile: _Tile, window: int | None) -> Tensor:
        """[1, num_kv_heads, folded rows, keys] of 0 and minus infinity, never broadcast."""
        shape = self._shape
        device = self._kv_cache.device
        positions = torch.arange(tile.num_slots, device=device) + keys.first_position
        rows = torch.arange(tile.rows.stop - tile.rows.start, device=device) + tile.position
        rows = rows.repeat_interleave(shape.group_size).unsqueeze(1)
        hidden = positions > rows
        if window is not None:
            hidden |= positions <= rows - window
        mask = torch.zeros(hidden.shape, dtype=self._kv_cache.dtype, device=device)
        mask.masked_fill_(hidden, float("-inf"))
        return mask.expand(1, shape.num_kv_heads, -1, -1).contiguous()
