"""Compares a device's attention with the definition, on one small network."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from realm_desktop.engine.architecture.spec import ModelSpec, RopeSpec
from realm_desktop.engine.attention.backend import AttentionShape
from realm_desktop.engine.attention.selection import choose_attention
from realm_desktop.engine.batch import Batch, Segment
from realm_desktop.engine.kv_cache import KVCache
from realm_desktop.engine.self_test import NOT_TESTED, Verdict

TOLERANCE = 2e-2
"""As the engine's rule for backends: wrong masks and layouts are off by far more."""

_NUM_HEADS, _NUM_KV_HEADS, _HEAD_DIM = 8, 4, 64
_NUM_ROWS = 100  # two blocks, the second one part full
_SCALE = _HEAD_DIM**-0.5


class AttentionCheck(NamedTuple):
    """How the attention of a device did.

    Attributes:
        backend: Its name.
        max_error: Largest difference from a float64 computation.
    """

    backend: str
    max_error: float

    @property
    def is_sound(self) -> bool:
        """Whether the difference is rounding."""
        return self.max_error <= TOLERANCE


def check_attention(device: torch.device, verdict: Verdict = NOT_TESTED) -> AttentionCheck:
    """Run the attention that the engine would choose on a device, in float32.

    Args:
        device: Where to compute.
        verdict: Of its self-test.
    """
    shape = AttentionShape(_NUM_HEADS, _NUM_KV_HEADS, _HEAD_DIM, _SCALE, layer_windows=(None,))
    backend = choose_attention(shape, device, torch.float32, verdict=verdict)
    generator = torch.Generator().manual_seed(1)
    q = torch.randn(_NUM_ROWS, _NUM_HEADS, _HEAD_DIM, generator=generator)
    k, v = (torch.randn(_NUM_ROWS, _NUM_KV_HEADS, _HEAD_DIM, generator=generator) for _ in "kv")
    kv_cache = KVCache(_spec(), 2, torch.float32, device)
    rows = torch.arange(_NUM_ROWS, device=device)
    # Blocks in reverse order: a backend that ignores the block table is found out.
    slots = torch.where(rows < 64, rows + 64, rows - 64)
    kv_cache.write(0, slots, k.to(device), v.to(device))
    batch = Batch(rows, rows, slots, rows, (Segment(0, _NUM_ROWS, 0, (1, 0)),))
    found = backend.plan(shape, batch, kv_cache).run(0, q.to(device))[:_NUM_ROWS]
    error = (found.cpu().double() - _by_definition(q, k, v)).abs().max().item()
    return AttentionCheck(backend.name, error)


def _by_definition(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Causal softmax attention in float64: [T, num_heads · head_dim]."""
    group = _NUM_HEADS // _NUM_KV_HEADS
    keys, values = (part.double().repeat_interleave(group, dim=1) for part in (k, v))
    scores = torch.einsum("thd,shd->hts", q.double(), keys) * _SCALE
    hidden = torch.ones(_NUM_ROWS, _NUM_ROWS, dtype=torch.bool).triu(1)
    weights = scores.masked_fill(hidden, float("-inf")).softmax(dim=-1)
    return torch.einsum("hts,shd->thd", weights, values).flatten(1)


def _spec() -> ModelSpec:
    return ModelSpec(
        architecture="llama",
        name="",
        num_layers=1,
        hidden_size=_NUM_HEADS * _HEAD_DIM,
        intermediate_size=1,
        num_heads=_NUM_HEADS,
        num_kv_heads=_NUM_KV_HEADS,
        head_dim=_HEAD_DIM,
        vocabulary_size=1,
        context_length=_NUM_ROWS,
        norm_eps=1e-5,
        rope=RopeSpec(),
        layer_windows=(None,),
    )
