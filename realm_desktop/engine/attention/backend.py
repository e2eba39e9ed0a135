"""What the decoder asks of attention, whatever the device.

A backend plans a step once and then runs it for every layer, so that masks and views are made once.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol, runtime_checkable

import torch
from torch import Tensor

from realm_desktop.engine.batch import Batch, Segment
from realm_desktop.engine.kv_cache import KVCache


class AttentionShape(NamedTuple):
    """Heads of a network; one query-head group shares one key/value head.

    Attributes:
        scale: What the softmax multiplies scores with.
        layer_windows: Per layer the sliding window in positions, or None for all positions.
        sinks: [layers, num_heads] float32 (float64 where that is computed), contiguous: scores that
            every row sees besides those of its keys; None without.
        softcap: Bound of the scores, `cap · tanh(score / cap)`; 0 for none.
        layer_heads: Per layer its key/value heads and their length, where layers have several of
            them; `num_kv_heads` and `head_dim` are then those of one of them. Empty if all are alike.
    """

    num_heads: int
    num_kv_heads: int
    head_dim: int
    scale: float
    layer_windows: tuple[int | None, ...]
    sinks: Tensor | None = None
    softcap: float = 0.0
    layer_heads: tuple[tuple[int, int], ...] = ()

    @property
    def group_size(self) -> int:
        """Query heads per key/value head."""
        return self.num_heads // self.num_kv_heads


class AttentionPlan(Protocol):
    """One step, prepared."""

    def run(self, layer: int, q: Tensor) -> Tensor:
        """Attend with the rows of the step.

        Args:
            layer: Whose keys and values are read; those of the step's rows are already written.
            q: [T, num_heads, head_dim]; rows beyond the batch's are padding.

        Returns:
            [T, num_heads · head_dim], contiguous; zero for padding rows.
        """


class AttentionBackend(Protocol):
    """A way to compute attention over the block cache."""

    @property
    def name(self) -> str:
        """For logs, stats and the status bar."""

    def supports(
        self, shape: AttentionShape, device: torch.device, dtype: torch.dtype
    ) -> str | None:
        """Why this backend cannot serve the network there, in a clause; None if it can.

        `dtype` is that of queries and results.
        """

    def plan(self, shape: AttentionShape, batch: Batch, kv_cache: KVCache) -> AttentionPlan:
        """Prepare one step; the plan is valid for this batch alone."""


class StaticAttentionPlan(AttentionPlan, Protocol):
    """A plan whose launches serve other steps too: what follows from a step lies in memory that stays."""

    def load(self, segments: tuple[Segment, ...]) -> bool:
        """Take over another step of as many rows; False, and nothing changes, if it does not fit."""


@runtime_checkable
class StaticAttention(Protocol):
    """A backend whose passes can be recorded and repeated."""

    def static_plan(
        self,
        shape: AttentionShape,
        batch: Batch,
        kv_cache: KVCache,
        least: StaticAttentionPlan | None = None,
    ) -> StaticAttentionPlan:
        """Prepare steps of as many rows as `batch` has; its own is taken over.

        `least` is a plan of this backend that did not take the step: it has less room.
        """
