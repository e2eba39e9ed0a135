"""Attention whose scores are kept within a bound: `cap · tanh(score / cap)` before the softmax.

torch's fused attention knows no bound, so this is written out. Without a bound it serves long heads,
whose rows torch's own sums in several orders.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

# Of as many rows each product is made: a library may sum other numbers of rows in another order.
_TILE_ROWS = 16


def attend_capped(
    q: Tensor, k: Tensor, v: Tensor, mask: Tensor, scale: float, cap: float
) -> Tensor:
    """[1, num_kv_heads, rows, head_dim] in the dtype of `q`; the bits of a row are its own.

    Args:
        q: [1, num_kv_heads, rows, head_dim].
        k: [1, num_kv_heads, keys, head_dim].
        v: Likewise.
        mask: [..., rows, keys], 0 where a row sees the key, else minus infinity.
        scale: Of the scores.
        cap: Their bound; 0 for none.
    """
    wide = torch.promote_types(q.dtype, torch.float32)
    keys, values = k.to(wide).transpose(-1, -2), v.to(wide)
    num_rows = q.shape[2]
    missing = -num_rows % _TILE_ROWS
    queries = functional.pad(q.to(wide), (0, 0, 0, missing))
    mask = functional.pad(mask.to(wide), (0, 0, 0, missing))
    tiles = []
    for first in range(0, num_rows, _TILE_ROWS):
        rows = slice(first, first + _TILE_ROWS)
        scores = queries[:, :, rows] @ keys
        scores = torch.tanh(scores.mul_(scale / cap)).mul_(cap) if cap else scores.mul_(scale)
        scores = scores.add_(mask[..., rows, :])
        tiles.append(scores.softmax(-1) @ values)
    return torch.cat(tiles, 2)[:, :, :num_rows].to(q.dtype)
