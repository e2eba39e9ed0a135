"""Linear layers whose result for one row does not depend on the other rows.

The order in which a matrix product sums is up to the library, and libraries choose it by the number
of rows. Batch invariance (one text, alone or in any mix) needs one order for every number of rows.
Runs on the engine thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

import torch
from torch import Tensor
from torch.nn import functional

from realm_desktop.engine.batch import LoraPass
from realm_desktop.engine.kernels.packed_matrix import PackedProduct
from realm_desktop.engine.lora.slab import LinearAdapters
from realm_desktop.engine.weights.linear_weight import LinearWeight, RawMatrices

MIN_ROWS = 2
"""Fewest rows a product gets. oneDNN sums a single row as a vector product in another order than
two and more, which all agree (measured for 2 to 300 rows, 15 shapes, float32 and bfloat16)."""

_ROW_STEPS = ((8, 1), (32, 4), (64, 8), (512, 16))
"""Row counts up to the first number are rounded up to a multiple of the second."""

_TILE_ROWS = 16

Product = Callable[[Tensor], Tensor]


class Linear:
    """`y = x Wᵀ + b` and the terms of adapters, bitwise the same for a row in any batch on the CPU.

    Takes the weight over: once it is packed, the plain form is dropped.

    Args:
        weight: See `LinearWeight`.
        bias: [out] of the same dtype, or None.
        adapters: What adapters add; None if none can change this layer.
        is_exact: False gives the promise about bits up where another product is faster.
        is_result_kept: Whether a result may be overwritten by the next one.

    Attributes:
        takes_any_rows: Whether no number of rows is better than another; see `padded_rows`.
    """

    def __init__(
        self,
        weight: LinearWeight,
        bias: Tensor | None = None,
        adapters: LinearAdapters | None = None,
        *,
        is_exact: bool = True,
        is_result_kept: bool = False,
    ) -> None:
        self.takes_any_rows = False
        if isinstance(weight, Tensor):
            self.out_features, self.in_features = weight.shape
            num_bytes = weight.nbytes
            product = _row_product(weight, bias, is_exact=is_exact)
            self._product: Product = lambda x: _in_rows(x, product)
        elif isinstance(weight, RawMatrices):
            self.out_features = sum(matrix.shape[0] for matrix in weight.matrices)
            self.in_features = weight.matrices[0].shape[1]
            num_bytes = sum(matrix.num_bytes for matrix in weight.matrices)
            self.takes_any_rows = weight.products is not None
            self._product = _raw_product(weight, bias)
        else:
            self.takes_any_rows = True
            packed = PackedProduct(weight, bias, is_result_kept=is_result_kept)
            self.out_features, self.in_features = packed.out_features, packed.in_features
            num_bytes = packed.num_bytes
            self._product = packed
        self.num_bytes = num_bytes + (0 if bias is None else bias.nbytes)
        self._adapters = adapters

    def __call__(self, x: Tensor, lora: Iterable[LoraPass] = ()) -> Tensor:
        """[T, out] for `x` [T, in], T at least 1; a view of a larger tensor if T is 1.

        `lora` are the passes of the step; row ids below T.
        """
        y = self._product(x)
        if self._adapters is not None:
            self._adapters.add(x, y, lora)
        return y


def padded_rows(num_rows: int) -> int:
    """How many rows a product of `num_rows` rows, at least 1, is given.

    oneDNN makes and keeps a kernel for every number of rows it meets, about 0.3 MB each, and making
    one takes longer than a step of a small model. So it meets few: 2,000 short requests to a tiny
    model took 520 MB with every number of rows, and 290 MB, growing no more, with these.
    """
    for most, step in _ROW_STEPS:
        if num_rows <= most:
            return max(-(-num_rows // step) * step, MIN_ROWS)
    return num_rows


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


def _in_rows(x: Tensor, product: Product) -> Tensor:
    """The product of a padded number of rows, without those."""
    num_rows = x.shape[0]
    # Zeros: what comes of them is cut off again, and no row looks at another.
    missing = padded_rows(num_rows) - num_rows
    return product(functional.pad(x, (0, 0, 0, missing)))[:num_rows] if missing else product(x)


def _raw_product(raw: RawMatrices, bias: Tensor | None) -> Product:
    """Product with blocks where they lie or, without that, a weight made anew for each `x`."""
    products = raw.products
    if products is not None:
        return lambda x: products.multiply(x, raw.matrices, bias)

    def multiply(x: Tensor) -> Tensor:
        # Not kept: the experts that steps choose would soon hold the memory of all, dequantized.
        weight = torch.cat([matrix.dequantize(x.dtype) for matrix in raw.matrices])
        return _in_rows(x, _row_product(weight, bias, is_exact=True))

    return multiply


def _row_product(weight: Tensor, bias: Tensor | None, *, is_exact: bool) -> Product:
    # A prepacked product takes 18 us before it multiplies; torch's own in float32 takes 3, which
    # is all the time of a matrix of 100 x 500 (one core of a Xeon with AVX512-BF16).
    is_plain = weight.device.type != "cpu" or (not is_exact and weight.dtype == torch.float32)
    if is_plain:
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
