"""Steps of several sequences at once, and what attention must give for them in float64."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from torch import Tensor

from realm_desktop.engine.architecture.spec import ModelSpec
from realm_desktop.engine.attention.backend import AttentionBackend, AttentionShape
from realm_desktop.engine.attention.gather import GatherAttention
from realm_desktop.engine.batch import Batch, Segment
from realm_desktop.engine.kv_cache import KVCache
from realm_desktop.engine.sequence import NO_BLOCK
from realm_desktop.kv_blocks import BLOCK_SIZE, blocks_for, first_visible_block
from realm_desktop.protocol import KVCacheDtype
from tests.support.attention_cases import CPU, small_spec


class Rows(NamedTuple):
    """Rows of one sequence in a step."""

    first_position: int
    number: int


MIXED = (Rows(1030, 1), Rows(510, 5), Rows(30, 40), Rows(0, 1))
"""A long decode, drafts across a border of splits, a chunk of a prompt, a first token."""


@dataclass(frozen=True, slots=True)
class Network:
    """What a case has of a network; `heads` are query heads, key heads and head_dim."""

    heads: tuple[int, int, int] = (4, 2, 64)
    windows: tuple[int | None, ...] = (None,)
    softcap: float = 0.0
    has_sinks: bool = False
    storage: KVCacheDtype = "auto"
    dtype: torch.dtype = torch.float32

    @property
    def spec(self) -> ModelSpec:
        """A network of such layers."""
        layers = len(self.windows)
        return replace(small_spec(*self.heads), num_layers=layers, layer_windows=self.windows)

    @property
    def shape(self) -> AttentionShape:
        """Its heads; sinks from one that takes next to nothing to one that leaves next to nothing."""
        sinks = torch.linspace(-4.0, 12.0, self.heads[0]).repeat(len(self.windows), 1)
        scale = self.heads[2] ** -0.5
        kept = sinks if self.has_sinks else None
        return AttentionShape(*self.heads, scale, self.windows, kept, self.softcap)


class MixedStep(NamedTuple):
    """A step over a filled cache.

    Attributes:
        q: [T, num_heads, head_dim].
    """

    shape: AttentionShape
    batch: Batch
    kv_cache: KVCache
    q: Tensor

    def attend(self, backend: AttentionBackend, layer: int = 0) -> Tensor:
        """[T, num_heads · head_dim]."""
        return backend.plan(self.shape, self.batch, self.kv_cache).run(layer, self.q)

    def expected(self, layer: int = 0) -> Tensor:
        """The same by gathered blocks in float64."""
        sinks = None if self.shape.sinks is None else self.shape.sinks.double()
        shape = self.shape._replace(sinks=sinks)
        plan = GatherAttention().plan(shape, self.batch, _wide(self.kv_cache, shape))
        return plan.run(layer, self.q.double())

    def part(self, rows: slice, segments: Sequence[Segment]) -> MixedStep:
        """A step of some of the rows, which the segments name by their place among them."""
        return self._replace(batch=_batch(tuple(segments)), q=self.q[rows])


def mixed_step(
    network: Network, rows: Sequence[Rows] = MIXED, *, has_own_blocks: bool = False
) -> MixedStep:
    """A seeded step of sequences whose blocks lie in no order.

    Args:
        network: Its heads and features.
        rows: Of each sequence.
        has_own_blocks: Whether layers with a window have blocks of their own, those that no row sees
            given away.
    """
    generator = torch.Generator().manual_seed(1)
    counts = [blocks_for(first + count) for first, count in rows]
    num_blocks = sum(counts) + 2  # some belong to no one
    num_own = num_blocks if has_own_blocks else 0
    kv_cache = KVCache(network.spec, num_blocks, network.dtype, CPU, num_own, network.storage)
    num_heads, num_kv_heads, head_dim = network.heads
    for layer in range(len(network.windows)):
        size = (2, num_blocks * BLOCK_SIZE, num_kv_heads, head_dim)
        k, v = torch.randn(size, generator=generator).to(network.dtype)
        kv_cache.write(layer, torch.arange(size[1]), k, v)
    ids = torch.randperm(num_blocks, generator=generator)[: sum(counts)].split_with_sizes(counts)
    window = max((own for own in network.windows if own is not None), default=0)
    segments, first_row = [], 0
    for (first_position, count), own in zip(rows, ids, strict=True):
        unseen = first_visible_block(first_position, window)
        left = (NO_BLOCK,) * unseen + tuple((num_blocks - 1 - own[unseen:]).tolist())
        table = tuple(own.tolist())
        segments.append(Segment(first_row, count, first_position, table, left))
        first_row += count
    q = 2 * torch.randn(first_row, num_heads, head_dim, generator=generator).to(network.dtype)
    if not has_own_blocks:
        segments = [segment._replace(window_block_ids=()) for segment in segments]
    return MixedStep(network.shape, _batch(tuple(segments)), kv_cache, q)


def _batch(segments: tuple[Segment, ...]) -> Batch:
    empty = torch.zeros(sum(segment.num_rows for segment in segments), dtype=torch.int64)
    return Batch(empty, empty, empty, empty, segments)


def _wide(kv_cache: KVCache, shape: AttentionShape) -> KVCache:
    """The same values in float64, as they are read."""
    network = Network((shape.num_heads, shape.num_kv_heads, shape.head_dim), shape.layer_windows)
    counts = [kv_cache.stored(layer)[0].shape[2] for layer in range(len(shape.layer_windows))]
    wide = KVCache(network.spec, counts[0], torch.float64, CPU, counts[0])
    for layer, count in enumerate(counts):
        k, v = kv_cache.read(layer, kv_cache.select(range(count)))
        slots = torch.arange(count * BLOCK_SIZE)
        wide.write(layer, slots, *(values[0].transpose(0, 1).double() for values in (k, v)))
    return wide
