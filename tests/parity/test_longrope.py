"""Replies of a network whose angles change with the length of the sequence (longrope)."""

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
from tests.support.tiny_tokenizer import TINY_VOCABULARY_SIZE, write_tokenizer_files

pytestmark = [pytest.mark.parity, pytest.mark.usefixtures("one_thread")]

_SHORT_CONTEXT = 64
_GREEDY = SamplingParams(temperature=0.0, max_tokens=8, ignore_end=True)


@pytest.fixture(scope="module")
def network() -> Network:
    case = CASES["phi3, beyond its first context"]
    config = {**case.config, "vocab_size": TINY_VOCABULARY_SIZE}
    return build_network(replace(case, config=config), _SHORT_CONTEXT + 20)


@pytest.fixture(scope="module")
def engine(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder = write_folder(network, tmp_path_factory.mktemp("model"))
    write_tokenizer_files(folder)
    return load_engine(folder, EngineOptions(compute_dtype="float64", kv_pool_tokens=1024))


def _expected(network: Network, prompt: list[int]) -> list[int]:
    """Each token from a pass over all before it, as if nothing were cached."""
    ids = list(prompt)
    for _ in range(8):
        ids.append(int(logits_of(network, ids)[-1].argmax()))
    return ids[len(prompt) :]


@pytest.mark.parametrize("length", [20, _SHORT_CONTEXT - 3, _SHORT_CONTEXT, _SHORT_CONTEXT + 9])
def test_reply_is_that_of_transformers_on_either_side_and_across(
    engine: Engine, network: Network, length: int
) -> None:
    prompt = network.ids[:length]

    assert run_alone(engine, make_request(prompt, sampling=_GREEDY)) == _expected(network, prompt)


def test_prompts_of_both_lengths_share_no_keys(engine: Engine, network: Network) -> None:
    short, long = network.ids[:_SHORT_CONTEXT], network.ids[: _SHORT_CONTEXT + 9]
    run_alone(engine, make_request(short, sampling=_GREEDY))

    both = run_requests(
        engine,
        make_request(long, "long", sampling=_GREEDY),
        make_request(short[:-3], "short", sampling=_GREEDY),
    )

    assert both.token_ids["long"] == _expected(network, long)
    assert both.token_ids["short"] == _expected(network, short[:-3])


def test_drafts_end_where_the_angles_change(engine: Engine, network: Network) -> None:
    prompt = (network.ids[:7] * 9)[: _SHORT_CONTEXT - 3]
    request = make_request(prompt, sampling=_GREEDY)
    plain = run_alone(engine, request)

    drafted = run_alone(engine, replace(request, speculation=Speculation(SpeculationMode.NGRAM)))

    assert drafted == plain == _expected(network, prompt)
