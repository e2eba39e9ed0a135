"""The whole engine on a GPU: decodes against the bandwidth, chats together, adapters, drafts, transformers."""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple
from unittest import mock

import torch

from realm_desktop.cli import random_adapters
from realm_desktop.engine import engine as engine_module
from realm_desktop.engine import loaded_model
from realm_desktop.engine.engine import Engine
from realm_desktop.engine.options import EngineOptions
from realm_desktop.engine.sampling.chooser import TokenChooser
from realm_desktop.engine.sampling.match import match_drafts
from realm_desktop.engine.sampling.sampler import SampledToken
from realm_desktop.engine.self_test import relative_error
from realm_desktop.events import Failed, TextDelta
from realm_desktop.protocol import (
    AdapterId,
    AdapterUse,
    GenerateRequest,
    LoadAdapter,
    LoadModel,
    RequestId,
    Speculation,
    SpeculationMode,
)
from realm_desktop.sampling_params import SamplingParams
from tests.benchmarks.gpu_models import (
    LLAMA_1B,
    LLAMA_8B,
    TINY,
    TINY_WIDE,
    Kind,
    MemoryModel,
    Shape,
    memory_model,
)
from tests.benchmarks.gpu_row import Bench, Row

_STARTER: Final = Path(__file__).parents[2] / "resources" / "starter" / "starter.gguf"
PROMPT_TOKENS: Final = 128
DECODE_TOKENS: Final = 96
_BATCHES: Final = (1, 8, 32)
_SMALL_BATCHES: Final = (1, 3)
_MIXED: Final = ("off", "ngram", "draft_model", "off", "auto", "ngram")
_NO_DRAFTS: Final = Speculation(SpeculationMode.OFF)
_BATCH_GOALS: Final = {8: 5.0, 32: 15.0}
_EDIT: Final = (
    "The little boat was red and blue. It had a tall sail and a small flag. Every morning it went"
    " out on the lake with the wind behind it, and every evening it came home before the dark. One"
    " day the wind was gone and the lake was still. The boat waited until a bird came down."
)


class _Speed(NamedTuple):
    """Tokens per second of all replies, behind the last first token."""

    tokens_per_s: float
    num_tokens: int


def parity_rows(bench: Bench) -> Iterator[Row]:
    """The engine's own path, with graphs where it has them: its logits, and chats in any mix."""
    if not _STARTER.exists():
        yield Row("starter", "not run: no starter here")
        return
    engine = _starter_engine(bench)
    ids = random.Random(0).choices(range(3, 4000), k=90)
    found = torch.from_numpy(engine.prompt_logits(ids))
    reference = Engine(EngineOptions(compute_dtype="float64"))
    reference.load(LoadModel(str(_STARTER), "cpu"), lambda *_: None)
    wanted = torch.from_numpy(reference.prompt_logits(ids))
    error = relative_error(found, wanted, is_by_row=True)
    yield Row(
        "logits of a prompt through the engine", f"{error:.4f} off", error, 0.08, is_most=True
    )
    num_tokens = 8 if bench.is_small else 40
    modes = map(SpeculationMode, _MIXED)
    requests = [_story(index, mode, num_tokens) for index, mode in enumerate(modes)]
    together = _texts(engine, requests)
    alone = [_texts(engine, [replace(each, speculation=_NO_DRAFTS)])[0] for each in requests]
    equal = sum(a == b for a, b in zip(together, alone, strict=True))
    yield Row(
        "texts of chats, together as alone", f"{equal} of {len(alone)}", equal / len(alone), 1
    )
    engine.unload()


def _texts(engine: Engine, requests: Sequence[GenerateRequest]) -> list[tuple[int, ...]]:
    """Token ids of each reply."""
    found: dict[str, list[int]] = {request.request_id: [] for request in requests}
    for request in requests:
        engine.add(engine.prepare(request))
    while engine.has_work:
        for event in engine.step():
            if isinstance(event, TextDelta):
                found[event.request_id] += event.token_ids
    return [tuple(ids) for ids in found.values()]


def _story(index: int, mode: SpeculationMode, num_tokens: int) -> GenerateRequest:
    """A sampled reply with a seed of its own."""
    return GenerateRequest(
        RequestId(f"story-{index}"),
        prompt=_EDIT[: 40 + 30 * index],
        sampling=SamplingParams(
            temperature=0.8, seed=index, max_tokens=num_tokens, ignore_end=True
        ),
        speculation=Speculation(mode),
    )


