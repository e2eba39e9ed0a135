"""`tokenize`, `detokenize` and `render`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command_line import as_lines, run
from tests.support.shared_data import shared_data

_MESSAGES = [{"role": "user", "content": "hello"}]


def test_text_on_standard_input_becomes_ids(tiny_model_path: Path) -> None:
    result = run("tokenize", tiny_model_path, "--json", stdin="hello")

    assert result.status == 0
    assert (
        run("detokenize", tiny_model_path, stdin=str(result.value["ids"]).strip("[]")).out
        == "hello"
    )


def test_ids_for_people_are_numbers_in_a_row(tiny_model_path: Path) -> None:
    result = run("tokenize", tiny_model_path, stdin="ab")

    assert [int(word) for word in result.out.split()] == run(
        "tokenize", tiny_model_path, "--json", stdin="ab"
    ).value["ids"]


def test_lines_are_answered_in_order(tiny_model_path: Path) -> None:
    texts = ["a", "", "the user\n", "\U0001f999"]
    result = run(
        "tokenize", tiny_model_path, "--jsonl", stdin=as_lines([{"text": text} for text in texts])
    )

    back = run("detokenize", tiny_model_path, "--jsonl", stdin=as_lines(result.lines))

    assert [line["text"] for line in back.lines] == texts


def test_each_line_chooses_its_special_tokens() -> None:
    model = shared_data("stories260K-f32.gguf")
    requests = [
        {"text": "<s>", "add_special": False, "parse_special": True},
        {"text": "", "add_special": True, "parse_special": False},
        {"text": "", "add_special": False},
    ]

    result = run("tokenize", model, "--jsonl", stdin=as_lines(requests))

    assert [line["ids"] for line in result.lines] == [[1], [1], []]


def test_flags_choose_them_for_plain_text() -> None:
    model = shared_data("stories260K-f32.gguf")

    assert run("tokenize", model, "--json", stdin="").value == {"ids": [1]}
    assert run("tokenize", model, "--json", "--no-add-special", stdin="").value == {"ids": []}
    plain = run("tokenize", model, "--json", "--no-parse-special", stdin="</s>").value["ids"]
    assert 2 not in plain


@pytest.mark.parametrize(
    ("line", "kind", "field"),
    [
        ("{}", "RequestError", "text"),
        ('{"text": 3}', "RequestError", "text"),
        ('{"text": "a", "add_special": 1}', "RequestError", "add_special"),
        ('{"text": "a", "more": 1}', "RequestError", "more"),
        ("[]", "RequestError", "request"),
        ("nonsense", "InvalidJson", None),
    ],
)
def test_a_bad_line_is_answered_and_the_others_go_on(
    tiny_model_path: Path, line: str, kind: str, field: str | None
) -> None:
    result = run("tokenize", tiny_model_path, "--jsonl", stdin=f'{line}\n{{"text": "a"}}\n')

    assert result.status == 2
    assert result.lines[0]["error"]["kind"] == kind
    assert result.lines[0]["error"].get("field") == field
    assert "ids" in result.lines[1]


@pytest.mark.parametrize(
    "line",
    ['{"ids": [999999]}', '{"ids": [-1]}', '{"ids": [true]}', '{"ids": "1"}', '{"ids": null}'],
)
def test_wrong_ids_are_refused(tiny_model_path: Path, line: str) -> None:
    result = run("detokenize", tiny_model_path, "--jsonl", stdin=line)

    assert result.status == 2
    assert result.value["error"]["field"] == "ids"


def test_words_that_are_no_ids_are_refused(tiny_model_path: Path) -> None:
    assert run("detokenize", tiny_model_path, stdin="1 x").status == 2


def test_special_tokens_can_be_left_out(tiny_model_path: Path) -> None:
    ids = run("tokenize", tiny_model_path, "--json", stdin="<|im_end|>a").value["ids"]
    requests = [{"ids": ids}, {"ids": ids, "skip_special": True}]

    result = run("detokenize", tiny_model_path, "--jsonl", stdin=as_lines(requests))

    assert [line["text"] for line in result.lines] == ["<|im_end|>a", "a"]


def test_input_that_is_no_utf8_is_refused(tiny_model_path: Path) -> None:
    result = run("tokenize", tiny_model_path, "--json", stdin=b"ab\xff")

    assert result.status == 2
    assert result.value["error"]["offset"] == 2


def test_a_conversation_is_rendered(tiny_model_path: Path) -> None:
    result = run("render", tiny_model_path, "--json", stdin=json.dumps({"messages": _MESSAGES}))

    assert result.value["text"].startswith("<|im_start|>user\nhello<|im_end|>")
    assert result.value["text"].endswith("assistant\n")
    text = run(
        "detokenize",
        tiny_model_path,
        "--jsonl",
        stdin=as_lines([result.value["ids"] and {"ids": result.value["ids"]}]),
    )
    assert text.value["text"] == result.value["text"]


def test_the_generation_prompt_is_optional(tiny_model_path: Path) -> None:
    request = {"messages": _MESSAGES, "add_generation_prompt": False}

    result = run("render", tiny_model_path, stdin=json.dumps(request))

    assert result.out == "<|im_start|>user\nhello<|im_end|>\n"


def test_another_template_can_be_given(tiny_model_path: Path, tmp_path: Path) -> None:
    template = tmp_path / "own.jinja"
    template.write_text("{{ tools[0] }}{{ strftime_now('%Y') }}{{ enable_thinking }}")
    request = {"messages": [], "tools": ["t"], "clock_s": 1e9, "enable_thinking": True}

    result = run("render", tiny_model_path, "--template", template, stdin=json.dumps(request))

    assert result.out == "t2001True"


@pytest.mark.parametrize(
    ("request_text", "field"),
    [
        ('{"messages": 1}', "messages"),
        ("{}", "messages"),
        ('{"messages": ["a"]}', "messages"),
        ('{"messages": [], "tools": 1}', "tools"),
        ('{"messages": [], "clock_s": "x"}', "clock_s"),
        ('{"messages": [], "add_generation_prompt": 1}', "add_generation_prompt"),
        ('{"messages": [], "chat_template": "x"}', "chat_template"),
    ],
)
def test_a_wrong_conversation_is_refused(
    tiny_model_path: Path, request_text: str, field: str
) -> None:
    result = run("render", tiny_model_path, "--json", stdin=request_text)

    assert result.status == 2
    assert result.value["error"]["field"] == field


@pytest.mark.parametrize(
    "content", [None, b"\xff", b"{% if %}", b"{{ 'a' * 999999999 }}", b"a" * (1 << 21)]
)
def test_an_unusable_template_is_refused(
    tiny_model_path: Path, tmp_path: Path, content: bytes | None
) -> None:
    template = tmp_path / "bad.jinja"
    if content is not None:
        template.write_bytes(content)

    result = run(
        "render", tiny_model_path, "--json", "--template", template, stdin='{"messages": []}'
    )

    assert result.status == 2
    assert result.value["error"]["kind"] in ("UsageError", "TemplateError")


def test_torch_is_not_imported(tiny_model_path: Path) -> None:
    code = (
        "import sys\n"
        "from realm_desktop.__main__ import main\n"
        f"status = main(['tokenize', {str(tiny_model_path)!r}])\n"
        "sys.exit(status or 'torch' in sys.modules or 'PySide6' in sys.modules)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], input="hello", capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
