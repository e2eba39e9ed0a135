"""Fields and flags of sampling and of structured output."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from realm_desktop.cli.arguments import parse_command
from realm_desktop.cli.requests import build_request
from realm_desktop.cli.sampling_fields import (
    SAMPLING_FIELDS,
    form_of_text,
    sampling_of_flags,
    sampling_params,
)
from realm_desktop.errors import InvalidJson, InvalidSampling, RealmError, RequestError
from realm_desktop.formats.strict_json import JSONValue
from realm_desktop.sampling_params import SamplingFilter, SamplingParams

FIELDS: dict[str, JSONValue] = {
    "temperature": 0.5,
    "top_k": 4,
    "top_p": 0.5,
    "min_p": 0.1,
    "typical_p": 0.9,
    "top_n_sigma": 1.5,
    "repetition_penalty": 1.5,
    "presence_penalty": 0.5,
    "frequency_penalty": -0.5,
    "dry_multiplier": 0.8,
    "dry_base": 2.0,
    "dry_allowed_length": 3,
    "dry_penalty_last_n": 100,
    "dry_sequence_breakers": ["\n", "."],
    "xtc_probability": 0.5,
    "xtc_threshold": 0.2,
    "logit_bias": {"17": -5, "3": 1.5},
    "sampler_order": ["top_k", "temperature"],
    "seed": 6,
    "max_tokens": 3,
    "stop": ["a"],
    "logprobs": 2,
    "ignore_end": True,
}


def flags(*arguments: str) -> dict[str, JSONValue]:
    return sampling_of_flags(parse_command(["generate", "m.gguf", *arguments]))


def test_every_field_reaches_the_sampling_params() -> None:
    assert set(FIELDS) == SAMPLING_FIELDS

    params = sampling_params(FIELDS)

    for name in SAMPLING_FIELDS - {"logit_bias", "stop", "dry_sequence_breakers", "sampler_order"}:
        assert getattr(params, name) == FIELDS[name], name
    assert params.logit_bias == ((17, -5.0), (3, 1.5))
    assert params.stop == ("a",)
    assert params.dry_sequence_breakers == ("\n", ".")
    assert params.sampler_order == (SamplingFilter.TOP_K, SamplingFilter.TEMPERATURE)


def test_no_field_gives_the_defaults() -> None:
    assert sampling_params({}) == SamplingParams()


@pytest.mark.parametrize("name", sorted(SAMPLING_FIELDS - {"ignore_end"}))
def test_every_field_is_also_a_flag(name: str) -> None:
    value = FIELDS[name]
    flag = f"--{name.replace('_', '-')}"
    if isinstance(value, dict):
        texts = [f"{key}:{bias}" for key, bias in value.items()]
    elif name == "sampler_order" and isinstance(value, list):
        texts = [",".join(map(str, value))]
    else:
        texts = [str(item) for item in value] if isinstance(value, list) else [str(value)]

    found = flags(*(argument for text in texts for argument in (flag, text)))

    assert found == {name: value}


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("top_k", 1.5, "a whole number is expected"),
        ("top_k", True, "a whole number is expected"),
        ("typical_p", "1", "a number is expected"),
        ("xtc_threshold", 10**400, "a number that a float can hold"),
        ("stop", 5, "a text or a list of texts"),
        ("dry_sequence_breakers", [1], "a text or a list of texts"),
        ("logit_bias", [[1, 2]], "an object of token ids and numbers"),
        ("logit_bias", {"a": 1}, "'a' in place of a token id"),
        ("logit_bias", {"-1": 1}, "'-1' in place of a token id"),
        ("logit_bias", {"1": "2"}, "a number is expected"),
        ("sampler_order", "top_k", "a list of filters"),
        ("sampler_order", ["best"], "names 'best'; known filters are penalties, dry"),
        ("sampler_order", [{}], "known filters"),
        ("ignore_end", 1, "true or false"),
    ],
)
def test_field_of_a_wrong_type_is_refused(name: str, value: JSONValue, complaint: str) -> None:
    with pytest.raises(RequestError, match=complaint) as caught:
        sampling_params({name: value})

    assert caught.value.field == name


def test_value_out_of_range_is_refused() -> None:
    with pytest.raises(InvalidSampling, match="dry_base is 11"):
        sampling_params({"dry_base": 11})


def test_logit_bias_flag_without_a_number_is_refused() -> None:
    with pytest.raises(RequestError, match="'17'; expected is ID:BIAS"):
        flags("--logit-bias", "17")


def test_schema_field_becomes_json_text_in_its_order() -> None:
    schema: JSONValue = {"properties": {"b": {}, "a": {"const": "é"}}}

    text = form_of_text({"json_schema": schema})["json_schema"]

    assert text == '{"properties": {"b": {}, "a": {"const": "é"}}}'


def test_regex_and_grammar_are_texts() -> None:
    assert form_of_text({"regex": "a+"}) == {"regex": "a+"}
    with pytest.raises(RequestError, match="grammar is a number"):
        form_of_text({"grammar": 5})


def test_request_takes_one_form_only() -> None:
    with pytest.raises(RequestError, match="at most one of"):
        build_request({"prompt": "a", "regex": "a", "json_schema": True}, "0", 0.0)


def test_files_of_schema_and_grammar_are_read(tmp_path: Path) -> None:
    schema, grammar = tmp_path / "schema.json", tmp_path / "grammar.lark"
    schema.write_text('{"type": "null"}', "utf-8")
    grammar.write_text('start: "é"', "utf-8")

    assert flags("--json-schema", str(schema)) == {"json_schema": {"type": "null"}}
    assert flags("--grammar", str(grammar)) == {"grammar": 'start: "é"'}
    assert flags("--regex", "a|b") == {"regex": "a|b"}


@pytest.mark.parametrize("flag", ["--json-schema", "--grammar"])
def test_file_that_cannot_be_read_is_told(flag: str, tmp_path: Path) -> None:
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe")
    for path in (tmp_path / "missing", tmp_path, binary, Path("/dev/zero")):
        with pytest.raises(RealmError, match="cannot be read") as caught:
            flags(flag, str(path))
        assert caught.value.file == str(path)
        assert caught.value.advice
        assert "Errno" not in caught.value.message


def test_schema_file_that_is_no_json_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "schema.json"
    path.write_text(json.dumps({})[:-1], "utf-8")

    with pytest.raises(InvalidJson, match=r"schema\.json is no JSON Schema") as caught:
        flags("--json-schema", str(path))
    assert (caught.value.file, caught.value.offset) == (str(path), 1)
