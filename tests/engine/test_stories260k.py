"""The whole engine against recorded references of a real trained model that nobody here trained."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import numpy as np
import pytest

from realm_desktop.engine.engine import Engine
from realm_desktop.events import Finished
from realm_desktop.protocol import GenerateRequest, RequestId
from realm_desktop.sampling_params import SamplingParams
from tests.support.engines import load_engine, make_request, run_requests
from tests.support.shared_data import shared_data

GREEDY = SamplingParams(temperature=0.0, max_tokens=64, ignore_end=True)
NUM_PROMPTS = 6


@cache
def reference(index: int) -> dict[str, Any]:
    text = shared_data("stories260K-f32.reference.json").read_text(encoding="utf-8")
    prompt: dict[str, Any] = json.loads(text)["prompts"][index]
    return prompt


@pytest.fixture(scope="module")
def engine() -> Engine:
    return load_engine(shared_data("stories260K-f32.gguf"))


@pytest.mark.parity
@pytest.mark.parametrize("index", range(NUM_PROMPTS))
def test_greedy_tokens_equal_the_recorded_ones(engine: Engine, index: int) -> None:
    expected = reference(index)
    request = make_request(expected["ids"], f"r{index}", sampling=GREEDY)

    assert run_requests(engine, request).token_ids[f"r{index}"] == expected["greedy"]


@pytest.mark.parity
def test_six_prompts_in_one_batch_give_the_recorded_tokens(engine: Engine) -> None:
    requests = [
        make_request(reference(index)["ids"], f"r{index}", sampling=GREEDY)
        for index in range(NUM_PROMPTS)
    ]

    transcript = run_requests(engine, *requests)

    for index in range(NUM_PROMPTS):
        assert transcript.token_ids[f"r{index}"] == reference(index)["greedy"]


@pytest.mark.parity
@pytest.mark.parametrize("index", range(NUM_PROMPTS))
def test_logits_agree_with_the_float64_forward(engine: Engine, index: int) -> None:
    expected = np.load(shared_data("stories260K-f32.logits.npz"))[f"prompt_{index}"]

    logits = engine.prompt_logits(reference(index)["ids"])

    np.testing.assert_allclose(logits, expected, atol=1e-3, rtol=0)


@pytest.mark.parity
@pytest.mark.parametrize("index", range(NUM_PROMPTS))
def test_streamed_text_equals_the_recorded_one(engine: Engine, index: int) -> None:
    expected = reference(index)
    request = GenerateRequest(RequestId("text"), prompt=expected["prompt"], sampling=GREEDY)

    transcript = run_requests(engine, request)

    assert isinstance(transcript.ends["text"], Finished)
    # The record spells byte tokens out, and keeps the space that SPM puts before a first word.
    text = expected["text"].replace("<0x0A>", "\n")
    assert transcript.text["text"] == (text if expected["prompt"] else text.lstrip())
