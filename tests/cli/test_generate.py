"""`generate` on real and tiny models."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.command_line import Result, as_lines, run
from tests.support.shared_data import shared_data


def reference() -> list[dict[str, Any]]:
    text = shared_data("stories260K-f32.reference.json").read_text(encoding="utf-8")
    prompts: list[dict[str, Any]] = json.loads(text)["prompts"]
    return prompts


def generate(model: Path, *argv: object, stdin: str = "") -> Result:
    return run("generate", model, "--threads", 2, *argv, stdin=stdin)


def batch(model: Path, requests: list[dict[str, Any]], *argv: object) -> Result:
    return generate(model, "--jsonl", *argv, stdin=as_lines(requests))


def test_greedy_ids_are_those_of_the_reference() -> None:
    records = reference()
    requests = [{"prompt": record["prompt"]} for record in records]

    result = batch(
        shared_data("stories260K-f32.gguf"), requests, "--temperature", 0, "--max-tokens", 20
    )

    assert result.status == 0
    for line, record in zip(result.lines, records, strict=True):
        assert line["ids"] == record["greedy"][:20]
        # The space of the first word is no part of a text that begins with it.
        text = record["text"] if record["prompt"] else record["text"].removeprefix(" ")
        assert len(line["text"]) > 20
        assert text.startswith(line["text"])


def test_an_answer_has_the_fields_of_the_contract(tiny_model_path: Path) -> None:
    answer = generate(
        tiny_model_path, "--prompt", "the", "--max-tokens", 4, "--ignore-end", "--json"
    ).value

    assert {"text", "ids", "finish_reason", "logprobs", "usage", "stats"} <= set(answer)
    assert answer["finish_reason"] == "length"
    assert len(answer["ids"]) == answer["usage"]["completion_tokens"] == 4
    assert set(answer["stats"]) >= {
        "prompt_tokens_per_s",
        "decode_tokens_per_s",
        "ttft_s",
        "reused_tokens",
        "drafted",
        "accepted",
    }


def test_answers_come_in_order_and_equal_those_alone(tiny_model_path: Path) -> None:
    requests = [{"ids": [index + 1, 5], "max_tokens": 9 - index, "seed": 3} for index in range(4)]

    together = batch(tiny_model_path, requests).lines
    one_by_one = batch(tiny_model_path, requests, "--parallel", 1).lines

    alone = [batch(tiny_model_path, [request]).value for request in requests]
    for lines in (together, one_by_one):
        assert [line["ids"] for line in lines] == [line["ids"] for line in alone]
        assert [line["text"] for line in lines] == [line["text"] for line in alone]


def test_text_for_people_is_the_text_alone(tiny_model_path: Path) -> None:
    argv = ("--prompt", "the", "--max-tokens", 5, "--seed", 4)
    answer = generate(tiny_model_path, *argv, "--json").value

    assert generate(tiny_model_path, *argv).out == answer["text"] + "\n"
    assert generate(tiny_model_path, *argv, "--stream").out == answer["text"] + "\n"


def test_streamed_deltas_make_up_the_answer(tiny_model_path: Path) -> None:
    requests = [{"ids": [1]}, {"ids": [2]}]

    lines = batch(tiny_model_path, requests, "--stream", "--max-tokens", 6, "--ignore-end").lines

    answers = [line for line in lines if "delta" not in line]
    assert len(answers) == len(requests)
    for index, answer in enumerate(answers):
        deltas = [line["delta"] for line in lines if line.get("index") == index]
        assert "".join(delta["text"] for delta in deltas) == answer["text"]
        assert [token_id for delta in deltas for token_id in delta["ids"]] == answer["ids"]


def test_the_chat_template_is_applied_to_a_chat(tiny_model_path: Path) -> None:
    rendered = run(
        "render",
        tiny_model_path,
        "--json",
        stdin='{"messages": [{"role": "user", "content": "hi"}]}',
    ).value

    chat = generate(tiny_model_path, "--chat", "hi", "--max-tokens", 3, "--json").value

    assert chat["usage"]["prompt_tokens"] == len(rendered["ids"])
    same = batch(tiny_model_path, [{"ids": rendered["ids"]}], "--max-tokens", 3).value
    assert same["ids"] == chat["ids"]


def test_flags_are_the_defaults_of_lines(tiny_model_path: Path) -> None:
    requests: list[dict[str, Any]] = [{"ids": [1]}, {"ids": [1], "max_tokens": 2}]

    lines = batch(tiny_model_path, requests, "--max-tokens", 4, "--ignore-end").lines

    assert [len(line["ids"]) for line in lines] == [4, 2]


def test_logprobs_are_reported_when_asked(tiny_model_path: Path) -> None:
    requests: list[dict[str, Any]] = [{"ids": [1]}, {"ids": [1], "logprobs": 2}]

    lines = batch(tiny_model_path, requests, "--max-tokens", 3, "--ignore-end").lines

    assert lines[0]["logprobs"] is None
    assert [entry["id"] for entry in lines[1]["logprobs"]] == lines[1]["ids"]
    assert all(len(entry["top"]) == 2 and entry["logprob"] <= 0 for entry in lines[1]["logprobs"])


def test_bad_lines_are_answered_in_their_place(tiny_model_path: Path) -> None:
    lines = '{"ids": [1], "max_tokens": 1}\nnonsense\n{"ids": [1], "top_p": 3}\n\n{"ids": [2], "max_tokens": 1}\n'

    result = generate(tiny_model_path, "--jsonl", stdin=lines)

    assert result.status == 2
    kinds = [line.get("error", {}).get("kind") for line in result.lines]
    assert kinds == [None, "InvalidJson", "InvalidSampling", None]


def test_a_prompt_longer_than_the_context_is_refused(tiny_model_path: Path) -> None:
    result = batch(tiny_model_path, [{"ids": [1] * 600}, {"ids": [1], "max_tokens": 1}])

    assert result.status == 2
    assert result.lines[0]["error"]["kind"] == "PromptTooLong"
    assert "600" in result.lines[0]["error"]["message"]
    assert "ids" in result.lines[1]


def test_ids_outside_the_vocabulary_are_refused(tiny_model_path: Path) -> None:
    result = generate(tiny_model_path, "--jsonl", stdin='{"ids": [99999]}')

    assert result.status == 2
    assert "99999" in result.value["error"]["message"]


def test_a_stop_string_ends_the_reply(tiny_model_path: Path) -> None:
    argv = ("--prompt", "the", "--max-tokens", 20, "--ignore-end", "--json", "--temperature", 0)
    text = generate(tiny_model_path, *argv).value["text"]

    answer = generate(tiny_model_path, *argv, "--stop", text[3:5]).value

    assert answer["finish_reason"] == "stop"
    assert answer["text"] == text[: text.index(text[3:5])]


def test_no_lines_give_no_answers(tiny_model_path: Path) -> None:
    assert generate(tiny_model_path, "--jsonl") == (0, "", "")


@pytest.mark.parametrize("argv", [[], ["--jsonl", "--prompt", "a"], ["--jsonl", "--chat", "a"]])
def test_a_run_has_one_source_of_prompts(tiny_model_path: Path, argv: list[str]) -> None:
    result = generate(tiny_model_path, *argv, "--json")

    assert result.status == 2
    assert result.value["error"]["kind"] == "UsageError"


def test_a_damaged_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bad.gguf"
    path.write_bytes(b"GGUF" + bytes(100))

    result = generate(path, "--prompt", "a", "--json")

    assert result.status == 2
    assert result.value["error"]["file"] == str(path)


def test_the_embedded_model_is_called_starter() -> None:
    result = generate(
        Path("starter"), "--prompt", "Hello", "--max-tokens", 2, "--ignore-end", "--json"
    )

    assert result.status == 0
    assert result.value["usage"]["completion_tokens"] == 2


def accept_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one child")
def test_ctrl_c_ends_with_130(tiny_model_path: Path) -> None:
    argv = [sys.executable, "-m", "realm_desktop", "generate", str(tiny_model_path)]
    argv += ["--jsonl", "--stream", "--ignore-end", "--device", "cpu"]
    lines = as_lines([{"ids": [1], "max_tokens": 480}] * 400)
    process = subprocess.Popen(
        argv,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=accept_interrupts,  # a shell's background job ignores SIGINT, as do its children
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(lines)
        process.stdin.close()
        process.stdin = None
        process.stdout.readline()  # the first delta: the batch is running

        process.send_signal(signal.SIGINT)
        try:
            _, err = process.communicate(timeout=60)
        finally:
            process.kill()

    assert process.returncode == 130, err
    assert "Traceback" not in err


def test_speculation_changes_no_answer_and_is_counted(tiny_model_path: Path) -> None:
    requests = [
        {"ids": [index, 5], "seed": index, "max_tokens": 30, "ignore_end": True, **fields}
        for index in range(2)
        for fields in (
            {"speculation": "off"},
            {"speculation": "ngram"},
            {"speculation": {"mode": "draft_model"}},
        )
    ]

    lines = batch(tiny_model_path, requests, "--draft-model", tiny_model_path).lines

    for index in range(2):
        plain, *others = lines[3 * index : 3 * index + 3]
        assert [line["ids"] for line in others] == [plain["ids"]] * 2
        stats = others[1]["stats"]
        assert stats["drafted"] == stats["accepted"] > 0  # the model drafts for itself
        assert stats["acceptance_rate"] == 1.0


def test_a_draft_model_that_is_not_loaded_is_refused(tiny_model_path: Path) -> None:
    result = batch(tiny_model_path, [{"ids": [1], "speculation": "draft_model"}])

    assert result.status == 2
    assert "without a draft model" in result.value["error"]["message"]


def test_two_draft_models_in_one_run_are_refused(tiny_model_path: Path) -> None:
    requests = [
        {"ids": [1], "max_tokens": 1, "draft_model": str(tiny_model_path)},
        {"ids": [1], "max_tokens": 1, "draft_model": "another.gguf"},
    ]

    result = batch(tiny_model_path, requests)

    assert "ids" in result.lines[0]
    assert result.lines[1]["error"]["field"] == "draft_model"


def test_a_draft_model_of_another_vocabulary_is_refused(tiny_model_path: Path) -> None:
    draft = shared_data("stories260K-f32.gguf")

    result = generate(tiny_model_path, "--prompt", "a", "--draft-model", draft, "--json")

    assert result.status == 2
    assert result.value["error"]["kind"] == "DraftMismatch"
    assert result.value["error"]["file"] == str(draft)


def test_a_schema_shapes_the_answer(tiny_model_path: Path) -> None:
    request = {"prompt": "the", "json_schema": {"enum": ["yes", "no"]}, "temperature": 1}

    (answer,) = batch(tiny_model_path, [request]).lines

    assert json.loads(answer["text"]) in {"yes", "no"}
    assert answer["finish_reason"] == "stop"


def test_a_schema_that_cannot_be_enforced_is_refused_with_its_path(tiny_model_path: Path) -> None:
    requests: list[dict[str, Any]] = [
        {"prompt": "a", "json_schema": {"items": {"not": {}}}},
        {"prompt": "a"},
    ]

    result = batch(tiny_model_path, requests, "--max-tokens", 2)

    assert result.status == 2
    error = result.lines[0]["error"]
    assert (error["kind"], error["field"]) == ("InvalidGrammar", "json_schema")
    assert "/items/not" in error["message"]
    assert "text" in result.lines[1]


def test_a_regex_flag_shapes_the_answer(tiny_model_path: Path) -> None:
    answer = generate(
        tiny_model_path,
        "--prompt",
        "the",
        "--regex",
        "[0-9]{3}",
        "--json",
        "--xtc-probability",
        0.5,
    ).value

    assert len(answer["text"]) == 3
    assert answer["text"].isdigit()


def test_several_replies_are_those_of_their_seeds_best_first(tiny_model_path: Path) -> None:
    argv = ("--prompt", "the time", "--max-tokens", 6, "--ignore-end", "--json")
    value = generate(tiny_model_path, *argv, "--n", 3, "--seed", 4).value

    assert sorted(choice["seed"] for choice in value["choices"]) == [4, 5, 6]
    means = [choice["mean_logprob"] for choice in value["choices"]]
    assert means == sorted(means, reverse=True)
    for choice in value["choices"]:
        alone = generate(tiny_model_path, *argv, "--seed", choice["seed"]).value
        assert (choice["ids"], choice["text"]) == (alone["ids"], alone["text"])


def test_lines_may_ask_for_several_replies_beside_others(tiny_model_path: Path) -> None:
    requests = [{"ids": [3, 5], "n": 2, "max_tokens": 3}, {"ids": [3, 5], "max_tokens": 3}]
    several, single = batch(tiny_model_path, requests, "--parallel", 1).lines

    assert len(several["choices"]) == 2
    assert "choices" not in single


def test_pieces_of_several_replies_name_their_choice(tiny_model_path: Path) -> None:
    argv = ("--prompt", "the", "--max-tokens", 3, "--ignore-end", "--n", 2, "--stream", "--json")
    *pieces, value = generate(tiny_model_path, *argv).lines

    assert {piece["choice"] for piece in pieces} == {0, 1}
    assert sum(len(piece["delta"]["ids"]) for piece in pieces) == 6
    assert len(value["choices"]) == 2


def test_several_replies_for_people_are_their_texts(tiny_model_path: Path) -> None:
    argv = ("--prompt", "the", "--max-tokens", 5, "--n", 2)
    texts = [c["text"] for c in generate(tiny_model_path, *argv, "--json").value["choices"]]

    assert generate(tiny_model_path, *argv).out == "".join(f"{text}\n" for text in texts)


@pytest.mark.parametrize("count", [0, 17, 1.5, "2", True])
def test_number_of_replies_out_of_range_is_refused(tiny_model_path: Path, count: Any) -> None:
    result = batch(tiny_model_path, [{"prompt": "the", "n": count}, {"ids": [4], "max_tokens": 1}])

    assert result.lines[0]["error"]["field"] == "n"
    assert result.lines[1]["ids"]
