"""Reads `conversations.json` of a ChatGPT export: a tree of nodes per conversation.

Layout as the exports of 2023 to 2026 have it: `mapping` of node ids to `message`, `parent` and
`children`, the shown leaf in `current_node`. Tools and images become a note that can be read.
Everything gets new ids. Any thread but the GUI's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from realm_desktop.errors import RealmError
from realm_desktop.exchange.imported import (
    MAX_MESSAGES,
    Found,
    ImportedChat,
    Refused,
    check_integers,
    checked_time,
    name_of,
    parents_first,
    refused,
)
from realm_desktop.exchange.json_stream import JsonStream
from realm_desktop.formats.corruption import quote
from realm_desktop.formats.strict_json import JSONValue
from realm_desktop.protocol import Role
from realm_desktop.store.records import (
    GENERAL_WORKSPACE_ID,
    Conversation,
    ConversationId,
    FolderId,
    Message,
    MessageId,
    MessageState,
    new_conversation_id,
    new_message_id,
)
from realm_desktop.store.trees import StoredMessage, Tree

_ROLES: Final[dict[str, Role]] = {
    "system": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
}
_FENCE = re.compile("`+")

_Object = dict[str, JSONValue]


@dataclass(frozen=True, slots=True)
class _Node:
    """A node that becomes a message."""

    role: Role
    content: str
    created_s: float | None
    model_name: str


def read_chatgpt(stream: JsonStream, folder_id: FolderId, now_s: float) -> Iterator[Found]:
    """Every conversation of an export.

    Args:
        stream: At the beginning of the list.
        folder_id: Where the chats go.
        now_s: Time of what has none.

    Raises:
        ImportFailed: The file is no JSON from some place on.
    """
    for number, value in enumerate(stream.items(), start=1):
        try:
            yield read_conversation(value, number, folder_id, now_s)
        except RealmError as error:
            yield Refused(error.message)


def read_conversation(
    value: JSONValue, number: int, folder_id: FolderId, now_s: float
) -> ImportedChat:
    """One conversation of an export.

    Raises:
        ImportFailed: It is none; the sentence names the place.
    """
    title = _member(value, "title")
    place = name_of(number, title)
    mapping = _member(value, "mapping")
    if not isinstance(mapping, dict) or len(mapping) > MAX_MESSAGES:
        raise refused(
            f"{place}, mapping", f"it is no tree {{…}} of at most {MAX_MESSAGES:,} messages"
        )
    check_integers(value, place)
    conversation_id = new_conversation_id()
    created_s = _time(value, "create_time", place) or now_s
    messages, stands_for = _messages(mapping, conversation_id, created_s, place)
    current = _member(value, "current_node")
    conversation = Conversation(
        conversation_id=conversation_id,
        workspace_id=GENERAL_WORKSPACE_ID,
        title=title if isinstance(title, str) else "",
        created_s=created_s,
        updated_s=_time(value, "update_time", place) or created_s,
        leaf_id=stands_for.get(current) if isinstance(current, str) else None,
        folder_id=folder_id,
    )
    return ImportedChat(Tree(conversation, messages))


def _messages(
    mapping: _Object, conversation_id: ConversationId, created_s: float, place: str
) -> tuple[tuple[StoredMessage, ...], dict[str | None, MessageId | None]]:
    """The messages of a tree, and for every node the message that stands for it."""
    parents = {key: _parent(mapping, key, place) for key in mapping}
    # Nodes without a text of their own stand for the message above them.
    stands_for: dict[str | None, MessageId | None] = {None: None}
    messages: list[StoredMessage] = []
    for key in parents_first(parents, place):
        above = stands_for[parents[key]]
        node = _node(mapping[key], f"{place}, message {quote(key, 40)}")
        if node is None:
            stands_for[key] = above
            continue
        message = Message(
            message_id=new_message_id(),
            conversation_id=conversation_id,
            parent_id=above,
            role=node.role,
            content=node.content,
            state=MessageState.COMPLETE,
            created_s=node.created_s or created_s,
            model_name=node.model_name,
        )
        messages.append(StoredMessage(message))
        stands_for[key] = message.message_id
    return tuple(messages), stands_for


def _parent(mapping: _Object, key: str, place: str) -> str | None:
    node = mapping[key]
    if not isinstance(node, dict):
        raise refused(f"{place}, message {quote(key, 40)}", "it is no object {…}")
    parent = node.get("parent")
    # A parent that is not there makes a first message: old exports are cut so.
    return parent if isinstance(parent, str) and parent in mapping else None


def _node(value: JSONValue, place: str) -> _Node | None:
    """What a node says; None for one that the other app did not show either."""
    message = _member(value, "message")
    if not isinstance(message, dict):
        return None
    metadata = message.get("metadata")
    if _member(metadata, "is_visually_hidden_from_conversation") is True:
        return None
    author = _member(message.get("author"), "role")
    role = _ROLES.get(author) if isinstance(author, str) else None
    if role is None:
        raise refused(f"{place}, author", f"the role {quote(str(author))} is not known")
    text = _content(message.get("content"), place)
    recipient = message.get("recipient")
    if text and role == "assistant" and isinstance(recipient, str) and recipient != "all":
        text = f"*[To the tool {quote(recipient, 40)}]*\n\n{text}"
    elif text and role == "tool":
        name = _member(message.get("author"), "name")
        text = f"*[Tool {quote(name, 40) if isinstance(name, str) else ''}]*\n\n{text}"
    if not text.strip():
        return None
    model = _member(metadata, "model_slug")
    return _Node(
        role,
        text,
        _time(message, "create_time", place),
        model if isinstance(model, str) and role == "assistant" else "",
    )


def _content(content: JSONValue, place: str) -> str:
    """The text of any kind of content; what is no text as a note."""
    if isinstance(content, str):
        return content
    if not isinstance(content, dict):
        raise refused(f"{place}, content", "it is neither a text nor an object {…}")
    parts = content.get("parts")
    if isinstance(parts, list):
        return "\n\n".join(filter(None, (_part(part) for part in parts)))
    thoughts = content.get("thoughts")
    if isinstance(thoughts, list):
        return "\n\n".join(filter(None, (_thought(thought) for thought in thoughts)))
    kind = content.get("content_type")
    for name in ("text", "result", "content", "summary"):
        text = content.get(name)
        if isinstance(text, str) and text:
            language = content.get("language")
            is_code = kind in ("code", "execution_output")
            return _fenced(text, language if isinstance(language, str) else "") if is_code else text
    return "" if kind == "text" else f"*[{quote(str(kind), 40)}: not part of the import]*"


def _part(part: JSONValue) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, dict):
        text = part.get("text")
        if isinstance(text, str):
            return text
        kind = str(part.get("content_type", "something"))
        if "image" in kind:
            width, height = part.get("width"), part.get("height")
            size = f" {width} × {height}" if isinstance(width, int) else ""  # noqa: RUF001  # a sign for people
            return f"*[Image{size}: not part of the import]*"
        return f"*[{quote(kind, 40)}: not part of the import]*"
    return ""


def _thought(thought: JSONValue) -> str:
    """One thought as a quotation."""
    texts = [_member(thought, "summary"), _member(thought, "content")]
    lines = "\n\n".join(text for text in texts if isinstance(text, str) and text).splitlines()
    return "\n".join(f"> {line}" for line in lines)


def _fenced(text: str, language: str) -> str:
    """Code in a fence that it cannot close."""
    longest = max((len(run) for run in _FENCE.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    word = language if language.isalnum() and language != "unknown" else ""
    return f"{fence}{word}\n{text}\n{fence}"


def _time(value: JSONValue, name: str, place: str) -> float | None:
    found = _member(value, name)
    return None if found is None else checked_time(found, f"{place}, {name}")


def _member(value: JSONValue, name: str) -> JSONValue:
    return value.get(name) if isinstance(value, dict) else None