def decode_rows(bench: Bench) -> Iterator[Row]:
    """Two sizes in two types at three numbers of chats, against what the bandwidth allows."""
    shapes = (TINY, TINY_WIDE) if bench.is_small else (LLAMA_1B, LLAMA_8B)
    kinds: tuple[Kind, ...] = ("Q4_K_M", "BF16")
    for shape in shapes:
        for kind in kinds:
            if bench.left_s < 40.0 and not bench.is_small:
                yield Row(f"{shape.name} {kind}", "not run: out of time")
                continue
            yield from _decodes_of(bench, shape, kind)


def _decodes_of(bench: Bench, shape: Shape, kind: Kind) -> Iterator[Row]:
    model = memory_model(shape, kind)
    engine = _engine_of(bench, model)
    info = engine.info
    assert info is not None, "it was just loaded"
    # Of the table of an untied network a step reads a few rows.
    unread = 0 if shape.is_tied else model.tensors["token_embd.weight"].num_bytes
    weights = model.size_bytes - unread
    length = PROMPT_TOKENS + DECODE_TOKENS // 2
    kv_per_chat = length * 4 * shape.num_layers * shape.num_kv_heads * shape.head_dim
    alone = 0.0
    for batch in _SMALL_BATCHES if bench.is_small else _BATCHES:
        speed = measure(
            bench, engine, [random_request(bench, shape, index) for index in range(batch)]
        )
        limit = batch * bench.bytes_per_s / (weights + batch * kv_per_chat)
        part = speed.tokens_per_s / limit
        what = f"{shape.name} {kind}, {batch} chat(s), {info.backend}"
        value = f"{speed.tokens_per_s:,.0f} tok/s, {100 * part:.0f} % of limit"
        yield Row(what, value, part if batch == 1 else None, 0.7)
        if batch == 1:
            alone = speed.tokens_per_s
        else:
            ratio = speed.tokens_per_s / alone
            yield Row(
                f"  {batch} chats against one",
                f"{ratio:.1f} times",
                ratio,
                _BATCH_GOALS.get(batch, 0.0),
            )
    engine.unload()


def adapter_rows(bench: Bench) -> Iterator[Row]:
    """Eight chats with four mixed adapters against eight without."""
    shape = TINY if bench.is_small else LLAMA_1B
    engine = engine_with(bench, shape, "Q4_K_M")
    with tempfile.TemporaryDirectory() as folder:
        model = memory_model(shape, "Q4_K_M")
        with mock.patch.object(random_adapters, "open_model", return_value=model):
            paths = random_adapters.write_random_adapters(model.path, 4, Path(folder))
        for path in paths:
            engine.load_adapter(LoadAdapter(AdapterId(path.name), str(path)))
    plain = [random_request(bench, shape, index) for index in range(8)]
    mixed = [
        random_request(bench, shape, index, adapter=AdapterId(paths[index % 4].name))
        for index in range(8)
    ]
    speeds: dict[bool, list[float]] = {False: [], True: []}
    for _ in range(
        1 if bench.is_small else 3
    ):  # in turn, so that a card that slows down slows both
        for is_mixed, requests in ((False, plain), (True, mixed)):
            speeds[is_mixed].append(measure(bench, engine, requests).tokens_per_s)
    ratio = statistics.median(speeds[False]) / statistics.median(speeds[True])
    what = f"{shape.name} Q4_K_M, 4 mixed adapters against none"
    yield Row(what, f"{ratio:.2f} times the time", ratio, 1.15, is_most=True)
    engine.unload()


