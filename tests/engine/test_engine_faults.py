"""Requests that fail or are refused: alone, in words, and without harm to the others."""

from __future__ import annotations

from array import array
from pathlib import Path
from typing import Any

import pytest

from realm_desktop.engine.engine import Engine
from realm_desktop.engine.options import EngineOptions
from realm_desktop.engine.sampling.chooser import TokenChooser
from realm_desktop.engine.sampling.sampler import SampledToken
from realm_desktop.engine.sequence import PlannedRows
from realm_desktop.errors import NoModel, PromptTooLong, RequestError
from realm_desktop.events import Failed, Finished
from realm_desktop.protocol import AdapterId, AdapterUse, GenerateRequest, RequestId
from tests.support.engines import load_engine, make_request, run_alone, run_requests
from tests.support.tiny_models import tiny_gguf


@pytest.fixture(scope="module")
def model_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_gguf(tmp_path_factory.mktemp("model"), with_tokenizer=True)


@pytest.fixture
def engine(model_path: Path) -> Engine:
    return load_engine(model_path)


def test_sampler_fault_ends_its_own_request_only(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def choose(self: TokenChooser, tokens: array[int], *rest: Any) -> list[SampledToken]:
        if tokens[0] == 6:  # the bad one's first
            raise ValueError("injected")
        return original(self, tokens, *rest)

    original = TokenChooser.choose_all
    with monkeypatch.context() as patch:
        patch.setattr(TokenChooser, "choose_all", choose)
        transcript = run_requests(
            engine, make_request(range(5, 25), "good"), make_request(range(6, 26), "bad")
        )

    assert isinstance(transcript.ends["bad"], Failed)
    assert isinstance(transcript.ends["good"], Finished)
    assert transcript.token_ids["good"] == run_alone(engine, make_request(range(5, 25)))


def test_forward_fault_is_narrowed_down_to_one_request(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = engine._model.runner  # type: ignore[union-attr]  # a model is loaded
    original = runner.forward

    def forward(rows: list[PlannedRows], *rest: Any, **options: Any) -> Any:
        if any(row.sequence.request_id == "bad" for row in rows):
            raise RuntimeError("injected")
        return original(rows, *rest, **options)

    monkeypatch.setattr(type(runner), "forward", lambda self, *a, **k: forward(*a, **k))
    requests = [
        make_request(range(5 + i, 25 + i), name) for i, name in enumerate(["a", "bad", "c"])
    ]

    transcript = run_requests(engine, *requests)

    assert isinstance(transcript.ends["bad"], Failed)
    assert all(len(transcript.token_ids[name]) == 16 for name in ("a", "c"))


def test_same_id_twice_is_refused_without_harm_to_the_first(engine: Engine) -> None:
    engine.add(engine.prepare(make_request(range(5, 25))))

    events = engine.add(engine.prepare(make_request(range(5, 25))))

    assert isinstance(events[0], Failed)
    assert engine.has_work


def test_prompt_longer_than_the_context_is_refused_with_numbers(model_path: Path) -> None:
    engine = load_engine(model_path, EngineOptions(context_length=64))

    with pytest.raises(PromptTooLong, match="has 64 tokens; 63 fit"):
        engine.prepare(make_request(range(3, 67)))


def test_token_outside_the_vocabulary_is_refused(engine: Engine) -> None:
    with pytest.raises(RequestError, match="token id 99999 is outside the vocabulary"):
        engine.prepare(make_request([5, 99_999]))


def test_unknown_adapter_is_refused_in_words(engine: Engine) -> None:
    request = GenerateRequest(
        RequestId("r"), prompt_token_ids=(5,), adapters=(AdapterUse(AdapterId("a")),)
    )

    (failure,) = engine.add(engine.prepare(request))

    assert isinstance(failure, Failed)
    assert failure.error.message == "no adapter a is loaded"
    assert not engine.has_work


def test_request_without_a_model_is_refused() -> None:
    with pytest.raises(NoModel):
        Engine().prepare(make_request([1]))
