"""The draft model over the target's blocks."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from realm_desktop.engine.batch import BatchPart
from realm_desktop.engine.engine import Engine
from realm_desktop.engine.options import EngineOptions
from realm_desktop.engine.sequence import Sequence
from realm_desktop.engine.speculation.draft_model import ModelDrafter
from realm_desktop.engine.speculation.drafter import DraftOrder
from realm_desktop.engine_stats import GenerationStats
from realm_desktop.errors import InvalidGrammar
from realm_desktop.events import Finished
from realm_desktop.protocol import GenerateRequest, LoadModel, SpeculationMode
from realm_desktop.sampling_params import SamplingParams
from tests.support.engines import make_request, run_alone, run_requests
from tests.support.speculation import Pair, drafting, load_pair, model_pair
from tests.support.tiny_models import tiny_gguf

pytestmark = pytest.mark.usefixtures("one_thread")

LIVELY = SamplingParams(temperature=1.0, seed=5, max_tokens=40, ignore_end=True)


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """A model that drafts for itself: every draft token is right."""
    path = tiny_gguf(tmp_path_factory.mktemp("twins"), with_tokenizer=True)
    return Pair(path, path)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return model_pair(tmp_path_factory.mktemp("pair"))


def by_draft_model(
    prompt: list[int], request_id: str = "r", sampling: SamplingParams = LIVELY
) -> GenerateRequest:
    request = make_request(prompt, request_id, sampling=sampling)
    return drafting(request, SpeculationMode.DRAFT_MODEL)


def random_prompt(length: int, seed: int = 0) -> list[int]:
    generator = random.Random(seed)
    return [generator.randrange(3, 250) for _ in range(length)]


def stats_of(engine: Engine, *requests: GenerateRequest) -> list[GenerationStats]:
    ends = run_requests(engine, *requests).ends
    assert all(isinstance(end, Finished) for end in ends.values())
    return [ends[request.request_id].stats for request in requests]  # type: ignore[union-attr]  # checked above


def drafter_of(engine: Engine) -> ModelDrafter:
    drafter = engine._model.stepper._speculator._draft_model  # type: ignore[union-attr]  # a model is loaded
    assert drafter is not None
    return drafter


def record_passes(monkeypatch: pytest.MonkeyPatch) -> list[list[BatchPart]]:
    """The parts of every pass of a draft model from now on."""
    passes: list[list[BatchPart]] = []
    original = ModelDrafter._forward

    def forward(self: ModelDrafter, parts: list[BatchPart]) -> NDArray[np.float32]:
        passes.append(parts)
        return original(self, parts)

    monkeypatch.setattr(ModelDrafter, "_forward", forward)
    return passes


def test_equal_models_agree_on_every_sampled_token(twins: Pair) -> None:
    (stats,) = stats_of(load_pair(twins), by_draft_model(random_prompt(30)))

    assert stats.num_accepted_tokens == stats.num_drafted_tokens >= 30
    assert stats.acceptance_rate == 1.0


def test_noisy_model_is_right_now_and_then(pair: Pair) -> None:
    (stats,) = stats_of(load_pair(pair), by_draft_model(random_prompt(30)))

    assert 0 < stats.num_accepted_tokens < stats.num_drafted_tokens


def test_draft_of_other_dimensions_changes_no_token(tmp_path: Path) -> None:
    target = tiny_gguf(tmp_path / "t", with_tokenizer=True)
    draft = tiny_gguf(
        tmp_path / "d",
        "qwen3",
        with_tokenizer=True,
        seed=9,
        num_hidden_layers=1,
        hidden_size=32,
        num_attention_heads=2,
        num_key_value_heads=1,
    )
    request = by_draft_model(random_prompt(70))
    engine = load_pair(Pair(target, draft))

    drafted = run_requests(engine, request)

    assert drafted.token_ids["r"] == run_alone(engine, drafting(request, SpeculationMode.OFF))


def test_all_sequences_share_one_pass_per_position(
    twins: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = load_pair(twins)
    passes = record_passes(monkeypatch)

    run_requests(engine, *(by_draft_model(random_prompt(20, n), f"r{n}") for n in range(4)))

    sizes = [len(parts) for parts in passes]
    assert max(sizes) == 4
    assert sizes.count(4) > len(sizes) / 2


def test_long_prompt_is_caught_up_in_pieces(twins: Pair) -> None:
    options = EngineOptions(token_budget=64, step_target_s=1e9)

    (stats,) = stats_of(load_pair(twins, options), by_draft_model(random_prompt(300)))

    assert stats.num_accepted_tokens == stats.num_drafted_tokens > 20


def test_branch_finds_the_draft_kv_of_shared_blocks(
    twins: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, prompt = load_pair(twins), random_prompt(200)
    run_requests(engine, by_draft_model(prompt, "first"))
    passes = record_passes(monkeypatch)

    (stats,) = stats_of(engine, by_draft_model([*prompt, 7, 8], "branch"))

    assert stats.num_cached_tokens >= 192
    assert max(len(part.token_ids) for parts in passes for part in parts) < 64
    assert stats.acceptance_rate == 1.0


def test_blocks_that_the_draft_never_saw_are_caught_up(twins: Pair) -> None:
    engine, prompt = load_pair(twins), random_prompt(200)
    run_requests(engine, drafting(by_draft_model(prompt, "plain"), SpeculationMode.OFF))

    (stats,) = stats_of(engine, by_draft_model(prompt, "drafting"))

    assert stats.num_cached_tokens == 192
    assert stats.num_accepted_tokens == stats.num_drafted_tokens > 20


def test_branches_that_catch_up_together_write_a_block_once(twins: Pair) -> None:
    engine, prompt = load_pair(twins), random_prompt(130)
    run_requests(engine, drafting(by_draft_model(prompt, "plain"), SpeculationMode.OFF))

    both = stats_of(engine, by_draft_model(prompt, "a"), by_draft_model(prompt, "b"))

    assert [stats.acceptance_rate for stats in both] == [1.0, 1.0]


def test_preempted_sequences_draft_rightly_when_they_return(twins: Pair) -> None:
    engine = load_pair(twins, EngineOptions(kv_pool_tokens=5 * 64))
    long_reply = SamplingParams(temperature=0.9, seed=1, max_tokens=120, ignore_end=True)
    requests = [by_draft_model(random_prompt(40, n), f"r{n}", long_reply) for n in range(4)]
    plain = [drafting(request, SpeculationMode.OFF) for request in requests]

    mixed = run_requests(engine, *requests)

    for request in plain:
        assert mixed.token_ids[request.request_id] == run_alone(engine, request)
    ends = [end.stats for end in mixed.ends.values() if isinstance(end, Finished)]
    # A pool this full leaves no room for long drafts, but none of them is wrong.
    assert all(stats.num_accepted_tokens == stats.num_drafted_tokens for stats in ends)
    assert sum(stats.num_drafted_tokens for stats in ends) > 100


def test_sequence_beyond_the_context_of_the_draft_goes_on_alone(tmp_path: Path) -> None:
    target = tiny_gguf(tmp_path / "t", with_tokenizer=True)
    draft = tiny_gguf(tmp_path / "d", with_tokenizer=True, max_position_embeddings=64)
    engine = load_pair(Pair(target, draft))
    request = by_draft_model(random_prompt(40))

    transcript = run_requests(engine, request)

    assert transcript.token_ids["r"] == run_alone(engine, drafting(request, SpeculationMode.OFF))
    (stats,) = [end.stats for end in transcript.ends.values() if isinstance(end, Finished)]
    assert 20 <= stats.num_drafted_tokens == stats.num_accepted_tokens <= 26


def test_ids_that_the_draft_lacks_are_neither_fed_nor_proposed(tmp_path: Path) -> None:
    target = tiny_gguf(tmp_path / "t", with_tokenizer=True)
    engine = load_pair(Pair(target, target))
    drafter = drafter_of(engine)
    engine.add(engine.prepare(by_draft_model([280, 285, 286])))
    engine.step()
    drafter._vocabulary_size = 10
    (sequence,) = engine._model.scheduler.running  # type: ignore[union-attr]  # a model is loaded

    (draft,) = drafter.propose([DraftOrder(sequence, 5)])

    assert len(draft) == 5
    assert max(draft) < 10


def test_memory_of_both_models_is_counted(twins: Pair) -> None:
    alone, both = Engine(), Engine()
    progress = lambda phase, fraction: None  # noqa: E731  (a callback of one line)
    options = {"device": "cpu", "num_threads": 1, "kv_pool_tokens": 640}
    one = alone.load(LoadModel(str(twins.target), **options), progress)  # type: ignore[arg-type]  # plain keywords

    two = both.load(
        LoadModel(str(twins.target), draft_path=str(twins.draft), **options),  # type: ignore[arg-type]  # plain keywords
        progress,
    )

    assert (two.weights_bytes, two.kv_bytes) == (2 * one.weights_bytes, 2 * one.kv_bytes)
    assert (one.draft_name, two.draft_name) == ("", "tiny")
    assert two.supports_speculation


def test_draft_that_cannot_go_on_ends_where_it_is(twins: Pair) -> None:
    engine = load_pair(twins)
    drafter, choose = drafter_of(engine), drafter_of(engine)._choose_token

    def choose_three(
        sequence: Sequence, logits: NDArray[np.float32], seen: NDArray[np.int32]
    ) -> int:
        if len(seen) == len(sequence.tokens) + 3:
            raise InvalidGrammar("no token may follow")
        return choose(sequence, logits, seen)

    drafter._choose_token = choose_three

    (stats,) = stats_of(engine, by_draft_model(random_prompt(30)))

    assert 20 < stats.num_drafted_tokens == stats.num_accepted_tokens < 32


def test_small_draft_model_of_a_bfloat16_file_computes_in_float32(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realm_desktop.engine.device.has_fast_bfloat16", lambda device: True)
    path = tiny_gguf(tmp_path, tensor_type="BF16", with_tokenizer=True)

    engine = load_pair(Pair(path, path))

    assert engine._model is not None
    assert engine._model.decoder.compute_dtype == torch.bfloat16
    assert drafter_of(engine)._decoder.compute_dtype == torch.float32


def test_equal_models_agree_with_int8_keys_and_values(twins: Pair) -> None:
    engine = load_pair(twins, EngineOptions(kv_cache_dtype="int8"))

    (stats,) = stats_of(engine, by_draft_model(random_prompt(70)))

    assert stats.num_accepted_tokens == stats.num_drafted_tokens > 20
    assert drafter_of(engine)._kv_cache.stored_dtype == torch.int8
