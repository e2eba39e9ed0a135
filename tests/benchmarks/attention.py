"""How fast decode attention reads keys and values, and how that compares with another build.

Usage: python -m tests.benchmarks.attention [--threads 1,2] [--depths 2048,8192] [--rounds 9]
       [--library OTHER/realm_kernels.so]

Every call is one layer of one chat's decode step; layers take turns until 400 MB were read, so that
no key is still in a cache, and so do the builds and a plain sum over as much memory. Gives GB of keys
and values per second and thread, from the call that a fifth of the calls were faster than: on a busy
machine the median tells about the neighbours.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import torch

from realm_desktop.engine.attention.backend import AttentionShape
from realm_desktop.engine.attention.native import NativeAttention
from realm_desktop.engine.batch import Batch, Segment
from realm_desktop.engine.kernels.library import LIBRARY_PATH, choose_kernels, load_library
from realm_desktop.engine.kv_cache import KVCache
from realm_desktop.kv_blocks import BLOCK_SIZE
from realm_desktop.protocol import KV_CACHE_DTYPES, KVCacheDtype
from tests.support.attention_cases import CPU, small_spec

CYCLED_BYTES = 400 << 20

# Query heads, key/value heads, head_dim.
HEADS = {"Llama-1B": (32, 8, 64), "Qwen3-0.6B": (16, 8, 128)}

Work = Callable[[int], object]
"""What reads one layer."""


class Case(NamedTuple):
    """A chat at a depth.

    Attributes:
        works: What takes turns.
        num_layers: How many there are.
        layer_bytes: Keys and values that each reads.
    """

    works: dict[str, Work]
    num_layers: int
    layer_bytes: int


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--depths", default="2048,8192")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--library", type=Path, help="another build of the same version")
    arguments = parser.parse_args()
    builds = {"this": LIBRARY_PATH}
    if arguments.library:
        builds["other"] = arguments.library
    backends = {
        name: NativeAttention(choose_kernels(load_library(path), ""))
        for name, path in builds.items()
    }
    print("| heads | KV | depth | threads | " + " | ".join([*builds, "plain sum"]) + " |")
    print("|---" * (5 + len(builds)) + "|")
    for name, heads in HEADS.items():
        for storage in KV_CACHE_DTYPES:
            for depth in map(int, arguments.depths.split(",")):
                for threads in map(int, arguments.threads.split(",")):
                    torch.set_num_threads(threads)
                    case = make_case(backends, heads, storage, depth)
                    rates = measure(case, arguments.rounds)
                    cells = " | ".join(f"{rate / threads:.1f}" for rate in rates)
                    print(f"| {name} | {storage} | {depth} | {threads} | {cells} |", flush=True)


def make_case(
    backends: dict[str, NativeAttention],
    heads: tuple[int, int, int],
    storage: KVCacheDtype,
    depth: int,
) -> Case:
    """Random keys and values of as many layers as are needed."""
    num_blocks = -(-depth // BLOCK_SIZE)
    spec = small_spec(*heads)
    layer_bytes = num_blocks * KVCache.bytes_per_block(spec, torch.bfloat16, storage=storage)
    num_layers = CYCLED_BYTES // layer_bytes
    windows = (None,) * num_layers
    spec = replace(spec, num_layers=num_layers, layer_windows=windows)
    cache = KVCache(spec, num_blocks, torch.bfloat16, CPU, storage=storage)
    for layer in range(num_layers):
        values, scales = cache.stored(layer)
        if scales is None:
            values.normal_()
        else:
            values.random_(-127, 128)
            scales.fill_(0.01)
    empty = torch.zeros(1, dtype=torch.int64)
    segment = Segment(0, 1, depth - 1, tuple(range(num_blocks)))
    batch = Batch(empty, empty, empty, empty, (segment,))
    shape = AttentionShape(*heads, heads[2] ** -0.5, windows)
    q = torch.randn(1, heads[0], heads[2]).bfloat16()
    works: dict[str, Work] = {
        name: partial(backend.plan(shape, batch, cache).run, q=q)
        for name, backend in backends.items()
    }
    probe = torch.ones(num_layers, layer_bytes // 4)
    works["plain sum"] = lambda layer: probe[layer].sum()
    return Case(works, num_layers, layer_bytes)


def measure(case: Case, rounds: int) -> list[float]:
    """GB per second of each work."""
    times: dict[str, list[float]] = {name: [] for name in case.works}
    layer = 0
    for _ in range(rounds * case.num_layers):
        for name, work in case.works.items():
            layer = (layer + 1) % case.num_layers
            started_s = time.perf_counter()
            work(layer)
            times[name].append(time.perf_counter() - started_s)
    fast = [sorted(own)[len(own) // 5] for own in times.values()]
    return [case.layer_bytes / seconds / 1e9 for seconds in fast]


if __name__ == "__main__":
    main()
