"""A reply is the same alone and in any mix: the flagship test of the engine.

Each mix is a few requests with their own adapters, grammars, ways to draft and priorities, which
come at random, are aborted, resumed, asked on and regenerated, while budgets, priorities, drafters
and adapters change, a small pool forces some to make room, and steps fail. Every reply must be, to
the last bit of its log-probabilities, the one that its request gives alone without speculation and
cache.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import pytest

from realm_desktop.engine.engine import Engine
from realm_desktop.engine.options import ComputeDtype, EngineOptions
from realm_desktop.engine.sampling import grammar
from realm_desktop.engine.sampling.grammar_guard import GrammarGuard
from realm_desktop.protocol import KVCacheDtype, SpeculationMode
from tests.support.engines import Transcript, load_engine, run_requests
from tests.support.mixes import ALWAYS, ErraticClock, Mix, assert_same_reply, random_requests
from tests.support.speculation import Pair, drafting, load_adapters, load_pair, model_pair


class Kind(NamedTuple):
    """A form of weights, what is computed with, and a network."""

    tensor_type: str
    dtype: ComputeDtype
    architecture: str
    changes: dict[str, Any]
    kv_cache_dtype: KVCacheDtype = "auto"


WIDE = {"hidden_size": 256, "intermediate_size": 256, "head_dim": 64, "num_hidden_layers": 2}
"""A super-block of the K types holds 256 values of one row."""

KINDS = {
    "float32": Kind("F32", "float32", "llama", {}),
    "bfloat16": Kind("BF16", "bfloat16", "qwen3", {}),
    "q8_0": Kind("Q8_0", "bfloat16", "mistral", {"sliding_window": 48}),
    "q4_k": Kind("Q4_K", "bfloat16", "qwen2", WIDE),
    # As in files of few bits, where matrices of one product differ too.
    "mixed": Kind("Q6_K+Q2_K+Q3_K+IQ4_XS+MXFP4", "bfloat16", "llama", WIDE),
    "int8 KV": Kind("BF16", "bfloat16", "mistral", {"sliding_window": 48}, "int8"),
}
NUM_MIXES = 9
"""Of each kind, 54 together; the slow test computes 150 more, the full count is 300."""


@pytest.fixture(scope="module", autouse=True)
def _one_guard() -> Iterator[None]:
    """All engines ask one process about grammars: one for each would take a sixth of the time."""
    guard = GrammarGuard()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grammar, "GrammarGuard", lambda: guard)
        yield
    guard.close()


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    return KINDS[request.param]


@pytest.fixture(scope="module")
def pair(kind: Kind, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    folder = tmp_path_factory.mktemp(kind.tensor_type)
    return model_pair(folder, kind.tensor_type, kind.architecture, **kind.changes)


@pytest.fixture(scope="module")
def plain(pair: Pair, kind: Kind) -> Engine:
    """The target without a draft model."""
    engine = load_engine(
        pair.target, EngineOptions(compute_dtype=kind.dtype, kv_cache_dtype=kind.kv_cache_dtype)
    )
    load_adapters(engine, pair)
    return engine


def run_alone(plain: Engine, mix: Mix) -> Transcript:
    """Every request by itself, without speculation and with nothing cached."""
    alone = Transcript()
    for request in mix.requests:
        plain._model.block_manager.drop_cached()  # type: ignore[union-attr]  # a model is loaded
        alone.take(run_requests(plain, drafting(request, SpeculationMode.OFF)).events)
    return alone


def check_mix(pair: Pair, kind: Kind, plain: Engine, seed: int) -> Counter[str]:
    """Run one random mix and compare it; what happened in it."""
    generator = random.Random(seed)
    is_crowd = seed % 3 == 0
    options = EngineOptions(
        compute_dtype=kind.dtype,
        kv_cache_dtype=kind.kv_cache_dtype,
        token_budget=generator.choice((32, 64, 256)),
        min_prefill_chunk=generator.choice((1, 16)),
        kv_pool_tokens=64 * (4 if is_crowd else generator.choice((4, 6, 12, 24))),
        max_running=8 if is_crowd else generator.choice((3, 8)),
    )
    erratic = ErraticClock(random.Random(seed))
    clock = generator.choice((erratic, lambda: 0.0))
    requests = random_requests(generator, f"m{seed}", is_crowd=is_crowd)
    mix = Mix(load_pair(pair, options, clock), pair, requests, generator)
    transcript = mix.run()
    mix.engine.unload()
    alone = run_alone(plain, mix)
    for request in mix.requests:
        assert_same_reply(transcript, alone, request.request_id)
    for later, earlier in mix.resumed.items():
        whole = [*transcript.token_ids[earlier], *alone.token_ids[later]]
        assert whole == alone.token_ids[earlier]
    return mix.happened


def check_mixes(pair: Pair, kind: Kind, plain: Engine, seeds: Iterable[int]) -> None:
    happened = Counter[str]()
    for seed in seeds:
        happened += check_mix(pair, kind, plain, seed)

    # Else the mixes would prove nothing about what is missing.
    assert [name for name in sorted(ALWAYS) if not happened[name]] == []
    assert happened["end"] > 4 * NUM_MIXES


@pytest.mark.usefixtures("one_thread")
def test_replies_of_mixes_are_those_alone(pair: Pair, kind: Kind, plain: Engine) -> None:
    check_mixes(pair, kind, plain, range(NUM_MIXES))


@pytest.mark.slow
@pytest.mark.usefixtures("one_thread")
def test_replies_of_more_mixes_are_those_alone(pair: Pair, kind: Kind, plain: Engine) -> None:
    check_mixes(pair, kind, plain, range(1000, 1025))


@pytest.mark.full
@pytest.mark.usefixtures("one_thread")
def test_replies_of_many_mixes_are_those_alone(pair: Pair, kind: Kind, plain: Engine) -> None:
    check_mixes(pair, kind, plain, range(1025, 1041))
