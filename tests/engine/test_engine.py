"""The engine with real tiny models: batching, reuse, preemption, aborts, interruptions."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from realm_desktop.engine.engine import Engine
from realm_desktop.engine.options import ComputeDtype, EngineOptions
from realm_desktop.events import (
    Finished,
    FinishReason,
    PromptProgress,
    Queued,
    Started,
    TextDelta,
)
from realm_desktop.protocol import (
    GenerateRequest,
    LoadModel,
    RequestId,
    WorkspaceId,
)
from realm_desktop.sampling_params import SamplingParams
from tests.support.engines import (
    Transcript,
    check_blocks,
    load_engine,
    make_request,
    run_alone,
    run_requests,
)
from tests.support.tiny_models import tiny_gguf

SEEDED = SamplingParams(temperature=1.0, seed=7, max_tokens=24, ignore_end=True)


@pytest.fixture(scope="module")
def model_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_gguf(tmp_path_factory.mktemp("model"), with_tokenizer=True)


@pytest.fixture
def engine(model_path: Path) -> Engine:
    return load_engine(model_path)


def random_prompt(generator: random.Random, length: int) -> list[int]:
    return [generator.randint(3, 120) for _ in range(length)]


def test_request_runs_through_its_events_in_order(engine: Engine) -> None:
    transcript = run_requests(engine, make_request(range(5, 25)))

    kinds = [type(event) for event in transcript.events]
    assert kinds[:2] == [Queued, Started]
    assert kinds[-1] is Finished
    assert set(kinds[2:-1]) == {TextDelta}


def test_max_tokens_ends_a_reply_by_length(engine: Engine) -> None:
    transcript = run_requests(engine, make_request(range(5, 25)))

    end = transcript.ends["r"]
    assert isinstance(end, Finished)
    assert end.finish_reason is FinishReason.LENGTH
    assert len(transcript.token_ids["r"]) == end.stats.num_completion_tokens == 16


def test_context_ends_a_reply_by_length(model_path: Path) -> None:
    engine = load_engine(model_path, EngineOptions(context_length=64))
    sampling = SamplingParams(temperature=0.0, ignore_end=True)

    transcript = run_requests(engine, make_request(range(5, 25), sampling=sampling))

    assert len(transcript.token_ids["r"]) == 64 - 20


def test_eight_requests_share_each_step(engine: Engine) -> None:
    generator = random.Random(1)
    requests = [make_request(random_prompt(generator, 7), f"r{i}") for i in range(8)]
    transcript = Transcript()
    for request in requests:
        transcript.take(engine.add(engine.prepare(request)))
    engine.step()

    transcript.take(engine.step())

    assert engine.stats().num_decode_rows == 8


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_text_in_any_mix_equals_the_text_alone(model_path: Path, dtype: ComputeDtype) -> None:
    options = EngineOptions(compute_dtype=dtype, token_budget=48, kv_pool_tokens=8 * 64)
    engine = load_engine(model_path, options)
    for mix in range(3):
        generator = random.Random(mix)
        shared = random_prompt(generator, 90)
        requests = [
            make_request(
                shared[: generator.randint(0, 90)] + random_prompt(generator, 20),
                f"m{mix}-{index}",
                workspace_id=generator.choice("ab"),
                sampling=SamplingParams(
                    temperature=generator.choice([0.0, 0.7, 1.5]),
                    top_k=generator.choice([0, 5]),
                    seed=index,
                    max_tokens=generator.randint(2, 30),
                    repetition_penalty=generator.choice([1.0, 1.2]),
                    ignore_end=True,
                ),
            )
            for index in range(7)
        ]
        mixed = _run_with_arrivals(engine, requests, generator)

        for request in requests:
            assert mixed.token_ids[request.request_id] == run_alone(engine, request)


def _run_with_arrivals(
    engine: Engine, requests: list[GenerateRequest], generator: random.Random
) -> Transcript:
    """Add requests at random steps; abort an extra one halfway."""
    transcript = Transcript()
    waiting = [*requests, make_request(random_prompt(generator, 50), "aborted")]
    generator.shuffle(waiting)
    while waiting or engine.has_work:
        if waiting and generator.random() < 0.5:
            transcript.take(engine.add(engine.prepare(waiting.pop())))
        if engine.has_work:
            transcript.take(engine.step())
        if generator.random() < 0.2:
            transcript.take(engine.abort(RequestId("aborted")))
        check_blocks(engine)
    return transcript


def test_small_pool_preempts_and_changes_nothing(model_path: Path) -> None:
    engine = load_engine(model_path, EngineOptions(kv_pool_tokens=5 * 64))
    generator = random.Random(3)
    long_reply = SamplingParams(temperature=0.9, seed=1, max_tokens=120, ignore_end=True)
    requests = [
        make_request(random_prompt(generator, 40), f"r{i}", sampling=long_reply) for i in range(4)
    ]
    mixed = run_requests(engine, *requests)

    for request in requests:
        assert mixed.token_ids[request.request_id] == run_alone(engine, request)


def test_prompt_chunks_of_any_size_give_the_same_text(model_path: Path) -> None:
    prompt = random_prompt(random.Random(4), 150)
    texts = {
        tuple(
            run_alone(
                load_engine(model_path, EngineOptions(token_budget=budget, min_prefill_chunk=1)),
                make_request(prompt, sampling=SEEDED),
            )
        )
        for budget in (1, 7, 64, 256)
    }

    assert len(texts) == 1


def test_second_run_reuses_the_prompt_and_says_so(engine: Engine) -> None:
    prompt = random_prompt(random.Random(5), 200)
    cold = run_requests(engine, make_request(prompt, "cold", sampling=SEEDED))
    warm = run_requests(engine, make_request(prompt, "warm", sampling=SEEDED))

    started = next(event for event in warm.events if isinstance(event, Started))
    assert started.num_cached_tokens == 192  # the full blocks
    assert warm.token_ids["warm"] == cold.token_ids["cold"]


def test_edit_in_the_middle_reuses_the_unchanged_beginning(engine: Engine) -> None:
    prompt = random_prompt(random.Random(6), 200)
    run_requests(engine, make_request(prompt, "first"))
    edited = [*prompt[:150], 7, 8, 9]

    transcript = run_requests(engine, make_request(edited, "edited"))

    end = transcript.ends["edited"]
    assert isinstance(end, Finished)
    assert end.stats.num_cached_tokens == 150
    assert transcript.token_ids["edited"] == run_alone(engine, make_request(edited))


def test_resume_from_committed_tokens_goes_on_with_the_same_text(engine: Engine) -> None:
    prompt = random_prompt(random.Random(7), 30)
    whole = run_requests(engine, make_request(prompt, "whole", sampling=SEEDED))
    begun = whole.token_ids["whole"][:10]

    rest = run_requests(engine, make_request(prompt, "rest", sampling=SEEDED, committed_ids=begun))

    assert begun + rest.token_ids["rest"] == whole.token_ids["whole"]
    assert whole.text["whole"].endswith(rest.text["rest"])


def test_resume_of_a_complete_reply_finishes_at_once(engine: Engine) -> None:
    end_id = min(engine._model.preparer.tokenizer.end_ids)  # type: ignore[union-attr]  # a model is loaded
    request = make_request([5, 6], sampling=SamplingParams(), committed_ids=[7, 8, end_id])

    (event,) = engine.add(engine.prepare(request))

    assert isinstance(event, Finished)
    assert event.finish_reason is FinishReason.STOP


def test_abort_ends_a_request_and_frees_its_blocks(engine: Engine) -> None:
    engine.add(engine.prepare(make_request(range(5, 100))))
    engine.step()

    events = engine.abort(RequestId("r"))

    assert isinstance(events[0], Finished)
    assert events[0].finish_reason is FinishReason.ABORT
    assert engine.stats().blocks_used == 0
    assert not engine.has_work


def test_abort_of_an_unknown_request_does_nothing(engine: Engine) -> None:
    assert engine.abort(RequestId("nobody")) == []


def test_interrupted_step_leaves_no_trace(model_path: Path) -> None:
    engine = load_engine(model_path, EngineOptions(token_budget=256))
    prompt = random_prompt(random.Random(8), 250)
    transcript = Transcript()
    transcript.take(engine.add(engine.prepare(make_request(prompt))))
    transcript.take(engine.step(should_stop=lambda: True))

    while engine.has_work:
        transcript.take(engine.step())

    assert transcript.token_ids["r"] == run_alone(engine, make_request(prompt))


def test_long_prompt_reports_its_progress(model_path: Path) -> None:
    engine = load_engine(model_path, EngineOptions(token_budget=64, step_target_s=1e9))

    transcript = run_requests(engine, make_request(range(3, 153)))

    progress = [e.num_computed_tokens for e in transcript.events if isinstance(e, PromptProgress)]
    assert progress == [64, 128]


@pytest.mark.parametrize(("num_chats", "chunk"), [(0, 64), (1, 16), (3, 16)])
def test_slow_model_reads_prompts_in_the_smallest_chunks_beside_replies(
    model_path: Path, num_chats: int, chunk: int
) -> None:
    engine = load_engine(model_path, EngineOptions(step_target_s=1e-9))
    endless = SamplingParams(temperature=0.0, max_tokens=40, ignore_end=True)
    for n in range(num_chats):
        chat = make_request(range(n, n + 20), f"chat {n}", sampling=endless)
        engine.add(engine.prepare(chat))
    if num_chats:
        engine.step()
    engine.add(engine.prepare(make_request(range(3, 253), "prompt")))

    transcript = Transcript()
    for _ in range(3):
        transcript.take(engine.step())

    progress = [e.num_computed_tokens for e in transcript.events if isinstance(e, PromptProgress)]
    assert progress == [chunk, 2 * chunk, 3 * chunk]


def test_logits_of_a_prompt_do_not_depend_on_its_chunks(model_path: Path) -> None:
    prompt = random_prompt(random.Random(9), 100)
    whole = load_engine(model_path, EngineOptions(token_budget=256)).prompt_logits(prompt)
    chunked = load_engine(model_path, EngineOptions(token_budget=33)).prompt_logits(prompt)

    assert whole.shape[0] == 100
    np.testing.assert_array_equal(whole, chunked)


def test_logprobs_come_with_every_token(engine: Engine) -> None:
    sampling = SamplingParams(temperature=0.0, max_tokens=4, logprobs=2, ignore_end=True)

    transcript = run_requests(engine, make_request(range(5, 25), sampling=sampling))

    for event in transcript.events:
        if isinstance(event, TextDelta):
            (entry,) = event.logprobs
            assert entry.token_id == event.token_ids[0] == entry.top[0][0]
            assert entry.logprob <= 0


def test_unload_ends_open_requests(engine: Engine) -> None:
    engine.add(engine.prepare(make_request(range(5, 25))))

    events = engine.unload()

    assert isinstance(events[0], Finished)
    assert engine.info is None


@pytest.mark.parametrize("is_loaded_before", [True, False])
def test_workspace_weight_outlives_the_model(model_path: Path, is_loaded_before: bool) -> None:
    engine = load_engine(model_path) if is_loaded_before else Engine()
    engine.set_workspace_weight(WorkspaceId("a"), 4.0)
    engine.load(LoadModel(str(model_path), num_threads=1), lambda phase, fraction: None)
    run_requests(engine, make_request(range(5, 25), workspace_id="a"))

    assert engine._model is not None
    # 20 prompt rows and 15 decode rows, of the last token none
    assert engine._model.fair_clock.clock_of(WorkspaceId("a")) == (20 + 2 * 15) / 4
