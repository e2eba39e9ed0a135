"""Reads the app's own JSON files of chats; believes nothing in them.

A conversation that cannot be taken in is named with its place and left out, the others go on. Fields
of later versions are named in notes. Any thread but the GUI's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, replace
from typing import Any, Final, TypeVar

import msgspec

from realm_desktop.errors import ImportFailed, RealmError
from realm_desktop.exchange.archive_format import (
    ADAPTERS,
    CONVERSATIONS,
    FOLDERS,
    FORMAT,
    MESSAGES,
    NOTES,
    TOKEN_IDS,
    VERSION,
    WORKSPACES,
)
from realm_desktop.exchange.imported import (
    MAX_MESSAGES,
    Found,
    ImportedChat,
    Refused,
    WorkspaceNotes,
    check_integers,
    checked_id,
    checked_time,
    name_of,
    parents_first,
    refused,
)
from realm_desktop.exchange.json_stream import JsonStream
from realm_desktop.formats.corruption import quote
from realm_desktop.formats.strict_json import JSONValue
from realm_desktop.store.records import Conversation, Folder, Message, MessageState, Workspace
from realm_desktop.store.trees import StoredMessage, Tree

MAX_TOKEN_ID: Final = 2**32 - 1

_HEADER = ("app_version", "exported_s", ADAPTERS)
# What a message can do without: a value of a later version costs only itself.
_OPTIONAL = (
    "finish_reason",
    "stats",
    "error",
    "adapters",
    "sampling",
    "attachments",
    "thinking",
    "origin",
)

_RecordT = TypeVar("_RecordT")
_PlaceT = TypeVar("_PlaceT", Workspace, Folder)


def read_archive(stream: JsonStream) -> Iterator[Found]:
    """Everything in a file of ours, in its order.

    Args:
        stream: At the beginning of the object.

    Raises:
        ImportFailed: It is no such file, one of a later version, or no JSON from some place on.
    """
    is_known = False
    for key in stream.fields():
        if key == CONVERSATIONS:
            if not is_known:
                raise _no_archive()
            yield from _read_conversations(stream)
            continue
        value = stream.value()
        if key == "format":
            is_known = value == FORMAT
        elif key == "version":
            _check_version(value)
        elif key == WORKSPACES:
            yield from _read_workspaces(value)
        elif key == FOLDERS:
            yield from _parents_before(_read_records(value, Folder, "folder"))
        elif key not in _HEADER:
            yield Refused(f"the file has {quote(key)!r}, which this version does not know")
    if not is_known:
        raise _no_archive()


def read_conversation(value: JSONValue, number: int) -> ImportedChat:
    """One conversation of a file.

    Args:
        value: As the file has it.
        number: Its place in the file, from 1.

    Raises:
        ImportFailed: It cannot be taken in; the sentence names the place.
    """
    if not isinstance(value, dict):
        raise refused(name_of(number, ""), "it is no object {…}")
    place = name_of(number, value.get("title"))
    check_integers(value, place)
    notes: list[str] = []
    conversation = _record(value, Conversation, place, notes, known=(MESSAGES, NOTES))
    checked_id(conversation.conversation_id, f"{place}, conversation_id")
    for name in ("created_s", "updated_s"):
        checked_time(getattr(conversation, name), f"{place}, {name}")
    listed = value.get(MESSAGES, [])
    if not isinstance(listed, list) or len(listed) > MAX_MESSAGES:
        raise refused(f"{place}, {MESSAGES}", f"it is no list of at most {MAX_MESSAGES:,} messages")
    messages: dict[str, StoredMessage] = {}
    for index, entry in enumerate(listed, start=1):
        stored = _read_message(entry, conversation, f"{place}, message {index}", notes)
        if messages.setdefault(stored.message.message_id, stored) is not stored:
            raise refused(f"{place}, message {index}", "another message has the same id")
    tree = replace(_tree(conversation, messages, place), notes=_notes(value, place))
    return ImportedChat(tree, tuple(dict.fromkeys(notes)))


def _tree(conversation: Conversation, messages: dict[str, StoredMessage], place: str) -> Tree:
    """The messages in an order that can be stored."""
    parents: dict[str, str | None] = {}
    for key, stored in messages.items():
        parent_id = stored.message.parent_id
        if parent_id is not None and parent_id not in messages:
            raise refused(place, f"the message that {quote(key, 40)} answers is not there")
        parents[key] = parent_id
    ordered = tuple(messages[key] for key in parents_first(parents, place))
    if conversation.leaf_id is not None and conversation.leaf_id not in messages:
        conversation = replace(conversation, leaf_id=None)
    return Tree(conversation, ordered)


def _read_conversations(stream: JsonStream) -> Iterator[Found]:
    for number, value in enumerate(stream.items(), start=1):
        try:
            yield read_conversation(value, number)
        except RealmError as error:
            yield Refused(error.message)


def _read_workspaces(value: JSONValue) -> Iterator[Workspace | WorkspaceNotes | Refused]:
    """The workspaces of a list, each with its notes behind it."""
    for number, entry in enumerate(value if isinstance(value, list) else [value], start=1):
        for found in _read_records([entry], Workspace, "workspace", number, (NOTES,)):
            yield found
            if isinstance(found, Workspace):
                yield from _read_workspace_notes(found, entry, f"workspace {number}")


def _read_workspace_notes(
    workspace: Workspace, entry: JSONValue, place: str
) -> Iterator[WorkspaceNotes | Refused]:
    try:
        text = _notes(entry, place)
    except RealmError as error:
        yield Refused(error.message)
    else:
        if text:
            yield WorkspaceNotes(workspace.workspace_id, text)


def _notes(value: JSONValue, place: str) -> str:
    """The notes of a conversation or workspace; empty without any."""
    text = value.get(NOTES, "") if isinstance(value, dict) else ""
    if not isinstance(text, str):
        raise refused(f"{place}, {NOTES}", "they are no text")
    return text


def _read_records(
    value: JSONValue,
    kind: type[_PlaceT],
    word: str,
    first: int = 1,
    known: tuple[str, ...] = (),
) -> Iterator[_PlaceT | Refused]:
    """The workspaces or folders of a list, the first of which has that number."""
    for number, entry in enumerate(value if isinstance(value, list) else [value], start=first):
        place = f"{word} {number}"
        notes: list[str] = []
        try:
            check_integers(entry, place)
            record = _record(entry, kind, place, notes, known)
            checked_id(getattr(record, f"{word}_id"), f"{place}, {word}_id")
            checked_time(record.created_s, f"{place}, created_s")
        except RealmError as error:
            yield Refused(error.message)
        else:
            yield record
        yield from map(Refused, notes)


def _parents_before(found: Iterable[Folder | Refused]) -> Iterator[Folder | Refused]:
    """Folders behind those they lie in; the files have them by name."""
    folders: dict[str, Folder] = {}
    for entry in found:
        if isinstance(entry, Folder):
            folders[entry.folder_id] = entry
        else:
            yield entry
    parents = {key: f.parent_id if f.parent_id in folders else None for key, f in folders.items()}
    try:
        yield from (folders[key] for key in parents_first(parents, "folders"))
    except RealmError:
        yield Refused("folders lie in themselves, in a circle; they were taken in side by side")
        yield from (replace(folder, parent_id=None) for folder in folders.values())


def _read_message(
    value: JSONValue, conversation: Conversation, place: str, notes: list[str]
) -> StoredMessage:
    if not isinstance(value, dict):
        raise refused(place, "it is no object {…}")
    plain = {**value, "conversation_id": conversation.conversation_id}
    try:
        message = _record(plain, Message, place, notes, known=(TOKEN_IDS,))
    except RealmError as error:
        plain = {key: entry for key, entry in plain.items() if key not in _OPTIONAL}
        message = _record(plain, Message, place, [], known=(TOKEN_IDS,))
        notes.append(f"{error.message}; the message was taken without its figures")
    checked_id(message.message_id, f"{place}, message_id")
    checked_time(message.created_s, f"{place}, created_s")
    if message.seed is not None and message.seed < 0:
        raise refused(f"{place}, seed", "it is below 0")
    if message.state is MessageState.STREAMING:
        message = replace(message, state=MessageState.INTERRUPTED)
    return StoredMessage(message, _token_ids(value.get(TOKEN_IDS, []), f"{place}, {TOKEN_IDS}"))


def _token_ids(value: JSONValue, place: str) -> tuple[int, ...]:
    try:
        ids = msgspec.convert(value, tuple[int, ...])
    except msgspec.ValidationError as error:
        raise refused(place, str(error)) from error
    if ids and not 0 <= min(ids) <= max(ids) <= MAX_TOKEN_ID:
        raise refused(place, f"a token id is outside 0 to {MAX_TOKEN_ID}")
    return ids


def _record(
    value: JSONValue,
    kind: Callable[..., _RecordT],
    place: str,
    notes: list[str],
    known: tuple[str, ...] = (),
) -> _RecordT:
    """The record of an object; fields it does not have are named in `notes`."""
    if not isinstance(value, dict):
        raise refused(place, "it is no object {…}")
    names: Any = kind
    unknown = value.keys() - {field.name for field in fields(names)} - {*known}
    word = place.rpartition(", ")[2].split(" ")[0]
    notes.extend(f"unknown field {quote(name, 40)!r} of a {word}" for name in sorted(unknown))
    try:
        record: _RecordT = msgspec.convert(value, names)
    except msgspec.ValidationError as error:
        raise refused(place, str(error)) from error
    return record


def _check_version(value: JSONValue) -> None:
    if not isinstance(value, int) or value > VERSION:
        raise ImportFailed(
            f"the file has version {quote(str(value))}; this Realm Desktop reads up to {VERSION}",
            advice="Update Realm Desktop.",
            field="version",
        )


def _no_archive() -> ImportFailed:
    return ImportFailed(
        f"the file does not say that its format is {FORMAT!r}",
        advice="Choose a file that Realm Desktop exported, or conversations.json of ChatGPT.",
        field="format",
    )
