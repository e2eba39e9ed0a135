"""Models with sliding windows: the text that masks give, from the few blocks that rows can see."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from realm_desktop import memory_plan
from realm_desktop.engine import decoder, loaded_model
from realm_desktop.engine.architecture.table import model_spec
from realm_desktop.engine.engine import Engine
from realm_desktop.engine.options import ComputeDtype, EngineOptions
from realm_desktop.engine.sequence import NO_BLOCK
from realm_desktop.events import Finished
from realm_desktop.protocol import GenerateRequest, RequestId, SpeculationMode
from realm_desktop.sampling_params import SamplingParams
from tests.support.engines import Transcript, check_blocks, load_engine, make_request, run_requests
from tests.support.mixes import Mix, assert_same_reply, random_requests
from tests.support.speculation import Pair, drafting, load_adapters, load_pair, model_pair
from tests.support.tiny_models import tiny_gguf, tiny_safetensors

pytestmark = pytest.mark.usefixtures("one_thread")

WINDOWS = (64, 128, 200)
LONG = SamplingParams(temperature=1.0, seed=3, max_tokens=180, ignore_end=True)
SHORT = SamplingParams(temperature=1.0, seed=5, max_tokens=20, ignore_end=True)


def tiny_mistral(folder: Path, window: int) -> Path:
    return tiny_gguf(
        folder, "mistral", with_tokenizer=True, sliding_window=window, max_position_embeddings=2048
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def mistral(folder: Path) -> Path:
    """All layers see 128 positions."""
    return tiny_mistral(folder, 128)


def load_masked(path: Path, options: EngineOptions | None = None) -> Engine:
    """An engine that keeps every block and hides by mask what lies before the window."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loaded_model, "_window", lambda *rest: None)
        return load_engine(path, options)


def load_tight(path: Path, options: EngineOptions | None = None) -> Engine:
    """An engine whose window pool holds one running sequence and nothing more."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(memory_plan, "WINDOWS_WANTED", 0)
        return load_engine(path, options)


def prompt(length: int, seed: int = 0) -> list[int]:
    generator = random.Random(seed)
    return [generator.randint(3, 120) for _ in range(length)]


def most_window_blocks(engine: Engine, request: GenerateRequest) -> tuple[list[int], int, int]:
    """A reply's token ids, and the most blocks held while its prompt was read and after it."""
    transcript, reading, decoding = Transcript(), 0, 0
    transcript.take(engine.add(engine.prepare(request)))
    model = engine._model
    assert model is not None
    while engine.has_work:
        transcript.take(engine.step())
        check_blocks(engine)
        for sequence in model.scheduler.running:
            held = len(sequence.window_table) - sequence.window_table.count(NO_BLOCK)
            reading = max(reading, held)
            if sequence.num_generated_tokens > 1:
                decoding = max(decoding, held)
    return transcript.token_ids[request.request_id], reading, decoding


def cold_reply(engine: Engine, request: GenerateRequest) -> list[int]:
    assert engine._model is not None
    engine._model.block_manager.drop_cached()
    return run_requests(engine, request).token_ids[request.request_id]


