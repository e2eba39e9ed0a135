"""Rates over a sliding second, shares over five, and what a snapshot says."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from realm_desktop.engine.engine import Engine
from realm_desktop.engine.options import EngineOptions
from realm_desktop.engine.stats import RateMeter, ShareMeter
from realm_desktop.engine_stats import EngineStats, SequenceStats
from realm_desktop.protocol import (
    AdapterId,
    AdapterUse,
    GenerateRequest,
    LoadAdapter,
    Speculation,
    SpeculationMode,
    WorkspaceId,
)
from realm_desktop.sampling_params import SamplingParams
from tests.support.adapters import save_peft, tiny_adapter
from tests.support.engines import load_engine, make_request, run_requests
from tests.support.tiny_models import save_gguf, tiny_model
from tests.support.tiny_tokenizer import TINY_VOCABULARY_SIZE

ONE, TWO = WorkspaceId("one"), WorkspaceId("two")


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """Two places in the batch, and adapter "a" of rank 3."""
    folder = tmp_path_factory.mktemp("model")
    model = tiny_model(vocab_size=TINY_VOCABULARY_SIZE)
    path: Path = save_gguf(model, folder / "model.gguf", with_tokenizer=True)
    engine = load_engine(path, EngineOptions(max_running=2))
    adapter = save_peft(tiny_adapter(model, rank=3), folder / "adapter")
    engine.load_adapter(LoadAdapter(AdapterId("a"), str(adapter)))
    return engine


def snapshot(engine: Engine, *requests: GenerateRequest, num_steps: int = 3) -> EngineStats:
    """The stats after some steps; what is open then is aborted."""
    for request in requests:
        engine.add(engine.prepare(request))
    for _ in range(num_steps):
        engine.step()
    stats = engine.stats()
    engine.abort_all()
    return stats


def row(stats: EngineStats, request_id: str) -> SequenceStats:
    return next(entry for entry in stats.sequences if entry.request_id == request_id)


def prompt(seed: int, length: int = 20) -> list[int]:
    generator = random.Random(seed)
    return [generator.randint(3, 120) for _ in range(length)]


def test_shares_are_parts_of_the_rows() -> None:
    meter = ShareMeter()
    meter.add(0.0, ONE, 30)
    meter.add(1.0, TWO, 10)

    assert meter.shares(1.0) == {ONE: 0.75, TWO: 0.25}


def test_shares_forget_what_is_more_than_five_seconds_old() -> None:
    meter = ShareMeter()
    meter.add(0.0, ONE, 30)
    meter.add(4.0, TWO, 10)

    assert meter.shares(5.5) == {TWO: 1.0}
    assert meter.shares(9.5) == {}


def test_snapshot_has_the_share_and_the_queue_of_each_workspace(engine: Engine) -> None:
    engine.set_workspace_weight(TWO, 4.0)
    requests = [
        make_request(prompt(index), f"r{index}", workspace_id=name)
        for index, name in enumerate(["one", "two", "two"])
    ]
    stats = snapshot(engine, *requests)

    by_name = {entry.workspace_id: entry for entry in stats.workspaces}
    assert sum(entry.share for entry in stats.workspaces) == pytest.approx(1.0)
    assert by_name[ONE].share == pytest.approx(0.5)
    assert (by_name[TWO].num_running, by_name[TWO].num_waiting) == (1, 1)
    assert (by_name[ONE].weight, by_name[TWO].weight) == (1.0, 4.0)
    assert by_name[ONE].clock > by_name[TWO].clock > 0


def test_waiting_request_has_its_place_and_reason(engine: Engine) -> None:
    requests = [make_request(prompt(index), f"r{index}") for index in range(4)]
    stats = snapshot(engine, *requests)

    assert [row(stats, f"r{index}").position for index in range(4)] == [0, 0, 1, 2]
    assert row(stats, "r3").reason == "all 2 places in the batch are taken"
    assert row(stats, "r0").reason == ""
    assert (stats.num_running, stats.num_waiting) == (2, 2)


def test_running_request_has_its_ttft_and_acceptance(engine: Engine) -> None:
    repetitive = SamplingParams(
        temperature=0.0, max_tokens=60, ignore_end=True, logit_bias=((7, 100.0),)
    )
    request = GenerateRequest(
        make_request([]).request_id,
        prompt_token_ids=(7,) * 30,
        sampling=repetitive,
        speculation=Speculation(SpeculationMode.NGRAM),
    )
    stats = snapshot(engine, request, num_steps=6)

    entry = row(stats, "r")
    assert entry.ttft_s > 0
    assert entry.num_computed_tokens == entry.num_tokens - 1
    assert entry.num_accepted_tokens > 0
    assert stats.acceptance_rate == entry.acceptance_rate > 0.5


def test_tokens_read_and_committed_are_counted(engine: Engine) -> None:
    before = engine.stats()
    run_requests(engine, make_request(prompt(5, 100), "cold"))
    run_requests(engine, make_request(prompt(5, 100), "warm"))

    after = engine.stats()
    assert after.num_prompt_tokens - before.num_prompt_tokens == 100 + 36  # one block is reused
    assert after.num_completion_tokens - before.num_completion_tokens == 2 * 16


def test_active_ranks_are_those_of_open_requests(engine: Engine) -> None:
    request = make_request(prompt(6))
    with_adapter = replace(request, adapters=(AdapterUse(AdapterId("a"), 0.5),))

    assert snapshot(engine, with_adapter).num_active_ranks == 3
    assert snapshot(engine, request).num_active_ranks == 0


def test_rate_counts_the_last_second_only() -> None:
    meter = RateMeter()
    for tenth in range(20):
        meter.add(tenth / 10, 5)

    assert meter.per_second(1.95) == 50


def test_rate_falls_to_zero_when_nothing_happens() -> None:
    meter = RateMeter()
    meter.add(0.0, 100)

    assert meter.per_second(5.0) == 0


def test_meters_that_nobody_reads_keep_their_window_only() -> None:
    rate, share = RateMeter(), ShareMeter()
    for second in range(1000):
        rate.add(float(second), 1)
        share.add(float(second), WorkspaceId(f"w{second}"), 1)

    assert max(len(rate._entries), len(share._entries), len(share._rows)) <= 5


def test_places_in_the_batch_are_told_and_no_more_than_they_run(engine: Engine) -> None:
    stats = snapshot(engine, *(make_request(prompt(n), f"r{n}") for n in range(3)))

    assert (stats.num_running, stats.num_waiting, stats.max_running) == (2, 1, 2)
