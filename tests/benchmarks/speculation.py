"""Decode speed with drafts against without, interleaved in one run.

Usage: python -m tests.benchmarks.speculation [--rounds 5] [--tokens 160] [--threads 2]
       [--model FILE] [--draft FILE]

Tasks: a story (greedy and sampled), an edit (the reply is a long passage of the prompt with one word
changed, forced by a regex as a model that can edit would write it), random text (temperature 3).
The first round of a task is the first reply of a conversation, the others are regenerated ones, so
that how many drafts stood is known. Every round runs every mode on every task; prints the median of each round's ratio to "off".

Start it with OMP_WAIT_POLICY=PASSIVE in the environment, as the app starts its engine process: threads
that spin while they wait made a step of two threads 4 times slower beside other programs.
"""

from __future__ import annotations

import argparse
import random
import re
import statistics
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from realm_desktop.engine.engine import Engine
from realm_desktop.engine_stats import GenerationStats
from realm_desktop.events import Finished
from realm_desktop.protocol import (
    ChatMessage,
    GenerateRequest,
    LoadModel,
    RequestId,
    Speculation,
    SpeculationMode,
)
from realm_desktop.sampling_params import SamplingParams
from tests.benchmarks.timed_engine import STARTER
from tests.support.engines import Transcript

MODES = (SpeculationMode.OFF, SpeculationMode.NGRAM, SpeculationMode.DRAFT_MODEL)
PASSAGE = (
    "The little boat was red and blue. It had a tall sail and a small flag. Every morning it went"
    " out on the lake with the wind behind it, and every evening it came home before the dark. One"
    " day the wind was gone and the lake was still. The boat waited and waited until a bird came"
    " down and told it where the wind was hiding."
)


class Run(NamedTuple):
    """What one request gave."""

    token_ids: tuple[int, ...]
    stats: GenerationStats


@dataclass(frozen=True, slots=True)
class Task:
    """A prompt and how its reply is sampled."""

    name: str
    message: str
    sampling: SamplingParams
    regex: str | None = None

    def request(self, mode: SpeculationMode) -> GenerateRequest:
        return GenerateRequest(
            RequestId(mode.value),
            messages=(ChatMessage("user", self.message),),
            sampling=self.sampling,
            speculation=Speculation(mode),
            regex=self.regex,
        )


def main() -> None:
    """Run all rounds and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tokens", type=int, default=160)
    parser.add_argument("--threads", type=int, default=None)
    parser.add_argument("--model", type=Path, default=STARTER / "starter.gguf")
    parser.add_argument("--draft", type=Path, default=STARTER / "starter-draft.gguf")
    arguments = parser.parse_args()
    engine = Engine()
    info = engine.load(
        LoadModel(
            str(arguments.model),
            num_threads=arguments.threads,
            draft_path=str(arguments.draft),
        ),
        lambda phase, fraction: None,
    )
    print(f"{info.name} ({info.tensor_type}, {info.compute_dtype}) drafted by {info.draft_name}")
    for task in _tasks(arguments.tokens):
        assert engine._model is not None
        engine._model.stepper._speculator._remembered.clear()
        _print_task(task, [_round(engine, task, number) for number in range(arguments.rounds)])


def _tasks(num_tokens: int) -> list[Task]:
    greedy = SamplingParams(temperature=0.0, max_tokens=num_tokens, ignore_end=True)
    sampled = replace(greedy, temperature=0.8)
    wild = replace(greedy, temperature=3.0, top_k=0, top_p=1.0, min_p=0.0)
    edited = PASSAGE.replace("red and blue", "green and gold").replace("a bird", "an owl")
    edit = replace(greedy, ignore_end=False)
    return [
        Task("story, greedy", "Tell me a story about a fox.", greedy),
        Task("story, sampled", "Tell me a story about a fox.", sampled),
        Task("edit", f"Change the colours and the bird: {PASSAGE}", edit, re.escape(edited)),
        Task("random text", "Tell me a story about a fox.", wild),
    ]


def _round(engine: Engine, task: Task, number: int) -> dict[SpeculationMode, Run]:
    """Every mode once, in an order of its own, on a seed of its own."""
    order = random.Random(number).sample(MODES, len(MODES))
    task = replace(task, sampling=replace(task.sampling, seed=number))
    runs = {mode: _run(engine, task.request(mode)) for mode in order}
    assert len({run.token_ids for run in runs.values()}) == 1, "drafts changed the text"
    return runs


def _run(engine: Engine, request: GenerateRequest) -> Run:
    model = engine._model
    assert model is not None
    model.block_manager.drop_cached()
    # The reply of another mode would be a sibling to copy from.
    model.stepper._speculator._ngram._siblings.clear()
    transcript = Transcript()  # not `run_requests`: its checks would be timed with each step
    transcript.take(engine.add(engine.prepare(request)))
    while engine.has_work:
        transcript.take(engine.step())
    end = transcript.ends[request.request_id]
    assert isinstance(end, Finished), end
    return Run(tuple(transcript.token_ids[request.request_id]), end.stats)


def _print_task(task: Task, rounds: list[dict[SpeculationMode, Run]]) -> None:
    ratios: dict[SpeculationMode, list[float]] = defaultdict(list)
    for runs in rounds:
        plain = runs[SpeculationMode.OFF].stats.decode_tokens_per_s
        for mode, run in runs.items():
            ratios[mode].append(run.stats.decode_tokens_per_s / plain)
    for mode in MODES:
        stats = [runs[mode].stats for runs in rounds]
        speed = statistics.median(each.decode_tokens_per_s for each in stats)
        drafted = sum(each.num_drafted_tokens for each in stats)
        accepted = sum(each.num_accepted_tokens for each in stats)
        told = statistics.median(each.speculation_speedup for each in stats)
        print(
            f"{task.name:15} {mode.value:12} {speed:8.1f} tokens/s"
            f"  ratio {statistics.median(ratios[mode]):5.2f}"
            f"  ({min(ratios[mode]):.2f} to {max(ratios[mode]):.2f})"
            f"  drafted {drafted:5} accepted {accepted / max(drafted, 1):4.0%}"
            f"  own figure {told:4.2f}"
        )


if __name__ == "__main__":
    main()
