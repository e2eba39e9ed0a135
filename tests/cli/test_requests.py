"""Fields of requests, one by one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from realm_desktop.cli.arguments import parse_command
from realm_desktop.cli.requests import build_request, draft_model_field, fields_of_flags
from realm_desktop.errors import InvalidSampling, RequestError
from realm_desktop.protocol import (
    AdapterId,
    AdapterUse,
    ChatMessage,
    GenerateRequest,
    Priority,
    Speculation,
    SpeculationMode,
)
from realm_desktop.sampling_params import SamplingParams


def build(**fields: Any) -> GenerateRequest:
    return build_request(fields, "7", 5.0)


def test_a_prompt_alone_takes_the_defaults() -> None:
    request = build(prompt="a")

    assert request == GenerateRequest(request.request_id, prompt="a", clock_s=5.0)
    assert request.request_id == "7"


def test_every_field_arrives() -> None:
    request = build(
        ids=[1, 2],
        max_tokens=3,
        temperature=0,
        top_k=4,
        top_p=0.5,
        min_p=0.1,
        seed=6,
        stop=["a", "b"],
        logprobs=2,
        repetition_penalty=1.5,
        ignore_end=True,
        priority="background",
        workspace="w",
        clock_s=9,
    )

    assert request.prompt_token_ids == (1, 2)
    assert request.sampling == SamplingParams(
        temperature=0.0,
        top_k=4,
        top_p=0.5,
        min_p=0.1,
        repetition_penalty=1.5,
        seed=6,
        max_tokens=3,
        stop=("a", "b"),
        logprobs=2,
        ignore_end=True,
    )
    assert (request.priority, request.workspace_id) == (Priority.BACKGROUND, "w")
    assert request.clock_s == 9.0


def test_messages_become_a_conversation() -> None:
    messages = [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}]

    assert build(messages=messages).messages == (
        ChatMessage("system", "s"),
        ChatMessage("user", "u"),
    )


def test_one_stop_string_needs_no_list() -> None:
    assert build(prompt="a", stop="x").sampling.stop == ("x",)


def test_null_means_not_given() -> None:
    request = build(prompt="a", max_tokens=None, stop=None, seed=None, json_schema=None, ids=None)

    assert request.sampling == SamplingParams()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "prompt"),
        ({"prompt": "a", "ids": [1]}, "prompt"),
        ({"prompt": 1}, "prompt"),
        ({"ids": "1"}, "ids"),
        ({"ids": [1.0]}, "ids"),
        ({"messages": []}, "messages"),
        ({"messages": "hello"}, "messages"),
        ({"messages": ["hello"]}, "messages"),
        ({"messages": [{"role": "user"}]}, "content"),
        ({"messages": [{"role": "robot", "content": "a"}]}, "role"),
        ({"messages": [{"role": ["user"], "content": "a"}]}, "role"),
        ({"messages": [{"role": "user", "content": "a", "x": 1}]}, "x"),
        ({"prompt": "a", "max_tokens": 1.5}, "max_tokens"),
        ({"prompt": "a", "max_tokens": True}, "max_tokens"),
        ({"prompt": "a", "temperature": "hot"}, "temperature"),
        ({"prompt": "a", "temperature": 10**400}, "temperature"),
        ({"prompt": "a", "stop": 1}, "stop"),
        ({"prompt": "a", "stop": [1]}, "stop"),
        ({"prompt": "a", "ignore_end": 1}, "ignore_end"),
        ({"prompt": "a", "priority": "urgent"}, "priority"),
        ({"prompt": "a", "priority": [1]}, "priority"),
        ({"prompt": "a", "workspace": 1}, "workspace"),
        ({"prompt": "a", "clock_s": "now"}, "clock_s"),
        ({"prompt": "a", "best_of": 2}, "best_of"),
    ],
)
def test_a_wrong_field_is_refused_by_name(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(RequestError) as caught:
        build(**fields)

    assert caught.value.field == field


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_tokens", 0),
        ("temperature", -1),
        ("top_k", -1),
        ("top_p", 1.5),
        ("min_p", 2),
        ("seed", 2**63),
        ("logprobs", 21),
    ],
)
def test_a_value_out_of_range_is_refused_by_name(name: str, value: float) -> None:
    with pytest.raises(InvalidSampling, match=name):
        build(prompt="a", **{name: value})


def test_adapters_are_read_with_their_weights() -> None:
    adapters = [{"path": "a", "weight": 0.5}, {"path": "b"}]

    assert build(prompt="x", adapters=adapters).adapters == (
        AdapterUse(AdapterId("a"), 0.5),
        AdapterUse(AdapterId("b"), 1.0),
    )


@pytest.mark.parametrize(
    "value",
    ["a:1", {"path": "a"}, ["a"], [{}], [{"path": 1}], [{"path": "a", "weight": "1"}], [{"x": 1}]],
)
def test_adapters_of_another_form_are_refused(value: object) -> None:
    with pytest.raises(RequestError):
        build(prompt="a", adapters=value)


def test_asking_for_none_of_them_is_accepted() -> None:
    build(prompt="a", adapters=[], speculation="off", draft_model=None)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, Speculation()),
        ({"speculation": "ngram"}, Speculation(SpeculationMode.NGRAM)),
        ({"speculation": {}}, Speculation(SpeculationMode.AUTO)),
        (
            {"speculation": {"mode": "draft_model", "max_draft_tokens": 3}},
            Speculation(SpeculationMode.DRAFT_MODEL, 3),
        ),
        ({"draft_model": "d.gguf"}, Speculation(SpeculationMode.AUTO)),
        ({"draft_model": "d.gguf", "speculation": "off"}, Speculation()),
    ],
)
def test_speculation_is_read_in_each_form(fields: dict[str, Any], expected: Speculation) -> None:
    assert build(prompt="a", **fields).speculation == expected


@pytest.mark.parametrize("value", ["guess", 3, {"mode": "guess"}, {"mode": None}])
def test_unknown_speculation_is_refused_with_the_modes(value: object) -> None:
    with pytest.raises(RequestError, match="one of off, ngram, draft_model, auto"):
        build(prompt="a", speculation=value)


@pytest.mark.parametrize("value", [0, 33, 1.5, "4"])
def test_draft_length_out_of_range_is_refused_by_name(value: object) -> None:
    with pytest.raises(RequestError, match="max_draft_tokens"):
        build(prompt="a", speculation={"max_draft_tokens": value})


def test_draft_model_must_be_a_text() -> None:
    with pytest.raises(RequestError, match="draft_model"):
        draft_model_field({"draft_model": 3})


def test_flags_become_fields() -> None:
    argv = "generate m --chat hi --max-tokens 5 --top-p 0.5 --stop a --stop b --priority normal"

    assert fields_of_flags(parse_command(argv.split())) == {
        "messages": [{"role": "user", "content": "hi"}],
        "max_tokens": 5,
        "top_p": 0.5,
        "stop": ["a", "b"],
        "priority": "normal",
    }


@pytest.mark.parametrize(
    ("flag", "path", "weight"),
    [("a:0.5", "a", 0.5), ("a", "a", 1.0), ("C:\\x", "C:\\x", 1.0), ("C:\\x:-2", "C:\\x", -2.0)],
)
def test_adapter_flag_ends_in_its_weight(flag: str, path: str, weight: float) -> None:
    values = parse_command(["generate", "m", "--prompt", "a", "--adapter", flag])

    request = build_request(fields_of_flags(values), "0", 0.0)
    assert request.adapters == (AdapterUse(AdapterId(path), weight),)


def test_draft_corpus_is_a_list_of_texts() -> None:
    assert build(prompt="a", draft_corpus=["b", "c"]).draft_corpus == ("b", "c")
    with pytest.raises(RequestError, match="draft_corpus"):
        build(prompt="a", draft_corpus=[1])


def test_draft_corpus_of_a_flag_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "old.txt").write_text("an older reply", encoding="utf-8")
    argv = ["generate", "m", "--prompt", "a", "--draft-corpus", str(tmp_path / "old.txt")]

    assert fields_of_flags(parse_command(argv))["draft_corpus"] == ["an older reply"]
    with pytest.raises(RequestError, match="draft_corpus cannot be read"):
        fields_of_flags(parse_command([*argv[:-1], str(tmp_path / "none.txt")]))
