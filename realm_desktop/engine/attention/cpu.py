"""Attention on the CPU by torch, bitwise the same for a row in any batch and any chunking of the prompt.

torch sums keys in an order that depends on how many keys there are, and multiplies few rows with
other kernels than many. So the keys a row sees must follow from its position alone: rows are cut
into *tiles* at multiples of 64 positions, and a tile reads the whole blocks up to its own. Padding
rows then keep every tile at a row count whose kernels agree. Padding all keys to 512 positions, the
other way that was tried, reads up to 8 times the keys of a short chat and blocks of neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor
from torch.nn import functional

from realm_desktop.engine.attention.backend import AttentionShape
from realm_desktop.engine.attention.sinks import sink_share
from realm_desktop.engine.attention.softcap import attend_capped
from realm_desktop.engine.batch import Batch, Segment
from realm_desktop.engine.kv_cache import BlockSelection, KVCache
from realm_desktop.kv_blocks import BLOCK_SIZE, first_visible_block

# A tile's folded rows are padded to a multiple of this. torch handles them in pieces of 32 or more;
# a last piece of one row (float64: up to three) would be summed in another order (measured).
_ROW_MULTIPLES = {torch.bfloat16: 2, torch.float32: 4, torch.float64: 4}
_DEFAULT_ROW_MULTIPLE = 4
# torch's kernel sums longer heads than these in float32 and float64 in an order that depends on the
# number of rows (measured: 256 to 512 differ in every chunking, bfloat16 in none).
_MAX_EXACT_HEAD_DIM = 128


@dataclass(slots=True)
class _Keys:
    """Which keys a tile reads for one window, and which of them each folded row sees.

    Attributes:
        first_slot: Where they start among the keys that the tile's segment reads.
        num_slots: How many, a multiple of 64.
        mask: [rows, num_slots], 0 where a row sees the key, else minus infinity.
    """

    first_slot: int
    num_slots: int
    mask: Tensor


@dataclass(slots=True)
class _Tile:
    """Rows of one sequence between two multiples of 64 positions."""

    first_row: int
    num_rows: int
    num_folded_rows: int
    keys: dict[int | None, _Keys]


@dataclass(slots=True)
class _Part:
    """One sequence of the step: the blocks it reads for each window, and its tiles."""

    blocks: dict[int | None, BlockSelection]
    tiles: list[_Tile]


class CpuAttention:
    """Attention through torch's fused CPU kernel, one call per tile."""

    name = "cpu"

    def supports(
        self, shape: AttentionShape, device: torch.device, dtype: torch.dtype
    ) -> str | None:
        """None on the CPU."""
        return None if device.type == "cpu" else f"it computes on the CPU, not on {device.type}"

    def plan(self, shape: AttentionShape, batch: Batch, kv_cache: KVCache) -> CpuAttentionPlan:
        """Cut the batch into tiles with their masks."""
        return CpuAttentionPlan(shape, batch, kv_cache)


