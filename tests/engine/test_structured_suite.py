"""Replies of the engine under every schema of the JSON-Schema-Test-Suite that compiles."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import jsonschema
import pytest

from realm_desktop.engine.engine import Engine
from realm_desktop.errors import InvalidGrammar
from realm_desktop.events import Finished, FinishReason
from realm_desktop.protocol import GenerateRequest, SpeculationMode
from realm_desktop.sampling_params import SamplingParams
from tests.support.engines import Transcript, make_request, run_requests
from tests.support.json_schema_suite import suite_files, suite_schemas
from tests.support.speculation import END_ID, drafting, load_pair, model_pair
from tests.support.tiny_tokenizer import tiny_tokens

pytestmark = pytest.mark.usefixtures("one_thread")

CLOSING = ('"', "}", "]")
SAMPLING = SamplingParams(
    temperature=1.0,
    top_k=0,
    top_p=1.0,
    min_p=0.0,
    max_tokens=160,
    # Random logits would write strings without end.
    logit_bias=((END_ID, 3.0), *((tiny_tokens().index(text), 3.0) for text in CLOSING)),
)
BATCH = 24
UNJUDGED = "ecmascript-regex"
r"""The validator reads \w, \d and \s as Python does: all of Unicode, against ASCII in ECMA 262."""


class Case(NamedTuple):
    """A schema of the suite by file and number."""

    name: str
    schema: Any


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return load_pair(model_pair(tmp_path_factory.mktemp("pair")))


@pytest.fixture(scope="module")
def cases(engine: Engine) -> list[Case]:
    """The schemas that are not refused; which are is on the record of another test."""
    every = [
        Case(f"{name}-{number}", entry.schema)
        for name in suite_files()
        for number, entry in enumerate(suite_schemas(name))
    ]
    return [case for case in every if compiles(engine, case)]


def compiles(engine: Engine, case: Case) -> bool:
    try:
        engine.prepare(request_of(case, 0))
    except InvalidGrammar:
        return False
    return True


def request_of(case: Case, seed: int) -> GenerateRequest:
    request = make_request(range(5, 25), case.name, sampling=replace(SAMPLING, seed=seed))
    return replace(request, json_schema=json.dumps(case.schema))


def batches(cases: list[Case]) -> Iterator[list[Case]]:
    for start in range(0, len(cases), BATCH):
        yield cases[start : start + BATCH]


def replies(engine: Engine, requests: Iterable[GenerateRequest]) -> Transcript:
    transcript = run_requests(engine, *requests)
    assert all(isinstance(end, Finished) for end in transcript.ends.values())
    return transcript


def num_valid(transcript: Transcript, cases: list[Case]) -> int:
    """How many replies are complete; each of these must satisfy its schema."""
    count = 0
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    for case in cases:
        if finish_reason(transcript, case) is FinishReason.STOP and UNJUDGED not in case.name:
            validator = jsonschema.Draft202012Validator(case.schema, format_checker=checker)
            validator.validate(json.loads(transcript.text[case.name]))
            count += 1
    return count


def finish_reason(transcript: Transcript, case: Case) -> FinishReason:
    end = transcript.ends[case.name]
    assert isinstance(end, Finished)
    return end.finish_reason


def check_seed(engine: Engine, cases: list[Case], seed: int) -> None:
    """Complete replies are valid, and drafts change none; both kinds are most of them."""
    num_complete = num_accepted = 0
    for some in batches(cases):
        requests = [request_of(case, seed) for case in some]
        plain = replies(engine, requests)
        drafted = replies(engine, (drafting(r, SpeculationMode.DRAFT_MODEL) for r in requests))
        assert drafted.token_ids == plain.token_ids
        assert [finish_reason(drafted, c) for c in some] == [finish_reason(plain, c) for c in some]
        num_complete += num_valid(plain, some)
        ends = drafted.ends.values()
        num_accepted += sum(e.stats.num_accepted_tokens for e in ends if isinstance(e, Finished))
    num_judged = sum(UNJUDGED not in case.name for case in cases)
    assert num_judged > 190
    assert num_complete > 0.95 * num_judged
    assert num_accepted > 100


def test_replies_satisfy_their_schemas_with_and_without_drafts(
    engine: Engine, cases: list[Case]
) -> None:
    check_seed(engine, cases, 0)


FORMS: dict[str, tuple[str, str, str]] = {
    # name: field of the request, its text, and what a complete reply matches
    "words": ("regex", "[a-z]{2,9}( [a-z]{2,9}){3,12}\\.", "[a-z]{2,9}( [a-z]{2,9}){3,12}\\."),
    "choice": ("regex", "(yes|no|perhaps), (?:[0-9]{1,4};)*end", "(yes|no|perhaps), ([0-9]+;)*end"),
    "any text": ("regex", "(?s:.){1,60}", "(?s:.){1,60}"),
    "list": (
        "grammar",
        'start: "[" item ("," item)* "]"\nitem: /[0-9]+/',
        "\\[[0-9]+(,[0-9]+)*\\]",
    ),
    "nested": ("grammar", 'start: "(" start* ")" | "x" "y"?', "[()xy]+"),
}


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("mode", [SpeculationMode.DRAFT_MODEL, SpeculationMode.NGRAM])
def test_replies_match_their_form_with_and_without_drafts(
    engine: Engine, name: str, mode: SpeculationMode
) -> None:
    field, text, pattern = FORMS[name]
    sampling = replace(SAMPLING, logit_bias=(), temperature=0.7)
    requests = [
        replace(
            make_request(range(5, 25), f"r{seed}", sampling=replace(sampling, seed=seed)),
            **{field: text},  # type: ignore[arg-type]  # a text, as both fields are
        )
        for seed in range(4)
    ]

    plain = replies(engine, requests)
    drafted = replies(engine, (drafting(request, mode) for request in requests))

    assert drafted.token_ids == plain.token_ids
    complete = [
        plain.text[key]
        for key, end in plain.ends.items()
        if isinstance(end, Finished) and end.finish_reason is FinishReason.STOP
    ]
    assert complete
    assert all(re.fullmatch(pattern, reply) for reply in complete)


@pytest.mark.full
@pytest.mark.parametrize("seed", range(1, 9))
def test_replies_of_more_seeds_satisfy_their_schemas(
    engine: Engine, cases: list[Case], seed: int
) -> None:
    check_seed(engine, cases, seed)
