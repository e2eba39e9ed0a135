"""Time to the first token of a conversation whose beginning is known already, against cold.

Usage: python -m tests.benchmarks.prefix_reuse [--rounds 5] [--tokens 2000] [--model PATH ...]
       [--threads 2]

Cases: *regenerate* (the same conversation again), *edit* (another last turn), *branch* (another turn
behind the first three quarters). Each is timed cold, with an empty cache, and warm, behind the whole
conversation, in every round. Prints milliseconds and the median of warm ÷ cold;
the goal for regenerate is under 0.1. Models default to the random ones of 8 million and of 1 billion
parameters, since the starter model's context is shorter than the conversation.

A round reads about 5,600 tokens with each model: half a minute with the larger one on 2 cores.

Start it with OMP_WAIT_POLICY=PASSIVE in the environment, as the app starts its engine process: threads
that spin while they wait made a step of two threads 4 times slower beside other programs.
"""

from __future__ import annotations

import argparse
import statistics
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.random_models import default_folder, write_model
from tests.benchmarks.timed_engine import TimedEngine, greedy_request, spread

LAST_TURN_TOKENS = 50
"""Length of the turn that an edit or a branch puts in place of what was there."""


class Pair(NamedTuple):
    """Seconds to the first token of one prompt."""

    cold_s: float
    warm_s: float


def main() -> None:
    """Run all rounds on each model and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tokens", type=int, default=2000)
    parser.add_argument("--threads", type=int, default=None)
    parser.add_argument("--model", type=Path, action="append")
    arguments = parser.parse_args()
    shapes = ("llama-8m", "llama-1b")
    paths = arguments.model or [write_model(name, default_folder(name)) for name in shapes]
    for path in paths:
        engine = TimedEngine(path, arguments.threads)
        _first_token_s(engine, engine.token_ids(200))  # torch prepares its kernels
        rounds = [_round(engine, arguments.tokens) for _ in range(arguments.rounds)]
        print(f"{path.name} ({engine.info.compute_dtype}), {arguments.tokens:,} tokens")
        for case in rounds[0]:
            _print_case(case, [pairs[case] for pairs in rounds])


def _round(engine: TimedEngine, num_tokens: int) -> dict[str, Pair]:
    conversation = engine.token_ids(num_tokens)
    turn = engine.token_ids(LAST_TURN_TOKENS)
    prompts = {
        "regenerate": conversation,
        "edit": conversation[:-LAST_TURN_TOKENS] + turn,
        "branch": conversation[: num_tokens * 3 // 4] + turn,
    }
    cold_s = {}
    for case, prompt in reversed(prompts.items()):
        engine.forget()
        cold_s[case] = _first_token_s(engine, prompt)
    # The last one was the conversation itself; it stays for the warm runs.
    return {
        case: Pair(cold_s[case], _first_token_s(engine, prompt)) for case, prompt in prompts.items()
    }


def _first_token_s(engine: TimedEngine, prompt: list[int]) -> float:
    return engine.run([greedy_request("r", prompt, 1)]).first_token_s("r")


def _print_case(case: str, pairs: list[Pair]) -> None:
    ratio = statistics.median(pair.warm_s / pair.cold_s for pair in pairs)
    print(
        f"  {case:11} cold {spread([1e3 * pair.cold_s for pair in pairs], 1):34} ms"
        f"  warm {spread([1e3 * pair.warm_s for pair in pairs], 1):28} ms"
        f"  warm ÷ cold {ratio:.3f}"
    )


if __name__ == "__main__":
    main()
