"""Mean and spread of single rows, with bits that follow from the row alone."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor


class Moments(NamedTuple):
    """Of T rows, [T, 1] each."""

    mean: Tensor
    deviation: Tensor


def row_moments(rows: Tensor) -> Moments:
    """Mean and standard deviation, in float32 at least, of `rows` [T, width].

    By what LayerNorm computes first: it takes row by row, while torch's own sums over a dimension
    divide their work by the size of the whole tensor.
    """
    wide = rows.to(torch.promote_types(rows.dtype, torch.float32)).contiguous()
    _, mean, inverse = torch.native_layer_norm(wide, wide.shape[1:], None, None, 0.0)
    # A row whose values are all alike has an infinite inverse, and so a deviation of 0.
    return Moments(mean, inverse.reciprocal())


def root_mean_square(rows: Tensor, smallest: float = 0.0) -> Tensor:
    """[T, 1], in float32 at least, of `rows` [T, width]; of no mean square below `smallest`."""
    wide = rows.to(torch.promote_types(rows.dtype, torch.float32))
    return row_moments(wide * wide).mean.clamp(min=smallest).sqrt()
