"""Gaps between the tokens of chat B while chat A reads a long prompt.

Usage: python -m tests.benchmarks.gaps [--rounds 5] [--threads 2] [--case MODEL:TOKENS ...]

Three ways in every round, in turn: *alone* (no chat A), *shared* (the engine's own token budget) and
*whole* (chat A's prompt in one step, as an engine without chunked prefill does). Gaps count from the
arrival of chat A to its first token; alone, over as many tokens. Prints the 50th and 95th percentile
and the longest gap, their ratio to the target of a step, and how long chat A waited for its token.
The goal of *shared* is a 95th percentile of at most two step targets.

MODEL is a random shape or the path of a model. The starter model's context ends at 1,024 tokens, so
the case of a small model is the random shape of about its size. One round takes about 15 s for
llama-8m:8000 and a minute for llama-1b:2000 on 2 cores that do nothing else.

Start it with OMP_WAIT_POLICY=PASSIVE in the environment, as the app starts its engine process: threads
that spin while they wait made a step of two threads 4 times slower beside other programs.
"""

from __future__ import annotations

import argparse
import statistics
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from realm_desktop.engine.options import EngineOptions
from realm_desktop.engine.step import FIRST_BUDGET, SMALLEST_BUDGET
from realm_desktop.protocol import GenerateRequest
from tests.benchmarks.random_models import SHAPES, default_folder, write_model
from tests.benchmarks.timed_engine import TimedEngine, Timeline, greedy_request

CASES = ("llama-8m:8000", "llama-1b:2000")
NUM_WARM_TOKENS = 16
"""Tokens of chat B before chat A arrives."""

NUM_ALONE_TOKENS = 100
"""Tokens of chat B when nobody else is there."""

WAYS = ("alone", "shared", "whole")
PROMPT_TOKENS = 64


class Gaps(NamedTuple):
    """What chat B and chat A felt, in seconds; `wait_s` is 0 without chat A."""

    gaps_s: list[float]
    wait_s: float


def main() -> None:
    """Run every case and print its table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=None)
    parser.add_argument("--case", action="append", help="random shape or path, colon, tokens")
    arguments = parser.parse_args()
    for case in arguments.case or CASES:
        name, _, num_tokens = case.rpartition(":")
        path = write_model(name, default_folder(name)) if name in SHAPES else Path(name)
        engine = TimedEngine(path, arguments.threads)
        _run(engine, "shared", 200)  # torch prepares its kernels
        found: dict[str, list[Gaps]] = defaultdict(list)
        for _ in range(arguments.rounds):
            for way in WAYS:
                found[way].append(_run(engine, way, int(num_tokens)))
        print(f"{name} ({engine.info.compute_dtype}), chat A reads {int(num_tokens):,} tokens")
        for way in WAYS:
            _print_way(way, found[way])


def _run(engine: TimedEngine, way: str, num_tokens: int) -> Gaps:
    engine.forget()
    _set_budget(engine, is_whole=way == "whole")
    beginning = NUM_WARM_TOKENS + (NUM_ALONE_TOKENS if way == "alone" else 0)
    # Chat B writes until chat A has its token; it is longer than any prompt takes.
    length = beginning if way == "alone" else engine.info.context_length - PROMPT_TOKENS
    arrival = [greedy_request("a", engine.token_ids(num_tokens), 1)]

    def after_step(timeline: Timeline) -> Iterable[GenerateRequest]:
        if "a" in timeline.tokens_s:
            engine.engine.abort_all()
            return ()
        is_due = "a" not in timeline.added_s and _num_tokens(timeline) >= NUM_WARM_TOKENS
        return arrival if way != "alone" and is_due else ()

    request = greedy_request("b", engine.token_ids(PROMPT_TOKENS), length)
    timeline = engine.run([request], after_step)
    first_s = timeline.added_s.get("a", timeline.tokens_s["b"][NUM_WARM_TOKENS - 1])
    gaps_s = timeline.gaps_s("b", timeline.tokens_s["b"][NUM_WARM_TOKENS - 1], float("inf"))
    wait_s = timeline.tokens_s["a"][0] - first_s if "a" in timeline.tokens_s else 0.0
    return Gaps(gaps_s, wait_s)


def _num_tokens(timeline: Timeline) -> int:
    return len(timeline.tokens_s.get("b", ()))


def _set_budget(engine: TimedEngine, *, is_whole: bool) -> None:
    """Let a step hold any prompt, or what the engine allows on its own."""
    options = EngineOptions()
    if is_whole:
        options = replace(options, token_budget=1_000_000, step_target_s=1e9)
    stepper = engine.model.stepper
    stepper._options = options
    stepper.shortage.max_rows = options.token_budget
    # What a row costs was measured by the first run, so the budget needs no new beginning.
    affordable = int(options.step_target_s / stepper._row_s) if stepper._row_s else FIRST_BUDGET
    stepper._affordable_rows = max(SMALLEST_BUDGET, min(options.token_budget, affordable))


def _print_way(way: str, runs: list[Gaps]) -> None:
    target_s = EngineOptions().step_target_s
    middle, high = (
        statistics.median(_percentile(run.gaps_s, part) for run in runs) for part in (0.5, 0.95)
    )
    longest = statistics.median(max(run.gaps_s) for run in runs)
    wait_s = statistics.median(run.wait_s for run in runs)
    print(
        f"  {way:7} p50 {1e3 * middle:8.1f} ms  p95 {1e3 * high:9.1f} ms"
        f"  max {1e3 * longest:9.1f} ms  p95 ÷ step target {high / target_s:6.2f}"
        + (f"  chat A waits {wait_s:6.2f} s" if wait_s else "")
    )


def _percentile(values: list[float], part: float) -> float:
    return sorted(values)[min(int(part * len(values)), len(values) - 1)]


if __name__ == "__main__":
    main()
