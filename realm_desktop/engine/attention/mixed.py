"""Attention of networks whose layers have several sizes of heads: a backend for each of them.

A size that the CPU kernels do not have then costs its own layers their speed, not all. Runs on the
engine thread.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from realm_desktop.engine.attention.backend import (
    AttentionBackend,
    AttentionPlan,
    AttentionShape,
)
from realm_desktop.engine.batch import Batch
from realm_desktop.engine.kv_cache import KVCache

Heads = tuple[int, int]
"""Key/value heads of a layer, and their length."""


class MixedAttention:
    """Each layer through the backend of its size of heads.

    Args:
        backends: At least one; together they have the heads of every layer.
    """

    def __init__(self, backends: Mapping[Heads, AttentionBackend]) -> None:
        self._backends = backends
        self.name = " + ".join(dict.fromkeys(backend.name for backend in backends.values()))

    def supports(
        self, shape: AttentionShape, device: torch.device, dtype: torch.dtype
    ) -> str | None:
        """The first reason of a backend against its own layers."""
        reasons = (
            backend.supports(shape_of(shape, heads), device, dtype)
            for heads, backend in self._backends.items()
        )
        return next((reason for reason in reasons if reason is not None), None)

    def plan(self, shape: AttentionShape, batch: Batch, kv_cache: KVCache) -> MixedAttentionPlan:
        """The plans of all backends."""
        plans = {
            heads: backend.plan(shape_of(shape, heads), batch, kv_cache)
            for heads, backend in self._backends.items()
        }
        return MixedAttentionPlan([plans[heads] for heads in shape.layer_heads])


class MixedAttentionPlan:
    """One step.

    Args:
        plans: Of each layer.
    """

    def __init__(self, plans: list[AttentionPlan]) -> None:
        self._plans = plans

    def run(self, layer: int, q: Tensor) -> Tensor:
        """See `AttentionPlan.run`."""
        return self._plans[layer].run(layer, q)


def shape_of(shape: AttentionShape, heads: Heads) -> AttentionShape:
    """The same for the layers of one size of heads; the others have their first window.

    So a backend prepares no window that none of its layers has.
    """
    windows = shape.layer_windows
    own = [
        window for window, other in zip(windows, shape.layer_heads, strict=True) if other == heads
    ]
    return shape._replace(
        num_kv_heads=heads[0],
        head_dim=heads[1],
        layer_windows=tuple(
            window if other == heads else own[0]
            for window, other in zip(windows, shape.layer_heads, strict=True)
        ),
        layer_heads=(),
    )
