"""What int8 keys and values cost in accuracy and time, beside those in the compute dtype.

Usage: python -m tests.benchmarks.kv_cache [--model FILE] [--tokens 600] [--threads 2] [--rounds 15]
       [--depths 1024,4096]

Accuracy: logits at every position of held-out conversations of the starter model (of random tokens
for another model), once per KV type, each conversation computed in one go. Time: attention of one
decode row in one layer of Llama-3.2-1B's shape (32 query heads, 8 key/value heads, head_dim 64), KV
types interleaved in every round; prints medians and their ratio.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

import realm_desktop
from realm_desktop.engine.attention.backend import AttentionShape
from realm_desktop.engine.attention.cpu import CpuAttention
from realm_desktop.engine.batch import Batch, Segment
from realm_desktop.engine.engine import Engine
from realm_desktop.engine.kv_cache import KVCache
from realm_desktop.engine.options import ComputeDtype, EngineOptions
from realm_desktop.kv_blocks import BLOCK_SIZE
from realm_desktop.protocol import KV_CACHE_DTYPES, GenerateRequest, LoadModel, RequestId
from resources.starter.corpus.build import validation_conversations
from resources.starter.corpus.conversation import to_chatml
from tests.support.attention_cases import CPU, small_spec

STARTER = Path(realm_desktop.__file__).parents[1] / "resources" / "starter" / "starter.gguf"
_RANDOM_PROMPT_TOKENS = 200
_DTYPES: tuple[ComputeDtype, ...] = ("bfloat16", "float32")

Logits = list[NDArray[np.float64]]


class Difference(NamedTuple):
    """How far logits are from those with keys and values in the compute dtype."""

    num_positions: int
    max_logit: float
    mean_logit: float
    mean_kl: float
    max_kl: float
    same_best: float


def main() -> None:
    """Measure and print both tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", type=Path, default=STARTER)
    parser.add_argument("--tokens", type=int, default=600)
    parser.add_argument("--threads", type=int, default=None)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--depths", default="1024,4096")
    arguments = parser.parse_args()
    print("| compute | KV | bytes/token | max logit | mean logit | mean KL | max KL | same best |")
    print("|---|---|---|---|---|---|---|---|")
    for dtype in _DTYPES:
        _print_accuracy(arguments.model, dtype, arguments.tokens, arguments.threads)
    print("\n| compute | depth | plain (ms) | int8 (ms) | ratio | smallest | largest |")
    print("|---|---|---|---|---|---|---|")
    for dtype in _DTYPES:
        for depth in map(int, arguments.depths.split(",")):
            _print_times(getattr(torch, dtype), depth, arguments.rounds)


def _print_accuracy(model: Path, dtype: ComputeDtype, num_tokens: int, threads: int | None) -> None:
    plain: Logits = []
    for kv_cache_dtype in KV_CACHE_DTYPES:
        engine = Engine(EngineOptions(compute_dtype=dtype))
        command = LoadModel(str(model), "cpu", threads, kv_cache_dtype=kv_cache_dtype)
        info = engine.load(command, lambda phase, fraction: None)
        logits = [
            engine.prompt_logits(ids).astype(np.float64) for ids in _texts(engine, num_tokens)
        ]
        plain = plain or logits
        found = compare(plain, logits)
        print(
            f"| {dtype} | {info.kv_cache_dtype} | {info.kv_bytes / info.kv_pool_tokens:,.0f}"
            f" | {found.max_logit:.4f} | {found.mean_logit:.5f} | {found.mean_kl:.2e}"
            f" | {found.max_kl:.2e} | {found.same_best:.2%} of {found.num_positions} |"
        )


def _texts(engine: Engine, num_tokens: int) -> list[list[int]]:
    """Token ids of texts, so many together or a little more."""
    info = engine.info
    assert info is not None
    texts: list[list[int]] = []
    conversations = validation_conversations(num_tokens)
    generator = random.Random(1)
    while sum(map(len, texts)) < num_tokens:
        if Path(info.path) == STARTER:
            text = to_chatml(next(conversations))
            request = GenerateRequest(RequestId("text"), prompt=text)
            texts.append(list(engine.prepare(request).prompt_ids)[: info.context_length - 1])
        else:
            ids = range(info.vocabulary_size)
            texts.append(generator.choices(ids, k=_RANDOM_PROMPT_TOKENS))
    return texts


def compare(expected: Logits, found: Logits) -> Difference:
    """Over all positions of all texts; KL divergences are of `found` from `expected`, in nats."""
    wanted, given = np.concatenate(expected), np.concatenate(found)
    distance = np.abs(wanted - given)
    log_p, log_q = _log_softmax(wanted), _log_softmax(given)
    kl = (np.exp(log_p) * (log_p - log_q)).sum(1)
    same = wanted.argmax(1) == given.argmax(1)
    return Difference(
        len(wanted),
        float(distance.max()),
        float(distance.mean()),
        float(kl.mean()),
        float(kl.max()),
        float(same.mean()),
    )


def _log_softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    shifted = logits - logits.max(1, keepdims=True)
    result: NDArray[np.float64] = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
    return result


def _print_times(dtype: torch.dtype, depth: int, rounds: int) -> None:
    passes = [_attention_pass(dtype, depth, kv) for kv in ("auto", "int8")]
    seconds = [[_time(run) for run in passes] for _ in range(rounds + 1)][1:]  # the first warms up
    plain, small = (statistics.median(column) * 1e3 for column in zip(*seconds, strict=True))
    ratios = [int8 / auto for auto, int8 in seconds]
    print(
        f"| {str(dtype).removeprefix('torch.')} | {depth} | {plain:.3f} | {small:.3f}"
        f" | {statistics.median(ratios):.2f} | {min(ratios):.2f} | {max(ratios):.2f} |"
    )


def _attention_pass(dtype: torch.dtype, depth: int, storage: str) -> Callable[[], object]:
    """Attention of one decode row behind `depth` positions."""
    heads, kv_heads, head_dim = 32, 8, 64
    num_blocks = depth // BLOCK_SIZE + 1
    spec = small_spec(heads, kv_heads, head_dim)
    cache = KVCache(spec, num_blocks, dtype, CPU, storage="int8" if storage == "int8" else "auto")
    k, v = torch.randn(2, depth, kv_heads, head_dim).to(dtype)
    cache.write(0, torch.arange(depth), k, v)
    row = torch.zeros(1, dtype=torch.int64)
    segment = Segment(0, 1, depth - 1, tuple(range(num_blocks)))
    shape = AttentionShape(heads, kv_heads, head_dim, head_dim**-0.5, (None,))
    plan = CpuAttention().plan(shape, Batch(row, row, row, row, (segment,)), cache)
    q = torch.randn(1, heads, head_dim).to(dtype)
    return lambda: plan.run(0, q)


def _time(run: Callable[[], object], repeats: int = 20) -> float:
    """Seconds of one pass."""
    with torch.inference_mode():
        started_s = time.perf_counter()
        for _ in range(repeats):
            run()
        return (time.perf_counter() - started_s) / repeats


if __name__ == "__main__":
    main()
