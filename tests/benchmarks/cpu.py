"""Times of all weight products of Llama-3.2-1B's shape: packed weights against dequantized ones.

Usage: python -m tests.benchmarks.cpu [--threads 2] [--rounds 7] [--rows 1,4,8,16,512] [--layers 16]
                                      [--weights Q4_0,Q4_K_M,Q8_0]

`--weights` takes the mixtures of files (below) and the names of tensor types, all matrices being of
that type then.

One pass runs every product of the network once, in order (16 layers and the head, 1.24 billion
weights), so that no weight is still in a cache. Contestants take turns in every round, together with
a probe that reads 1 GiB; the table gives medians, bytes read per second, and the speed as a multiple of
that of dequantized weights in bfloat16, which is what the engine computes with where it has no kernels,
and of the first kind of packed weights. Weights are random bits. Takes 4 GB of memory and half to one
for each kind of weights.
"""

from __future__ import annotations

import argparse
import random
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
from realm_desktop.engine.quant.sample_blocks import random_quantized
from realm_desktop.formats.tensor_types import TensorType
from tests.support.kernels import pack_whole

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


class Mixture(NamedTuple):
    """Tensor types of a file.

    Attributes:
        usual: Of most matrices.
        precise: Of those that get more bits, in every layer or in every second one.
        head: Of the head.
    """

    usual: TensorType
    precise: TensorType
    head: TensorType
    is_every_layer: bool = True


# Files of these names, as llama.cpp's quantizer makes them but for a few layers.
MIXTURES = {
    "Q4_0": Mixture(TensorType.Q4_0, TensorType.Q4_0, TensorType.Q6_K),
    "Q4_K_M": Mixture(TensorType.Q4_K, TensorType.Q6_K, TensorType.Q6_K, is_every_layer=False),
    "Q2_K": Mixture(TensorType.Q2_K, TensorType.Q3_K, TensorType.Q6_K),
    "Q3_K_M": Mixture(TensorType.Q3_K, TensorType.Q4_K, TensorType.Q6_K),
    "IQ4_XS": Mixture(TensorType.IQ4_XS, TensorType.IQ4_XS, TensorType.Q6_K),
    "IQ2_XS": Mixture(TensorType.IQ2_XS, TensorType.Q2_K, TensorType.Q6_K),
    "MXFP4": Mixture(TensorType.MXFP4, TensorType.MXFP4, TensorType.Q8_0),
}


def of_one_type(tensor_type: TensorType) -> Mixture:
    """All matrices alike."""
    return Mixture(tensor_type, tensor_type, tensor_type)


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
    parser.add_argument("--weights", default="Q4_0,Q4_K_M,Q8_0")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    kernels = find_kernels()
    products = [*LAYER * arguments.layers, HEAD]
    contestants = [dequantized(products)]
    contestants += [packed(kernels, name, products) for name in arguments.weights.split(",")]
    probe = torch.ones(PROBE_BYTES // 4)
    print(f"{kernels.name}, {arguments.threads} threads, {arguments.rounds} rounds")
    first = contestants[1].name
    print(f"| rows | weights | MB | ms | GB/s | probe GB/s | rows/s | times bf16 | times {first} |")
    print("|---|---|---|---|---|---|---|---|---|")
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
    """The weights in a mixture of tensor types or in one, each matrix in memory of its own."""
    mixture = MIXTURES[name] if name in MIXTURES else of_one_type(TensorType(name))

    def pack(shape: Shape, index: int, *, is_precise: bool) -> PackedMatrix:
        is_mixed = is_precise and (mixture.is_every_layer or index // len(LAYER) % 2 == 0)
        tensor_type = mixture.precise if is_mixed else mixture.usual
        if shape == HEAD.shapes[0]:
            tensor_type = mixture.head
        return pack_whole(kernels, random_quantized(tensor_type, shape))

    linears = []
    for index, product in enumerate(products):
        matrices = [
            pack(shape, index, is_precise=is_precise)
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
            # In another order each time: the one behind bf16 finds all caches full of it.
            order = random.Random(index).sample(contestants, len(contestants))
            found = {c.name: timed(partial(run_pass, c, inputs)) for c in order}
            if index >= WARM_UP_ROUNDS:
                probes.append(probe_s)
                for name, seconds in found.items():
                    times[name].append(seconds)
    base_s, packed_s = (statistics.median(times[contestant.name]) for contestant in contestants[:2])
    probe_rate = PROBE_BYTES / statistics.median(probes) / 1e9
    for contestant in contestants:
        median_s = statistics.median(times[contestant.name])
        print(
            f"| {rows} | {contestant.name} | {contestant.num_bytes / 1e6:,.0f}"
            f" | {median_s * 1e3:.1f} | {contestant.num_bytes / median_s / 1e9:.1f}"
            f" | {probe_rate:.1f} | {rows / median_s:.1f} | {base_s / median_s:.2f}"
            f" | {packed_s / median_s:.2f} |",
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