def cached_tokens(transcript: Transcript, request_id: str) -> int:
    end = transcript.ends[request_id]
    assert isinstance(end, Finished)
    return end.stats.num_cached_tokens


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_reply_far_beyond_the_window_is_the_masked_one(
    tmp_path: Path, window: int, dtype: ComputeDtype
) -> None:
    path = tiny_mistral(tmp_path, window)
    options = EngineOptions(compute_dtype=dtype, token_budget=100)
    request = make_request(prompt(333), sampling=LONG)

    reply, reading, decoding = most_window_blocks(load_tight(path, options), request)

    assert reply == cold_reply(load_masked(path, options), request)
    assert reading <= -(-window // 64) + 1 + 2
    assert decoding <= -(-window // 64) + 1


def test_all_blocks_are_back_after_a_reply(mistral: Path) -> None:
    engine = load_engine(mistral)
    run_requests(engine, make_request(prompt(300), sampling=SHORT))

    stats = engine.stats()

    assert (stats.blocks_used, stats.window_blocks_used) == (0, 0)
    assert stats.blocks_cached == 4
    assert stats.window_blocks_cached > 0
    assert stats.window_blocks_cached + stats.window_blocks_free < stats.blocks_free


def test_layers_without_a_window_have_no_window_blocks(folder: Path) -> None:
    engine = load_engine(tiny_gguf(folder, with_tokenizer=True))
    run_requests(engine, make_request(prompt(100), sampling=SHORT))

    stats = engine.stats()

    assert (stats.window_blocks_cached, stats.window_blocks_free) == (0, 0)


@pytest.mark.parametrize("layer_windows", [(None, 90), (64, None), (70, 200)])
def test_kinds_may_differ_from_layer_to_layer(
    mistral: Path, monkeypatch: pytest.MonkeyPatch, layer_windows: tuple[int | None, ...]
) -> None:
    monkeypatch.setattr(
        decoder, "model_spec", lambda file: replace(model_spec(file), layer_windows=layer_windows)
    )
    request = make_request(prompt(333), sampling=LONG)

    reply, _, decoding = most_window_blocks(load_tight(mistral), request)

    assert reply == cold_reply(load_masked(mistral), request)
    assert decoding <= -(-max(window or 0 for window in layer_windows) // 64) + 1


def test_upper_layers_with_a_window_give_the_masked_reply(tmp_path: Path) -> None:
    path = tiny_safetensors(
        tmp_path,
        "qwen2",
        with_tokenizer=True,
        use_sliding_window=True,
        sliding_window=50,
        max_window_layers=1,
    )
    request = make_request(prompt(200), sampling=LONG)

    reply, _, decoding = most_window_blocks(load_tight(path), request)

    assert reply == cold_reply(load_masked(path), request)
    assert decoding == 2


def test_next_message_reuses_the_whole_conversation(mistral: Path) -> None:
    engine = load_engine(mistral)
    conversation = prompt(500)
    reply = cold_reply(engine, make_request(conversation, sampling=SHORT))
    request = make_request([*conversation, *reply, *prompt(40, 1)], sampling=SHORT)

    warm = run_requests(engine, request)

    assert cached_tokens(warm, "r") == 512  # every full block
    assert warm.token_ids["r"] == cold_reply(load_masked(mistral), request)


def test_regenerate_reuses_the_prompt_when_the_reply_was_long(mistral: Path) -> None:
    engine = load_engine(mistral)
    conversation = prompt(500)
    cold_reply(engine, make_request(conversation, sampling=LONG))
    request = make_request(conversation, sampling=SHORT)

    warm = run_requests(engine, request)

    assert cached_tokens(warm, "r") == 499
    assert warm.token_ids["r"] == cold_reply(load_masked(mistral), request)


def test_conversations_keep_their_ends_when_another_reads_a_long_prompt(mistral: Path) -> None:
    engine = load_engine(mistral, EngineOptions(context_length=1024, kv_pool_tokens=2048))
    conversation = prompt(500)
    run_requests(engine, make_request(conversation, "first", sampling=SHORT))
    run_requests(engine, make_request(prompt(1000, 1), "other", sampling=SHORT))

    warm = run_requests(engine, make_request(conversation, "again", sampling=SHORT))

    assert cached_tokens(warm, "again") == 499


def test_edit_where_the_window_is_gone_computes_again(mistral: Path) -> None:
    engine = load_tight(mistral)
    conversation = prompt(700)
    run_requests(engine, make_request(conversation, "first", sampling=SHORT))
    request = make_request([*conversation[:300], 7, 8, 9], "edited", sampling=SHORT)

    warm = run_requests(engine, request)

    assert cached_tokens(warm, "edited") < 256
    assert warm.token_ids["edited"] == cold_reply(load_masked(mistral), request)


def test_branches_at_any_point_equal_the_cold_text(mistral: Path) -> None:
    engine = load_engine(mistral, EngineOptions(context_length=1024, kv_pool_tokens=1024))
    masked, conversation = load_masked(mistral), prompt(600)
    num_cached = 0
    for at in (600, 20, 599, 450, 300, 580, 128, 448, 64):
        request = make_request([*conversation[:at], 5 + at % 50], f"at {at}", sampling=SHORT)
        warm = run_requests(engine, request)
        num_cached += cached_tokens(warm, f"at {at}")

        assert warm.token_ids[f"at {at}"] == cold_reply(masked, request)
    assert num_cached > 1000


def test_small_window_pool_preempts_and_changes_nothing(mistral: Path) -> None:
    engine, masked = load_tight(mistral, EngineOptions(token_budget=64)), load_masked(mistral)
    requests = [make_request(prompt(90 + i, i), f"r{i}", sampling=LONG) for i in range(4)]
    assert engine._model is not None
    transcript, num_preemptions = Transcript(), 0
    for request in requests:
        transcript.take(engine.add(engine.prepare(request)))
    while engine.has_work:
        transcript.take(engine.step())
        check_blocks(engine)
        open_sequences = engine._model.scheduler.sequences()
        num_preemptions = max(num_preemptions, *(s.num_preemptions for s in open_sequences), 0)

    assert num_preemptions > 0
    for request in requests:
        assert transcript.token_ids[request.request_id] == cold_reply(masked, request)


def test_aborted_and_interrupted_requests_leak_nothing(mistral: Path) -> None:
    engine = load_tight(mistral)
    for number in range(6):
        engine.add(engine.prepare(make_request(prompt(400, number), f"r{number}", sampling=LONG)))
        for stops in (False, True, False):
            engine.step(lambda stops=stops: stops)  # type: ignore[misc]  # a default binds the value
            check_blocks(engine)
        engine.abort(RequestId(f"r{number}"))
        check_blocks(engine)

    stats = engine.stats()
    assert (stats.blocks_used, stats.window_blocks_used) == (0, 0)


def test_logits_of_a_prompt_longer_than_the_window_pool_are_the_masked_ones(mistral: Path) -> None:
    ids = prompt(700)

    logits = load_tight(mistral, EngineOptions(token_budget=33)).prompt_logits(ids)

    np.testing.assert_array_equal(logits, load_masked(mistral).prompt_logits(ids))


@pytest.fixture(scope="module")
def pair(folder: Path) -> Pair:
    return model_pair(folder / "pair", "F32", "mistral", sliding_window=50)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("seed", range(3))
def test_replies_of_random_mixes_are_the_masked_ones_alone(
    pair: Pair, dtype: ComputeDtype, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory_plan, "WINDOWS_WANTED", seed % 2)
    generator = random.Random(seed)
    options = EngineOptions(
        compute_dtype=dtype,
        token_budget=generator.choice((32, 64)),
        min_prefill_chunk=generator.choice((1, 16)),
        kv_pool_tokens=64 * generator.choice((8, 24)),
    )
    mix = Mix(load_pair(pair, options), pair, random_requests(generator, "m"), generator)
    transcript = mix.run()
    masked = load_masked(pair.target, EngineOptions(compute_dtype=dtype))
    load_adapters(masked, pair)

    for request in mix.requests:
        assert masked._model is not None
        masked._model.block_manager.drop_cached()
        alone = run_requests(masked, drafting(request, SpeculationMode.OFF))
        assert_same_reply(transcript, alone, request.request_id)
