"""Bar B6: 64 requests that want four times a pool of 32 KV blocks all end, and none waits unfairly.

*Fair share.* Work is what the fair clock charges: one for a prompt row, two for a decode row; time is
the work that the engine has done, rows that a preemption had computed twice included. An ideal server
lives through the same steps with the same work in each (`tests/support/fair_share.py`): the best
priority class first, then workspaces by weight and each workspace's part equally among its requests. It
needs no memory and computes nothing twice, but it cannot write a reply faster than a token a step. The
time from a request's arrival to its end there is its fair share of waiting. Here nobody may wait more
than twice as long, in any class.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest

from realm_desktop.engine.engine import Engine
from realm_desktop.engine.fair_clock import DECODE_COST, PREFILL_COST, FairClock
from realm_desktop.engine.options import EngineOptions
from realm_desktop.errors import PromptTooLong
from realm_desktop.kv_blocks import BLOCK_SIZE
from realm_desktop.protocol import GenerateRequest, LoadModel, Priority, WorkspaceId
from realm_desktop.sampling_params import SamplingParams
from tests.support.engines import Transcript, check_blocks, load_engine, make_request, run_alone
from tests.support.fair_share import Job, fair_ends
from tests.support.tiny_models import tiny_gguf

NUM_BLOCKS = 32
NUM_REQUESTS = 64
WEIGHTS = {"a": 1.0, "b": 1.0, "c": 2.0, "d": 4.0}
LONGEST_WAIT = 2.0
"""In fair shares."""

Alone = Callable[[int], dict[str, list[int]]]


@pytest.fixture(scope="module")
def model_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    return tiny_gguf(folder, with_tokenizer=True, max_position_embeddings=4096)


@pytest.fixture(scope="module")
def alone(model_path: Path) -> Alone:
    """The tokens of each request of a seed by itself; computed once for all mixes of the seed."""
    plain = load_engine(model_path)

    @cache
    def tokens_alone(seed: int) -> dict[str, list[int]]:
        requests = random_requests(seed, (Priority.NORMAL,))
        return {request.request_id: run_alone(plain, request) for request in requests}

    return tokens_alone


def load_small(model_path: Path) -> Engine:
    """An engine of 32 blocks whose clock stands still, so that nobody rises by age."""
    engine = Engine(EngineOptions(kv_pool_tokens=NUM_BLOCKS * BLOCK_SIZE), lambda: 0.0)
    engine.load(LoadModel(str(model_path), "cpu", num_threads=1), lambda phase, fraction: None)
    for name, weight in WEIGHTS.items():
        engine.set_workspace_weight(WorkspaceId(name), weight)
    return engine


def random_requests(seed: int, priorities: tuple[Priority, ...]) -> list[GenerateRequest]:
    """Requests of 2 to 3 blocks each, no two with the same beginning; the same for any priorities."""
    generator, classes = random.Random(seed), random.Random(f"{seed} classes")
    requests = []
    for number in range(NUM_REQUESTS):
        prompt = [
            3 + number,
            *(generator.randint(3, 120) for _ in range(generator.randint(55, 85))),
        ]
        sampling = SamplingParams(
            temperature=0.9, seed=number, max_tokens=generator.randint(40, 60), ignore_end=True
        )
        workspace = "abcd"[number % 4]
        request = make_request(prompt, f"r{number}", workspace_id=workspace, sampling=sampling)
        requests.append(replace(request, priority=classes.choice(priorities)))
    return requests


def job_of(request: GenerateRequest, first_step: int) -> Job:
    """The work of a request that is computed once; its first token comes with the prompt."""
    assert request.prompt_token_ids is not None
    assert request.sampling.max_tokens is not None
    return Job(
        request.request_id,
        request.workspace_id,
        request.priority,
        prompt_work=PREFILL_COST * len(request.prompt_token_ids),
        decode_work=DECODE_COST * (request.sampling.max_tokens - 1),
        first_step=first_step,
    )


@dataclass
class Meter:
    """Adds up the work that fair clocks are charged."""

    work: float = 0.0

    def install(self, patch: pytest.MonkeyPatch) -> None:
        charge = FairClock.charge

        def counting(clock: FairClock, payer: Any, num_prefill: int, num_decode: int) -> None:
            self.work += PREFILL_COST * num_prefill + DECODE_COST * num_decode
            charge(clock, payer, num_prefill, num_decode)

        patch.setattr(FairClock, "charge", counting)


@dataclass
class Run:
    """What came of it: replies, the work of each step, the step of each end, and who gave way."""

    transcript: Transcript = field(default_factory=Transcript)
    jobs: list[Job] = field(default_factory=list)
    steps: list[float] = field(default_factory=list)
    ends: dict[str, int] = field(default_factory=dict)
    num_preempted: int = 0


def run_all(
    engine: Engine, meter: Meter, requests: list[GenerateRequest], generator: random.Random | None
) -> Run:
    """Run to the end; with a generator the requests come one by one at random steps."""
    run, waiting = Run(), list(requests)
    model = engine._model
    assert model is not None
    while waiting or engine.has_work:
        while waiting and (generator is None or generator.random() < 0.6):
            request = waiting.pop(0)
            run.jobs.append(job_of(request, len(run.steps)))
            run.transcript.take(engine.add(engine.prepare(request)))
        if engine.has_work:
            before = meter.work
            run.transcript.take(engine.step())
            run.steps.append(meter.work - before)
        check_blocks(engine)
        for name in run.transcript.ends.keys() - run.ends.keys():
            run.ends[name] = len(run.steps) - 1
        run.num_preempted = max(
            run.num_preempted, sum(s.num_preemptions for s in model.scheduler.sequences())
        )
    return run


def longest_waits(run: Run) -> dict[Priority, float]:
    """The longest time in fair shares that somebody waited, by class."""
    times = [0.0, *accumulate(run.steps)]
    waits: dict[Priority, float] = {}
    for job, fair_end in zip(run.jobs, fair_ends(run.jobs, WEIGHTS, run.steps), strict=True):
        arrived, priority = times[job.first_step], Priority(job.priority)
        share = times[fair_end + 1] - arrived
        wait = (times[run.ends[job.name] + 1] - arrived) / share
        waits[priority] = max(waits.get(priority, 0.0), wait)
    return waits


MIXES = {
    "all at once": (Priority.NORMAL,),
    "one by one": (Priority.NORMAL,),
    "all at once, three classes": tuple(Priority),
    "one by one, three classes": tuple(Priority),
}


def check_crowd(
    model_path: Path, alone: Alone, patch: pytest.MonkeyPatch, seed: int, mix: str
) -> None:
    requests = random_requests(seed, MIXES[mix])
    tokens = [len(r.prompt_token_ids or ()) + (r.sampling.max_tokens or 0) for r in requests]
    assert sum(-(-count // BLOCK_SIZE) for count in tokens) >= 4 * NUM_BLOCKS
    meter = Meter()
    meter.install(patch)
    engine = load_small(model_path)
    comes_at_random = random.Random(seed) if "one by one" in mix else None

    run = run_all(engine, meter, requests, comes_at_random)

    assert all(
        len(run.transcript.token_ids[r.request_id]) == r.sampling.max_tokens for r in requests
    )
    assert run.num_preempted > 0
    assert engine.stats().blocks_used == 0
    waits = longest_waits(run)
    told = ", ".join(f"{priority.name} {wait:.2f}" for priority, wait in sorted(waits.items()))
    sys.stderr.write(f"{mix}, seed {seed}: longest waits in fair shares: {told}\n")
    assert max(waits.values()) <= LONGEST_WAIT
    assert run.transcript.token_ids == alone(seed)


@pytest.mark.parametrize("mix", MIXES)
@pytest.mark.parametrize("seed", [0])
def test_crowd_ends_fairly_with_the_tokens_of_each_alone(
    model_path: Path, alone: Alone, monkeypatch: pytest.MonkeyPatch, mix: str, seed: int
) -> None:
    check_crowd(model_path, alone, monkeypatch, seed, mix)


@pytest.mark.full
@pytest.mark.parametrize("mix", MIXES)
@pytest.mark.parametrize("seed", range(100, 120))
def test_many_crowds_end_fairly_with_the_tokens_of_each_alone(
    model_path: Path, alone: Alone, monkeypatch: pytest.MonkeyPatch, mix: str, seed: int
) -> None:
    check_crowd(model_path, alone, monkeypatch, seed, mix)


def test_prompt_larger_than_the_pool_is_refused_with_what_fits(model_path: Path) -> None:
    engine = load_small(model_path)
    prompt = [3 + n % 100 for n in range(NUM_BLOCKS * BLOCK_SIZE)]

    with pytest.raises(PromptTooLong, match="has 2,048 tokens; 2,047 fit"):
        engine.prepare(make_request(prompt))
