"""Requests that the user paused, in an engine with a tiny model: the same text, no work, no blocks."""

from __future__ import annotations

from pathlib import Path

import pytest

from realm_desktop.engine.engine import Engine
from realm_desktop.engine_stats import SequenceState
from realm_desktop.errors import RequestError
from realm_desktop.events import Finished, FinishReason, Parked, Queued, Started
from realm_desktop.protocol import GenerateRequest, RequestId
from realm_desktop.sampling_params import SamplingParams
from tests.support.engines import Transcript, load_engine, make_request, run_alone
from tests.support.tiny_models import tiny_gguf

R = RequestId("r")
SEEDED = SamplingParams(temperature=1.0, seed=7, max_tokens=24, ignore_end=True)


class HandClock:
    """Seconds that pass by hand."""

    def __init__(self) -> None:
        self.now_s = 1.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture(scope="module")
def model_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_gguf(tmp_path_factory.mktemp("model"), with_tokenizer=True)


@pytest.fixture
def engine(model_path: Path) -> Engine:
    return load_engine(model_path)


def request(*, is_parked: bool = False) -> GenerateRequest:
    asked = make_request(range(5, 75), sampling=SEEDED)
    return GenerateRequest(
        R, prompt_token_ids=asked.prompt_token_ids, sampling=SEEDED, is_parked=is_parked
    )


def begin(engine: Engine, num_steps: int = 6) -> Transcript:
    transcript = Transcript()
    transcript.take(engine.add(engine.prepare(request())))
    for _ in range(num_steps):
        transcript.take(engine.step())
    return transcript


def finish(engine: Engine, transcript: Transcript) -> Finished:
    while engine.has_work:
        transcript.take(engine.step())
    end = transcript.ends[R]
    assert isinstance(end, Finished)
    return end


@pytest.mark.parametrize("num_steps", [0, 1, 2, 9, 20])
def test_reply_that_was_parked_is_the_one_of_an_undisturbed_run(
    engine: Engine, num_steps: int
) -> None:
    expected = run_alone(engine, request())
    transcript = begin(engine, num_steps)
    transcript.take(engine.set_parked(R, is_parked=True) or [])
    engine._model.block_manager.drop_cached()  # type: ignore[union-attr]  # a model is loaded
    transcript.take(engine.set_parked(R, is_parked=False) or [])
    finish(engine, transcript)

    assert transcript.token_ids[R] == expected


def test_parked_request_takes_no_blocks_and_gives_no_work(engine: Engine) -> None:
    begin(engine)
    told = engine.set_parked(R, is_parked=True)
    stats = engine.stats()

    assert told == [Parked(R)]
    assert not engine.has_work
    assert (stats.num_running, stats.num_waiting, stats.blocks_used) == (0, 0, 0)
    assert [row.state for row in stats.sequences] == [SequenceState.PARKED]


def test_parking_twice_and_parking_nobody_change_nothing(engine: Engine) -> None:
    begin(engine)
    engine.set_parked(R, is_parked=True)

    assert engine.set_parked(R, is_parked=True) == []
    assert engine.set_parked(RequestId("nobody"), is_parked=True) is None


def test_unparked_request_says_its_place_in_line(engine: Engine) -> None:
    begin(engine)
    engine.set_parked(R, is_parked=True)

    assert engine.set_parked(R, is_parked=False) == [Queued(R, 1, "starts with the next step")]


def test_request_that_comes_parked_starts_when_it_may(engine: Engine) -> None:
    first = engine.add(engine.prepare(request(is_parked=True)))
    is_idle = not engine.has_work
    engine.set_parked(R, is_parked=False)

    assert (first, is_idle) == ([Parked(R)], True)
    assert any(isinstance(event, Started) for event in engine.step())


def test_parked_request_is_aborted(engine: Engine) -> None:
    begin(engine)
    engine.set_parked(R, is_parked=True)
    (end,) = engine.abort(R)

    assert isinstance(end, Finished)
    assert end.finish_reason is FinishReason.ABORT
    assert engine.stats().sequences == ()


def test_parked_request_keeps_logits_from_being_computed(engine: Engine) -> None:
    engine.add(engine.prepare(request(is_parked=True)))

    with pytest.raises(RequestError, match="no request is open"):
        engine.prompt_logits(range(5, 9))


def test_figures_of_a_reply_leave_out_the_time_it_was_parked(model_path: Path) -> None:
    clock = HandClock()
    engine = load_engine(model_path)
    model = engine._model
    assert model is not None
    engine._clock = model.stepper._clock = clock
    transcript = begin(engine)
    engine.set_parked(R, is_parked=True)
    clock.now_s += 600.0
    engine.set_parked(R, is_parked=False)
    clock.now_s += 2.0
    stats = finish(engine, transcript).stats

    assert (stats.ttft_s, stats.prefill_s, stats.decode_s) == (0.0, 0.0, 2.0)
