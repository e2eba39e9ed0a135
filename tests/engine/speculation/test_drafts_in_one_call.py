"""When a draft model drafts in one call, and that replies stay as they are."""

from __future__ import annotations

from collections.abc import Sequence as Ids
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from realm_desktop.engine.draft_loop import DraftLoop, PlainDraw
from realm_desktop.engine.engine import Engine
from realm_desktop.engine.options import EngineOptions
from realm_desktop.engine.speculation.draft_model import MAX_LOOP_ROWS
from realm_desktop.events import Finished
from realm_desktop.protocol import GenerateRequest, SpeculationMode
from realm_desktop.sampling_params import SamplingParams
from tests.support.engines import make_request, run_alone, run_requests
from tests.support.kernels import fastest_kernels
from tests.support.speculation import Pair, drafting, load_pair
from tests.support.tiny_models import tiny_gguf

pytestmark = pytest.mark.usefixtures("one_thread")

PROMPT = list(range(20, 60))
SAMPLING = SamplingParams(
    temperature=0.9, top_k=0, top_p=1.0, seed=3, max_tokens=60, ignore_end=True
)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    fastest_kernels()  # skips where there are none
    return tiny_gguf(tmp_path_factory.mktemp("model"), tensor_type="Q8_0", with_tokenizer=True)


@pytest.fixture
def twins(path: Path) -> Engine:
    """A model that drafts for itself: every draft token is right."""
    return load_pair(Pair(path, path), EngineOptions(compute_dtype="float32"))


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Given tokens and drafted ones of every call."""
    seen: list[tuple[int, int]] = []
    run = DraftLoop.run

    def note(
        self: DraftLoop, given: Ids[int], first: int, table: Ids[int], count: int, draw: PlainDraw
    ) -> list[int]:
        seen.append((len(given), count))
        return run(self, given, first, table, count, draw)

    monkeypatch.setattr(DraftLoop, "run", note)
    return seen


def request_of(name: str = "r", **changes: Any) -> GenerateRequest:
    sampling = replace(SAMPLING, **changes)
    return drafting(make_request(PROMPT, name, sampling=sampling), SpeculationMode.DRAFT_MODEL)


def run(engine: Engine, *requests: GenerateRequest) -> list[tuple[int, int]]:
    """Drafted and accepted tokens of each; the text of each is that without drafts."""
    transcript = run_requests(engine, *requests)
    counts = []
    for request in requests:
        end = transcript.ends[request.request_id]
        assert isinstance(end, Finished)
        plain = drafting(request, SpeculationMode.OFF)
        assert transcript.token_ids[request.request_id] == run_alone(engine, plain)
        counts.append((end.stats.num_drafted_tokens, end.stats.num_accepted_tokens))
    return counts


@pytest.mark.parametrize("temperature", [0.0, 0.9])
def test_chat_alone_drafts_in_one_call(
    twins: Engine, calls: list[tuple[int, int]], temperature: float
) -> None:
    ((drafted, accepted),) = run(twins, request_of(temperature=temperature))

    assert drafted == accepted > 30
    # The prompt is caught up with in one pass; later a bonus token and the last draft are.
    assert len(calls) >= 5
    assert all(1 <= given <= 2 for given, _ in calls[1:])


def test_chats_together_share_passes(twins: Engine, calls: list[tuple[int, int]]) -> None:
    counts = run(twins, request_of("a"), request_of("b", seed=4))

    assert all(drafted == accepted > 30 for drafted, accepted in counts)
    assert len(calls) < 5


def test_sampling_that_follows_the_text_drafts_pass_by_pass(
    twins: Engine, calls: list[tuple[int, int]]
) -> None:
    ((drafted, accepted),) = run(twins, request_of(repetition_penalty=1.2))

    assert drafted == accepted > 30
    assert not calls


def test_grammar_drafts_pass_by_pass(twins: Engine, calls: list[tuple[int, int]]) -> None:
    request = replace(request_of(max_tokens=40), regex="[a-d]{30,40}")

    ((_, accepted),) = run(twins, request)

    assert accepted > 10
    assert not calls


def test_long_way_to_catch_up_is_one_pass(twins: Engine, calls: list[tuple[int, int]]) -> None:
    run(twins, request_of())

    assert all(given <= MAX_LOOP_ROWS for given, _ in calls)
