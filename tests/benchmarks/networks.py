"""Decode of networks of many kinds, with and without experts, against llama.cpp.

Usage: python -m tests.benchmarks.networks [--networks olmo2,qwen3moe,...] [--types Q4_K,Q8_0]
       [--chats 1,8] [--rounds 5] [--tokens 24] [--threads 2] [--before CHECKOUT]
       [--llama-python INTERPRETER] [--limit 600]

Files of random weights are written by the benchmark and kept in the folder for temporary files (0.3 to
1.3 GB each). Every contestant loads once and is asked in turn, as in `cpu_llama`: one token of each chat
at a depth of 16, greedy, through the whole engine. The share of a plain read is that of the weights one
token of one chat makes the engine read: of a layer with experts only those that were chosen. --before
names another checkout of this project, whose engine is asked as well. On a machine that others use too
the least times of many short answers say most: --rounds 30 --tokens 6.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.contestant import Contestant, Question
from tests.benchmarks.cpu_llama import ROOT, Figures, close_all, shifted, spread
from tests.benchmarks.random_networks import SHAPES, bytes_per_token, write_network

OURS, BEFORE, THEIRS = "Realm", "before", "llama.cpp"
DEPTH = 16


def main() -> None:
    """Measure and print the table."""
    arguments = parsed_arguments()
    folder = Path(tempfile.gettempdir()) / "realm-bench-networks"
    folder.mkdir(exist_ok=True)
    print("| network | type | chats | Realm | share of a read | before | llama.cpp |")
    print("|---|---|---|---|---|---|---|")
    for name in arguments.networks.split(","):
        for kind in arguments.types.split(","):
            if kind == "Q4_K" and SHAPES[name].hidden % 256:
                continue  # its blocks have 256 values
            path = write_network(name, kind, folder / f"{name}-{kind}.gguf")
            for chats in map(int, arguments.chats.split(",")):
                print(line(name, kind, chats, path, arguments), flush=True)


def parsed_arguments() -> argparse.Namespace:
    """Of the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--networks", default=",".join(SHAPES))
    parser.add_argument("--types", default="Q4_K,Q8_0")
    parser.add_argument("--chats", default="1,8")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tokens", type=int, default=24, help="of each chat and answer")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--before", default="", help="another checkout")
    parser.add_argument("--limit", type=float, default=600.0, help="seconds for one answer")
    parser.add_argument("--llama-python", default=os.environ.get("REALM_LLAMA_PYTHON", ""))
    return parser.parse_args()


def line(name: str, kind: str, chats: int, path: Path, arguments: argparse.Namespace) -> str:
    """One line of the table."""
    figures = measure(chats, path, arguments)
    ours = [answer["seconds"] for answer in figures[OURS]]
    cells = [name, kind, str(chats), f"{rates(ours, chats)} tokens/s"]
    if chats == 1:
        num_bytes = bytes_per_token(name, kind)
        probes = [answer["bytes_per_s"] for answer in figures[OURS]]
        shares = [num_bytes / seconds / rate for seconds, rate in zip(ours, probes, strict=True)]
        best = num_bytes / min(ours) / max(probes)
        cells.append(f"{spread(shares)}, best {best:.2f} of {max(probes) / 1e9:.1f} GB/s")
    else:
        cells.append("")
    cells += [
        compared(ours, figures[other], chats) if figures[other] else ""
        for other in (BEFORE, THEIRS)
    ]
    return f"| {' | '.join(cells)} |"


def rates(seconds: Sequence[float], chats: int) -> str:
    """Tokens a second: the median, and the best."""
    return f"{chats / statistics.median(seconds):.1f}, best {chats / min(seconds):.1f}"


def compared(ours: Sequence[float], answers: Sequence[dict[str, float]], chats: int) -> str:
    """Tokens a second, and ratios, above 1 where we are faster."""
    theirs = [answer["seconds"] for answer in answers]
    ratios = [their / our for our, their in zip(ours, theirs, strict=True)]
    best = min(theirs) / min(ours)
    return f"{rates(theirs, chats)}; ratio {spread(ratios)}, of the best {best:.2f}"


def measure(chats: int, path: Path, arguments: argparse.Namespace) -> Figures:
    """Answers of all contestants that come up, round by round."""
    question: Question = {
        "work": "decode",
        "chats": chats,
        "depth": DEPTH,
        "tokens": arguments.tokens,
    }
    figures: Figures = {name: [] for name in (OURS, BEFORE, THEIRS)}
    contestants: list[Contestant] = []
    try:
        for name, (command, folder) in commands(chats, path, arguments).items():
            waiting = {} if name == THEIRS else {"OMP_WAIT_POLICY": "PASSIVE"}
            contestant = Contestant(name, command, folder, waiting, arguments.limit)
            if contestant.is_present:
                contestants.append(contestant)
                contestant.ask(question)  # reads prompts, prepares kernels
        for number in range(arguments.rounds):
            for each in shifted(contestants, number):
                answer = each.ask(question)
                if each.name == OURS:
                    answer |= each.ask({"work": "probe"})
                figures[each.name].append(answer)
        return figures
    finally:
        close_all(contestants)


def commands(
    chats: int, path: Path, arguments: argparse.Namespace
) -> dict[str, tuple[list[str], Path]]:
    """How each contestant is started, and where."""
    threads = str(arguments.threads)
    realm = [sys.executable, "-m", "tests.benchmarks.cpu_llama_realm", str(path), threads]
    found = {OURS: (realm, ROOT)}
    if arguments.before:
        found[BEFORE] = (realm, Path(arguments.before))
    if arguments.llama_python:
        room = [str(chats), str(DEPTH + 2 * arguments.tokens + chats)]
        module = [arguments.llama_python, "-m", "tests.benchmarks.cpu_llama_cpp"]
        found[THEIRS] = ([*module, str(path), threads, *room, "default"], ROOT)
    return found


if __name__ == "__main__":
    main()
