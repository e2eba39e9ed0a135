"""Work in flight is shared: a sequence waits for a block that another one is computing."""

from __future__ import annotations

import random

import pytest

from realm_desktop.engine.engine import Engine
from realm_desktop.engine.options import EngineOptions
from realm_desktop.engine.sequence import Sequence
from realm_desktop.events import Finished, PromptProgress, Queued
from realm_desktop.protocol import GenerateRequest, Priority, RequestId, WorkspaceId
from realm_desktop.sampling_params import SamplingParams
from tests.support.engines import Transcript, check_blocks, load_engine, make_request, run_alone
from tests.support.scheduling import SchedulerSimulator
from tests.support.sequences import make_sequence
from tests.support.tiny_models import tiny_gguf

NUM_LANES = 6


def paste(request_id: str, length: int = 1_000, salt: int = 0, **kwargs: object) -> Sequence:
    tokens = [(i * 31 + salt) % 997 for i in range(length)]
    return make_sequence(tokens, request_id, **{"max_tokens": length + 5, **kwargs})  # type: ignore[arg-type]  # passed on to one factory


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder = tmp_path_factory.mktemp("model")
    path = tiny_gguf(folder, with_tokenizer=True, max_position_embeddings=2_048)
    return load_engine(path, EngineOptions(kv_pool_tokens=128 * 64, token_budget=64))


def lanes(prompt: list[int]) -> list[GenerateRequest]:
    return [
        make_request(
            prompt,
            f"lane{seed}",
            sampling=SamplingParams(temperature=1.0, seed=seed, max_tokens=12, ignore_end=True),
        )
        for seed in range(NUM_LANES)
    ]


def random_prompt(seed: int, length: int) -> list[int]:
    generator = random.Random(seed)
    return [generator.randint(3, 120) for _ in range(length)]


def run_counting(engine: Engine, requests: list[GenerateRequest]) -> tuple[Transcript, int]:
    """What came back, and how many prompt rows were computed."""
    transcript, num_rows = Transcript(), 0
    for request in requests:
        transcript.take(engine.add(engine.prepare(request)))
    while engine.has_work:
        transcript.take(engine.step())
        num_rows += engine.stats().num_prefill_rows
        check_blocks(engine)
    return transcript, num_rows


def test_six_replies_compute_the_full_blocks_of_their_prompt_once(engine: Engine) -> None:
    prompt = random_prompt(1, 1_000)
    full = len(prompt) // 64 * 64
    transcript, num_rows = run_counting(engine, lanes(prompt))

    assert num_rows == full + NUM_LANES * (len(prompt) - full)
    ends = [transcript.ends[f"lane{index}"] for index in range(1, NUM_LANES)]
    assert all(isinstance(end, Finished) and end.stats.num_cached_tokens == full for end in ends)


def test_replies_that_shared_their_prompt_have_the_texts_they_have_alone(engine: Engine) -> None:
    requests = lanes(random_prompt(2, 300))
    transcript, _ = run_counting(engine, requests)

    assert len({tuple(ids) for ids in transcript.token_ids.values()}) > 1
    for request in requests:
        assert transcript.token_ids[request.request_id] == run_alone(engine, request)


def test_waiting_reply_tells_why_and_how_far_the_prompt_is(engine: Engine) -> None:
    transcript, _ = run_counting(engine, lanes(random_prompt(3, 300))[:2])

    reasons = [e.reason for e in transcript.events if isinstance(e, Queued)]
    progress = [
        e.num_computed_tokens
        for e in transcript.events
        if isinstance(e, PromptProgress) and e.request_id == "lane1"
    ]
    assert "reads along with another reply that has the same beginning" in reasons
    assert progress[:2] == [64, 128]
    assert progress == sorted(progress)


def test_reply_goes_on_alone_when_the_one_that_reads_is_aborted(engine: Engine) -> None:
    first, second = lanes(random_prompt(4, 300))[:2]
    transcript = Transcript()
    for request in (first, second):
        transcript.take(engine.add(engine.prepare(request)))
    transcript.take(engine.step())
    transcript.take(engine.abort(RequestId("lane0")))
    while engine.has_work:
        transcript.take(engine.step())

    assert transcript.token_ids["lane1"] == run_alone(engine, second)


def test_other_adapters_or_other_beginnings_are_not_waited_for() -> None:
    simulator = SchedulerSimulator(num_blocks=100)
    simulator.add(paste("a"), paste("b", adapter_key=((1, 1.0),)), paste("c", salt=1))
    simulator.step()

    assert len(simulator.scheduler.running) == 3


