"""Memory that runs out in a step: smaller steps, paused replies, and never another text."""

from __future__ import annotations

import mmap
import random
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from realm_desktop.engine.block_manager import BlockManager
from realm_desktop.engine.block_pool import BlockPool
from realm_desktop.engine.engine import Engine
from realm_desktop.engine.options import EngineOptions
from realm_desktop.engine.runner import Runner
from realm_desktop.engine.sequence import PlannedRows
from realm_desktop.engine.shortage import RECOVERY_STEPS, Shortage
from realm_desktop.engine.speculation.draft_model import ModelDrafter
from realm_desktop.events import Failed, Finished, Queued
from realm_desktop.kv_blocks import SlidingWindow
from realm_desktop.protocol import GenerateRequest, Priority, Speculation, SpeculationMode
from realm_desktop.sampling_params import SamplingParams
from tests.support.engines import load_engine, make_request, run_alone, run_requests
from tests.support.scheduling import SchedulerSimulator
from tests.support.sequences import computed, make_sequence
from tests.support.speculation import load_pair, model_pair
from tests.support.tiny_models import tiny_gguf

ERRORS = [
    MemoryError(),
    RuntimeError("[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory"),
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
    RuntimeError("MPS backend out of memory (MPS allocated: 8.00 GB)"),
]
Lacks = Callable[[Sequence[PlannedRows]], bool]


@pytest.fixture(scope="module")
def model_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_gguf(tmp_path_factory.mktemp("model"), with_tokenizer=True)


@pytest.fixture
def engine(model_path: Path) -> Engine:
    return load_engine(model_path, EngineOptions(kv_pool_tokens=40 * 64))


def num_rows(rows: Sequence[PlannedRows]) -> int:
    return sum(entry.num_new + len(entry.draft_tokens) for entry in rows)


def lack_memory(
    patch: pytest.MonkeyPatch, lacks: Lacks, error: BaseException | None = None
) -> list[int]:
    """Let a forward pass raise where `lacks` says so; the rows of each pass that did not."""
    forward, passed = Runner.forward, list[int]()

    def limited(runner: Runner, rows: Sequence[PlannedRows], *args: Any, **kwargs: Any) -> Any:
        if lacks(rows):
            raise error or MemoryError
        passed.append(num_rows(rows))
        return forward(runner, rows, *args, **kwargs)

    patch.setattr(Runner, "forward", limited)
    return passed


def replies(count: int = 5, length: int = 90) -> list[GenerateRequest]:
    generator = random.Random(count)
    return [
        make_request(
            [generator.randint(3, 120) for _ in range(length)],
            f"r{index}",
            sampling=SamplingParams(temperature=1.0, seed=index, max_tokens=20, ignore_end=True),
        )
        for index in range(count)
    ]


