"""Adapters in the engine: merged weights, mixed batches, generations, and hostile neighbours."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from realm_desktop.engine.engine import Engine
from realm_desktop.engine.kernels.library import SWITCH, describe_kernels
from realm_desktop.engine.options import ComputeDtype, EngineOptions
from realm_desktop.errors import RealmError, RequestError
from realm_desktop.events import Failed
from realm_desktop.protocol import (
    AdapterId,
    AdapterUse,
    GenerateRequest,
    LoadAdapter,
    Speculation,
    SpeculationMode,
)
from realm_desktop.sampling_params import SamplingParams
from tests.support.adapters import (
    TinyAdapter,
    merged,
    save_gguf_adapter,
    save_peft,
    tiny_adapter,
)
from tests.support.engines import Transcript, load_engine, make_request, run_alone, run_requests
from tests.support.tiny_models import TinyModel, save_gguf, save_safetensors, tiny_model
from tests.support.tiny_tokenizer import TINY_VOCABULARY_SIZE

pytestmark = pytest.mark.usefixtures("one_thread")

DTYPES: tuple[ComputeDtype, ...] = ("float32", "bfloat16")
SMALL_POOL = 2048
RANKS = (1, 4, 16, 33)


def _uses(*uses: tuple[str, float]) -> tuple[AdapterUse, ...]:
    return tuple(AdapterUse(AdapterId(name), weight) for name, weight in uses)


def _with(request: GenerateRequest, *uses: tuple[str, float]) -> GenerateRequest:
    return replace(request, adapters=_uses(*uses))


def _load(engine: Engine, name: str, path: Path) -> None:
    engine.load_adapter(LoadAdapter(AdapterId(name), str(path)))


@pytest.fixture(scope="module")
def model() -> TinyModel:
    return tiny_model(vocab_size=TINY_VOCABULARY_SIZE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("adapters")


@pytest.fixture(scope="module")
def model_path(model: TinyModel, folder: Path) -> Path:
    return save_safetensors(model, folder / "base", with_tokenizer=True)


@pytest.fixture(scope="module")
def adapters(model: TinyModel) -> list[TinyAdapter]:
    return [
        tiny_adapter(model, rank=rank, alpha=2.0 * rank, seed=rank, gain=0.3 / rank**0.5)
        for rank in RANKS
    ]


@pytest.fixture(scope="module")
def paths(adapters: list[TinyAdapter], folder: Path) -> list[Path]:
    return [save_peft(adapter, folder / f"a{i}") for i, adapter in enumerate(adapters)]


def _engine(path: Path, dtype: ComputeDtype, adapter_paths: Iterable[Path] = ()) -> Engine:
    engine = load_engine(path, EngineOptions(compute_dtype=dtype, kv_pool_tokens=SMALL_POOL))
    for index, adapter_path in enumerate(adapter_paths):
        _load(engine, f"a{index}", adapter_path)
    return engine


def _prompt(seed: int, length: int = 30) -> list[int]:
    return random.Random(seed).choices(range(5, 160), k=length)


def test_mix_equals_merged_weights(
    model: TinyModel,
    model_path: Path,
    adapters: list[TinyAdapter],
    paths: list[Path],
    tmp_path: Path,
) -> None:
    merged_model = merged(model, (adapters[1], 0.5), (adapters[3], -0.25))
    path = save_safetensors(merged_model, tmp_path, dtype=torch.float64, with_tokenizer=True)
    expected = _engine(path, "float64").prompt_logits(_prompt(0))

    engine = _engine(model_path, "float64", paths)
    logits = engine.prompt_logits(_prompt(0), _uses(("a1", 0.5), ("a3", -0.25)))

    # The merged file is read through float32, so its weights are rounded once more.
    np.testing.assert_allclose(logits, expected, rtol=0, atol=1e-5)
    assert abs(logits - engine.prompt_logits(_prompt(0))).max() > 0.1


@pytest.mark.parametrize("architecture", ["llama", "mistral", "qwen2", "qwen3"])
@pytest.mark.parametrize("container", ["gguf", "safetensors"])
def test_peft_and_gguf_forms_give_the_same_logits(
    architecture: str, container: str, tmp_path: Path
) -> None:
    model = tiny_model(architecture, vocab_size=TINY_VOCABULARY_SIZE)
    if container == "gguf":
        path = save_gguf(model, tmp_path / "base.gguf", with_tokenizer=True)
    else:
        path = save_safetensors(model, tmp_path / "base", with_tokenizer=True)
    adapter = tiny_adapter(model)
    both = [save_peft(adapter, tmp_path / "a"), save_gguf_adapter(adapter, tmp_path / "a.gguf")]
    engine = _engine(path, "float32", both)

    peft, gguf = (engine.prompt_logits(_prompt(1), _uses((name, 0.7))) for name in ("a0", "a1"))

    np.testing.assert_array_equal(peft, gguf)
    assert abs(peft - engine.prompt_logits(_prompt(1))).max() > 0.1


@pytest.mark.parametrize("dtype", DTYPES)
def test_weight_0_is_the_base_model_to_the_last_bit(
    model_path: Path, paths: list[Path], dtype: ComputeDtype
) -> None:
    base = _engine(model_path, dtype).prompt_logits(_prompt(2))
    engine = _engine(model_path, dtype, paths)

    np.testing.assert_array_equal(engine.prompt_logits(_prompt(2), _uses(("a1", 0.0))), base)
    np.testing.assert_array_equal(engine.prompt_logits(_prompt(2)), base)


def _drop_cached(engine: Engine) -> None:
    model = engine._model
    assert model is not None
    model.block_manager.drop_cached()


LOGPROBS = SamplingParams(temperature=0.7, seed=3, max_tokens=12, logprobs=5, ignore_end=True)


def _entries(transcript: Transcript, request_id: str) -> list[object]:
    """Tokens with the bits of their log-probabilities."""
    return [
        event.logprobs
        for event in transcript.events
        if getattr(event, "request_id", None) == request_id and hasattr(event, "logprobs")
    ]


@pytest.mark.parametrize("dtype", DTYPES)
def test_mixed_batch_equals_every_request_alone(
    model_path: Path, paths: list[Path], dtype: ComputeDtype
) -> None:
    engine = _engine(model_path, dtype, paths)
    mixes = [(), (("a0", 1.0),), (("a1", 0.5),), (("a2", -1.0),), (("a3", 0.3),)]
    mixes += [(("a3", 0.5), ("a0", 1.0)), (("a1", 1.0), ("a2", 0.25), ("a0", 0.1)), ()]
    requests = [
        _with(make_request(_prompt(7, 20 + 9 * i), f"r{i}", sampling=LOGPROBS), *mix)
        for i, mix in enumerate(mixes)
    ]
    together = run_requests(engine, *requests)

    base = _engine(model_path, dtype)
    for request in requests:
        engine_alone = engine if request.adapters else base
        _drop_cached(engine_alone)
        alone = run_requests(engine_alone, request)
        assert _entries(together, request.request_id) == _entries(alone, request.request_id)


@pytest.mark.parametrize("dtype", DTYPES)
def test_place_in_the_slab_does_not_change_a_bit(
    model_path: Path, paths: list[Path], dtype: ComputeDtype
) -> None:
    first = _engine(model_path, dtype, paths)
    second = _engine(model_path, dtype, reversed(paths))
    for index in range(len(paths)):
        mix = _uses((f"a{index}", 0.9), (f"a{(index + 1) % 4}", 0.2))
        mirrored = _uses((f"a{3 - index}", 0.9), (f"a{3 - (index + 1) % 4}", 0.2))

        np.testing.assert_array_equal(
            first.prompt_logits(_prompt(4), mix), second.prompt_logits(_prompt(4), mirrored)
        )


def test_drafts_change_no_reply_of_an_adapter(model_path: Path, paths: list[Path]) -> None:
    engine = _engine(model_path, "float32", paths)
    ngram = Speculation(SpeculationMode.NGRAM)
    prompts = [_prompt(seed, 12) * 4 for seed in range(3)]
    plain = [
        _with(make_request(prompt, f"r{i}"), (f"a{i}", 0.8)) for i, prompt in enumerate(prompts)
    ]
    expected = [run_alone(engine, request) for request in plain]
    _drop_cached(engine)

    together = run_requests(engine, *(replace(request, speculation=ngram) for request in plain))

    assert [together.token_ids[request.request_id] for request in plain] == expected


def test_mixes_share_no_prefix(model_path: Path, paths: list[Path]) -> None:
    engine = _engine(model_path, "float32", paths)
    prompt = _prompt(5, 100)
    run_requests(engine, make_request(prompt))
    request = _with(make_request(prompt), ("a1", 1.0))

    run_requests(engine, request)

    model = engine._model
    assert model is not None
    assert model.requests.num_cached_tokens == 0
    run_requests(engine, request)
    assert model.requests.num_cached_tokens > 60


def test_running_request_keeps_the_generation_it_started_with(
    model_path: Path, paths: list[Path]
) -> None:
    engine = _engine(model_path, "float32", paths)
    request = _with(make_request(_prompt(6)), ("a1", 1.0))
    expected = run_alone(engine, request)
    transcript = Transcript()
    transcript.take(engine.add(engine.prepare(request)))
    for _ in range(3):
        transcript.take(engine.step())
    _load(engine, "a1", paths[2])
    while engine.has_work:
        transcript.take(engine.step())

    assert transcript.token_ids["r"] == expected
    assert run_alone(engine, request) == run_alone(
        engine, _with(make_request(_prompt(6)), ("a2", 1.0))
    )


def test_unloaded_adapter_serves_its_last_request(model_path: Path, paths: list[Path]) -> None:
    engine = _engine(model_path, "float32", paths)
    request = _with(make_request(_prompt(6)), ("a1", 1.0))
    expected = run_alone(engine, request)
    transcript = Transcript()
    transcript.take(engine.add(engine.prepare(request)))
    engine.unload_adapter(AdapterId("a1"))
    _load(engine, "new", paths[3])  # must not take the ranks that are in use
    while engine.has_work:
        transcript.take(engine.step())

    assert transcript.token_ids["r"] == expected
    assert isinstance(run_requests(engine, request).ends["r"], Failed)


def test_adapters_come_and_go_while_others_generate(model_path: Path, paths: list[Path]) -> None:
    engine = _engine(model_path, "bfloat16", paths[:2])
    requests = [
        _with(make_request(_prompt(i), f"r{i}", sampling=LOGPROBS), *mix)
        for i, mix in enumerate([(), (("a0", 1.0),), (("a1", 0.5),), (("a1", 1.0), ("a0", 1.0))])
    ]
    expected = [run_alone(engine, request) for request in requests]
    chance = random.Random(0)
    _drop_cached(engine)
    transcript = Transcript()
    for request in requests:
        transcript.take(engine.add(engine.prepare(request)))
    while engine.has_work:
        name = f"x{chance.randrange(6)}"
        if chance.random() < 0.5:
            _load(engine, name, chance.choice(paths))
        else:
            engine.unload_adapter(AdapterId(name))
        transcript.take(engine.step())

    assert [transcript.token_ids[request.request_id] for request in requests] == expected


def test_memory_is_given_back_with_the_last_adapter(model_path: Path, paths: list[Path]) -> None:
    engine = _engine(model_path, "float32", paths)
    model = engine._model
    assert model is not None
    assert model.adapters.num_bytes > 0
    for index in range(len(paths)):
        engine.unload_adapter(AdapterId(f"a{index}"))

    assert model.adapters.num_bytes == 0


def test_adapters_are_dropped_with_the_model(model_path: Path, paths: list[Path]) -> None:
    engine = _engine(model_path, "float32", paths)
    engine.unload()
    engine = load_engine(model_path)

    with pytest.raises(RequestError, match="no adapter a1 is loaded"):
        engine.prompt_logits(_prompt(0), _uses(("a1", 1.0)))


@pytest.mark.parametrize("dtype", DTYPES)
def test_overflowing_adapter_fails_alone(
    model: TinyModel, model_path: Path, tmp_path: Path, dtype: ComputeDtype
) -> None:
    options = EngineOptions(compute_dtype=dtype, kv_pool_tokens=256)
    engine = load_engine(model_path, options)
    good = make_request(_prompt(1, 50), "good")
    expected = run_alone(engine, good)
    _load(engine, "huge", save_peft(tiny_adapter(model, gain=1e37), tmp_path))
    bad = [_with(make_request(_prompt(i, 70), f"bad{i}"), ("huge", 1.0)) for i in range(2)]

    transcript = run_requests(engine, bad[0], good, bad[1])

    assert transcript.token_ids["good"] == expected
    assert isinstance(transcript.ends["bad0"], Failed)


@pytest.mark.parametrize("gain", [1e20, 1e37])
@pytest.mark.parametrize("dtype", DTYPES)
def test_blocks_of_an_overflowing_adapter_can_be_used_again(
    model: TinyModel, model_path: Path, tmp_path: Path, dtype: ComputeDtype, gain: float
) -> None:
    options = EngineOptions(compute_dtype=dtype, kv_pool_tokens=128)
    engine = load_engine(model_path, options)
    good = make_request(_prompt(1, 50), "good")
    expected = run_alone(engine, good)
    _load(engine, "huge", save_peft(tiny_adapter(model, gain=gain), tmp_path))
    run_requests(engine, _with(make_request(_prompt(2, 120)), ("huge", 1.0)))

    assert run_alone(engine, good) == expected


def test_refused_adapter_changes_nothing(
    model: TinyModel, model_path: Path, paths: list[Path], tmp_path: Path
) -> None:
    engine = _engine(model_path, "float32", paths)
    request = _with(make_request(_prompt(6)), ("a1", 1.0))
    expected = run_alone(engine, request)
    adapter = tiny_adapter(model)
    tensors = adapter.tensors()
    name = next(iter(tensors))
    tensors[name] = tensors[name] * float("nan")

    with pytest.raises(RealmError):
        _load(engine, "a1", save_peft(adapter, tmp_path, tensors))
    assert run_alone(engine, request) == expected


@pytest.mark.parametrize("switch", ["", "off"])
def test_bfloat16_adapters_are_packed_where_there_are_kernels(
    model_path: Path, paths: list[Path], monkeypatch: pytest.MonkeyPatch, switch: str
) -> None:
    monkeypatch.setenv(SWITCH, switch)
    engine = _engine(model_path, "bfloat16", paths)
    token_ids = run_alone(engine, _with(make_request([5, 6, 7]), ("a2", 1.0)))
    assert engine._model is not None

    decoder = engine._model.decoder

    assert len(token_ids) == 16
    assert decoder.adapter_layout == ("tiled" if describe_kernels()[0] is None else "packed")
    assert {slab.layout for slab in decoder.adapter_slabs.values()} == {decoder.adapter_layout}
