"""Attention on a GPU: a prompt against plain attention, and how fast decodes read the block cache."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import torch
from torch import Tensor

from realm_desktop.engine.attention.backend import AttentionPlan, AttentionShape
from realm_desktop.engine.attention.selection import choose_attention
from realm_desktop.engine.batch import Batch, Segment
from realm_desktop.engine.kv_cache import KVCache
from realm_desktop.kv_blocks import BLOCK_SIZE
from tests.benchmarks.gpu_row import Bench, Row
from tests.support.attention_cases import small_spec

_HEADS: Final = (32, 8, 128)
_SMALL_HEADS: Final = (4, 2, 64)
_PROMPTS: Final = (2048, 8192, 32_768)
_SMALL_PROMPTS: Final = (128, 256, 512)
_GOAL_TOKENS: Final = (8192, 256)
_WHOLE_SCORES: Final = 1 << 31
"""Of all heads; longer prompts have plain attention head by head."""


def rows(bench: Bench) -> Iterator[Row]:
    """Prompts of three lengths, then decodes."""
    for num_tokens in _SMALL_PROMPTS if bench.is_small else _PROMPTS:
        yield _prompt_row(bench, num_tokens)
    yield Row("copy within the device", f"{bench.bytes_per_s / 1e9:,.0f} GB/s")
    for num_sequences, length in ((2, 256),) if bench.is_small else ((1, 32_768), (32, 8192)):
        yield _decode_row(bench, num_sequences, length)


def _prompt_row(bench: Bench, num_tokens: int) -> Row:
    name, plan, q, kv_cache = _planned(bench, [Segment(0, num_tokens, 0, _blocks(0, num_tokens))])
    with torch.inference_mode():
        flash_s = bench.seconds(lambda: plan.run(0, q), repeats=3)
        k, v = (
            part[0, :, :num_tokens]
            for part in kv_cache.read(0, kv_cache.select(_blocks(0, num_tokens)))
        )
        plain_s = bench.seconds(lambda: _plain(q, k, v), repeats=3)
    what = f"{name}: a prompt of {num_tokens:,}, against plain"
    value = f"{1e3 * flash_s:,.2f} ms, plain {1e3 * plain_s:,.2f} ms"
    ratio = plain_s / flash_s
    if num_tokens in _GOAL_TOKENS:
        return Row(what, value, ratio, 4.0)
    return Row(what, f"{value} ({ratio:.1f})")


def _decode_row(bench: Bench, num_sequences: int, length: int) -> Row:
    per_sequence = -(-length // BLOCK_SIZE)
    segments = [
        Segment(index, 1, length - 1, _blocks(index * per_sequence, length))
        for index in range(num_sequences)
    ]
    name, plan, q, kv_cache = _planned(bench, segments)
    with torch.inference_mode():
        took_s = bench.seconds(lambda: plan.run(0, q), repeats=20)
    speed = kv_cache.num_bytes / took_s
    what = f"{name}: {num_sequences} decode(s) behind {length:,}"
    return Row(what, f"{speed / 1e9:,.0f} GB/s of KV", speed / bench.bytes_per_s, 0.8)


def _planned(bench: Bench, segments: list[Segment]) -> tuple[str, AttentionPlan, Tensor, KVCache]:
    """The backend that the engine would choose, with a step over a filled cache."""
    heads = _SMALL_HEADS if bench.is_small else _HEADS
    num_heads, num_kv_heads, head_dim = heads
    shape = AttentionShape(num_heads, num_kv_heads, head_dim, head_dim**-0.5, (None,))
    verdict = bench.place.verdict
    backend = choose_attention(shape, bench.device, torch.bfloat16, verdict=verdict)
    num_blocks = 1 + max(max(segment.block_ids) for segment in segments)
    kv_cache = KVCache(small_spec(*heads), num_blocks, torch.bfloat16, bench.device)
    values, _ = kv_cache.stored(0)
    values.normal_()
    num_rows = sum(segment.num_rows for segment in segments)
    q = torch.randn(num_rows, num_heads, head_dim, dtype=torch.bfloat16, device=bench.device)
    unread = torch.zeros(num_rows, dtype=torch.int64, device=bench.device)
    batch = Batch(unread, unread, unread, unread, tuple(segments))
    return backend.name, backend.plan(shape, batch, kv_cache), q, kv_cache


def _blocks(first: int, num_positions: int) -> tuple[int, ...]:
    return tuple(range(first, first - (-num_positions // BLOCK_SIZE)))


def _plain(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Scores, mask, softmax and sum one after the other, as frameworks without a kernel do."""
    num_rows, num_heads, head_dim = q.shape
    group = num_heads // k.shape[0]
    hidden = torch.ones(num_rows, num_rows, dtype=torch.bool, device=q.device).triu_(1)
    queries = q.transpose(0, 1)
    step = num_heads if num_heads * num_rows**2 <= _WHOLE_SCORES else 1
    out = torch.empty_like(queries)
    for first in range(0, num_heads, step):
        heads = torch.arange(first, first + step, device=q.device)
        keys, values = k[heads // group], v[heads // group]
        scores = queries[first : first + step] @ keys.transpose(1, 2) * head_dim**-0.5
        scores.masked_fill_(hidden, float("-inf"))
        weights = scores.softmax(-1, dtype=torch.float32).to(q.dtype)
        out[first : first + step] = weights @ values
    return out
