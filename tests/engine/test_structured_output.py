"""Structured output in the engine: batches, resumes, ends and faults."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from realm_desktop.engine.engine import Engine
from realm_desktop.engine.intake import Intake, PreparedRequest, RefusedRequest
from realm_desktop.engine.sampling.grammar import Grammar
from realm_desktop.errors import InvalidGrammar
from realm_desktop.events import Failed, Finished, FinishReason
from realm_desktop.protocol import GenerateRequest, RequestId, Speculation, SpeculationMode
from realm_desktop.sampling_params import SamplingParams
from tests.support.engines import load_engine, make_request, run_alone, run_requests
from tests.support.tiny_models import tiny_gguf

SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 4},
        "size": {"enum": [1, 20, 300]},
        "flags": {"type": "array", "items": {"type": "boolean"}, "maxItems": 3},
    },
    "required": ["name", "size", "flags"],
    "additionalProperties": False,
}
COMPACT = r'\{"a":(true|false),"b":"[a-z]{3,9}"\}'
SAMPLING = SamplingParams(temperature=1.0, top_k=0, min_p=0.0, max_tokens=300)


@pytest.fixture(scope="module")
def model_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_gguf(tmp_path_factory.mktemp("model"), with_tokenizer=True)


@pytest.fixture(scope="module")
def engine(model_path: Path) -> Engine:
    return load_engine(model_path)


def schema_request(name: str = "r", seed: int = 0) -> GenerateRequest:
    request = make_request(range(5, 25), name, sampling=replace(SAMPLING, seed=seed))
    return replace(request, json_schema=json.dumps(SCHEMA))


def regex_request(name: str = "r", seed: int = 0, regex: str = COMPACT) -> GenerateRequest:
    request = make_request(range(30, 60), name, sampling=replace(SAMPLING, seed=seed))
    return replace(request, regex=regex)


def test_model_says_that_it_supports_grammars(engine: Engine) -> None:
    assert engine.info is not None
    assert engine.info.supports_grammar


def test_replies_satisfy_the_schema_and_end_by_stop(engine: Engine) -> None:
    requests = [schema_request(f"r{seed}", seed) for seed in range(6)]

    transcript = run_requests(engine, *requests)

    for request in requests:
        end = transcript.ends[request.request_id]
        assert isinstance(end, Finished)
        assert end.finish_reason is FinishReason.STOP
        jsonschema.validate(json.loads(transcript.text[request.request_id]), SCHEMA)


def test_lark_grammar_shapes_the_reply(engine: Engine) -> None:
    request = replace(
        make_request(range(5, 9), sampling=SAMPLING),
        grammar='start: word (" " word)~2\nword: "the" | "and" | "then"',
    )

    words = run_requests(engine, request).text["r"].split(" ")

    assert len(words) == 3
    assert set(words) <= {"the", "and", "then"}


def test_end_of_a_grammar_ends_the_reply_even_if_end_tokens_do_not(engine: Engine) -> None:
    sampling = replace(SAMPLING, ignore_end=True)
    request = replace(make_request(range(5, 9), sampling=sampling), regex="[ab]{4}")

    transcript = run_requests(engine, request)

    end = transcript.ends["r"]
    assert isinstance(end, Finished)
    assert end.finish_reason is FinishReason.STOP
    assert len(transcript.text["r"]) == 4


def test_max_tokens_still_ends_an_unfinished_text(engine: Engine) -> None:
    sampling = replace(SAMPLING, max_tokens=3)
    request = replace(make_request(range(5, 9), sampling=sampling), regex="[ab]{9}")

    end = run_requests(engine, request).ends["r"]

    assert isinstance(end, Finished)
    assert end.finish_reason is FinishReason.LENGTH


def test_greedy_follows_the_grammar_too(engine: Engine) -> None:
    request = replace(make_request(range(5, 9)), regex="x[yz]{5}")

    text = run_requests(engine, request).text["r"]

    assert text[0] == "x"
    assert set(text[1:]) <= {"y", "z"}


def test_replies_in_a_batch_equal_those_alone(engine: Engine) -> None:
    requests = [
        schema_request("a", 1),
        regex_request("b", 2),
        make_request(range(70, 90), "c", sampling=replace(SAMPLING, seed=3, max_tokens=20)),
        schema_request("d", 4),
    ]
    alone = {request.request_id: run_alone(engine, request) for request in requests}

    together = run_requests(engine, *requests)

    assert dict(together.token_ids) == alone


@pytest.mark.parametrize("make", [schema_request, regex_request])
def test_resumed_reply_goes_on_as_the_whole_one(
    engine: Engine, make: Callable[[str, int], GenerateRequest]
) -> None:
    request = make("r", 5)
    whole = run_requests(engine, request).token_ids["r"]
    for cut in {1, len(whole) // 2, len(whole) - 1}:
        rest = replace(request, committed_token_ids=tuple(whole[:cut]))
        assert run_requests(engine, rest).token_ids["r"] == whole[cut:]


def test_resume_of_a_complete_reply_ends_at_once(engine: Engine) -> None:
    request = regex_request()
    whole = run_requests(engine, request).token_ids["r"]

    again = run_requests(engine, replace(request, committed_token_ids=tuple(whole)))

    end = again.ends["r"]
    assert isinstance(end, Finished)
    assert end.finish_reason is FinishReason.STOP
    assert not again.token_ids["r"]


def test_resume_that_contradicts_its_grammar_is_refused(engine: Engine) -> None:
    with pytest.raises(InvalidGrammar, match="contradicts the grammar"):
        engine.prepare(replace(regex_request(), committed_token_ids=(5, 6, 7)))


def test_fault_in_a_grammar_fails_its_own_request_alone(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = schema_request("good", 1), regex_request("bad", 2)
    expected = run_alone(engine, good)
    mask = Grammar.mask

    def failing_mask(self: Grammar, seen: object, width: int) -> object:
        if self._num_prompt_tokens == 30 and self._num_taken == 3:
            raise InvalidGrammar("the grammar cannot be followed")
        return mask(self, seen, width)  # type: ignore[arg-type]  # passed through

    monkeypatch.setattr(Grammar, "mask", failing_mask)
    transcript = run_requests(engine, good, bad)

    assert isinstance(transcript.ends["bad"], Failed)
    assert transcript.ends["bad"].error.kind == "InvalidGrammar"
    assert transcript.token_ids["good"] == expected


def test_grammar_that_grows_too_complex_fails_its_own_request(engine: Engine) -> None:
    sampling = replace(SAMPLING, max_tokens=60)
    exploding = replace(
        make_request(range(5, 9), "bad", sampling=sampling), regex="(a|b)*a(a|b){3000}c"
    )
    good = regex_request("good", 1)

    transcript = run_requests(engine, exploding, good)

    assert set(transcript.ends) == {"bad", "good"}
    assert isinstance(transcript.ends["good"], Finished)


def test_request_takes_one_form_of_grammar_only() -> None:
    with pytest.raises(Exception, match="at most one of json_schema, regex and grammar"):
        GenerateRequest(RequestId("r"), prompt="a", regex="a", json_schema="{}")


def test_drafts_change_no_reply_that_follows_a_grammar(engine: Engine) -> None:
    # A short vocabulary makes the completion repeat itself, so that n-grams find drafts.
    request = regex_request("r", 3, regex='(\\{"a":(true|false)\\},){8}end')
    alone = run_alone(engine, request)
    drafting = replace(request, speculation=Speculation(SpeculationMode.NGRAM))

    transcript = run_requests(engine, drafting, schema_request("other", 4))

    end = transcript.ends["r"]
    assert isinstance(end, Finished)
    assert transcript.token_ids["r"] == alone
    assert end.finish_reason is FinishReason.STOP
    assert end.stats.num_drafted_tokens > 0
    assert end.stats.num_accepted_tokens > 0


def test_schema_bomb_does_not_hold_up_running_replies(engine: Engine) -> None:
    bomb = replace(
        make_request(range(5, 9), "bomb"), json_schema='{"type": "integer", "multipleOf": 99999989}'
    )
    endless = SamplingParams(temperature=0.0, ignore_end=True)
    engine.add(engine.prepare(make_request(range(5, 25), "running", sampling=endless)))
    intake = Intake(engine.prepare)
    intake.submit(bomb)

    num_steps, results = 0, list[PreparedRequest | RefusedRequest]()
    while not results and num_steps < 400:
        engine.step()
        num_steps += 1
        results = intake.results()
    engine.abort_all()
    intake.close()

    (refused,) = [*results, *intake.results()]
    assert num_steps > 20
    assert isinstance(refused, RefusedRequest)
    assert isinstance(refused.error, InvalidGrammar)
    assert "takes longer than 2 s" in refused.error.message
