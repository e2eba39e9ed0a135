"""Pairs of tiny models, engines that draft, and random mixes of requests."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import torch

from realm_desktop.engine.engine import Engine
from realm_desktop.engine.options import EngineOptions
from realm_desktop.events import Finished, FinishReason
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
from tests.support.adapters import save_peft, tiny_adapter
from tests.support.engines import Transcript, check_blocks, make_request
from tests.support.tiny_models import TinyModel, save_gguf, tiny_model
from tests.support.tiny_tokenizer import TINY_VOCABULARY_SIZE

MODES = (*SpeculationMode, SpeculationMode.NGRAM, SpeculationMode.DRAFT_MODEL)
END_ID = TINY_VOCABULARY_SIZE - 1


ADAPTER_MIXES: tuple[tuple[AdapterUse, ...], ...] = (
    (),
    (),
    (),
    (),
    (AdapterUse(AdapterId("a"), 1.0),),
    (AdapterUse(AdapterId("a"), 0.5), AdapterUse(AdapterId("b"), 1.0)),
)


class Pair(NamedTuple):
    """A target and a draft model, and adapters "a" and "b" of the target."""

    target: Path
    draft: Path
    adapters: tuple[Path, ...] = ()


def model_pair(folder: Path, tensor_type: str = "F32", *, noise: float = 0.05) -> Pair:
    """A random target, and itself with noise on its weights: such a draft is right now and then."""
    target = tiny_model(vocab_size=TINY_VOCABULARY_SIZE)
    generator = torch.Generator().manual_seed(1)
    weights = {
        name: weight + noise * weight.std() * torch.randn(weight.shape, generator=generator)
        for name, weight in target.weights.items()
    }
    draft = TinyModel(target.architecture, target.config, weights)
    adapters = [tiny_adapter(target, rank=rank, seed=rank, gain=0.1) for rank in (2, 5)]
    return Pair(
        save_gguf(target, folder / "target.gguf", tensor_type=tensor_type, with_tokenizer=True),
        save_gguf(draft, folder / "draft.gguf", tensor_type="F32", with_tokenizer=True),
        tuple(save_peft(adapter, folder / f"{i}") for i, adapter in enumerate(adapters)),
    )


def load_pair(
    pair: Pair,
    options: EngineOptions | None = None,
    clock: Callable[[], float] = lambda: 0.0,
) -> Engine:
    """An engine with both models.

    With a clock that stands still every draft seems free, so drafts have their full length.
    """
    engine = Engine(options, clock)
    command = LoadModel(str(pair.target), "cpu", num_threads=1, draft_path=str(pair.draft))
    engine.load(command, lambda phase, fraction: None)
    load_adapters(engine, pair)
    return engine


def load_adapters(engine: Engine, pair: Pair) -> None:
    """Load the adapters of a pair under the ids that random requests use."""
    for name, path in zip("ab", pair.adapters, strict=False):
        engine.load_adapter(LoadAdapter(AdapterId(name), str(path)))


def drafting(
    request: GenerateRequest, mode: SpeculationMode, max_draft_tokens: int = 8
) -> GenerateRequest:
    """The request with speculation."""
    return replace(request, speculation=Speculation(mode, max_draft_tokens))


class ErraticClock:
    """Seconds that pass at random, so that draft lengths and chunk sizes are random too."""

    def __init__(self, generator: random.Random) -> None:
        self._generator = generator
        self._now_s = 1.0

    def __call__(self) -> float:
        self._now_s += self._generator.choice((0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1e-3, 0.05))
        return self._now_s


def random_sampling(generator: random.Random) -> SamplingParams:
    """Greedy or not, with penalties, stop strings and early ends now and then."""
    return SamplingParams(
        temperature=generator.choice((0.0, 0.0, 0.5, 1.0)),
        top_k=generator.choice((0, 5)),
        seed=generator.randrange(100),
        max_tokens=generator.choice((generator.randint(1, 12), generator.randint(20, 44))),
        repetition_penalty=generator.choice((1.0, 1.0, 1.3)),
        stop=generator.choice(((), (), (), (), (), ("e",), ("th", "an"))),
        logit_bias=generator.choice(((), (), ((END_ID, 2.0),))),
    )


def random_requests(generator: random.Random, name: str) -> list[GenerateRequest]:
    """A few requests on branches of two conversations, with all ways to draft.

    Some use adapters, some must follow a grammar.
    """
    stems = [[generator.randrange(3, 250) for _ in range(140)] for _ in range(2)]
    requests = []
    for number in range(generator.randint(3, 6)):
        stem = generator.choice(stems)[: generator.choice((0, 30, 64, 100, 128, 140))]
        prompt = [*stem, *(generator.choice((5, 6, 7)) for _ in range(generator.randint(1, 12)))]
        request = make_request(
            prompt,
            f"{name}-{number}",
            workspace_id=generator.choice("ab"),
            sampling=random_sampling(generator),
        )
        request = replace(
            request,
            adapters=generator.choice(ADAPTER_MIXES),
            regex=generator.choice((None, None, None, None, "[a-m ]{5,30}")),
        )
        requests.append(drafting(request, generator.choice(MODES), generator.randint(1, 8)))
    return requests


@dataclass
class Mix:
    """Requests that come, change their way to draft and are aborted at random steps."""

    engine: Engine
    requests: list[GenerateRequest]
    generator: random.Random

    def run(self) -> Transcript:
        """Step until all have ended; blocks are checked after every step."""
        transcript, waiting = Transcript(), list(self.requests)
        while waiting or self.engine.has_work:
            if waiting and self.generator.random() < 0.5:
                transcript.take(self.engine.add(self.engine.prepare(waiting.pop())))
            if self.engine.has_work:
                stops = self.generator.random() < 0.05
                transcript.take(self.engine.step(lambda stops=stops: stops))  # type: ignore[misc]  # a default binds the value
            self._disturb(transcript)
            check_blocks(self.engine)
        return transcript

    def _disturb(self, transcript: Transcript) -> None:
        request_id = self.generator.choice(self.requests).request_id
        if self.generator.random() < 0.1:
            speculation = Speculation(self.generator.choice(MODES), self.generator.randint(1, 8))
            self.engine.set_speculation(request_id, speculation)
        if self.generator.random() < 0.01:
            transcript.take(self.engine.abort(request_id))


def assert_same_reply(transcript: Transcript, alone: Transcript, request_id: RequestId) -> None:
    """Assert that a reply is the one that the request gives alone, or its beginning if aborted."""
    end, expected = transcript.ends[request_id], alone.ends[request_id]
    assert isinstance(end, Finished)
    assert isinstance(expected, Finished)
    tokens, expected_tokens = transcript.token_ids[request_id], alone.token_ids[request_id]
    if end.finish_reason is FinishReason.ABORT:
        assert tokens == expected_tokens[: len(tokens)]
        assert alone.text[request_id].startswith(transcript.text[request_id])
        return
    assert tokens == expected_tokens
    assert transcript.text[request_id] == alone.text[request_id]
    assert end.finish_reason == expected.finish_reason
