"""Times of all weight products of Llama-3.2-1B's shape: packed weights against dequantized ones.

Usage: python -m tests.benchmarks.cpu [--threads 2] [--rounds 7] [--rows 1,4,8,16,512] [--layers 16]

One pass runs every product of the network once, in order (16 layers and the head, 1.24 billion
weights), so that no weight is still in a cache. Contestants take turns in every round, together with
a probe that reads 1 GiB; the table gives medians, bytes read per second, and the ratio to dequantized
weights in bfloat16, which is what the engine computes with where it has no kernels. Weights are
random bits. Takes about 6 GB of memory.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor

from realm_desktop.engine.kernels.library import CpuKernels, find_kernels
from realm_desktop.engine.kernels.packed_matrix import PackedMatrix
from realm_desktop.engine.layers.linear import Linear
from realm_desktop.formats.tensor_types import TensorType
from tests.support.kernels import pack_whole, random_quantized

HIDDEN, INTERMEDIATE, KV, VOCABULARY = 2048, 8192, 512, 128256
PROBE_BYTES = 1 << 30
WARM_UP_ROUNDS = 1

Shape = tuple[int, int]


class Product(NamedTuple):
    """One product of a layer: its matrices, and whether a mixture gives them more bits."""

    shapes: tuple[Shape, ...]
    is_precise: tuple[bool, ...]


LAYER = (
    Product(((HIDDEN, HIDDEN), (KV, HIDDEN), (KV, HIDDEN)), (False, False, True)),
    Product(((HIDDEN, HIDDEN),), (False,)),
    Product(((INTERMEDIATE, HIDDEN), (INTERMEDIATE, HIDDEN)), (False, False)),
    Product(((HIDDEN, INTERMEDIATE),), (True,)),
)
HEAD = Product(((VOCABULARY, HIDDEN),), (True,))

# Usual type, and the type of what a mixture keeps more precisely, as in files of these names.
MIXTURES = {
    "Q4_0": (TensorType.Q4_0, TensorType.Q6_K),
    "Q4_K_M": (TensorType.Q4_K, TensorType.Q6_K),
    "Q8_0": (TensorType.Q8_0, TensorType.Q8_0),
}


class Contestant(NamedTuple):
    """A form of the weights."""

    name: str
    linears: list[Linear]

    @property
    def num_bytes(self) -> int:
        """Weights that one pass reads."""
        return sum(linear.num_bytes for linear in self.linears)


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--rows", default="1,4,8,16,512")
    parser.add_argument("--layers", type=int, default=16)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    kernels = find_kernels()
    products = [*LAYER * arguments.layers, HEAD]
    contestants = [dequantized(products)]
    contestants += [packed(kernels, name, products) for name in MIXTURES]
    probe = torch.ones(PROBE_BYTES // 4)
    print(f"{kernels.name}, {arguments.threads} threads, {arguments.rounds} rounds")
    print("| rows | weights | MB | ms | GB/s | probe GB/s | rows/s | times bf16 |")
    print("|---|---|---|---|---|---|---|---|")
    for rows in map(int, arguments.rows.split(",")):
        # A long pass needs no repetition to be told from a short one.
        rounds = arguments.rounds if rows < 64 else min(arguments.rounds, 3)
        print_times(rows, contestants, probe, rounds)


def dequantized(products: Sequence[Product]) -> Contestant:
    """The weights in bfloat16, prepacked."""
    linears = []
    for product in products:
        rows = sum(shape[0] for shape in product.shapes)
        linears.append(Linear(torch.full((rows, product.shapes[0][1]), 0.01, dtype=torch.bfloat16)))
    return Contestant("bf16", linears)


def packed(kernels: CpuKernels, name: str, products: Sequence[Product]) -> Contestant:
    """The weights in a mixture of tensor types, each matrix in memory of its own."""
    usual, precise = MIXTURES[name]

    def pack(shape: Shape, *, is_precise: bool) -> PackedMatrix:
        return pack_whole(kernels, random_quantized(precise if is_precise else usual, shape))

    linears = []
    for index, product in enumerate(products):
        # Files of type Q4_0 have one precise matrix, the head; the K mixtures every second of them.
        is_mixed = product is HEAD or (name != "Q4_0" and index // len(LAYER) % 2 == 0)
        matrices = [
            pack(shape, is_precise=is_precise and is_mixed)
            for shape, is_precise in zip(product.shapes, product.is_precise, strict=True)
        ]
        linears.append(Linear(tuple(matrices)))
    return Contestant(name, linears)


def print_times(
    rows: int, contestants: Sequence[Contestant], probe: Tensor, num_rounds: int
) -> None:
    """One line of the table for each contestant."""
    inputs = {width: torch.randn(rows, width).bfloat16() for width in (HIDDEN, INTERMEDIATE)}
    times: dict[str, list[float]] = {contestant.name: [] for contestant in contestants}
    probes = []
    with torch.inference_mode():
        for index in range(WARM_UP_ROUNDS + num_rounds):
            probe_s = timed(probe.sum)
            found = {c.name: timed(partial(run_pass, c, inputs)) for c in contestants}
            if index >= WARM_UP_ROUNDS:
                probes.append(probe_s)
                for name, seconds in found.items():
                    times[name].append(seconds)
    base_s = statistics.median(times["bf16"])
    probe_rate = PROBE_BYTES / statistics.median(probes) / 1e9
    for contestant in contestants:
        median_s = statistics.median(times[contestant.name])
        print(
            f"| {rows} | {contestant.name} | {contestant.num_bytes / 1e6:,.0f}"
            f" | {median_s * 1e3:.1f} | {contestant.num_bytes / median_s / 1e9:.1f}"
            f" | {probe_rate:.1f} | {rows / median_s:.1f} | {base_s / median_s:.2f} |",
            flush=True,
        )


def run_pass(contestant: Contestant, inputs: dict[int, Tensor]) -> None:
    """Every product once, in order."""
    for linear in contestant.linears:
        linear(inputs[linear.in_features])


def timed(work: Callable[[], object]) -> float:
    """Seconds that a call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
