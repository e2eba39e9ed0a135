"""The engine on the CPU against llama.cpp: the same file, the same threads, in turn.

Usage: python -m tests.benchmarks.cpu_llama [--rounds 5] [--threads 2] [--types Q4_0,Q4_K_M,Q8_0]
       [--cells decode,prefill,depth,rows,start] [--llama-python INTERPRETER] [--limit 600]
       [--shape llama-1b]

Random weights, by default of Llama-3.2-1B's shape, quantized by llama.cpp itself and kept in the folder for
temporary files (2.5 GB, and once some minutes). Every cell of the table has processes of its own, one
for each contestant, that are asked in turn; what comes first changes by round. One that takes longer
than the limit for an answer is killed and its cell says so. A `decode` cell is one token of each chat
through the whole engine, greedy; llama.cpp's is `llama_decode` and an argmax of NumPy. `rows` is one
pass over so many rows of one chat, as a draft is verified, without sampling. `start` is the second
start: from the request to load to the first token of 16. Prefill is also compared with llama.cpp
without its run-time layout of weights, the faster of its settings for some types.

For llama-cpp-python's environment see `batching`. On 2 cores a run takes about 15 minutes for each type
without `depth`, which takes as long again.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, TypeVar

from tests.benchmarks.contestant import Answer, Contestant, Question
from tests.benchmarks.random_models import (
    SHAPES,
    default_folder,
    gguf_path,
    write_gguf,
    write_model,
)

ROOT = Path(__file__).parents[2]
OURS, THEIRS, PLAIN = "Realm", "llama.cpp", "llama.cpp plain"
DECODED_TOKENS = 24
DEPTH, LONG_DEPTH = 2048, 8000  # the network has 8192 positions
START_TOKENS = 16
MOST_ROW_COST = 1.15


class Cell(NamedTuple):
    """One line of the table for each tensor type.

    Attributes:
        group: What --cells calls it.
        name: For the table.
        question: What contestants are asked.
        tokens: Tokens a second are this over the seconds of the answer; 0 for other figures.
        num_chats, num_tokens: What room a contestant needs.
        goal: Of the ratio to llama.cpp, by tensor type.
        peers: With whom it is compared.
        is_start: Whether each answer takes fresh processes.
    """

    group: str
    name: str
    question: Question
    tokens: int
    num_chats: int
    num_tokens: int
    goal: tuple[float, float, float]
    peers: tuple[str, ...] = (THEIRS,)
    is_start: bool = False


def decode_cell(group: str, chats: int, depth: int, goal: tuple[float, float, float]) -> Cell:
    """One token of each chat at a depth."""
    question: Question = {
        "work": "decode",
        "chats": chats,
        "depth": depth,
        "tokens": DECODED_TOKENS,
    }
    name = f"decode {chats} at {depth}"
    return Cell(group, name, question, chats, chats, depth + 2 * DECODED_TOKENS, goal)


def prefill_cell(tokens: int) -> Cell:
    """A prompt up to its first token."""
    question: Question = {"work": "prefill", "tokens": tokens}
    goal = (1.8, 1.8, 1.8)
    return Cell(
        "prefill", f"prefill {tokens}", question, tokens, 1, tokens + 1, goal, (THEIRS, PLAIN)
    )


def rows_cell(rows: int) -> Cell:
    """One pass over some rows of one chat."""
    question: Question = {"work": "rows", "rows": rows, "depth": 64, "tokens": DECODED_TOKENS}
    return Cell("rows", f"{rows} rows of 1", question, rows, 1, 256, (1.0, 1.0, 1.0))


CELLS = (
    decode_cell("decode", 1, 16, (1.0, 1.0, 1.0)),
    decode_cell("decode", 4, 16, (2.2, 2.2, 1.8)),
    decode_cell("decode", 8, 16, (3.5, 3.5, 2.5)),
    decode_cell("decode", 16, 16, (2.5, 2.5, 2.5)),
    rows_cell(4),
    prefill_cell(512),
    prefill_cell(2048),
    Cell(
        "start",
        "start",
        {"work": "start", "tokens": START_TOKENS},
        0,
        1,
        256,
        (1 / 0.7, 1 / 0.7, 1 / 0.7),
        is_start=True,
    ),
    decode_cell("depth", 1, DEPTH, (1.4, 1.4, 1.4)),
    decode_cell("depth", 1, LONG_DEPTH, (2.0, 2.0, 2.0)),
    decode_cell("depth", 4, LONG_DEPTH, (2.0, 2.0, 2.0)),
)
TYPES = ("Q4_0", "Q4_K_M", "Q8_0")

Item = TypeVar("Item")
Figures = dict[str, list[Answer]]
"""What each contestant answered, round by round."""


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--types", default=",".join(TYPES))
    parser.add_argument("--cells", default="decode,prefill,depth,rows,start")
    parser.add_argument("--shape", choices=SHAPES, default="llama-1b")
    parser.add_argument("--limit", type=float, default=600.0, help="seconds for one answer")
    parser.add_argument("--llama-python", default=os.environ.get("REALM_LLAMA_PYTHON", ""))
    arguments = parser.parse_args()
    if not arguments.llama_python:
        parser.error("give --llama-python or REALM_LLAMA_PYTHON (see the head of batching.py)")
    kinds, groups = arguments.types.split(","), arguments.cells.split(",")
    files = {kind: model_file(arguments.shape, kind, arguments.llama_python) for kind in kinds}
    print("| type | cell | Realm | llama.cpp | ratio (least to greatest) | goal |")
    print("|---|---|---|---|---|---|")
    for kind in kinds:
        for cell in CELLS:
            if cell.group in groups:
                bench = Bench(files[kind], arguments)
                print_lines(kind, cell, bench)


def model_file(shape: str, kind: str, llama_python: str) -> Path:
    """The file of a type, made by llama.cpp from the weights in bfloat16; kept once written."""
    folder = default_folder(shape)
    path = gguf_path(shape, folder, kind)
    if not path.exists():
        source = write_gguf(shape, write_model(shape, folder), "BF16")
        command = [llama_python, "-m", "tests.benchmarks.cpu_llama_cpp", "quantize"]
        subprocess.run(
            [*command, str(source), str(path), kind], cwd=ROOT, check=True, capture_output=True
        )
    return path


class Bench:
    """Starts contestants for one file.

    Args:
        path: What they load.
        arguments: Of the command line.
    """

    def __init__(self, path: Path, arguments: argparse.Namespace) -> None:
        self.path = path
        self.rounds: int = arguments.rounds
        self._limit_s: float = arguments.limit
        self._threads = str(arguments.threads)
        self._llama_python: str = arguments.llama_python

    def start(self, name: str, cell: Cell) -> Contestant:
        """A fresh contestant.

        Raises:
            RuntimeError: It did not come up.
        """
        command, waiting = self._command(name, cell)
        contestant = Contestant(name, command, ROOT, waiting, self._limit_s)
        if not contestant.is_present:
            raise RuntimeError(f"{name}: {contestant.title}")
        return contestant

    def _command(self, name: str, cell: Cell) -> tuple[list[str], dict[str, str]]:
        if name == OURS:
            module = [sys.executable, "-m", "tests.benchmarks.cpu_llama_realm"]
            # As the app starts its engine process.
            return [*module, str(self.path), self._threads], {"OMP_WAIT_POLICY": "PASSIVE"}
        module = [self._llama_python, "-m", "tests.benchmarks.cpu_llama_cpp"]
        room = [str(cell.num_chats), str(cell.num_tokens)]
        plan = "plain" if name == PLAIN else "default"
        return [*module, str(self.path), self._threads, *room, plan], {}


def print_lines(kind: str, cell: Cell, bench: Bench) -> None:
    """The line of a cell, or several; a contestant that fails costs this cell alone."""
    memory: dict[str, float] = {}
    try:
        figures = measure_starts(cell, bench, memory) if cell.is_start else measure(cell, bench)
    except RuntimeError as error:
        print(f"| {kind} | {cell.name} | not measured: {error} | | | |", flush=True)
        return
    goal = cell.goal[TYPES.index(kind)] if kind in TYPES else 1.0
    for peer in cell.peers:
        ours, theirs = ([answer["seconds"] for answer in figures[name]] for name in (OURS, peer))
        print_line(kind, cell, ours, theirs, goal, peer)
    if cell.group == "rows":
        print_row_costs(kind, cell, figures)
    if memory:
        print_memory(kind, memory, bench.path.stat().st_size)


def print_row_costs(kind: str, cell: Cell, figures: Figures) -> None:
    """How much longer a pass takes with all rows than with one."""
    ours, theirs = (
        statistics.median(answer["seconds"] / answer["one_s"] for answer in figures[name])
        for name in (OURS, THEIRS)
    )
    name = f"{cell.name} ÷ 1 row"
    print(
        f"| {kind} | {name} | {ours:.2f} | {theirs:.2f} | | at most {MOST_ROW_COST} |", flush=True
    )


def print_memory(kind: str, memory: dict[str, float], file_bytes: int) -> None:
    """The peaks of the last start."""
    ours, theirs = (
        f"{memory[name] / 1e6:,.0f} MB, {memory[name] / file_bytes:.2f} of the file"
        for name in (OURS, THEIRS)
    )
    allowed = 1.1 + 350e6 / file_bytes
    print(f"| {kind} | peak memory | {ours} | {theirs} | | at most {allowed:.2f} |", flush=True)


def print_line(
    kind: str, cell: Cell, ours: Sequence[float], theirs: Sequence[float], goal: float, peer: str
) -> None:
    """Medians, and the median of each round's ratio, above 1 where we are faster."""
    ratios = [their / our for our, their in zip(ours, theirs, strict=True)]
    middle, low, high = statistics.median(ratios), min(ratios), max(ratios)
    name = cell.name if peer == THEIRS else f"{cell.name} ({peer})"
    print(
        f"| {kind} | {name} | {in_words(cell, ours)} | {in_words(cell, theirs)}"
        f" | {middle:.2f} ({low:.2f} to {high:.2f}) | {goal:.2f} |",
        flush=True,
    )


