"""Random queries over a filled KV cache, and attention written out in float64."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from realm_desktop.engine.architecture.spec import ModelSpec, RopeSpec
from realm_desktop.engine.attention.backend import AttentionBackend, AttentionShape
from realm_desktop.engine.batch import Batch, Segment
from realm_desktop.engine.kv_cache import KVCache
from realm_desktop.engine.sequence import NO_BLOCK
from realm_desktop.kv_blocks import BLOCK_SIZE
from realm_desktop.protocol import KVCacheDtype

CPU = torch.device("cpu")


def small_spec(num_heads: int = 4, num_kv_heads: int = 2, head_dim: int = 16) -> ModelSpec:
    """A network of one layer, for tests that need its shapes only."""
    return ModelSpec(
        architecture="llama",
        name="",
        num_layers=1,
        hidden_size=num_heads * head_dim,
        intermediate_size=8,
        num_heads=num_heads,
        num_kv_heads=num_kv_heads,
        head_dim=head_dim,
        vocabulary_size=8,
        context_length=4096,
        norm_eps=1e-5,
        rope=RopeSpec(),
        layer_windows=(None,),
    )


@dataclass(slots=True)
class AttentionCase:
    """One sequence of `num_positions` positions in a cache of one layer.

    Attributes:
        q: [num_positions, num_heads, head_dim].
        k, v: [num_positions, num_kv_heads, head_dim], already in the cache.
    """

    shape: AttentionShape
    kv_cache: KVCache
    block_ids: tuple[int, ...]
    q: Tensor
    k: Tensor
    v: Tensor

    def attend(self, backend: AttentionBackend, first: int, num_rows: int) -> Tensor:
        """[rows, num_heads · head_dim] of rows `first` and after, in one step."""
        batch = _batch(first, num_rows, self.block_ids)
        plan = backend.plan(self.shape, batch, self.kv_cache)
        return plan.run(0, self.q[first : first + num_rows])

    def attend_in_chunks(self, backend: AttentionBackend, chunk: int) -> Tensor:
        """All rows, in steps of `chunk`."""
        total = self.q.shape[0]
        steps = range(0, total, chunk)
        return torch.cat([self.attend(backend, at, min(chunk, total - at)) for at in steps])

    def expected(self) -> Tensor:
        """All rows in float64, by the definition of attention."""
        group = self.shape.group_size
        q = self.q.double().transpose(0, 1)
        k = self.k.double().repeat_interleave(group, 1).permute(1, 2, 0)
        v = self.v.double().repeat_interleave(group, 1).transpose(0, 1)
        scores = q @ k * self.shape.scale
        if self.shape.softcap:
            scores = torch.tanh(scores / self.shape.softcap) * self.shape.softcap
        distance = torch.arange(q.shape[1])[:, None] - torch.arange(q.shape[1])
        window = self.shape.layer_windows[0] or q.shape[1]
        scores.masked_fill_((distance < 0) | (distance >= window), float("-inf"))
        if self.shape.sinks is not None:
            sinks = self.shape.sinks[0].double()[:, None, None].expand(-1, q.shape[1], 1)
            scores = torch.cat((scores, sinks), -1)
            v = torch.cat((v, torch.zeros_like(v[:, :1])), 1)
        return (scores.softmax(-1) @ v).transpose(0, 1).flatten(1)


def attention_case(
    heads: tuple[int, int, int] = (4, 2, 16),
    *,
    num_positions: int = 150,
    window: int | None = None,
    dtype: torch.dtype = torch.float32,
    block_ids: tuple[int, ...] | None = None,
    storage: KVCacheDtype = "auto",
    has_sinks: bool = False,
    softcap: float = 0.0,
) -> AttentionCase:
    """A seeded case; `heads` are query heads, key heads and head_dim."""
    num_heads, num_kv_heads, head_dim = heads
    generator = torch.Generator().manual_seed(0)

    def draw(count: int) -> Tensor:
        return torch.randn(num_positions, count, head_dim, generator=generator).to(dtype)

    needed = -(-num_positions // BLOCK_SIZE)
    ids = tuple(range(needed)) if block_ids is None else block_ids
    kv_cache = KVCache(small_spec(*heads), max(ids) + 2, dtype, CPU, storage=storage)
    q, k, v = 2 * draw(num_heads), draw(num_kv_heads), draw(num_kv_heads)
    slots = [ids[at // BLOCK_SIZE] * BLOCK_SIZE + at % BLOCK_SIZE for at in range(num_positions)]
    kv_cache.write(0, torch.tensor(slots), k, v)
    wide = torch.float64 if dtype == torch.float64 else torch.float32
    # From one that takes next to nothing to one that leaves next to nothing.
    sinks = torch.linspace(-4.0, 12.0, num_heads, dtype=wide).unsqueeze(0) if has_sinks else None
    scale = head_dim**-0.5
    shape = AttentionShape(num_heads, num_kv_heads, head_dim, scale, (window,), sinks, softcap)
    return AttentionCase(shape, kv_cache, ids, q, k, v)


def window_batch(case: AttentionCase, first: int, num_rows: int) -> Batch:
    """Rows of a case whose blocks are all of the window kind, without those that no row sees."""
    window = case.shape.layer_windows[0]
    unseen = max(0, first - first % BLOCK_SIZE - (window or first) + 1) // BLOCK_SIZE
    table = (NO_BLOCK,) * unseen + case.block_ids[unseen : -(-(first + num_rows) // BLOCK_SIZE)]
    empty = torch.zeros(num_rows, dtype=torch.int64)
    segment = Segment(0, num_rows, first, (1,) * len(table), table)
    return Batch(empty, empty, empty, empty, (segment,))


def _batch(first: int, num_rows: int, block_ids: tuple[int, ...]) -> Batch:
    used = block_ids[: -(-(first + num_rows) // BLOCK_SIZE)]
    empty = torch.zeros(num_rows, dtype=torch.int64)
    return Batch(empty, empty, empty, empty, (Segment(0, num_rows, first, used),))
