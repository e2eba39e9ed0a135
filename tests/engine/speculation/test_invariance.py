"""Drafts never change a word: random mixes against each request alone without speculation."""

from __future__ import annotations

import random

import pytest

from realm_desktop.engine.engine import Engine
from realm_desktop.engine.options import ComputeDtype, EngineOptions
from realm_desktop.protocol import SpeculationMode
from tests.support.engines import Transcript, load_engine, run_requests
from tests.support.speculation import (
    ErraticClock,
    Mix,
    Pair,
    assert_same_reply,
    drafting,
    load_adapters,
    load_pair,
    model_pair,
    random_requests,
)

KINDS: dict[str, tuple[str, ComputeDtype]] = {
    "float32": ("F32", "float32"),
    "bfloat16": ("F32", "bfloat16"),
    "q8_0": ("Q8_0", "bfloat16"),
}
MIXES_PER_CASE = 4


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def pair(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return model_pair(tmp_path_factory.mktemp(kind), KINDS[kind][0])


@pytest.fixture(scope="module")
def plain(pair: Pair, kind: str) -> Engine:
    """The target without a draft model."""
    engine = load_engine(pair.target, EngineOptions(compute_dtype=KINDS[kind][1]))
    load_adapters(engine, pair)
    return engine


def run_alone(plain: Engine, mix: Mix) -> Transcript:
    """Every request by itself, without speculation and with nothing cached."""
    alone = Transcript()
    for request in mix.requests:
        plain._model.block_manager.drop_cached()  # type: ignore[union-attr]  # a model is loaded
        alone.take(run_requests(plain, drafting(request, SpeculationMode.OFF)).events)
    return alone


def check_mix(pair: Pair, kind: str, plain: Engine, seed: int) -> tuple[int, int]:
    """Run one random mix; the draft tokens verified and accepted in it."""
    generator = random.Random(seed)
    options = EngineOptions(
        compute_dtype=KINDS[kind][1],
        token_budget=generator.choice((32, 64, 256)),
        min_prefill_chunk=generator.choice((1, 16)),
        kv_pool_tokens=64 * generator.choice((4, 6, 12, 24)),
        max_running=generator.choice((3, 8)),
    )
    erratic = ErraticClock(random.Random(seed))
    clock = generator.choice((erratic, lambda: 0.0))
    mix = Mix(load_pair(pair, options, clock), random_requests(generator, f"m{seed}"), generator)
    transcript = mix.run()
    alone = run_alone(plain, mix)
    for request in mix.requests:
        assert_same_reply(transcript, alone, request.request_id)
    ends = [transcript.ends[request.request_id].stats for request in mix.requests]  # type: ignore[union-attr]  # all finished
    return sum(s.num_drafted_tokens for s in ends), sum(s.num_accepted_tokens for s in ends)


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("case", range(5))
def test_replies_of_a_mix_are_those_alone(pair: Pair, kind: str, plain: Engine, case: int) -> None:
    outcomes = [
        check_mix(pair, kind, plain, case * MIXES_PER_CASE + number)
        for number in range(MIXES_PER_CASE)
    ]

    drafted, accepted = map(sum, zip(*outcomes, strict=True))
    assert drafted > accepted > 0  # else the mixes would prove nothing


@pytest.mark.slow
@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("seed", range(1000, 1067))
def test_replies_of_many_mixes_are_those_alone(
    pair: Pair, kind: str, plain: Engine, seed: int
) -> None:
    check_mix(pair, kind, plain, seed)
