"""ChatGPT's `conversations.json`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from realm_desktop.errors import ImportFailed
from realm_desktop.exchange.chatgpt_reader import read_conversation
from realm_desktop.exchange.imported import ImportedChat, Refused
from realm_desktop.formats.strict_json import JSONValue
from realm_desktop.store.records import Folder, FolderId, Message
from tests.support.exchanges import NOW_S, pieces_of, write_json

F1 = FolderId("f1")


def _node(parent: str | None, role: str = "", content: Any = "", **fields: Any) -> dict[str, Any]:
    if not role:
        return {"message": None, "parent": parent, "children": []}
    if isinstance(content, str):
        content = {"content_type": "text", "parts": [content]}
    message = {"author": {"role": role}, "content": content, "create_time": 5.5, **fields}
    return {"message": message, "parent": parent, "children": []}


def _chat(mapping: object, **fields: Any) -> dict[str, Any]:
    return {
        "title": "Tides",
        "create_time": 10.0,
        "update_time": 20.0,
        "mapping": mapping,
        "current_node": None,
        **fields,
    }


def _messages(value: JSONValue) -> list[Message]:
    chat = read_conversation(value, 1, F1, NOW_S)
    return [stored.message for stored in chat.tree.messages]


def _one(content: Any, role: str = "assistant", **fields: Any) -> str:
    """The text of the only message."""
    (message,) = _messages(_chat({"a": _node(None, role, content, **fields)}))
    return message.content


def test_branches_and_the_shown_one_are_kept() -> None:
    nodes = {
        "root": _node(None),
        "q": _node("root", "user", "Why?"),
        "a1": _node("q", "assistant", "So.", metadata={"model_slug": "gpt-4o"}),
        "a2": _node("q", "assistant", "Or so."),
    }

    tree = read_conversation(_chat(nodes, current_node="a1"), 1, F1, NOW_S).tree

    question, first, second = (stored.message for stored in tree.messages)
    assert question.parent_id is None
    assert first.parent_id == second.parent_id == question.message_id
    assert (first.content, first.model_name, first.created_s) == ("So.", "gpt-4o", 5.5)
    assert tree.conversation.leaf_id == first.message_id
    assert (tree.conversation.created_s, tree.conversation.updated_s) == (10.0, 20.0)
    assert tree.conversation.folder_id == F1


def test_nodes_without_text_hand_their_children_up() -> None:
    hidden = {"is_visually_hidden_from_conversation": True}
    nodes = {
        "root": _node(None),
        "s": _node("root", "system", ""),
        "h": _node("s", "user", "secret", metadata=hidden),
        "q": _node("h", "user", "Why?"),
    }

    (message,) = _messages(_chat(nodes, current_node="q"))

    assert (message.parent_id, message.content) == (None, "Why?")


def test_images_become_a_note() -> None:
    image = {"content_type": "image_asset_pointer", "asset_pointer": "f", "width": 4, "height": 3}

    text = _one({"content_type": "multimodal_text", "parts": [image, "What is it?"]}, "user")

    assert text == "*[Image 4 × 3: not part of the import]*\n\nWhat is it?"  # noqa: RUF001  # as shown


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"content_type": "code", "language": "python", "text": "1"}, "```python\n1\n```"),
        ({"content_type": "code", "text": "a ``` b"}, "````\na ``` b\n````"),
        (
            {"content_type": "thoughts", "thoughts": [{"summary": "S", "content": "a\nb"}]},
            "> S\n> \n> a\n> b",
        ),
        ({"content_type": "tether_quote", "text": "quoted"}, "quoted"),
        ({"content_type": "hologram"}, "*[hologram: not part of the import]*"),
        ({"content_type": "text", "parts": [{"content_type": "audio", "text": "said"}]}, "said"),
        ({"content_type": "text", "parts": [None, 7, "text"]}, "text"),
    ],
)
def test_other_contents_stay_readable(content: JSONValue, expected: str) -> None:
    assert _one(content) == expected


def test_tools_are_named() -> None:
    asked = _one({"content_type": "code", "text": "1"}, recipient="python")
    (answer,) = _messages(
        _chat({"a": _node(None, "tool", "2", author={"role": "tool", "name": "python"})})
    )

    assert asked.startswith("*[To the tool python]*")
    assert (answer.role, answer.content) == ("tool", "*[Tool python]*\n\n2")


@pytest.mark.parametrize(
    ("value", "place"),
    [
        (7, "conversation 1, mapping"),
        (_chat([]), "conversation 1 (Tides), mapping"),
        (_chat({"a": 7}), "message a: it is no object"),
        (_chat({"a": _node("b"), "b": _node("a")}), "message a is an answer to itself"),
        (_chat({"a": _node(None, "boss", "x")}), "message a, author: the role boss"),
        (
            _chat({"a": _node(None, "x", "x", author={"role": []})}),
            "message a, author: the role []",
        ),
        (_chat({"a": _node(None, "user", 7)}), "message a, content"),
        (_chat({"a": _node(None, "user", "x", create_time="now")}), "message a, create_time"),
        (_chat({}, update_time=1e99), "update_time"),
    ],
)
def test_fault_is_named_with_its_place(value: JSONValue, place: str) -> None:
    with pytest.raises(ImportFailed) as caught:
        _messages(value)

    assert place in caught.value.message


def test_export_goes_into_a_folder_and_bad_chats_are_named(tmp_path: Path) -> None:
    path = write_json(tmp_path / "conversations.json", [_chat({}), 7])

    folder, chat, fault = pieces_of(path)

    assert isinstance(folder, Folder)
    assert folder.name == "ChatGPT"
    assert isinstance(chat, ImportedChat)
    assert isinstance(fault, Refused)