def in_words(cell: Cell, seconds: Sequence[float]) -> str:
    """The median: tokens a second, and milliseconds."""
    middle = statistics.median(seconds)
    if cell.tokens == 0:
        return f"{middle:.2f} s"
    return f"{cell.tokens / middle:,.1f} tokens/s, {middle * 1e3:,.1f} ms"


def measure(cell: Cell, bench: Bench) -> Figures:
    """Contestants that load once and are asked in turn.

    Raises:
        RuntimeError: One of them failed.
    """
    names = (OURS, *cell.peers)
    contestants: list[Contestant] = []
    try:
        for name in names:
            contestants.append(bench.start(name, cell))
            contestants[-1].ask(cell.question)  # reads prompts, prepares kernels
        figures: Figures = {name: [] for name in names}
        for number in range(bench.rounds):
            for each in shifted(contestants, number):
                figures[each.name].append(each.ask(cell.question))
        return figures
    finally:
        close_all(contestants)


def measure_starts(cell: Cell, bench: Bench, memory: dict[str, float]) -> Figures:
    """Contestants that start for every answer; their first start does not count.

    Raises:
        RuntimeError: One of them failed.
    """
    names = (OURS, *cell.peers)
    figures: Figures = {name: [] for name in names}
    for number in range(1 + bench.rounds):
        for name in shifted(names, number):
            contestant = bench.start(name, cell)
            try:
                answer = contestant.ask(cell.question)
                memory[name] = contestant.ask({"work": "memory"})["bytes"]
            finally:
                close_all([contestant])
            if number > 0:
                figures[name].append(answer)
    return figures


def shifted(items: Sequence[Item], count: int) -> list[Item]:
    """The items, begun with another one each time."""
    first = count % len(items)
    return [*items[first:], *items[:first]]


def close_all(contestants: Iterable[Contestant]) -> None:
    """Let all end."""
    for each in contestants:
        with suppress(OSError):
            each.close()


if __name__ == "__main__":
    main()
