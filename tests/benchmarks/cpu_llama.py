"""The engine on the CPU against llama.cpp: the same file, the same threads, in turn.

Usage: python -m tests.benchmarks.cpu_llama [--rounds 3] [--threads 2] [--suites main,types,qwen,8m]
       [--types Q4_0,Q4_K_M,...] [--cells decode,rows,start,prefill,depth]
       [--llama-python INTERPRETER] [--limit 600] [--make-files]

Random weights of real shapes, quantized by llama.cpp itself and kept in the folder for temporary files
(2.5 GB for Llama-3.2-1B's, 1.2 GB for Qwen3-0.6B's, and once some minutes: --make-files does nothing
else). Every cell of the table has processes of its own, one for each contestant, that are asked in turn;
what comes first changes by round. One that takes longer than the limit for an answer is killed and its
cell says so. A `decode` cell is one token of each chat through the whole engine, greedy; llama.cpp's is
`llama_decode` and an argmax of NumPy. For one chat the weights it reads in a second are set beside a
plain read of 1 GB by as many threads, taken between the answers. `rows` is one pass over so many rows of
one chat, as a draft is verified, without sampling. `start` is the second start: from the request to load
to the first token of 16, and the most memory each process held; ours keeps packed weights beside the files,
which its first start, that does not count, writes. Prefill is also compared with llama.cpp
without its run-time layout of weights, the faster of its settings for some types.

`long-prefill` (2048 tokens), `long-depth` and `long-depth-4` (1 and 4 chats at 8000) take minutes for each
type and run when --cells names them. For llama-cpp-python's environment see `batching`.
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
from typing import TypeVar

from tests.benchmarks.contestant import Answer, Contestant
from tests.benchmarks.cpu_llama_cells import (
    BEST_OF_PEER_GOAL,
    LEAST_BANDWIDTH,
    MOST_ROW_COST,
    OURS,
    PLAIN,
    SUITES,
    THEIRS,
    Cell,
)
from tests.benchmarks.random_models import default_folder, gguf_path, write_gguf, write_model

ROOT = Path(__file__).parents[2]
LONG_GROUPS = ("long-prefill", "long-depth", "long-depth-4")

Item = TypeVar("Item")
Figures = dict[str, list[Answer]]
"""What each contestant answered, round by round."""


def main() -> None:
    """Measure and print the table."""
    arguments = parsed_arguments()
    wanted_kinds = arguments.types.split(",") if arguments.types else None
    groups = arguments.cells.split(",")
    work = [
        (suite, kind)
        for suite in SUITES
        for kind in suite.kinds
        if suite.name in arguments.suites.split(",") and (not wanted_kinds or kind in wanted_kinds)
    ]
    files = [model_file(suite.shape, kind, arguments.llama_python) for suite, kind in work]
    if arguments.make_files:
        return
    print("| shape | type | cell | Realm | llama.cpp | ratio (least to greatest) | goal |")
    print("|---|---|---|---|---|---|---|")
    for (suite, kind), path in zip(work, files, strict=True):
        for cell in suite.cells:
            if cell.group in groups:
                print_lines(Lines(suite.shape, kind, cell), Bench(path, arguments))


def parsed_arguments() -> argparse.Namespace:
    """Of the command line."""
    short = dict.fromkeys(cell.group for suite in SUITES for cell in suite.cells)
    groups = ",".join(group for group in short if group not in LONG_GROUPS)
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--suites", default=",".join(suite.name for suite in SUITES))
    parser.add_argument("--types", default="", help="of files; all without it")
    parser.add_argument("--cells", default=groups)
    parser.add_argument("--limit", type=float, default=600.0, help="seconds for one answer")
    parser.add_argument("--llama-python", default=os.environ.get("REALM_LLAMA_PYTHON", ""))
    parser.add_argument("--make-files", action="store_true", help="write missing files, and end")
    arguments = parser.parse_args()
    if not arguments.llama_python:
        parser.error("give --llama-python or REALM_LLAMA_PYTHON (see the head of batching.py)")
    return arguments


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
            folder = [str(self.path.parent / "packed")] if cell.is_start else []
            return [*module, str(self.path), self._threads, *folder], {"OMP_WAIT_POLICY": "PASSIVE"}
        module = [self._llama_python, "-m", "tests.benchmarks.cpu_llama_cpp"]
        room = [str(cell.num_chats), str(cell.num_tokens)]
        plan = "plain" if name == PLAIN else "default"
        return [*module, str(self.path), self._threads, *room, plan], {}


class Lines:
    """Prints the lines of one cell.

    Args:
        shape, kind: Of the file.
        cell: Of the table.
    """

    def __init__(self, shape: str, kind: str, cell: Cell) -> None:
        self.kind = kind
        self.cell = cell
        self._head = f"| {shape} | {kind} |"

    def say(self, name: str, ours: str, theirs: str = "", ratio: str = "", goal: str = "") -> None:
        """One line."""
        print(f"{self._head} {name} | {ours} | {theirs} | {ratio} | {goal} |", flush=True)

    def compare(self, figures: Figures, peer: str) -> None:
        """Medians, and the median of each round's ratio, above 1 where we are faster."""
        cell = self.cell
        ours, theirs = ([answer["seconds"] for answer in figures[name]] for name in (OURS, peer))
        ratios = [their / our for our, their in zip(ours, theirs, strict=True)]
        goal = BEST_OF_PEER_GOAL if peer == PLAIN else cell.goal_of(self.kind)
        name = cell.name if peer == THEIRS else f"{cell.name} ({peer})"
        self.say(name, in_words(cell, ours), in_words(cell, theirs), spread(ratios), f"{goal:.2f}")

    def share_of_bandwidth(self, figures: Figures) -> None:
        """Weights read in a second beside a plain read in the same round."""
        answers = figures[OURS]
        rates = [answer["weights_bytes"] / answer["seconds"] / 1e9 for answer in answers]
        probes = [answer["bytes_per_s"] / 1e9 for answer in answers]
        shares = [rate / probe for rate, probe in zip(rates, probes, strict=True)]
        ours = f"{statistics.median(rates):.1f} GB/s of {statistics.median(probes):.1f}"
        name = f"{self.cell.name}, share of a plain read"
        self.say(name, ours, "", spread(shares), f"{LEAST_BANDWIDTH:.2f}")

    def row_costs(self, figures: Figures) -> None:
        """How much longer a pass takes with all rows than with one."""
        ours, theirs = (
            statistics.median(answer["seconds"] / answer["one_s"] for answer in figures[name])
            for name in (OURS, THEIRS)
        )
        goal = f"at most {MOST_ROW_COST}"
        self.say(f"{self.cell.name} ÷ 1 row", f"{ours:.2f}", f"{theirs:.2f}", "", goal)

    def memory(self, figures: Figures, file_bytes: int) -> None:
        """The greatest peaks of all starts."""
        peaks = (max(answer["peak_bytes"] for answer in figures[name]) for name in (OURS, THEIRS))
        ours, theirs = (
            f"{peak / 1e6:,.0f} MB, {peak / file_bytes:.2f} of the file" for peak in peaks
        )
        allowed = 1.1 + 350e6 / file_bytes
        self.say("peak memory", ours, theirs, "", f"at most {allowed:.2f}")


def print_lines(lines: Lines, bench: Bench) -> None:
    """The line of a cell, or several; a contestant that fails costs this cell alone."""
    cell = lines.cell
    try:
        figures = measure_starts(cell, bench) if cell.is_start else measure(cell, bench)
    except RuntimeError as error:
        lines.say(cell.name, f"not measured: {error}")
        return
    for peer in cell.peers:
        lines.compare(figures, peer)
    if cell.has_probe:
        lines.share_of_bandwidth(figures)
    if cell.group == "rows":
        lines.row_costs(figures)
    if cell.is_start:
        lines.memory(figures, bench.path.stat().st_size)


def spread(ratios: Sequence[float]) -> str:
    """Median, least and greatest."""
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


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
                answer = each.ask(cell.question)
                if cell.has_probe and each.name == OURS:
                    answer |= each.ask({"work": "probe"})
                figures[each.name].append(answer)
        return figures
    finally:
        close_all(contestants)


def measure_starts(cell: Cell, bench: Bench) -> Figures:
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
                answer = contestant.ask(cell.question) | contestant.ask({"work": "memory"})
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
