"""Doubles of what records passes: attention whose tables stay, and a recorder, both on the CPU.

A recording repeats the calls with the tensors that it was made with and nothing else: what a step brings
must have been copied into them.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from realm_desktop.engine.attention.backend import (
    AttentionPlan,
    AttentionShape,
    StaticAttentionPlan,
)
from realm_desktop.engine.attention.gather import GatherAttention
from realm_desktop.engine.batch import Batch, Segment
from realm_desktop.engine.kv_cache import KVCache
from realm_desktop.kv_blocks import BLOCK_SIZE


class StaticGather:
    """Attention over all blocks of a table row by row; other steps are gathered as ever.

    Args:
        max_blocks: Of a sequence; a longer one does not fit.
    """

    name = "static gather"

    def __init__(self, max_blocks: int = 4) -> None:
        self.max_blocks = max_blocks
        self._plain = GatherAttention()

    def supports(
        self, shape: AttentionShape, device: torch.device, dtype: torch.dtype
    ) -> str | None:
        """None: every device."""
        return None

    def plan(self, shape: AttentionShape, batch: Batch, kv_cache: KVCache) -> AttentionPlan:
        """As gathered attention has it."""
        return self._plain.plan(shape, batch, kv_cache)

    def static_plan(
        self,
        shape: AttentionShape,
        batch: Batch,
        kv_cache: KVCache,
        least: StaticAttentionPlan | None = None,
    ) -> StaticGatherPlan:
        """Tables of `max_blocks`; twice as many after a plan that was too small."""
        self.max_blocks *= 1 if least is None else 2
        return StaticGatherPlan(shape, batch, kv_cache, self.max_blocks)


class StaticGatherPlan:
    """One table of blocks and one of positions, for all rows of a step."""

    def __init__(
        self, shape: AttentionShape, batch: Batch, kv_cache: KVCache, max_blocks: int
    ) -> None:
        self._shape = shape
        self._kv_cache = kv_cache
        with torch.inference_mode(False):
            self._blocks = torch.zeros(batch.num_rows, max_blocks, dtype=torch.int64)
            self._positions = torch.zeros(batch.num_rows, dtype=torch.int64)
        assert self.load(batch.segments)

    def load(self, segments: tuple[Segment, ...]) -> bool:
        """See `StaticAttentionPlan.load`."""
        if any(len(segment.block_ids) > self._blocks.shape[1] for segment in segments):
            return False
        for segment in segments:
            for row in range(segment.num_rows):
                place = segment.first_row + row
                self._blocks[place] = 0
                self._blocks[place, : len(segment.block_ids)] = torch.tensor(segment.block_ids)
                self._positions[place] = segment.first_position + row
        return True

    def run(self, layer: int, q: Tensor) -> Tensor:
        """See `AttentionPlan.run`."""
        shape = self._shape
        (keys, values), _ = self._kv_cache.stored(layer)
        out = torch.zeros_like(q)
        seen = torch.arange(self._blocks.shape[1] * BLOCK_SIZE)
        for row, (blocks, position) in enumerate(zip(self._blocks, self._positions, strict=True)):
            k, v = (
                pool[:, blocks].flatten(1, 2).repeat_interleave(shape.group_size, 0)
                for pool in (keys, values)
            )
            scores = (k @ q[row].unsqueeze(-1)).squeeze(-1) * shape.scale
            weights = scores.masked_fill(seen > position, -torch.inf).softmax(-1)
            out[row] = (weights.unsqueeze(1) @ v).squeeze(1)
        return out.flatten(1)


class DoubleRecording:
    """Calls that are made again; the result stays in its place."""

    def __init__(self, compute: Callable[[], Tensor]) -> None:
        self._compute = compute
        with torch.inference_mode(False):  # so that replays may change it
            self.result = compute().clone()
        self.num_replays = 0

    def replay(self) -> None:
        """See `Recording.replay`."""
        self.num_replays += 1
        self.result.copy_(self._compute())


class DoubleRecorder:
    """Records on the CPU, and counts.

    Attributes:
        recordings: All that were made.
        num_waits: How often the host waited.
        change: What happens to a replayed result; for recordings that are wrong.
    """

    def __init__(self) -> None:
        self.recordings: list[DoubleRecording] = []
        self.num_waits = 0
        self.change: Callable[[Tensor], Tensor] = lambda logits: logits

    def staging(self, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
        """See `Recorder.staging`."""
        with torch.inference_mode(False):
            return torch.empty(shape, dtype=dtype)

    def record(self, compute: Callable[[], Tensor]) -> DoubleRecording:
        """See `Recorder.record`."""

        def computed() -> Tensor:
            with torch.inference_mode():
                return self.change(compute())

        recording = DoubleRecording(computed)
        self.recordings.append(recording)
        return recording

    def wait(self) -> None:
        """See `Recorder.wait`."""
        self.num_waits += 1
