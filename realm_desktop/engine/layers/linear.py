"""Linear layers whose result for one row does not depend on the other rows.

The order in which a matrix product sums is up to the library, and libraries choose it by the number
of rows. Batch invariance (one text, alone or in any mix) needs one order for every number of rows.
Runs on the engine thread.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import torch
from torch import Tensor
from torch.nn import functional

MIN_ROWS = 2
"""Fewest rows a product gets. oneDNN sums a single row as a vector product in another order than
two and more, which all agree (measured for 2 to 300 rows, 15 shapes, float32 and bfloat16)."""

_TILE_ROWS = 16

Product = Callable[[Tensor], Tensor]


class Linear:
    """`y = x Wᵀ + b`, bitwise the same for a row in any batch on the CPU.

    Takes the weight over: once it is packed, the plain form is dropped.

    Args:
        weight: [out, in], contiguous, on the device to compute on.
        bias: [out] of the same dtype, or None.
    """

    def __init__(self, weight: Tensor, bias: Tensor | None = None) -> None:
        self.out_features, self.in_features = weight.shape
        self.num_bytes = weight.nbytes + (0 if bias is None else bias.nbytes)
        self._product = _row_product(weight, bias)

    def __call__(self, x: Tensor) -> Tensor:
        """[T, out] for `x` [T, in], T at least 1; a view of a larger tensor if T is 1."""
        num_rows = x.shape[0]
        if num_rows < MIN_ROWS:
            return self._product(functional.pad(x, (0, 0, 0, MIN_ROWS - num_rows)))[:num_rows]
        return self._product(x)


@cache
def can_prepack(dtype: torch.dtype) -> bool:
    """Whether oneDNN's prepacked product exists here and computes this dtype rightly.

    The two operators are private to torch: probe them instead of trusting a version.
    """
    if dtype not in (torch.float32, torch.bfloat16):
        return False
    weight = torch.linspace(-1.0, 1.0, 16 * 24).to(dtype).view(16, 24)
    x = torch.linspace(-1.0, 2.0, 3 * 24).to(dtype).view(3, 24)
    try:
        packed = _prepacked_product(weight, None)(x)
    except (AttributeError, RuntimeError, TypeError):
        return False
    expected = functional.linear(x.double(), weight.double())
    return torch.allclose(packed.double(), expected, rtol=2e-2, atol=2e-2)


def _row_product(weight: Tensor, bias: Tensor | None) -> Product:
    if weight.device.type != "cpu":
        return lambda x: functional.linear(x, weight, bias)
    if can_prepack(weight.dtype):
        return _prepacked_product(weight, bias)
    return _tiled_product(weight, bias)


def _prepacked_product(weight: Tensor, bias: Tensor | None) -> Product:
    """Product with a weight in oneDNN's own layout; 8 times faster than repacking on each call."""
    packed = torch.ops.mkldnn._reorder_linear_weight(weight, None)
    multiply = torch.ops.mkldnn._linear_pointwise
    return lambda x: multiply(x, packed, bias, "none", [], "")


def _tiled_product(weight: Tensor, bias: Tensor | None) -> Product:
    """Product in tiles of 16 rows, so that every row is summed by the same kernel.

    For float64 and for CPUs without oneDNN; the last tile is padded with zero rows. Price against
    the prepacked product, 2048 x 2048 in float32 on one Xeon core: 4 times at 2 rows, 2.7 times at
    256.
    """

    def multiply(x: Tensor) -> Tensor:
        num_rows = x.shape[0]
        padded = functional.pad(x, (0, 0, 0, -num_rows % _TILE_ROWS))
        tiles = [functional.linear(tile, weight, bias) for tile in torch.split(padded, _TILE_ROWS)]
        return tiles[0][:num_rows] if len(tiles) == 1 else torch.cat(tiles)[:num_rows]

    return multiply
