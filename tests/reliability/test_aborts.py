"""Bar B11: an abort in any state takes effect within one step and leaks nothing.

Run with `-s` to see how long an abort takes through a channel; no time is asserted here.
"""

from __future__ import annotations

import random
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from realm_desktop.engine.engine import Engine
from realm_desktop.engine.open_requests import OpenRequests
from realm_desktop.engine.options import EngineOptions
from realm_desktop.engine.sequence import Sequence
from realm_desktop.engine.service import Service
from realm_desktop.engine.step import Stepper
from realm_desktop.engine_stats import SequenceState
from realm_desktop.events import Event, Finished, FinishReason, TextDelta
from realm_desktop.protocol import Abort, Generate, GenerateRequest, RequestId, Shutdown
from realm_desktop.protocol import SpeculationMode as Mode
from realm_desktop.sampling_params import SamplingParams
from tests.support.engines import Transcript, check_blocks, make_request
from tests.support.service_client import Client, queue_ends
from tests.support.speculation import Pair, drafting, load_pair, model_pair

NUM_ABORTS = 200
NUM_SLOW_ABORTS = 1000
POOL = EngineOptions(token_budget=64, kv_pool_tokens=8 * 64, max_running=6)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return model_pair(tmp_path_factory.mktemp("pair"), max_position_embeddings=2048)


def random_request(generator: random.Random, name: str) -> GenerateRequest:
    """Short or long, drafting or not, free or after a grammar."""
    sampling = SamplingParams(seed=generator.randrange(99), max_tokens=120, ignore_end=True)
    prompt = [generator.randint(3, 9) for _ in range(generator.choice((5, 40, 200)))]
    asked = make_request(prompt, name, sampling=sampling)
    if generator.random() < 0.3:
        asked = replace(asked, regex="[a-m ]{60,110}")
    return drafting(asked, generator.choice(tuple(Mode)))


def state_of(sequence: Sequence) -> str:
    """The state in which an abort finds a request."""
    if sequence.state is SequenceState.PARKED:
        return sequence.state.value
    if sequence.request.regex is not None and sequence.num_generated_tokens:
        return "grammar"
    if sequence.num_drafted_tokens:
        return "drafting"
    return sequence.state.value


def abort_many(engine: Engine, generator: random.Random, count: int) -> set[str]:
    """Abort requests at random steps; the states they were in."""
    transcript, states, started = Transcript(), set[str](), 0
    parking = random.Random(count)
    model = engine._model
    assert model is not None
    while len(transcript.ends) < count:
        while len(model.requests) < 12:
            started += 1
            asked = random_request(generator, f"r{started}")
            transcript.take(engine.add(engine.prepare(asked)))
        for _ in range(generator.randrange(4)):
            transcript.take(engine.step())
        sequence = generator.choice(list(model.requests))
        if parking.random() < 0.1:
            transcript.take(engine.set_parked(sequence.request_id, is_parked=True) or [])
        states.add(state_of(sequence))
        # `Transcript` refuses any event behind this one.
        transcript.take(engine.abort(sequence.request_id))
        end = transcript.ends[sequence.request_id]
        assert isinstance(end, Finished)
        assert end.finish_reason is FinishReason.ABORT
        check_blocks(engine)
    transcript.take(engine.abort_all())
    return states


ALL_STATES = {"waiting", "prefill", "decode", "paused", "parked", "drafting", "grammar"}


def check_aborts(pair: Pair, count: int) -> None:
    engine = load_pair(pair, POOL)

    states = abort_many(engine, random.Random(count), count)

    assert states == ALL_STATES
    assert {state.value for state in SequenceState} <= states
    check_blocks(engine)
    stats = engine.stats()
    assert (stats.blocks_used, stats.num_running, stats.num_waiting) == (0, 0, 0)


def test_aborts_in_every_state_leak_no_block(pair: Pair) -> None:
    check_aborts(pair, NUM_ABORTS)


@pytest.mark.full
def test_a_thousand_aborts_leak_no_block(pair: Pair) -> None:
    check_aborts(pair, NUM_SLOW_ABORTS)


class Steps:
    """Counts the steps that were begun, and notes the count at each abort."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.num_begun = 0
        self.at_end: dict[RequestId, int] = {}
        step, finish = Stepper.step, OpenRequests.finish

        def counting(stepper: Stepper, *args: object) -> list[Event]:
            self.num_begun += 1
            return step(stepper, *args)  # type: ignore[arg-type]  # passed on as they are

        def noting(requests: OpenRequests, sequence: Sequence, reason: FinishReason) -> Event:
            self.at_end[sequence.request_id] = self.num_begun
            return finish(requests, sequence, reason)

        patch.setattr(Stepper, "step", counting)
        patch.setattr(OpenRequests, "finish", noting)


@pytest.fixture
def client(pair: Pair) -> Iterator[Client]:
    """The near end of an engine in a thread."""
    near, far = queue_ends()
    engine = load_pair(pair, EngineOptions(token_budget=64), time.monotonic)
    service = Service(far, engine)

    def run() -> None:
        service.run()
        service.close()

    thread = threading.Thread(target=run)
    thread.start()
    yield Client(near)
    near.send([Shutdown()])
    thread.join(20)
    near.close()
    assert not thread.is_alive()


def abort_one(client: Client, steps: Steps, asked: GenerateRequest, num_texts: int) -> float:
    """Abort behind so many texts, within one step; seconds until the end was told."""
    client.send(Generate(asked))
    for _ in range(num_texts):
        client.until(TextDelta)
    before_s = time.monotonic()
    client.send(Abort(asked.request_id))
    num_begun = steps.num_begun
    client.until(Finished)
    took_s = time.monotonic() - before_s

    # One step may have begun before the abort was there, and one between drain and step.
    assert steps.at_end.get(asked.request_id, 0) <= num_begun + 1
    own = [e for e in client.seen if getattr(e, "request_id", "") == asked.request_id]
    assert isinstance(own[-1], Finished)
    return took_s


def test_abort_takes_effect_within_one_step(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps, generator, times = Steps(monkeypatch), random.Random(5), list[float]()
    for number in range(60):
        asked = random_request(generator, f"r{number}")
        times.append(abort_one(client, steps, asked, generator.choice((0, 0, 1, 3))))

    times.sort()
    sys.stderr.write(
        f"abort to end: median {1e3 * statistics.median(times):.1f},"
        f" max {1e3 * times[-1]:.1f} ms of {len(times)}\n"
    )