def test_last_block_is_shared_when_the_prompt_ends_with_it() -> None:
    simulator = SchedulerSimulator(num_blocks=100)
    simulator.add(*(paste(f"r{index}", length=256) for index in range(4)))
    simulator.run()

    first, *others = sorted(simulator.rows_of.values(), reverse=True)
    # Four tokens follow the prompt; the others compute its last token again, for its logits.
    assert (first, others) == (256 + 4, [5, 5, 5])


def test_others_pass_a_sequence_that_reads_along() -> None:
    options = EngineOptions(token_budget=64, max_running=2)
    simulator = SchedulerSimulator(num_blocks=100, options=options)
    simulator.add(paste("a"), paste("along"), paste("other", salt=5))
    simulator.step()

    assert [s.request_id for s in simulator.scheduler.running] == ["a", "other"]


def test_reader_that_is_preempted_is_not_waited_for() -> None:
    simulator = SchedulerSimulator(num_blocks=14)
    simulator.add(paste("front", 250, salt=9, max_tokens=400, priority=Priority.FOREGROUND))
    for _ in range(5):
        simulator.step()
    reader, along = paste("reader", 600, priority=Priority.BACKGROUND), paste("along", 600)
    simulator.add(reader)
    simulator.step()
    simulator.add(along)
    while not reader.num_preemptions:
        assert not simulator.step().admitted

    assert not simulator.scheduler.is_reading_along(along)
    simulator.run()
    assert {along, reader} <= set(simulator.finished)


def test_background_reader_has_the_class_of_the_one_that_waits_for_it() -> None:
    simulator = SchedulerSimulator(num_blocks=200)
    simulator.add(paste("back", priority=Priority.BACKGROUND))
    simulator.step()
    simulator.add(paste("busy", length=5_000, salt=3, workspace_id="other"))
    simulator.add(paste("front", priority=Priority.FOREGROUND))
    simulator.rows_of.clear()
    for _ in range(14):
        simulator.step()

    assert simulator.rows_of["back"] == 14 * 64
    assert simulator.rows_of["busy"] == 0


def test_workspace_whose_turn_is_lent_pays_for_the_rows() -> None:
    simulator = SchedulerSimulator(num_blocks=200)
    simulator.add(paste("reader", workspace_id="one", priority=Priority.BACKGROUND))
    simulator.step()
    simulator.add(paste("along", workspace_id="two", priority=Priority.FOREGROUND))
    for _ in range(4):
        simulator.step()

    # The newcomer starts at the clock of the other one, 64 rows, and pays for the rest.
    assert simulator.clock.clock_of(WorkspaceId("one")) == 64
    assert simulator.clock.clock_of(WorkspaceId("two")) == 64 + 4 * 64


def test_nobody_waits_for_a_reply_that_was_aborted() -> None:
    simulator = SchedulerSimulator(num_blocks=100)
    reader, along = paste("reader"), paste("along")
    simulator.add(reader, along)
    simulator.step()
    assert simulator.scheduler.readers_along(reader) == [along]
    simulator.scheduler.remove(reader)

    assert not simulator.scheduler.is_reading_along(along)
    assert simulator.scheduler.waiting_reason(along) == "starts with the next step"


def test_aborted_waiter_takes_its_turn_along() -> None:
    simulator = SchedulerSimulator(num_blocks=200)
    along = paste("along", workspace_id="two", priority=Priority.FOREGROUND)
    simulator.add(paste("reader", workspace_id="one", priority=Priority.BACKGROUND))
    simulator.step()
    simulator.add(along)
    simulator.step()
    simulator.scheduler.remove(along)
    plan = simulator.step()

    assert simulator.scheduler.readers_along(plan.rows[0].sequence) == []
    assert simulator.clock.clock_of(WorkspaceId("one")) == 2 * 64


@pytest.mark.parametrize("seed", range(6))
def test_random_sharing_ends_without_a_leak(seed: int) -> None:
    generator = random.Random(seed)
    simulator = SchedulerSimulator(num_blocks=generator.randint(12, 40))
    for index in range(40):
        length = generator.randint(1, simulator.scheduler.max_sequence_tokens // 2)
        simulator.add(
            paste(
                f"r{index}",
                length,
                salt=generator.randint(0, 1),
                workspace_id=generator.choice("ab"),
                priority=generator.choice(list(Priority)),
            )
        )
        for _ in range(generator.randint(0, 3)):
            simulator.step()
        open_now = list(simulator.scheduler.sequences())
        if generator.random() < 0.3 and open_now:
            simulator.scheduler.remove(generator.choice(open_now))
    simulator.run()

    assert simulator.blocks.num_used == 0