def speculation_rows(bench: Bench) -> Iterator[Row]:
    """The starter with its draft model; then an edit that n-gram drafts find in the prompt."""
    if _STARTER.exists():
        yield _starter_row(bench)
    else:
        yield Row("starter pair", "not run: no starter here")
    shape = TINY if bench.is_small else LLAMA_1B
    engine = engine_with(bench, shape, "Q4_K_M")
    ids = _ids_of(engine, _EDIT[:60] if bench.is_small else _EDIT)
    # As a model that can edit would write it: the passage with one word in its middle changed.
    script = [*ids[: len(ids) // 2], *_ids_of(engine, " old"), *ids[len(ids) // 2 :]]
    speeds: dict[SpeculationMode, list[float]] = {}
    for round_index in range(1 if bench.is_small else 3):
        for mode in (SpeculationMode.OFF, SpeculationMode.NGRAM):
            sampling = SamplingParams(temperature=0.0, max_tokens=len(script), ignore_end=True)
            request = GenerateRequest(
                RequestId(f"edit-{round_index}"),
                prompt_token_ids=tuple(ids),
                sampling=sampling,
                speculation=Speculation(mode),
            )
            with _scripted(len(ids), script):
                speed = measure(bench, engine, [request]).tokens_per_s
            speeds.setdefault(mode, []).append(speed)
    ratio = max(speeds[SpeculationMode.NGRAM]) / max(speeds[SpeculationMode.OFF])
    what = f"{shape.name} Q4_K_M, an edit, n-gram drafts"
    yield Row(what, f"{ratio:.2f} times without", ratio, 2.0)
    engine.unload()


def _starter_row(bench: Bench) -> Row:
    engine = _starter_engine(bench)
    speeds = {}
    for mode in (SpeculationMode.OFF, SpeculationMode.DRAFT_MODEL):
        request = GenerateRequest(
            RequestId("story"),
            prompt="Once upon a time there was a little boat",
            sampling=SamplingParams(
                temperature=0.0, max_tokens=12 if bench.is_small else 120, ignore_end=True
            ),
            speculation=Speculation(mode),
        )
        speeds[mode] = max(
            measure(bench, engine, [request]).tokens_per_s
            for _ in range(1 if bench.is_small else 3)
        )
    engine.unload()
    ratio = speeds[SpeculationMode.DRAFT_MODEL] / speeds[SpeculationMode.OFF]
    return Row("starter with its draft model, a story", f"{ratio:.2f} times without")


def _starter_engine(bench: Bench) -> Engine:
    draft = str(_STARTER.with_name("starter-draft.gguf"))
    return _loaded(bench, LoadModel(str(_STARTER), draft_path=draft))


def _scripted(
    num_prompt_tokens: int, script: Sequence[int]
) -> AbstractContextManager[object, None]:
    """While it is entered, replies say what is written here; what is computed stays the same."""

    def choose_all(
        _: TokenChooser, tokens: array[int], drafts: tuple[int, ...], *__: object
    ) -> list[SampledToken]:
        first = len(tokens) - num_prompt_tokens

        def choice(index: int) -> SampledToken:
            return SampledToken(script[min(first + index, len(script) - 1)], None)

        return match_drafts(drafts, choice)

    return mock.patch.object(TokenChooser, "choose_all", choose_all)


def engine_with(bench: Bench, shape: Shape, kind: Kind) -> Engine:
    """An engine with random weights."""
    return _engine_of(bench, memory_model(shape, kind))


def _engine_of(bench: Bench, model: MemoryModel) -> Engine:
    tokens = 32 * (PROMPT_TOKENS + DECODE_TOKENS + 64)
    command = LoadModel(str(model.path), context_length=4096, kv_pool_tokens=tokens)
    with mock.patch.object(loaded_model, "open_model", return_value=model):
        return _loaded(bench, command)


def _loaded(bench: Bench, command: LoadModel) -> Engine:
    """An engine on the device, which was tested here: it would test it in a process of its own."""
    engine = Engine()
    with mock.patch.object(engine_module, "choose_place", return_value=bench.place):
        engine.load(command, lambda *_: None)
    return engine


def random_request(
    bench: Bench, shape: Shape, index: int, adapter: AdapterId | None = None
) -> GenerateRequest:
    count = 20 if bench.is_small else PROMPT_TOKENS
    num_tokens = 6 if bench.is_small else DECODE_TOKENS
    return GenerateRequest(
        RequestId(f"r{index}"),
        prompt_token_ids=tuple(random.Random(index).choices(range(shape.vocabulary), k=count)),
        sampling=SamplingParams(temperature=0.0, max_tokens=num_tokens, ignore_end=True),
        adapters=() if adapter is None else (AdapterUse(adapter, 1.0),),
        speculation=Speculation(SpeculationMode.OFF),
    )


def measure(bench: Bench, engine: Engine, requests: Iterable[GenerateRequest]) -> _Speed:
    """Run requests together, once to warm up what compiles, then measured."""
    requests = list(requests)
    first = _run(engine, requests)
    if bench.is_small:
        return first
    best = _run(engine, requests)
    return max(best, _run(engine, requests))


def _run(engine: Engine, requests: Sequence[GenerateRequest]) -> _Speed:
    for request in requests:
        engine.add(engine.prepare(request))
    seen: set[str] = set()
    num_tokens, last_s, first_s = 0, 0.0, 0.0
    while engine.has_work:
        events = engine.step()
        now_s = time.perf_counter()
        for event in events:
            if isinstance(event, Failed):
                raise RuntimeError(event.error.message)
            if not isinstance(event, TextDelta):
                continue
            last_s = now_s
            if event.request_id not in seen:
                # Counted from here on: every prompt has been read.
                seen.add(event.request_id)
                num_tokens, first_s = 0, now_s
            else:
                num_tokens += len(event.token_ids)
    return _Speed(num_tokens / max(last_s - first_s, 1e-9), num_tokens)


def _ids_of(engine: Engine, text: str) -> list[int]:
    assert engine._model is not None, "a model is loaded"
    tokenizer = engine._model.preparer.tokenizer
    return list(tokenizer.encode(text, add_special=False, parse_special=False))
