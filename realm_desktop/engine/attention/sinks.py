"""Attention sinks: a score per query head that every row sees besides its keys, of no value.

What it takes of a row's weight is lost, so a head can look at nothing (gpt-oss, arXiv 2309.17453).
"""

from __future__ import annotations

from torch import Tensor


def sink_share(log_weights: Tensor, sinks: Tensor) -> Tensor:
    """What the keys keep of a row's weight: `sigmoid(log_weights - sinks)`.

    Written with `exp`, which has the same bits wherever a value stands in a tensor; torch's sigmoid
    on the CPU has not.

    Args:
        log_weights: Natural logarithm of the sum of a row's weights, float32 or float64.
        sinks: The scores, of a shape that fits.
    """
    return (sinks - log_weights).exp_().add_(1.0).reciprocal_()