class CpuAttentionPlan:
    """The tiles of one step.

    Args:
        shape: Heads of the network.
        batch: The step.
        kv_cache: The pool its block ids point into.
    """

    def __init__(self, shape: AttentionShape, batch: Batch, kv_cache: KVCache) -> None:
        self._shape = shape
        self._kv_cache = kv_cache
        self._num_rows = batch.num_rows
        self._dtype = kv_cache.dtype
        self._windows = tuple(dict.fromkeys(shape.layer_windows))
        self._triangle = _triangle(shape.group_size, self._dtype)
        self._parts = [self._part(segment) for segment in batch.segments]

    def run(self, layer: int, q: Tensor) -> Tensor:
        """See `AttentionPlan.run`."""
        shape = self._shape
        window = shape.layer_windows[layer]
        grouped = q.view(-1, shape.num_kv_heads, shape.group_size, shape.head_dim)
        out = torch.empty_like(grouped, memory_format=torch.contiguous_format)
        if q.shape[0] > self._num_rows:
            out[self._num_rows :].zero_()
        for part in self._parts:
            k, v = self._kv_cache.read(layer, part.blocks[window])
            for tile in part.tiles:
                keys = tile.keys[window]
                q_rows = _fold(grouped, tile)
                attended = self._attend(layer, q_rows, _slots(k, keys), _slots(v, keys), keys.mask)
                _unfold(attended, tile, out)
        return out.flatten(1)

    def _attend(self, layer: int, q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
        """[1, num_kv_heads, folded rows, head_dim] for the folded rows of a tile."""
        shape = self._shape
        is_long = shape.head_dim > _MAX_EXACT_HEAD_DIM and q.dtype != torch.bfloat16
        if shape.softcap or (is_long and shape.sinks is None):
            return attend_capped(q, k, v, mask, shape.scale, shape.softcap)
        if shape.sinks is None:
            return functional.scaled_dot_product_attention(
                q, k, v, attn_mask=mask, scale=shape.scale
            )
        attended: Tensor
        # What the function above calls; it keeps the sums of the weights to itself.
        attended, log_weights = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu(
            q, k, v, attn_mask=mask, scale=shape.scale
        )
        sinks = shape.sinks[layer].view(shape.num_kv_heads, shape.group_size)
        repeats = -(-q.shape[2] // shape.group_size)  # the last rows may be padding
        folded = sinks.repeat(1, repeats)[:, : q.shape[2]]
        share = sink_share(log_weights, folded)
        return (share.unsqueeze(-1) * attended).to(q.dtype)

    def _part(self, segment: Segment) -> _Part:
        first = segment.first_position
        num_blocks = -(-(first + segment.num_rows) // BLOCK_SIZE)
        blocks = {
            window: self._kv_cache.select(
                segment.blocks_of(window)[first_visible_block(first, window) : num_blocks]
            )
            for window in self._windows
        }
        return _Part(blocks, self._cut(segment))

    def _cut(self, segment: Segment) -> list[_Tile]:
        tiles = []
        position = segment.first_position
        end = position + segment.num_rows
        while position < end:
            tile_end = min(end, (position // BLOCK_SIZE + 1) * BLOCK_SIZE)
            tiles.append(self._tile(segment, position, tile_end - position))
            position = tile_end
        return tiles

    def _tile(self, segment: Segment, position: int, num_rows: int) -> _Tile:
        folded = num_rows * self._shape.group_size
        multiple = _ROW_MULTIPLES.get(self._dtype, _DEFAULT_ROW_MULTIPLE)
        padded = -(-folded // multiple) * multiple
        keys = {
            window: self._keys(segment, window, position, num_rows, padded)
            for window in self._windows
        }
        first_row = segment.first_row + position - segment.first_position
        return _Tile(first_row, num_rows, padded, keys)

    def _keys(
        self,
        segment: Segment,
        window: int | None,
        position: int,
        num_rows: int,
        padded_rows: int,
    ) -> _Keys:
        first_block = first_visible_block(position, window)
        skipped = first_block - first_visible_block(segment.first_position, window)
        return _Keys(
            first_slot=skipped * BLOCK_SIZE,
            num_slots=(position // BLOCK_SIZE + 1 - first_block) * BLOCK_SIZE,
            mask=self._mask(window, first_block, position, num_rows, padded_rows),
        )

    def _mask(
        self, window: int | None, first_block: int, position: int, num_rows: int, padded_rows: int
    ) -> Tensor:
        """[padded rows, keys]; a padding row sees every key, so that its softmax is finite."""
        group = self._shape.group_size
        num_slots = (position // BLOCK_SIZE + 1 - first_block) * BLOCK_SIZE
        mask = torch.zeros(padded_rows, num_slots, dtype=self._dtype)
        visible = mask[: num_rows * group]
        offset = position % BLOCK_SIZE
        last_block = self._triangle[offset * group : (offset + num_rows) * group]
        visible[:, -BLOCK_SIZE:].copy_(last_block)
        if window is not None and position + num_rows > window:
            keys = torch.arange(first_block * BLOCK_SIZE, first_block * BLOCK_SIZE + num_slots)
            rows = torch.arange(position, position + num_rows).repeat_interleave(group)
            visible.masked_fill_(keys <= rows.unsqueeze(1) - window, float("-inf"))
        return mask


@cache
def _triangle(group_size: int, dtype: torch.dtype) -> Tensor:
    """[64 · group size, 64]: which keys of its own block a row sees, for every offset in the block.

    Made once: in the pass of a small draft model it took a fiftieth of the time.
    """
    with torch.inference_mode(False):  # whoever asks first, a tensor for all
        triangle = torch.full((BLOCK_SIZE, BLOCK_SIZE), float("-inf"), dtype=dtype).triu_(1)
        return triangle.repeat_interleave(group_size, 0)


def _fold(grouped: Tensor, tile: _Tile) -> Tensor:
    """[1, num_kv_heads, folded rows, head_dim]: the query heads of a group become rows.

    7 to 12 times faster than torch's own grouped attention in bfloat16, with the same bits.
    `grouped` is [T, num_kv_heads, group size, head_dim].
    """
    folded = grouped.narrow(0, tile.first_row, tile.num_rows)
    if tile.num_rows > 1:
        folded = folded.transpose(0, 1).flatten(1, 2).unsqueeze(0)
    padding = tile.num_folded_rows - folded.shape[2]
    return functional.pad(folded, (0, 0, 0, padding)) if padding else folded


def _slots(values: Tensor, keys: _Keys) -> Tensor:
    """The keys or values of a tile among those of its segment; a decode reads them all."""
    if values.shape[2] == keys.num_slots:
        return values
    return values.narrow(2, keys.first_slot, keys.num_slots)


def _unfold(attended: Tensor, tile: _Tile, out: Tensor) -> None:
    """Write the rows of a tile into `out` [T, num_kv_heads, group size, head_dim]."""
    rows = out.narrow(0, tile.first_row, tile.num_rows)
    _, num_kv_heads, group_size, head_dim = rows.shape
    real = attended.narrow(2, 0, tile.num_rows * group_size)
    if tile.num_rows > 1:
        real = real.view(num_kv_heads, tile.num_rows, group_size, head_dim).transpose(0, 1)
    rows.copy_(real)
