"""Which drafter a sequence gets, and what happens around the drafts."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from realm_desktop.engine.engine import Engine
from realm_desktop.engine.options import EngineOptions
from realm_desktop.engine.shortage import RECOVERY_STEPS
from realm_desktop.engine.speculation.draft_model import ModelDrafter
from realm_desktop.engine.speculation.drafter import DraftOrder
from realm_desktop.engine.speculation.ngram import NgramDrafter
from realm_desktop.engine.speculation.speculator import Speculator
from realm_desktop.errors import InvalidSampling, RequestError
from realm_desktop.events import Finished, FinishReason, TextDelta
from realm_desktop.protocol import GenerateRequest, RequestId, Speculation, SpeculationMode
from realm_desktop.sampling_params import SamplingParams
from tests.support.engines import Transcript, load_engine, make_request, run_alone, run_requests
from tests.support.sequences import make_sequence
from tests.support.speculation import Pair, drafting, load_pair, model_pair

pytestmark = pytest.mark.usefixtures("one_thread")

PROMPT = [20, 21, 22, 23, 24] * 6
LOOPING = SamplingParams(
    temperature=1.0,
    seed=1,
    max_tokens=40,
    ignore_end=True,
    logit_bias=((20, 30.0), (21, 30.0)),
)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return model_pair(tmp_path_factory.mktemp("pair"))


@pytest.fixture(scope="module")
def path(pair: Pair) -> Path:
    return pair.target


def speculator_of(engine: Engine) -> Speculator:
    return engine._model.stepper._speculator  # type: ignore[union-attr]  # a model is loaded


def looping(mode: SpeculationMode, request_id: str = "r") -> GenerateRequest:
    """A reply of two kinds of tokens, so that n-grams repeat and are right now and then."""
    return drafting(make_request(PROMPT, request_id, sampling=LOOPING), mode)


def still_engine(path: Path, options: EngineOptions | None = None) -> Engine:
    """An engine for which no time passes, so that every draft pays."""
    engine = load_engine(path, options)
    assert engine._model is not None
    engine._model.stepper._clock = lambda: 0.0
    return engine


def finished(transcript: Transcript, request_id: str = "r") -> Finished:
    end = transcript.ends[request_id]
    assert isinstance(end, Finished)
    return end


def run_stepwise(engine: Engine, request: GenerateRequest, num_steps: int) -> Transcript:
    transcript = Transcript()
    transcript.take(engine.add(engine.prepare(request)))
    for _ in range(num_steps):
        transcript.take(engine.step())
    return transcript


def finish(engine: Engine, transcript: Transcript) -> None:
    while engine.has_work:
        transcript.take(engine.step())


@pytest.mark.parametrize(
    ("mode", "has_draft", "expected"),
    [
        (SpeculationMode.OFF, True, None),
        (SpeculationMode.NGRAM, True, NgramDrafter),
        (SpeculationMode.DRAFT_MODEL, True, ModelDrafter),
        (SpeculationMode.AUTO, True, ModelDrafter),
        (SpeculationMode.AUTO, False, NgramDrafter),
        (SpeculationMode.DRAFT_MODEL, False, None),
    ],
)
def test_mode_names_the_drafter(
    pair: Pair, mode: SpeculationMode, has_draft: bool, expected: type | None
) -> None:
    speculator = speculator_of(load_pair(pair))
    if not has_draft:
        speculator._draft_model = None
    engine = load_engine(pair.target)
    engine.add(engine.prepare(drafting(make_request([1, 2]), SpeculationMode.OFF)))
    (sequence,) = engine._model.scheduler.waiting  # type: ignore[union-attr]  # a model is loaded
    sequence.speculation = Speculation(mode)

    drafter = speculator._drafter(sequence)

    assert drafter is None if expected is None else type(drafter) is expected


def test_ngrams_of_a_looping_reply_are_accepted(path: Path) -> None:
    engine = still_engine(path)

    transcript = run_requests(engine, looping(SpeculationMode.NGRAM))

    stats = finished(transcript).stats
    assert transcript.token_ids["r"] == run_alone(engine, looping(SpeculationMode.OFF))
    assert 10 < stats.num_accepted_tokens <= stats.num_drafted_tokens


def test_sequence_without_speculation_gets_no_draft(path: Path) -> None:
    transcript = run_requests(
        still_engine(path),
        looping(SpeculationMode.OFF, "plain"),
        looping(SpeculationMode.NGRAM, "drafting"),
    )

    assert finished(transcript, "plain").stats.num_drafted_tokens == 0
    assert finished(transcript, "drafting").stats.num_drafted_tokens > 0


def test_deltas_say_how_many_tokens_were_drafts(path: Path) -> None:
    transcript = run_requests(still_engine(path), looping(SpeculationMode.NGRAM))

    deltas = [event for event in transcript.events if isinstance(event, TextDelta)]
    assert all(len(delta.token_ids) == delta.num_accepted_drafts + 1 for delta in deltas)
    accepted = sum(delta.num_accepted_drafts for delta in deltas)
    assert accepted == finished(transcript).stats.num_accepted_tokens


def test_speculation_can_be_switched_while_running(path: Path) -> None:
    engine = still_engine(path)
    request_id = RequestId("r")
    transcript = run_stepwise(engine, looping(SpeculationMode.OFF), 4)
    before = engine.stats().sequences[0].num_drafted_tokens
    engine.set_speculation(request_id, Speculation(SpeculationMode.NGRAM))
    for _ in range(3):
        transcript.take(engine.step())
    during = engine.stats().sequences[0].num_drafted_tokens
    engine.set_speculation(request_id, Speculation())
    finish(engine, transcript)

    assert before == 0 < during == finished(transcript).stats.num_drafted_tokens
    assert transcript.token_ids["r"] == run_alone(engine, looping(SpeculationMode.OFF))


def test_switch_of_an_unknown_request_does_nothing(path: Path) -> None:
    engine = load_engine(path)
    engine.set_speculation(RequestId("nobody"), Speculation(SpeculationMode.NGRAM))

    assert not engine.has_work


def test_longest_draft_is_that_of_the_request(path: Path) -> None:
    engine = still_engine(path)
    transcript = Transcript()
    request = drafting(looping(SpeculationMode.NGRAM), SpeculationMode.NGRAM, 3)
    transcript.take(engine.add(engine.prepare(request)))
    rows = []
    while engine.has_work:
        transcript.take(engine.step())
        rows.append(engine.stats().num_draft_rows)

    assert max(rows) == 3


@pytest.mark.parametrize("length", [0, 33])
def test_draft_length_outside_its_range_is_refused(length: int) -> None:
    with pytest.raises(InvalidSampling, match="max_draft_tokens"):
        Speculation(SpeculationMode.NGRAM, length)


def test_draft_model_that_is_not_loaded_is_refused_in_words(path: Path) -> None:
    with pytest.raises(RequestError, match="loaded without a draft model"):
        load_engine(path).prepare(looping(SpeculationMode.DRAFT_MODEL))


def test_first_decode_step_shows_what_one_without_drafts_costs(path: Path) -> None:
    engine = still_engine(path)
    run_stepwise(engine, looping(SpeculationMode.NGRAM), 2)
    first_decode = engine.stats()
    engine.step()

    assert (first_decode.num_decode_rows, first_decode.num_draft_rows) == (1, 0)
    assert engine.stats().num_draft_rows > 0


def test_fault_of_a_drafter_ends_drafting_and_no_reply(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: NgramDrafter, orders: object) -> list[list[int]]:
        raise RuntimeError("injected")

    engine = still_engine(path)
    with monkeypatch.context() as patch:
        patch.setattr(NgramDrafter, "propose", fail)
        transcript = run_requests(engine, looping(SpeculationMode.NGRAM))

    assert finished(transcript).stats.num_drafted_tokens == 0
    assert transcript.token_ids["r"] == run_alone(engine, looping(SpeculationMode.OFF))


def test_drafting_pauses_and_goes_on_after_a_lack_of_memory(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    propose, num_calls = NgramDrafter.propose, []

    def lack_once(self: NgramDrafter, orders: list[DraftOrder]) -> list[list[int]]:
        num_calls.append(len(orders))
        if len(num_calls) == 1:
            raise MemoryError
        return propose(self, orders)

    engine = still_engine(path)
    request = looping(SpeculationMode.NGRAM)
    request = replace(request, sampling=replace(request.sampling, max_tokens=120))
    with monkeypatch.context() as patch:
        patch.setattr(NgramDrafter, "propose", lack_once)
        transcript = run_requests(engine, request)

    deltas = [event for event in transcript.events if isinstance(event, TextDelta)]
    first = next(i for i, delta in enumerate(deltas) if delta.num_accepted_drafts)
    assert first >= RECOVERY_STEPS
    assert transcript.token_ids["r"] == run_alone(
        engine, replace(request, speculation=Speculation())
    )


def test_nothing_is_drafted_while_prompts_fill_the_step(pair: Pair) -> None:
    engine = load_pair(pair, EngineOptions(token_budget=32))
    transcript = run_stepwise(engine, looping(SpeculationMode.DRAFT_MODEL), 5)
    before = engine.stats().num_draft_rows
    transcript.take(engine.add(engine.prepare(make_request(range(3, 250), "paste"))))
    drafts = []
    for _ in range(4):
        transcript.take(engine.step())
        drafts.append([row.draft_length for row in engine.stats().sequences])

    assert before > 0
    assert drafts[1:] == [[0, 0]] * 3  # the first step admits the prompt


def test_auto_goes_over_to_ngrams_behind_the_context_of_the_draft(pair: Pair) -> None:
    engine = load_pair(pair)
    speculator = speculator_of(engine)
    sequence = make_sequence([1] * 512)
    sequence.speculation = Speculation(SpeculationMode.AUTO)
    within = speculator._drafter(sequence)
    sequence.tokens.append(1)

    assert type(within) is ModelDrafter
    assert type(speculator._drafter(sequence)) is NgramDrafter


def test_speedup_is_plain_time_of_the_tokens_over_their_time(path: Path) -> None:
    speculator = speculator_of(load_engine(path))
    sequence = make_sequence([1, 2, 3])
    sequence.speculation = Speculation(SpeculationMode.NGRAM)
    sequence.num_computed_tokens = 2
    for num_tokens, num_drafts, step_s in ((1, 0, 9.0), (1, 0, 1.0), (4, 3, 1.5)):
        speculator.propose([sequence], 64)
        sequence.num_generated_tokens += num_tokens
        speculator.measure(1, num_drafts, step_s, 0.5)

    # 9 s for warming up is not taken as the time of a step without drafts.
    assert sequence.plain_s == pytest.approx(9.0 + 1.0 + 4 * 1.0)
    assert sequence.speculated_s == pytest.approx(9.5 + 1.5 + 2.0)
    assert sequence.speculation_speedup == pytest.approx(14.0 / 13.0)


def test_reply_without_speculation_has_no_speedup(path: Path) -> None:
    transcript = run_requests(load_engine(path), looping(SpeculationMode.OFF))

    assert finished(transcript).stats.speculation_speedup == 0.0


def test_nothing_is_kept_of_ended_sequences(pair: Pair) -> None:
    engine = load_pair(pair)
    for mode in (SpeculationMode.NGRAM, SpeculationMode.DRAFT_MODEL):
        run_requests(engine, looping(mode))
    run_stepwise(engine, looping(SpeculationMode.OFF, "next"), 2)

    speculator = speculator_of(engine)
    assert not speculator._known
    assert not speculator._ngram._indices
    assert speculator._draft_model is not None
    assert not speculator._draft_model._guesses


def test_regenerating_accepts_the_reply_of_the_sibling(path: Path) -> None:
    engine = still_engine(path)
    generator = random.Random(4)
    prompt = [generator.randrange(3, 250) for _ in range(60)]
    sampling = SamplingParams(temperature=1.0, seed=3, max_tokens=60, ignore_end=True)
    request = drafting(make_request(prompt, sampling=sampling), SpeculationMode.NGRAM)
    first = finished(run_requests(engine, request)).stats

    again = finished(run_requests(engine, request)).stats

    assert again.num_accepted_tokens > 30 > first.num_accepted_tokens


@pytest.mark.parametrize("max_tokens", range(1, 12))
def test_reply_never_grows_beyond_its_limit(pair: Pair, max_tokens: int) -> None:
    sampling = SamplingParams(temperature=0.0, max_tokens=max_tokens, ignore_end=True)
    request = drafting(make_request(PROMPT, sampling=sampling), SpeculationMode.AUTO)

    transcript = run_requests(load_pair(pair), request)

    assert len(transcript.token_ids["r"]) == max_tokens
    assert finished(transcript).finish_reason is FinishReason.LENGTH


def test_context_end_cuts_drafts(pair: Pair) -> None:
    engine = load_pair(pair, EngineOptions(context_length=64))
    endless = SamplingParams(temperature=0.0, ignore_end=True)
    request = drafting(make_request(PROMPT, sampling=endless), SpeculationMode.AUTO)

    assert len(run_requests(engine, request).token_ids["r"]) == 64 - len(PROMPT)


def test_stop_string_within_accepted_drafts_ends_the_reply(path: Path) -> None:
    engine = still_engine(path)
    whole = run_requests(engine, looping(SpeculationMode.OFF)).text["r"]
    stop = whole[-12:-9]
    sampling = replace(LOOPING, stop=(stop,))
    request = drafting(make_request(PROMPT, sampling=sampling), SpeculationMode.NGRAM)

    transcript = run_requests(engine, request)

    assert transcript.text["r"] == whole[: whole.index(stop)]
    plain = drafting(request, SpeculationMode.OFF)
    assert transcript.token_ids["r"] == run_alone(engine, plain)


@pytest.mark.parametrize("mode", [SpeculationMode.NGRAM, SpeculationMode.DRAFT_MODEL])
@pytest.mark.parametrize("num_committed", [1, 7, 39])
def test_reply_resumed_in_the_middle_goes_on_alike(
    pair: Pair, mode: SpeculationMode, num_committed: int
) -> None:
    whole = run_requests(load_pair(pair), looping(SpeculationMode.OFF)).token_ids["r"]
    begun = whole[:num_committed]
    request = make_request(PROMPT, sampling=LOOPING, committed_ids=begun)

    rest = run_requests(load_pair(pair), drafting(request, mode)).token_ids["r"]

    assert begun + rest == whole


def test_abort_between_draft_and_step_frees_the_blocks(pair: Pair) -> None:
    engine = load_pair(pair)
    run_stepwise(engine, looping(SpeculationMode.DRAFT_MODEL), 4)
    engine.abort(RequestId("r"))

    assert engine.stats().blocks_used == 0
    assert not engine.has_work
