"""Greedy replies token by token against `generate` of transformers, with the same weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch

from realm_desktop.engine.engine import Engine
from realm_desktop.engine.options import EngineOptions
from realm_desktop.sampling_params import SamplingParams
from tests.support.engines import load_engine, make_request, run_alone, run_requests
from tests.support.forward import random_ids
from tests.support.reference_network import Generated, greedy_reply, reference_network
from tests.support.tiny_models import TinyModel, save_gguf, save_safetensors, tiny_model
from tests.support.tiny_tokenizer import TINY_VOCABULARY_SIZE

pytestmark = [pytest.mark.parity, pytest.mark.usefixtures("one_thread")]

CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "llama": ("llama", {}),
    "llama, tied": ("llama", {"tie_word_embeddings": True}),
    "mistral": ("mistral", {}),
    "mistral, window": ("mistral", {"sliding_window": 24}),
    "qwen2": ("qwen2", {}),
    "qwen3": ("qwen3", {"head_dim": 32}),
}
NUM_TOKENS = 48
PROMPT_LENGTHS = (1, 63, 130)
"""One token; beyond the window, and one short of a block, so that the reply crosses its border;
more than two blocks."""

PENALTIES = (1.0, 2.5)
"""With less than 2.5 a tied model would say one token for ever."""

LEAST_LEAD = 1e-4
"""Logits reach about 10 here: float32 errs by some 1e-6 of that on either side. A nearer runner-up
would make the outcome a matter of luck, so the test refuses to judge it."""


class Reference(NamedTuple):
    """A model, prompts, and what transformers replies to each with each penalty."""

    model: TinyModel
    prompts: list[list[int]]
    replies: dict[float, list[Generated]]


def reference_of(name: str, dtype: torch.dtype) -> Reference:
    architecture, changes = CASES[name]
    model = tiny_model(architecture, vocab_size=TINY_VOCABULARY_SIZE, **changes)
    network = reference_network(model, dtype)
    prompts = [random_ids(length, TINY_VOCABULARY_SIZE, length) for length in PROMPT_LENGTHS]
    replies = {
        penalty: [
            greedy_reply(network, prompt, NUM_TOKENS, repetition_penalty=penalty)
            for prompt in prompts
        ]
        for penalty in PENALTIES
    }
    return Reference(model, prompts, replies)


@pytest.fixture(scope="module", params=CASES)
def reference(request: pytest.FixtureRequest) -> Reference:
    return reference_of(request.param, torch.float64)


@pytest.fixture(scope="module", params=["safetensors", "gguf"])
def engine(
    request: pytest.FixtureRequest, reference: Reference, tmp_path_factory: pytest.TempPathFactory
) -> Engine:
    folder = tmp_path_factory.mktemp("model")
    if request.param == "gguf":
        path = save_gguf(reference.model, folder / "model.gguf", with_tokenizer=True)
    else:
        path = save_safetensors(reference.model, folder, with_tokenizer=True)
    return load_engine(path, EngineOptions(compute_dtype="float64", kv_pool_tokens=1024))


def greedy(penalty: float) -> SamplingParams:
    return SamplingParams(
        temperature=0.0, repetition_penalty=penalty, max_tokens=NUM_TOKENS, ignore_end=True
    )


def replies_in_one_batch(engine: Engine, reference: Reference, penalty: float) -> list[list[int]]:
    requests = [
        make_request(prompt, f"r{index}", sampling=greedy(penalty))
        for index, prompt in enumerate(reference.prompts)
    ]
    transcript = run_requests(engine, *requests)
    return [transcript.token_ids[request.request_id] for request in requests]


@pytest.mark.parametrize("penalty", PENALTIES)
def test_greedy_replies_of_a_batch_equal_those_of_transformers(
    engine: Engine, reference: Reference, penalty: float
) -> None:
    expected = reference.replies[penalty]

    replies = replies_in_one_batch(engine, reference, penalty)

    assert min(reply.smallest_lead for reply in expected) > LEAST_LEAD
    assert replies == [reply.token_ids for reply in expected]


def test_greedy_reply_alone_equals_that_of_transformers(
    engine: Engine, reference: Reference
) -> None:
    request = make_request(reference.prompts[-1], sampling=greedy(1.0))

    assert run_alone(engine, request) == reference.replies[1.0][-1].token_ids


def test_replies_are_lively_enough_to_tell_models_apart(reference: Reference) -> None:
    replies = [reply.token_ids for reply in reference.replies[PENALTIES[-1]]]

    # A model that repeats one token would agree with almost any other.
    assert all(len(set(reply)) > NUM_TOKENS // 2 for reply in replies)
    assert len({tuple(reply) for reply in replies}) == len(replies)
    assert replies != [reply.token_ids for reply in reference.replies[1.0]]


def test_window_changes_replies_once_the_context_is_longer() -> None:
    whole, windowed = (
        reference_of(name, torch.float32).replies[1.0] for name in ("mistral", "mistral, window")
    )

    is_same = [a.token_ids == b.token_ids for a, b in zip(whole, windowed, strict=True)]
    assert is_same[1:] == [False] * 2


@pytest.mark.parametrize("name", CASES)
def test_unpatched_transformers_in_float32_replies_the_same(name: str, tmp_path: Path) -> None:
    reference = reference_of(name, torch.float32)
    path = save_safetensors(reference.model, tmp_path, with_tokenizer=True)
    engine = load_engine(path, EngineOptions(compute_dtype="float32", kv_pool_tokens=1024))

    for penalty, expected in reference.replies.items():
        assert min(reply.smallest_lead for reply in expected) > LEAST_LEAD
        replies = replies_in_one_batch(engine, reference, penalty)
        assert replies == [reply.token_ids for reply in expected]