def assert_texts_of_alone(
    engine: Engine, requests: list[GenerateRequest], token_ids: dict[str, list[int]]
) -> None:
    for request in requests:
        assert token_ids[request.request_id] == run_alone(engine, request)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_steps_get_smaller_when_memory_runs_out(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    requests = replies()
    with monkeypatch.context() as patch:
        passed = lack_memory(patch, lambda rows: num_rows(rows) > 20, error)
        transcript = run_requests(engine, *requests)

    assert max(passed) == 16
    assert all(isinstance(end, Finished) for end in transcript.ends.values())
    assert_texts_of_alone(engine, requests, transcript.token_ids)


def test_replies_are_paused_when_smaller_steps_do_not_help(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests = replies()
    with monkeypatch.context() as patch:
        lack_memory(patch, lambda rows: len(rows) > 2)
        transcript = run_requests(engine, *requests)

    reasons = {event.reason for event in transcript.events if isinstance(event, Queued)}
    assert "paused to make room; continues by itself" in reasons
    assert all(isinstance(end, Finished) for end in transcript.ends.values())
    assert_texts_of_alone(engine, requests, transcript.token_ids)


def test_only_the_request_that_cannot_fit_alone_fails(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests = replies()
    with monkeypatch.context() as patch:
        lack_memory(
            patch,
            lambda rows: any(
                r.sequence.request_id == "r2" and len(r.sequence.tokens) > 95 for r in rows
            ),
        )
        transcript = run_requests(engine, *requests)

    end = transcript.ends["r2"]
    assert isinstance(end, Failed)
    assert end.error.kind == "OutOfMemory"
    alone = run_alone(engine, requests.pop(2))
    assert transcript.token_ids["r2"] == alone[:6]  # what was said is kept
    assert_texts_of_alone(engine, requests, transcript.token_ids)


@pytest.mark.parametrize("seed", range(4))
def test_shortage_at_random_steps_changes_no_text(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    generator, requests = random.Random(seed), replies(7, length=60 + seed)
    with monkeypatch.context() as patch:
        # One row of one reply always fits.
        lack_memory(patch, lambda rows: num_rows(rows) > 1 and generator.random() < 0.3)
        transcript = run_requests(engine, *requests)

    assert all(isinstance(end, Finished) for end in transcript.ends.values())
    assert_texts_of_alone(engine, requests, transcript.token_ids)


def test_fault_and_shortage_in_one_step_are_told_apart(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests = replies(6)

    def lacks(rows: Sequence[PlannedRows]) -> bool:
        if any(entry.sequence.request_id == "r3" for entry in rows):
            raise ValueError("its own fault")
        return len(rows) > 1

    with monkeypatch.context() as patch:
        lack_memory(patch, lacks)
        transcript = run_requests(engine, *requests)

    failed = [name for name, end in transcript.ends.items() if isinstance(end, Failed)]
    assert failed == ["r3"]
    del requests[3]
    assert_texts_of_alone(engine, requests, transcript.token_ids)


def test_reply_paused_by_the_first_half_of_a_step_is_not_computed_in_the_second(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests = replies(4, length=10)
    requests[3] = replace(requests[3], priority=Priority.BACKGROUND)  # who is paused first
    faults: list[Exception] = [MemoryError(), ValueError("of the whole step")]

    def lacks(rows: Sequence[PlannedRows]) -> bool:
        if faults and num_rows(rows) == len(rows) == 2 * len(faults):
            raise faults.pop()
        return False

    with monkeypatch.context() as patch:
        lack_memory(patch, lacks)
        transcript = run_requests(engine, *requests)

    assert not faults
    assert all(isinstance(end, Finished) for end in transcript.ends.values())
    assert_texts_of_alone(engine, requests, transcript.token_ids)


def test_stats_say_that_memory_is_short_until_it_is_not(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    sampling = SamplingParams(temperature=0.0, max_tokens=300, ignore_end=True)
    engine.add(engine.prepare(make_request(range(3, 100), sampling=sampling)))
    with monkeypatch.context() as patch:
        lack_memory(patch, lambda rows: True)
        engine.step()
        assert engine.stats().is_memory_short
    while engine.has_work:
        engine.step()

    assert not engine.stats().is_memory_short


def test_limits_are_doubled_after_good_steps_until_they_are_gone() -> None:
    shortage = Shortage(EngineOptions(token_budget=64, max_running=4))
    assert shortage.halve_rows(64, 16)
    assert shortage.halve_rows(32, 16)
    shortage.limit_running(1)
    seen = []
    for _ in range(3):
        seen.append((shortage.max_rows, shortage.max_running, shortage.is_over))
        for _ in range(RECOVERY_STEPS):
            shortage.note_success()

    assert seen == [(16, 1, False), (32, 2, False), (64, 4, True)]


def test_rows_are_not_halved_below_the_least() -> None:
    shortage = Shortage(EngineOptions())

    assert not shortage.halve_rows(16, 16)
    assert shortage.halve_rows(16, 1)
    assert shortage.max_rows == 8


def test_pool_gives_up_half_of_the_blocks_that_were_never_used() -> None:
    pool = BlockPool(10)
    used = [pool.take(None) for _ in range(2)]

    assert len(pool.retire(least=0)) == 4
    assert (pool.num_used, pool.num_available) == (2, 4)
    for block in used:
        pool.release(block)
    pool.check_integrity([0] * 10)


def test_pool_keeps_what_the_longest_sequence_needs() -> None:
    pool = BlockPool(10)

    assert len(pool.retire(least=8)) == 2
    assert not pool.retire(least=8)


def test_pool_gives_up_used_blocks_first_where_their_memory_comes_back() -> None:
    pool = BlockPool(10)
    for block in [pool.take(None) for _ in range(4)]:
        pool.release(block)

    assert pool.retire(least=0) == [7, 8, 9]
    assert pool.retire(least=0, is_given_back=True) == [1, 2, 3]
    pool.check_integrity([0] * 10)


def test_shrunk_pool_holds_shorter_sequences_and_nothing_cached() -> None:
    manager, sequence = BlockManager(10), make_sequence(range(100))
    manager.reuse_prefix(sequence)
    assert manager.extend(sequence, 100)
    sequence.num_computed_tokens = 100
    manager.publish(sequence)
    manager.release(sequence)

    assert any(manager.shrink(64))
    assert manager.full.num_cached == 0
    assert manager.max_sequence_tokens == 6 * 64


def test_window_pool_shrinks_although_every_block_of_it_was_used() -> None:
    manager = BlockManager(64, SlidingWindow(100, 64), 24)
    sequence = computed(manager, list(range(2000)))
    assert all(manager.windowed.versions)

    assert not manager.shrink(2001).windowed
    assert len(manager.shrink(2001, is_given_back=True).windowed) == 10
    assert manager.max_sequence_tokens >= 2001
    manager.check_integrity([sequence])


def window_engine(folder: Path) -> Engine:
    """A model whose layers see 128 positions, after a reply that wandered through the window pool."""
    path = tiny_gguf(
        folder, "mistral", with_tokenizer=True, sliding_window=128, max_position_embeddings=2048
    )
    engine = load_engine(path, EngineOptions(token_budget=64))
    run_requests(engine, make_request([3 + n % 100 for n in range(1500)], "long"))
    return engine


def test_shortage_shrinks_both_pools_and_changes_no_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, requests = window_engine(tmp_path), replies()
    assert engine._model is not None
    blocks = engine._model.block_manager
    with monkeypatch.context() as patch:
        lack_memory(patch, lambda rows: blocks.full.num_retired == 0)
        transcript = run_requests(engine, *requests)

    assert blocks.full.num_retired > 0
    assert blocks.windowed.num_retired > 0
    assert_texts_of_alone(engine, requests, transcript.token_ids)


@pytest.mark.skipif(not hasattr(mmap, "MADV_REMOVE"), reason="only Linux takes memory back")
def test_shortage_gives_memory_of_the_draft_model_back_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = load_pair(model_pair(tmp_path, max_position_embeddings=2048))
    drafting = Speculation(SpeculationMode.DRAFT_MODEL, 4)
    request = make_request([3 + n % 100 for n in range(1500)], "long")
    run_requests(engine, replace(request, speculation=drafting))
    model, given = engine._model, list[int]()
    assert model is not None
    give_back = ModelDrafter.give_back

    def counting(drafter: ModelDrafter, block_ids: Collection[int]) -> int:
        given.append(give_back(drafter, block_ids))
        return given[-1]

    monkeypatch.setattr(ModelDrafter, "give_back", counting)
    with monkeypatch.context() as patch:
        lack_memory(patch, lambda rows: model.block_manager.full.num_retired == 0)
        run_requests(engine, *replies(1))

    assert given[0] > 0


def test_sequence_that_outgrows_a_shrunk_pool_is_named_and_others_go_on() -> None:
    simulator = SchedulerSimulator(num_blocks=8)
    long, short = make_sequence(range(300), "long"), make_sequence(range(900, 950), "short")
    simulator.add(long, short)
    simulator.blocks.shrink(64)
    plan = simulator.step()

    assert simulator.scheduler.max_sequence_tokens == 4 * 64
    assert plan.hopeless == [long]
    assert [rows.sequence for rows in plan.rows] == [short]
