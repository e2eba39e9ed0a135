"""Grammars: every text they lead to is right, drafts change nothing, refusals are kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import numpy as np
import pytest

from realm_desktop.engine.sampling.grammar import MAX_GRAMMAR_BYTES, GrammarCompiler
from realm_desktop.engine.sampling.grammar_guard import GrammarGuard
from realm_desktop.engine.text.tokenizer import Tokenizer
from realm_desktop.errors import InvalidGrammar
from realm_desktop.protocol import GenerateRequest, RequestId
from tests.support.grammars import (
    accepts,
    allowed_ids,
    compile_grammar,
    random_text,
    tiny_model_tokenizer,
)

CLOSED = {"type": "object", "additionalProperties": False}
DATE = {"type": "string", "format": "date"}
CASES: dict[str, tuple[object, list[object], list[object]]] = {
    # name: schema, values it allows, values it does not
    "true": (True, [None, {"a": [1]}], []),
    "type": ({"type": "boolean"}, [True, False], [0, "true", None]),
    "types": ({"type": ["null", "integer"]}, [None, 3], ["", 1.5, []]),
    "integer": ({"type": "integer"}, [0, -12], [1.5, "1"]),
    "number": ({"type": "number"}, [0, 1.5, -2e-7], ["1", None]),
    "range": ({"type": "integer", "minimum": 3, "maximum": 17}, [3, 17, 9], [2, 18, -5]),
    "open range": (
        {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 2},
        [0.5, 1, 1.99],
        [0, 2, -1],
    ),
    "multipleOf": ({"type": "integer", "multipleOf": 7, "maximum": 99, "minimum": 1}, [7], [6, 0]),
    "fractions": ({"type": "number", "multipleOf": 0.5, "minimum": 0}, [0, 2.5], [0.25]),
    "length": ({"type": "string", "minLength": 2, "maxLength": 3}, ["ab", "äöü"], ["a", "abcd"]),
    "pattern": ({"type": "string", "pattern": "^[a-f]{2}-[0-9]$"}, ["ab-1"], ["ab-", "xx-1"]),
    "open pattern": ({"type": "string", "pattern": "b+", "maxLength": 4}, ["abbc"], ["aa"]),
    "enum": ({"enum": ["a", 1, None, {"x": [True]}]}, ["a", 1, {"x": [True]}], ["b", 2]),
    "const": ({"const": {"a": '\n"é'}}, [{"a": '\n"é'}], [{"a": ""}]),
    "properties": (
        {**CLOSED, "properties": {"a": {"type": "null"}, "b": {"type": "null"}}},
        [{}, {"a": None}, {"a": None, "b": None}],
        [{"a": 1}, {"c": None}],
    ),
    "required": (
        {
            "type": "object",
            "required": ["a"],
            "maxProperties": 2,
            "properties": {"a": {"const": 1}},
        },
        [{"a": 1}, {"a": 1, "b": 2}],
        [{}, {"b": 1}, {"a": 1, "b": 2, "c": 3}],
    ),
    "additionalProperties": (
        {"type": "object", "additionalProperties": {"type": "boolean"}, "minProperties": 1},
        [{"x": True}],
        [{}, {"x": 1}],
    ),
    "patternProperties": (
        {**CLOSED, "patternProperties": {"^x[0-9]$": {"type": "integer"}}},
        [{}, {"x1": 5}],
        [{"x": 5}, {"x1": "5"}],
    ),
    "items": (
        {"type": "array", "items": {"type": "boolean"}, "minItems": 1, "maxItems": 3},
        [[True], [True, False, True]],
        [[], [1], [True] * 4],
    ),
    "prefixItems": (
        {"type": "array", "prefixItems": [{"const": 1}, {"const": "b"}], "items": False},
        [[1, "b"]],
        [["b"], [1, "b", 1]],
    ),
    "anyOf": ({"anyOf": [{"type": "integer"}, {"const": "x"}]}, [4, "x"], ["y", None]),
    "oneOf": ({"oneOf": [{"type": "boolean"}, {"type": "integer"}]}, [True, 4], ["x"]),
    "allOf": ({"allOf": [{"type": "integer", "minimum": 3}, {"maximum": 8}]}, [3, 8], [2, 9]),
    "recursion": (
        {
            "$ref": "#/$defs/t",
            "$defs": {
                "t": {
                    **CLOSED,
                    "properties": {"v": {"type": "boolean"}, "n": {"$ref": "#/$defs/t"}},
                    "required": ["v"],
                }
            },
        },
        [{"v": True}, {"v": True, "n": {"v": False}}],
        [{}, {"v": True, "n": {}}],
    ),
    "date": (
        {"type": "string", "format": "date"},
        ["2024-02-29", "2000-02-29"],
        ["2024-13-01", "x"],
    ),
    "real date": (
        {"type": "string", "format": "date"},
        ["2023-02-28", "1904-02-29"],
        ["2023-02-29", "1900-02-29", "2023-04-31"],
    ),
    "time": ({"type": "string", "format": "time"}, ["10:20:30Z"], ["25:00:00Z", "22:59:60Z"]),
    "date-time": ({"type": "string", "format": "date-time"}, ["2024-02-29T10:20:30Z"], ["x"]),
    "identifiers": (
        {
            "$id": "https://example.com/list",
            "properties": {"next": {"$ref": "list"}, "v": {"$ref": "v"}},
            "$defs": {"a": {"$id": "v", "type": "boolean"}},
            **CLOSED,
        },
        [{}, {"next": {"v": True}}],
        [{"v": 1}, {"next": {"v": None}}],
    ),
    "references of a resource within": (
        {
            "type": "array",
            "prefixItems": [{"$ref": "#/$defs/n"}, {"$ref": "#/$defs/x"}],
            "minItems": 2,
            "items": False,
            "$defs": {
                "n": {"$id": "https://example.com/n", "$ref": "#/$defs/x", "$defs": {"x": DATE}},
                "x": {"type": "boolean"},
            },
        },
        [["2024-02-29", True]],
        [[True, True], ["2024-02-29", "2024-02-29"], ["2023-02-29", True]],
    ),
    "uuid": ({"type": "string", "format": "uuid"}, ["12345678-1234-1234-1234-123456789abc"], ["1"]),
    "ipv4": ({"type": "string", "format": "ipv4"}, ["127.0.0.1"], ["300.0.0.1"]),
    "annotations": (
        {"title": "t", "default": 1, "examples": [2], "x-own": {"not": {}}, "type": "null"},
        [None],
        [1],
    ),
}


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    return tiny_model_tokenizer(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def compiler(tokenizer: Tokenizer) -> Iterator[GrammarCompiler]:
    guard = GrammarGuard()
    yield GrammarCompiler(tokenizer, guard)
    guard.close()


@pytest.mark.parametrize("name", CASES)
def test_schema_allows_exactly_what_a_validator_allows(
    compiler: GrammarCompiler, tokenizer: Tokenizer, name: str
) -> None:
    schema, good, bad = CASES[name]
    validator = jsonschema.Draft202012Validator(
        schema,
        format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
    )
    for value in good:
        grammar = compile_grammar(compiler, json_schema=json.dumps(schema))
        assert validator.is_valid(value), value
        assert accepts(grammar, tokenizer, json.dumps(value, ensure_ascii=False)), value
    for value in bad:
        grammar = compile_grammar(compiler, json_schema=json.dumps(schema))
        assert not accepts(grammar, tokenizer, json.dumps(value, ensure_ascii=False)), value


@pytest.mark.parametrize("name", CASES)
def test_every_text_that_a_schema_leads_to_is_valid(
    compiler: GrammarCompiler, tokenizer: Tokenizer, name: str
) -> None:
    schema: Any = CASES[name][0]
    for seed in range(10):
        grammar = compile_grammar(compiler, json_schema=json.dumps(schema))
        value = json.loads(random_text(grammar, tokenizer, seed))
        jsonschema.Draft202012Validator(schema).validate(value)


def test_regex_is_matched_as_a_whole(compiler: GrammarCompiler, tokenizer: Tokenizer) -> None:
    for text, is_match in (("ab", True), ("abb", True), ("a", False), ("xab", False)):
        assert accepts(compile_grammar(compiler, regex="ab+"), tokenizer, text) is is_match


def test_lark_grammar_may_be_recursive(compiler: GrammarCompiler, tokenizer: Tokenizer) -> None:
    for text, is_match in (("((x))", True), ("x", True), ("((x)", False)):
        grammar = compile_grammar(compiler, grammar='start: "(" start ")" | "x"')
        assert accepts(grammar, tokenizer, text) is is_match


def test_lark_grammar_may_name_a_control_token(
    compiler: GrammarCompiler, tokenizer: Tokenizer
) -> None:
    grammar = compile_grammar(compiler, grammar='start: <|im_start|> "a"')
    start = tokenizer.find_token("<|im_start|>")

    assert allowed_ids(grammar) == {start}


def test_all_end_tokens_are_allowed_where_a_text_may_end(
    compiler: GrammarCompiler, tokenizer: Tokenizer
) -> None:
    grammar = compile_grammar(compiler, regex="a*")

    assert tokenizer.end_ids <= allowed_ids(grammar)
    assert len(tokenizer.end_ids) == 2


def test_no_special_token_is_allowed_inside_a_text(
    compiler: GrammarCompiler, tokenizer: Tokenizer
) -> None:
    grammar = compile_grammar(compiler, regex="(?s:.){5}")

    assert not any(tokenizer.is_special(token_id) for token_id in allowed_ids(grammar))


def test_mask_reaches_over_padding_of_the_logits(compiler: GrammarCompiler) -> None:
    mask = compile_grammar(compiler, regex="(?s:.)*").mask(np.array([], np.int32), 320)

    assert mask.shape == (320,)
    assert not mask[288:].any()


def test_drafts_are_taken_back_behind_each_row(
    compiler: GrammarCompiler, tokenizer: Tokenizer
) -> None:
    grammar = compile_grammar(compiler, 1, regex="abcd")
    ids = tokenizer.encode("abcd", add_special=False, parse_special=False)

    along = [allowed_ids(grammar, 99, *ids[:count]) for count in (3, 1, 0, 2)]

    assert all(ids[count] in allowed for count, allowed in zip((3, 1, 0, 2), along, strict=True))
    grammar.commit(ids[:2])
    assert ids[2] in allowed_ids(grammar, 99, *ids[:2])


def test_drafts_behind_the_end_do_no_harm(compiler: GrammarCompiler, tokenizer: Tokenizer) -> None:
    grammar = compile_grammar(compiler, regex="a")
    (letter,) = tokenizer.encode("a", add_special=False, parse_special=False)

    allowed_ids(grammar, letter, 5, 6)

    grammar.commit([letter, 5])
    assert grammar.is_ended


def test_drafts_that_contradict_the_grammar_are_told(
    compiler: GrammarCompiler, tokenizer: Tokenizer
) -> None:
    grammar = compile_grammar(compiler, regex="ab")
    letter, other = tokenizer.encode("ax", add_special=False, parse_special=False)

    with pytest.raises(InvalidGrammar, match="no token of this model"):
        allowed_ids(grammar, other)
    assert allowed_ids(grammar) == {letter}


def test_commit_of_a_wrong_token_is_told(compiler: GrammarCompiler) -> None:
    with pytest.raises(InvalidGrammar, match="token 5 contradicts"):
        compile_grammar(compiler, regex="ab").commit([5])


def test_grammars_of_two_requests_share_no_state(
    compiler: GrammarCompiler, tokenizer: Tokenizer
) -> None:
    first, second = (compile_grammar(compiler, regex="ab+") for _ in range(2))
    (letter,) = tokenizer.encode("a", add_special=False, parse_special=False)

    first.commit([letter])

    assert allowed_ids(second) == {letter}


def test_space_that_is_no_text_does_not_come_first(
    compiler: GrammarCompiler, tokenizer: Tokenizer
) -> None:
    space, letter = tokenizer.encode(" x", add_special=False, parse_special=False)
    kept = compile_grammar(compiler, regex=" *x")
    dropped = compile_grammar(compiler, regex=" *x", drops_space=True)

    assert allowed_ids(kept) == {space, letter}
    assert allowed_ids(dropped) == {letter}
    dropped.commit([letter])
    assert dropped.is_ended


def test_vocabulary_is_searched_for_spaces_once(
    compiler: GrammarCompiler, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = compile_grammar(compiler, regex=" *x", drops_space=True)

    monkeypatch.delattr(Tokenizer, "token_bytes")

    second = compile_grammar(compiler, regex=" *x", drops_space=True)
    assert allowed_ids(second) == allowed_ids(first)


@pytest.mark.parametrize(
    ("form", "complaint"),
    [
        ({"json_schema": '{"a": {"not": 1}, "not": {}}'}, "uses not at /not"),
        ({"json_schema": '{"items": {"oneOf": [{}, {}]}}'}, "oneOf.*see /items/oneOf"),
        ({"json_schema": '{"items": {"pattern": "("}}'}, "see /items/pattern"),
        ({"json_schema": '{"items": {"maxItems": 1.5}}'}, "see /items/maxItems"),
        ({"json_schema": '{"items": {"maximum": 1e30}}'}, "see /items/maximum"),
        ({"json_schema": '{"items": {"$ref": "b"}, "$id": "http://a.b/c"}'}, "see /items/.ref"),
        ({"json_schema": '{"$schema": "http://a.b/c"}'}, "see /.schema"),
        ({"regex": "("}, "the regular expression cannot be used"),
        ({"regex": "a" * (MAX_GRAMMAR_BYTES + 1)}, "larger than 256 KB"),
        ({"grammar": "start: x"}, "the grammar cannot be used.*unknown name"),
    ],
)
def test_refusal_names_the_form_and_the_place(
    compiler: GrammarCompiler, form: dict[str, Any], complaint: str
) -> None:
    for _ in range(2):  # the second comes from the cache
        with pytest.raises(InvalidGrammar, match=complaint) as caught:
            compile_grammar(compiler, **form)
        assert caught.value.field == next(iter(form))


def test_only_the_latest_grammars_are_kept(compiler: GrammarCompiler) -> None:
    for index in range(40):
        compile_grammar(compiler, regex=f"a{index}")

    assert len(compiler._cache) == 32


def test_request_without_a_form_has_no_grammar(compiler: GrammarCompiler) -> None:
    request = GenerateRequest(RequestId("r"), prompt="a")

    assert compiler.compile(request, 1, drops_space=False) is None


def test_white_space_of_json_is_bounded(compiler: GrammarCompiler, tokenizer: Tokenizer) -> None:
    schema = json.dumps({"type": "array", "items": {"type": "null"}})
    for text, is_match in (
        ("[ null ,\n\tnull ]", True),
        ("[" + " " * 64 + "null]", True),
        ("[" + " " * 65 + "null]", False),
        (" [null]", False),
    ):
        grammar = compile_grammar(compiler, json_schema=schema)
        assert accepts(grammar, tokenizer, text) is is_match
