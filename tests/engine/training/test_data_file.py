"""Data files: every format read, every bad line refused by its number."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from realm_desktop.engine.training import data_file
from realm_desktop.engine.training.data_file import ChatExample, PlainExample, read_data_file
from realm_desktop.errors import ModelFileError, TrainingDataError
from realm_desktop.protocol import ChatMessage

GOOD = '{"prompt": "a", "completion": "b"}'


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "data.jsonl"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_chat_lines_become_conversations(tmp_path: Path) -> None:
    messages = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ho"}]

    data = read_data_file(written(tmp_path, "\n" + json.dumps({"messages": messages}) + "\n"))

    expected = (ChatMessage("user", "Hi"), ChatMessage("assistant", "Ho"))
    assert data.examples == (ChatExample(2, expected),)


def test_message_of_weight_0_is_not_learned(tmp_path: Path) -> None:
    turns = [{"role": "assistant", "content": "a", "weight": weight} for weight in (0, 1)]

    (example,) = read_data_file(written(tmp_path, json.dumps({"messages": turns}))).examples

    assert isinstance(example, ChatExample)
    assert example.skipped == {0}


def test_plain_lines_become_prompt_and_completion(tmp_path: Path) -> None:
    data = read_data_file(written(tmp_path, f"{GOOD}\r\n{GOOD}"))

    assert data.examples == (PlainExample(1, "a", "b"), PlainExample(2, "a", "b"))


def test_chatml_text_becomes_conversations(tmp_path: Path) -> None:
    turn = "<|im_start|>user\nHi\nthere<|im_end|>\n<|im_start|>assistant\nHo<|im_end|>\n"

    data = read_data_file(written(tmp_path, turn + "\n" + turn))

    first, second = data.examples
    assert isinstance(first, ChatExample)
    assert first.messages == (ChatMessage("user", "Hi\nthere"), ChatMessage("assistant", "Ho"))
    assert (first.line, second.line) == (1, 7)


def test_system_message_begins_the_next_chatml_conversation(tmp_path: Path) -> None:
    turns = (
        "<|im_start|>system\nBe kind<|im_end|>\n<|im_start|>assistant\nHo<|im_end|>\n"
        "<|im_start|>assistant\nAgain<|im_end|>\n"
    )

    data = read_data_file(written(tmp_path, turns + turns))

    assert [len(example.messages) for example in data.examples] == [3, 3]  # type: ignore[union-attr]  # chats


def test_same_bytes_have_the_same_digest(tmp_path: Path) -> None:
    one = read_data_file(written(tmp_path, GOOD)).digest

    assert read_data_file(written(tmp_path, GOOD)).digest == one
    assert read_data_file(written(tmp_path, GOOD + "\n")).digest != one


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("{", "cannot be read"),
        ("[1]", "is a list"),
        ('{"text": "a"}', "has text"),
        ('{"prompt": 1, "completion": "b"}', "prompt that is no text"),
        ('{"prompt": "a", "completion": ""}', "empty completion"),
        ('{"messages": []}', "at least one message"),
        ('{"messages": [1]}', "no object"),
        ('{"messages": [{"role": "assistant", "content": "x", "weight": 0}]}', "no assistant"),
        ('{"messages": [{"role": "assistant", "content": "x", "weight": 2}]}', "weight 2"),
        ('{"messages": [{"role": "robot", "content": "x"}]}', "role 'robot'"),
        ('{"messages": [{"role": "user", "content": null}]}', "content that is no text"),
        ('{"messages": [{"role": "user", "content": "x"}]}', "no assistant message"),
        ('{"a": 1, "a": 2}', "occurs twice"),
        ('{"prompt": NaN, "completion": "b"}', "NaN"),
    ],
)
def test_bad_line_is_named_with_its_number(tmp_path: Path, line: str, fault: str) -> None:
    path = written(tmp_path, f"{GOOD}\n\n{line}\n{GOOD}\n")

    with pytest.raises(TrainingDataError, match="line 3") as caught:
        read_data_file(path)

    assert fault in caught.value.message
    assert (caught.value.field, caught.value.file) == ("line 3", str(path))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("<|im_start|>user\nHi<|im_end|>\nwhat\n<|im_start|>assistant\nHo<|im_end|>", "line 3"),
        ("<|im_start|>assistant\nHo<|im_end|>\n\n<|im_start|>user\nHi", "line 4"),
        ("<|im_start|>robot\nHo<|im_end|>\n", "line 1"),
        ("<|im_start|>user\nHi<|im_end|>\n", "line 1"),
    ],
)
def test_bad_chatml_turn_is_named_with_its_line(tmp_path: Path, text: str, line: str) -> None:
    with pytest.raises(TrainingDataError, match=line):
        read_data_file(written(tmp_path, text))


@pytest.mark.parametrize(
    ("last", "fault"),
    [("<|im_start|>user\nHi", "does not end"), ("what\nnow", "outside of a turn: what")],
)
def test_end_of_a_chatml_file_is_told_apart(tmp_path: Path, last: str, fault: str) -> None:
    turn = "<|im_start|>assistant\nHo<|im_end|>\n\n"

    with pytest.raises(TrainingDataError, match=f"line 5 .*{fault}"):
        read_data_file(written(tmp_path, turn + "\n" + last))


def test_turns_that_nothing_ends_are_refused_at_once(tmp_path: Path) -> None:
    # A search from each of them took 5 s for 8,000, and four times as long for twice as many.
    text = "<|im_start|>\n" * 300_000

    with pytest.raises(TrainingDataError, match="line 1 begins a turn"):
        read_data_file(written(tmp_path, text))


def test_text_that_is_not_utf8_is_refused_by_line(tmp_path: Path) -> None:
    with pytest.raises(TrainingDataError, match="line 2 is not UTF-8"):
        read_data_file(written(tmp_path, GOOD.encode() + b"\n\xff"))


def test_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainingDataError, match="holds no examples"):
        read_data_file(written(tmp_path, "\n \n"))


def test_file_beyond_the_limit_is_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_file, "MAX_FILE_BYTES", 10)

    with pytest.raises(TrainingDataError, match="at most 10 can be read"):
        read_data_file(written(tmp_path, GOOD))


@pytest.mark.parametrize(("name", "limit"), [("MAX_EXAMPLES", 1), ("MAX_LINE_BYTES", 20)])
def test_lines_beyond_a_limit_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, limit: int
) -> None:
    monkeypatch.setattr(data_file, name, limit)

    with pytest.raises(TrainingDataError, match="line"):
        read_data_file(written(tmp_path, f"{GOOD}\n{GOOD}"))


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="does not exist"):
        read_data_file(tmp_path / "none.jsonl")
