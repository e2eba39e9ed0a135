"""What an adapter can learn from the messages of a workspace."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from realm_desktop.chat.teaching import (
    MAX_CONTEXT_MESSAGES,
    TeachingSource,
    examples_of,
    replies_to_learn,
    write_examples,
)
from realm_desktop.errors import ExportError
from realm_desktop.store.records import Message, MessageId, MessageState
from tests.support.stores import make_message, make_reply

ASK = make_message("u1", content="Why?")
FIRST = make_reply("a1", "u1", "Because.")
SECOND = make_reply("a2", "u1", "Therefore.")
ASK_MORE = make_message("u2", "a1", content="And?")
LAST = make_reply("a3", "u2", "So.")
ALL = [ASK, FIRST, SECOND, ASK_MORE, LAST]


def ids(messages: list[Message]) -> list[str]:
    return [message.message_id for message in messages]


def turns(line: str) -> list[Any]:
    found: list[Any] = json.loads(line)["messages"]
    return found


def test_starred_replies_are_learned() -> None:
    messages = [ASK, FIRST, replace(SECOND, is_starred=True), ASK_MORE, LAST]

    assert ids(replies_to_learn(messages, TeachingSource.STARRED)) == ["a2"]


def test_star_on_a_question_stands_for_its_latest_reply() -> None:
    messages = [replace(ASK, is_starred=True), *ALL[1:]]

    assert ids(replies_to_learn(messages, TeachingSource.STARRED)) == ["a2"]


def test_edited_replies_are_learned() -> None:
    messages = [*ALL[:-1], replace(LAST, is_edited=True)]

    assert ids(replies_to_learn(messages, TeachingSource.EDITED)) == ["a3"]


@pytest.mark.parametrize(
    "change", [{"state": MessageState.FAILED}, {"state": MessageState.STREAMING}, {"content": " "}]
)
def test_replies_that_are_not_whole_are_left_out(change: dict[str, Any]) -> None:
    messages = [ASK, replace(FIRST, is_starred=True, **change), SECOND]

    assert ids(replies_to_learn(messages, TeachingSource.ALL)) == ["a2"]
    assert replies_to_learn(messages, TeachingSource.STARRED) == []


def test_example_has_the_branch_before_its_reply() -> None:
    (line,) = examples_of(ALL, [LAST], "Be brief.")

    assert turns(line) == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Why?"},
        {"role": "assistant", "content": "Because.", "weight": 0},
        {"role": "user", "content": "And?"},
        {"role": "assistant", "content": "So."},
    ]


def test_long_branch_keeps_its_end_and_begins_with_a_user() -> None:
    messages = [ASK]
    for number in range(20):
        role = make_message if number % 2 else make_reply
        messages.append(role(f"m{number}", messages[-1].message_id, f"text {number}"))

    (line,) = examples_of(messages, [messages[-2]], "")

    assert len(turns(line)) <= MAX_CONTEXT_MESSAGES + 1
    assert (turns(line)[0]["role"], turns(line)[-1]["content"]) == ("user", "text 18")


def test_same_example_counts_once() -> None:
    copies = [replace(m, message_id=MessageId(f"c{m.message_id}")) for m in (ASK, FIRST)]
    copies[1] = replace(copies[1], parent_id=copies[0].message_id)

    lines = examples_of([*ALL, *copies], [FIRST, copies[1]], "")

    assert len(lines) == 1


def test_written_file_is_what_the_trainer_reads(tmp_path: Path) -> None:
    from realm_desktop.engine.training.data_file import read_data_file

    path = tmp_path / "new" / "data.jsonl"
    asyncio.run(write_examples(path, examples_of(ALL, [FIRST, LAST], "")))

    examples = read_data_file(path).examples

    assert [len(example.messages) for example in examples] == [2, 4]  # type: ignore[union-attr]  # chats


def test_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "new").write_text("in the way")

    with pytest.raises(ExportError, match="cannot be written"):
        asyncio.run(write_examples(tmp_path / "new" / "data.jsonl", ["{}"]))
