"""Files of chats that nobody trusts: each fault is named with its place, none stops the others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from realm_desktop.errors import ImportFailed
from realm_desktop.exchange.archive_format import FORMAT
from realm_desktop.exchange.archive_reader import read_conversation
from realm_desktop.exchange.imported import ImportedChat, Refused
from realm_desktop.formats.strict_json import JSONValue
from tests.support.exchanges import pieces_of, write_json


def _message(message_id: str = "m1", parent_id: str | None = None, **fields: Any) -> dict[str, Any]:
    return {
        "message_id": message_id,
        "parent_id": parent_id,
        "role": "user",
        "content": "Why?",
        "state": "complete",
        "created_s": 1.0,
        **fields,
    }


def _chat(*messages: object, **fields: Any) -> dict[str, Any]:
    return {
        "conversation_id": "c1",
        "workspace_id": "general",
        "title": "Tides",
        "created_s": 1,
        "updated_s": 2,
        "messages": list(messages),
        **fields,
    }


def _archive(path: Path, *chats: object, **fields: object) -> Path:
    values = {"format": FORMAT, "version": 1, **fields, "conversations": list(chats)}
    return write_json(path / "chats.json", values)


@pytest.mark.parametrize(
    ("value", "place"),
    [
        (7, "conversation 3: it is no object"),
        (_chat(title=7), "conversation 3: Expected `str`, got `int` - at `$.title`"),
        (_chat(conversation_id="a b"), "conversation_id: a b is no id"),
        (_chat(created_s=-1), "created_s: -1.0 is no time"),
        (_chat(created_s=1e300), "created_s"),
        (_chat(messages={}), "messages: it is no list"),
        (_chat(7), "message 1: it is no object"),
        (_chat(_message(role="root")), "message 1: Invalid enum value 'root' - at `$.role`"),
        (_chat(_message(seed=2**70)), "is too large"),
        (_chat(_message(seed=-1)), "message 1, seed"),
        (_chat(_message(), _message()), "message 2: another message has the same id"),
        (_chat(_message(parent_id="x")), "the message that m1 answers is not there"),
        (_chat(_message("a", "b"), _message("b", "a")), "message a is an answer to itself"),
        (_chat(_message("a", "a")), "message a is an answer to itself"),
        (_chat(_message(token_ids=[-1])), "message 1, token_ids"),
        (_chat(_message(token_ids="x")), "message 1, token_ids"),
    ],
)
def test_fault_of_a_chat_is_named_with_its_place(value: JSONValue, place: str) -> None:
    with pytest.raises(ImportFailed) as caught:
        read_conversation(value, 3)

    assert place in caught.value.message


def test_children_before_their_parents_are_put_in_order() -> None:
    chat = read_conversation(_chat(_message("b", "a"), _message("a")), 1)

    assert [stored.message.message_id for stored in chat.tree.messages] == ["a", "b"]


def test_unknown_fields_are_named_and_the_chat_is_taken() -> None:
    chat = read_conversation(_chat(_message(mood="calm"), colour=3), 1)

    assert chat.notes == (
        "unknown field 'colour' of a conversation",
        "unknown field 'mood' of a message",
    )


def test_figures_of_a_later_version_cost_only_themselves() -> None:
    chat = read_conversation(_chat(_message(stats={"ttft_s": "soon"}, is_starred=True)), 1)

    (stored,) = chat.tree.messages
    assert stored.message.stats is None
    assert stored.message.is_starred
    assert "without its figures" in chat.notes[0]


def test_ten_thousand_answers_in_a_row_are_read() -> None:
    chain = [_message(f"m{n}", f"m{n - 1}" if n else None) for n in range(10_000)]

    chat = read_conversation(_chat(*chain[::-1]), 1)

    assert chat.tree.messages[-1].message.message_id == "m9999"


def test_one_bad_chat_does_not_stop_the_others(tmp_path: Path) -> None:
    found = pieces_of(_archive(tmp_path, _chat(), 7, _chat()))

    assert [type(piece) for piece in found] == [ImportedChat, Refused, ImportedChat]


@pytest.mark.parametrize("fields", [{"format": "other"}, {"version": 2}, {"version": "1"}], ids=str)
def test_other_formats_and_later_versions_are_refused(
    tmp_path: Path, fields: dict[str, object]
) -> None:
    with pytest.raises(ImportFailed, match=r"format|version"):
        pieces_of(_archive(tmp_path, _chat(), **fields))


def test_workspace_with_nonsense_is_named(tmp_path: Path) -> None:
    workspace = {"workspace_id": "w", "name": "W", "created_s": 1, "updated_s": 1, "weight": -3}

    found = pieces_of(_archive(tmp_path, workspaces=[workspace, 7]))

    assert [type(piece) for piece in found] == [Refused, Refused]


def test_folders_in_a_circle_stand_side_by_side(tmp_path: Path) -> None:
    common = {"workspace_id": "general", "name": "F", "created_s": 1}
    circle = [
        {"folder_id": "a", "parent_id": "b", **common},
        {"folder_id": "b", "parent_id": "a", **common},
    ]

    note, *folders = pieces_of(_archive(tmp_path, folders=circle))

    assert isinstance(note, Refused)
    assert [getattr(folder, "parent_id", "") for folder in folders] == [None, None]
