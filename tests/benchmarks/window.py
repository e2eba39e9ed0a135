"""Everything that a user feels of the window, beside the goals of the product.

Usage: python -m tests.benchmarks.window [--rounds 3] [--seconds 20] [--quick]

Prints one table: metric, median and maximum of what was measured, goal. Each part runs in processes of
its own, offscreen: `start` (with 10,000 conversations), `streams` (eight chats at 200 events a second)
and `search` (50,000 conversations). The goals hold for a machine that does nothing else; its load is
printed above the table. `--quick` measures less, to see whether the command works.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.search import measure as measure_search
from tests.benchmarks.start import measure_rounds
from tests.support.event_loop_gaps import percentile

NUM_LISTED, NUM_SEARCHED, NUM_MESSAGES = 10_000, 50_000, 4

START_GOALS = {
    "window visible (s)": ("window painted, 10,000 conversations", "< 0.6 s"),
    "list usable (s)": ("list usable, 10,000 conversations", "< 1 s"),
    "model loaded (s)": ("starter model loaded", "< 4 s"),
    "GUI process (MB)": ("memory of the GUI process, idle (MiB)", "< 150"),
    "engine process (MB)": (
        "memory of the engine, starter model (MiB)",
        "both < 400 without a model",
    ),
    "GUI process idle (% of a core)": ("idle load of the GUI process (%)", "0"),
    "engine process idle (% of a core)": ("idle load of the engine (%)", "0"),
}
"""Figures of `start`: name and goal."""

STREAM_GOALS = {
    "one streaming update": (0.5, "≤ 8 ms"),
    "event-loop gap, 8 streams": (0.99, "max ≤ 50 ms"),
    "event-loop gap, CPU time of the GUI thread": (0.99, "none"),
    "keypress to paint, 8 streams": (0.95, "p95 < 33 ms"),
    "engine event to pixels": (0.95, "p95 ≤ 50 ms"),
    "Stop to its end": (0.99, "p99 ≤ 50 ms"),
    "send to durable": (0.99, "p99 ≤ 30 ms"),
    "open 10,000 messages": (0.5, "≤ 150 ms"),
}
"""Samples of `streams`: the percentile of the goal, and the goal."""

SEARCH_GOAL = "< 100 ms"


class Line(NamedTuple):
    """One row of the table."""

    metric: str
    measured: str
    goal: str


def main() -> None:
    """Measure everything and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    share = 10 if arguments.quick else 1
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(f"{os.cpu_count()} cores, load before: {load:.1f}\n")
    print("| metric | measured (median, max) | goal |\n|---|---|---|")
    for part in (
        start_lines(arguments.rounds, NUM_LISTED // share),
        stream_lines(arguments.seconds / share),
        search_lines(NUM_SEARCHED // share, arguments.rounds),
    ):
        for line in part:
            print(f"| {line.metric} | {line.measured} | {line.goal} |", flush=True)


def start_lines(rounds: int, num_conversations: int) -> Iterator[Line]:
    """Starts of the whole app with the starter model."""
    found = measure_rounds(rounds, num_conversations)
    for name, (metric, goal) in START_GOALS.items():
        values = [figures[name] for figures in found]
        yield Line(metric, f"{statistics.median(values):.2f}, {max(values):.2f}", goal)


def stream_lines(length_s: float) -> Iterator[Line]:
    """Eight chats that stream, in a process of their own."""
    command = [sys.executable, "-m", "tests.benchmarks.streams", "--seconds", str(length_s)]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    samples: dict[str, list[float]] = json.loads(output.splitlines()[-1])
    for name, (share, goal) in STREAM_GOALS.items():
        if samples.get(name):
            yield Line(name, _milliseconds(samples[name], share), goal)


def search_lines(num_conversations: int, rounds: int) -> Iterator[Line]:
    """Contents and titles of many conversations."""
    with tempfile.TemporaryDirectory() as folder:
        rows = asyncio.run(measure_search(Path(folder), num_conversations, NUM_MESSAGES, rounds))
    for name, _, times_ms in rows:
        metric = f"{num_conversations:,} conversations, {name}"
        yield Line(
            metric, f"{statistics.median(times_ms):.1f}, {max(times_ms):.1f} ms", SEARCH_GOAL
        )


def _milliseconds(values: Sequence[float], share: float) -> str:
    """Median, the percentile of the goal, and maximum."""
    middle, high = statistics.median(values), percentile(values, share)
    between = "" if share == 0.5 else f" (p{100 * share:.0f} {1e3 * high:.1f})"
    return f"{1e3 * middle:.1f}{between}, {1e3 * max(values):.1f} ms"


if __name__ == "__main__":
    main()
