"""Bar B8: an exception at any step of any request ends that request alone.

A request whose computation raises ends with one `Failed`; the tokens of the others are those that each
gives alone, no KV block is leaked, and the next request in its place works. A fault that no request
is at fault for, and a fault of a drafter, ends nobody's reply.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest

from realm_desktop.engine.engine import Engine
from realm_desktop.engine.options import EngineOptions
from realm_desktop.events import Failed, Finished
from realm_desktop.protocol import AdapterId, AdapterUse, GenerateRequest, RequestId
from realm_desktop.protocol import SpeculationMode as Mode
from realm_desktop.sampling_params import SamplingParams
from tests.support.engines import check_blocks, load_engine, make_request, run_alone, run_requests
from tests.support.fault_injection import HARMLESS, Fault, Panic, Place, random_error
from tests.support.speculation import Pair, drafting, load_adapters, load_pair, model_pair

NUM_FAULTS = 32
NUM_SLOW_FAULTS = 1000


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return model_pair(tmp_path_factory.mktemp("pair"))


@pytest.fixture(scope="module")
def alone(pair: Pair) -> dict[str, list[int]]:
    """The tokens of each request by itself, without speculation."""
    engine = load_engine(pair.target)
    load_adapters(engine, pair)
    return {asked.request_id: run_alone(engine, drafting(asked, Mode.OFF)) for asked in requests()}


def requests() -> list[GenerateRequest]:
    """Five replies of all kinds: plain, n-grams, draft model, grammar, adapter on a long prompt."""
    sampling = [
        SamplingParams(temperature=0.8, seed=n, max_tokens=18, ignore_end=True) for n in range(5)
    ]
    asked = [make_request([9, 8, 7 + n] * 6, f"r{n}", sampling=sampling[n]) for n in range(4)]
    long = make_request([5 + n % 90 for n in range(150)], "r4", sampling=sampling[4])
    return [
        asked[0],
        drafting(asked[1], Mode.NGRAM),
        drafting(asked[2], Mode.DRAFT_MODEL, 4),
        drafting(replace(asked[3], regex="[a-m ]{12,30}"), Mode.DRAFT_MODEL, 3),
        replace(long, adapters=(AdapterUse(AdapterId("a"), 0.8),)),
    ]


PLACES_OF: dict[Place, tuple[int, ...]] = {
    Place.GRAMMAR: (3,),
    Place.NGRAM_DRAFTER: (1,),
    Place.MODEL_DRAFTER: (2, 3),
}
"""Requests that get to a place at all; every one does to the others."""


def random_fault(engine: Engine, generator: random.Random, place: Place) -> Fault:
    number = generator.choice(PLACES_OF.get(place, range(5)))
    error = random_error(generator, place)
    return Fault(engine, RequestId(f"r{number}"), place, generator.randrange(12), error)


def check_fault(pair: Pair, alone: dict[str, list[int]], seed: int) -> Fault:
    """Run all requests with one fault, then the one at fault again without it."""
    generator = random.Random(seed)
    place = list(Place)[seed % len(Place)]
    engine = load_pair(pair, EngineOptions(token_budget=64, kv_pool_tokens=14 * 64))
    fault = random_fault(engine, generator, place)
    with pytest.MonkeyPatch.context() as patch:
        fault.install(patch)
        transcript = run_requests(engine, *requests())
    for asked in requests():
        name = asked.request_id
        is_hit = bool(fault.num_raised) and name == fault.request_id and place not in HARMLESS
        assert isinstance(transcript.ends[name], Failed if is_hit else Finished), (seed, fault)
        found = transcript.token_ids[name]
        assert found == (alone[name][: len(found)] if is_hit else alone[name]), (seed, fault)
    check_at_rest(engine)
    again = next(asked for asked in requests() if asked.request_id == fault.request_id)
    assert run_requests(engine, again).token_ids[again.request_id] == alone[again.request_id]
    check_at_rest(engine)
    return fault


def check_at_rest(engine: Engine) -> None:
    """Nothing is open and nobody holds a block or an adapter."""
    check_blocks(engine)
    assert not engine.has_work
    stats = engine.stats()
    assert (stats.blocks_used, stats.num_active_ranks) == (0, 0)


def check_faults(pair: Pair, alone: dict[str, list[int]], seeds: range) -> None:
    raised = Counter(
        fault.place for fault in (check_fault(pair, alone, s) for s in seeds) if fault.num_raised
    )
    # Else the faults would prove nothing about the place that is missing.
    assert [place for place in Place if raised[place] < len(seeds) // 32] == []


def test_fault_ends_its_own_request_only(pair: Pair, alone: dict[str, list[int]]) -> None:
    check_faults(pair, alone, range(NUM_FAULTS))


@pytest.mark.full
def test_a_thousand_faults_end_their_own_requests_only(
    pair: Pair, alone: dict[str, list[int]]
) -> None:
    check_faults(pair, alone, range(10_000, 10_000 + NUM_SLOW_FAULTS))


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_order_to_end_the_program_is_nobodys_fault(pair: Pair, error: type[BaseException]) -> None:
    engine = load_pair(pair)
    asked = requests()[0]
    with pytest.MonkeyPatch.context() as patch:
        Fault(engine, asked.request_id, Place.SAMPLER, 0, error).install(patch)

        with pytest.raises(error):
            run_requests(engine, asked)


def test_panic_of_a_library_names_itself(pair: Pair) -> None:
    engine = load_pair(pair)
    asked = requests()[0]
    with pytest.MonkeyPatch.context() as patch:
        Fault(engine, asked.request_id, Place.SAMPLER, 0, lambda: Panic("broken")).install(patch)
        end = run_requests(engine, asked).ends[asked.request_id]

    assert isinstance(end, Failed)
    assert end.error.message == "a native library gave up: Panic: broken"
