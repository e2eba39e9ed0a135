"""Throughput of 1 to 16 chats answered together against the same chats one after another.

Usage: python -m tests.benchmarks.batching [--rounds 5] [--chats 1,2,4,8,16] [--size 64,64]
       [--threads 2] [--model starter|llama-8m|llama-1b|PATH ...] [--gguf-types BF16,Q8_0]
       [--llama-python INTERPRETER]

Contestants, each in its own process, asked in turn for every number of chats: our engine,
transformers (continuous batching, and one padded `generate`) and llama.cpp through llama-cpp-python.
Every reply has the same length, greedy; times include the prompts. Prints for each contestant tokens
per second, the gain over one chat after another (N times the median time of one chat in the same
run; the goal is at least 3 at 8 chats), and our speed ÷ theirs, the median over the rounds.

llama-cpp-python lives in an environment of its own, given by --llama-python or the environment
variable REALM_LLAMA_PYTHON; without it that peer is left out. To make one (12 minutes on 2 cores):

    python -m venv PEERS
    CMAKE_ARGS="-DGGML_NATIVE=ON" PEERS/bin/pip install --no-binary llama-cpp-python llama-cpp-python

It reads the random models from GGUF files with the same weights, which are written beside them once
(1.2 GB in Q8_0 and 2.5 GB in BF16 for llama-1b, some minutes), and the starter model as it is. One
round takes about 30 s on the starter model and 5 minutes on llama-1b with 64,32 tokens on 2 cores.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.contestant import Contestant
from tests.benchmarks.random_models import SHAPES, default_folder, write_gguf, write_model
from tests.benchmarks.timed_engine import STARTER

ROOT = Path(__file__).parents[2]
OURS = "Realm"

Times = dict[str, dict[int, list[float]]]
"""Seconds of each round, by contestant and number of chats."""


def main() -> None:
    """Run every model and print its table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--chats", default="1,2,4,8,16")
    parser.add_argument("--size", default="64,64", help="prompt tokens,reply tokens")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--model", action="append")
    parser.add_argument("--gguf-types", default="BF16,Q8_0")
    parser.add_argument("--llama-python", default=os.environ.get("REALM_LLAMA_PYTHON", ""))
    arguments = parser.parse_args()
    counts = sorted({1, *map(int, arguments.chats.split(","))})
    for name in arguments.model or ("starter", "llama-1b"):
        contestants = [start() for start in _starters(name, arguments)]
        print(f"\n{name}, {arguments.size} prompt and reply tokens, {arguments.threads} threads")
        for each in contestants:
            print(f"  {each.name}: {each.title}")
        present = [each for each in contestants if each.is_present]
        times = _measure(present, counts, arguments.rounds)
        for each in contestants:
            each.close()
        _print_table(times, counts, int(arguments.size.split(",")[1]))


def _starters(name: str, arguments: argparse.Namespace) -> list[Callable[[], Contestant]]:
    """What starts each contestant; a peer without its environment is named and left out."""
    path, peer_files = _files(name, arguments)
    tail = [arguments.size, str(arguments.threads)]

    def starter(title: str, python: str, module: str, *more: str) -> Callable[[], Contestant]:
        command = [python, "-m", f"tests.benchmarks.{module}", *more]
        waiting = {"OMP_WAIT_POLICY": "PASSIVE"} if title == OURS else {}
        return lambda: Contestant(title, command, ROOT, waiting)

    # A small network is faster on one thread; the engine knows, so it is not told.
    own_threads = "0" if name == "starter" else str(arguments.threads)
    starters = [
        starter(OURS, sys.executable, "batching_realm", str(path), arguments.size, own_threads)
    ]
    for way in ("continuous", "padded"):
        peer = starter(
            f"transformers {way}", sys.executable, "batching_transformers", str(path), *tail, way
        )
        starters.append(peer)
    if not arguments.llama_python:
        print("llama-cpp-python is left out: give --llama-python (see the head of batching.py)")
    for kind, file in peer_files.items():
        python = arguments.llama_python
        starters.append(
            starter(f"llama.cpp {kind}", python, "batching_llama_cpp", str(file), *tail)
        )
    return starters


def _files(name: str, arguments: argparse.Namespace) -> tuple[Path, dict[str, Path]]:
    """The model for us and transformers, and the files for llama.cpp by tensor type."""
    if name not in SHAPES:
        path = STARTER / "starter.gguf" if name == "starter" else Path(name)
        is_read_by_peer = path.suffix == ".gguf" and arguments.llama_python
        return path, {"as it is": path} if is_read_by_peer else {}
    folder = write_model(name, default_folder(name))
    kinds = arguments.gguf_types.split(",") if arguments.llama_python else []
    return folder, {kind: write_gguf(name, folder, kind) for kind in kinds}


def _measure(contestants: list[Contestant], counts: list[int], rounds: int) -> Times:
    """Every number of chats, every contestant in turn; what comes first changes by round."""
    times: Times = {each.name: {count: [] for count in counts} for each in contestants}
    for each in contestants:  # libraries prepare their kernels
        for count in counts:
            each.seconds(count)
    for number in range(rounds):
        for count in counts:
            shift = number % len(contestants)
            for each in contestants[shift:] + contestants[:shift]:
                times[each.name][count].append(each.seconds(count))
    return times


def _print_table(times: Times, counts: list[int], num_reply_tokens: int) -> None:
    print("| chats | contestant | tokens/s | gain over one by one | Realm ÷ it |")
    print("|---|---|---|---|---|")
    for count in counts:
        for name, by_count in times.items():
            own = by_count[count]
            speed = count * num_reply_tokens / statistics.median(own)
            gain = count * statistics.median(by_count[1]) / statistics.median(own)
            ours = times[OURS][count]
            ratio = statistics.median(theirs / mine for theirs, mine in zip(own, ours, strict=True))
            print(f"| {count} | {name} | {speed:,.1f} | {gain:.2f} | {ratio:.2f} |")


if __name__ == "__main__":
    main()
