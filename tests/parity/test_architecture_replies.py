"""Replies of the whole engine: windows with their own blocks, several angles, bounded logits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from realm_desktop.engine.engine import Engine
from realm_desktop.engine.options import EngineOptions
from realm_desktop.protocol import Speculation, SpeculationMode
from realm_desktop.sampling_params import SamplingParams
from tests.support.architecture_cases import CASES
from tests.support.architectures import Network, build_network, logits_of, write_folder
from tests.support.engines import load_engine, make_request, run_alone, run_requests
from tests.support.gemma_cases import GEMMA_CASES
from tests.support.tiny_tokenizer import TINY_VOCABULARY_SIZE, write_tokenizer_files

pytestmark = [pytest.mark.parity, pytest.mark.usefixtures("one_thread")]

_NUM_TOKENS = 6
_GREEDY = SamplingParams(temperature=0.0, max_tokens=_NUM_TOKENS, ignore_end=True)
_NAMES = ["gemma2", "gemma3", "cohere2", "olmo3", "phi3", "smollm3", "gemma3n", "gemma4, experts"]


@pytest.fixture(scope="module", params=_NAMES)
def network(request: pytest.FixtureRequest) -> Network:
    case = {**CASES, **GEMMA_CASES}[request.param]
    config = {**case.config, "vocab_size": TINY_VOCABULARY_SIZE}
    return build_network(replace(case, config=config), 150)


@pytest.fixture(scope="module")
def engine(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder = write_folder(network, tmp_path_factory.mktemp("model"))
    write_tokenizer_files(folder)
    return load_engine(folder, EngineOptions(compute_dtype="float32", kv_pool_tokens=1024))


def _expected(network: Network, prompt: list[int]) -> list[int]:
    ids = list(prompt)
    for _ in range(_NUM_TOKENS):
        ids.append(int(logits_of(network, ids)[-1].argmax()))
    return ids[len(prompt) :]


def test_replies_of_a_batch_are_those_of_transformers(engine: Engine, network: Network) -> None:
    prompts = [network.ids[:11], network.ids, network.ids[40:103]]
    requests = [
        make_request(prompt, f"r{index}", sampling=_GREEDY) for index, prompt in enumerate(prompts)
    ]

    replies = run_requests(engine, *requests).token_ids

    for request, prompt in zip(requests, prompts, strict=True):
        assert replies[request.request_id] == _expected(network, prompt)


def test_drafts_change_nothing(engine: Engine, network: Network) -> None:
    request = make_request((network.ids[:9] * 12)[:100], sampling=_GREEDY)
    plain = run_alone(engine, request)

    drafting = replace(request, speculation=Speculation(SpeculationMode.NGRAM))

    assert run_alone(engine, drafting) == plain
