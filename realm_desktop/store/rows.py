"""Translates records to database rows and back.

Writing cleans every text. Reading is tolerant: a value this version does not know costs only
itself, never the row, so that one bad field cannot make a conversation unopenable.
"""

from __future__ import annotations

import logging
import math
import os
import sys
from array import array
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias, TypeVar, get_args

import apsw
import msgspec

from realm_desktop.adapter_mix import AdapterMix
from realm_desktop.engine_stats import GenerationStats
from realm_desktop.errors import RealmError
from realm_desktop.events import ErrorInfo, FinishReason
from realm_desktop.protocol import MAX_WORKSPACE_WEIGHT, AdapterId, Role, WorkspaceId
from realm_desktop.sampling_params import SamplingParams
from realm_desktop.store.clean_text import clean_text
from realm_desktop.store.readable_rows import Row, decoded
from realm_desktop.store.records import (
    GENERAL_WORKSPACE_ID,
    NUM_COLOURS,
    Attachment,
    Conversation,
    ConversationId,
    Folder,
    FolderId,
    KnownAdapter,
    Message,
    MessageId,
    MessageState,
    UsedAdapter,
    Workspace,
    WorkspacePriority,
)

logger = logging.getLogger(__name__)

WORKSPACE_COLUMNS = (
    "workspace_id, name, created_s, updated_s, position, weight, adapters, colour, priority, "
    "settings, model_path"
)
FOLDER_COLUMNS = "folder_id, workspace_id, name, created_s, parent_id"
CONVERSATION_COLUMNS = (
    "conversation_id, workspace_id, title, created_s, updated_s, is_pinned, deleted_s, leaf_id, "
    "unsent_text, queued_texts, is_unseen, folder_id, settings, queued_attachments"
)
MESSAGE_COLUMNS = (
    "message_id, conversation_id, parent_id, role, content, state, created_s, finish_reason, "
    "stats, error, model_name, seed, is_edited, adapters, sampling, is_starred, attachments, "
    "num_left_out, thinking, origin"
)

ADAPTER_COLUMNS = "adapter_id, path, name, added_s, slot, is_kept_warm"

_KNOWN_ROLES: dict[str, Role] = {role: role for role in get_args(Role)}
# Looked up and not called: to call an Enum for each of 10,000 messages took 8 ms.
_PRIORITIES = {priority.value: priority for priority in WorkspacePriority}
_STATES = {state.value: state for state in MessageState}
_FINISH_REASONS = {reason.value: reason for reason in FinishReason}
_NOTHING = "[]"
"""What most messages have for adapters and attachments: not worth decoding ten thousand times."""

_ValueT = TypeVar("_ValueT")
_FilePairs: TypeAlias = tuple[tuple[str, str], ...]


def workspace_row(workspace: Workspace) -> Row:
    """The values of WORKSPACE_COLUMNS."""
    return (
        workspace.workspace_id,
        clean_text(workspace.name),
        workspace.created_s,
        workspace.updated_s,
        workspace.position,
        workspace.weight,
        _json(workspace.adapters),
        workspace.colour,
        workspace.priority.value,
        _json(_clean(workspace.settings)),
        clean_text(workspace.model_path),
    )


def folder_row(folder: Folder) -> Row:
    """The values of FOLDER_COLUMNS."""
    return (
        folder.folder_id,
        folder.workspace_id,
        clean_text(folder.name),
        folder.created_s,
        folder.parent_id,
    )


def conversation_row(conversation: Conversation) -> Row:
    """The values of CONVERSATION_COLUMNS."""
    return (
        conversation.conversation_id,
        conversation.workspace_id,
        clean_text(conversation.title),
        conversation.created_s,
        conversation.updated_s,
        conversation.is_pinned,
        conversation.deleted_s,
        conversation.leaf_id,
        clean_text(conversation.unsent_text),
        _json([clean_text(text) for text in conversation.queued_texts]),
        conversation.is_unseen,
        conversation.folder_id,
        _json(_clean(conversation.settings)),
        _json([_pairs(files) for files in conversation.queued_attachments]),
    )


def message_row(message: Message) -> Row:
    """The values of MESSAGE_COLUMNS."""
    return (
        message.message_id,
        message.conversation_id,
        message.parent_id,
        message.role,
        clean_text(message.content),
        message.state.value,
        message.created_s,
        None if message.finish_reason is None else message.finish_reason.value,
        None if message.stats is None else _json(message.stats),
        None if message.error is None else _json(message.error),
        clean_text(message.model_name),
        message.seed,
        message.is_edited,
        _json(message.adapters),
        None if message.sampling is None else _json(message.sampling),
        message.is_starred,
        attachments_json(message.attachments),
        message.num_left_out,
        clean_text(message.thinking),
        clean_text(message.origin),
    )


def adapter_row(adapter: KnownAdapter) -> Row:
    """The values of ADAPTER_COLUMNS; the path as bytes, because not every path is text."""
    return (
        adapter.adapter_id,
        os.fsencode(adapter.path),
        clean_text(adapter.name),
        adapter.added_s,
        adapter.slot,
        adapter.is_kept_warm,
    )


def read_workspace(row: Row) -> Workspace:
    """The workspace of a row of WORKSPACE_COLUMNS."""
    weight = _number(row[5], 1.0)
    return Workspace(
        workspace_id=WorkspaceId(_text(row[0])),
        name=_text(row[1]),
        created_s=_number(row[2], 0.0),
        updated_s=_number(row[3], 0.0),
        position=int(_number(row[4], 0)),
        weight=weight if 0 < weight <= MAX_WORKSPACE_WEIGHT else 1.0,
        adapters=_from_json(row[6], AdapterMix, AdapterMix()),
        colour=min(NUM_COLOURS, max(0, int(_number(row[7], 0)))),
        priority=_PRIORITIES.get(_text(row[8]), WorkspacePriority.NORMAL),
        settings=_from_json(row[9], dict[str, Any], {}),
        model_path=_text(row[10]),
    )


def read_folder(row: Row) -> Folder:
    """The folder of a row of FOLDER_COLUMNS."""
    return Folder(
        folder_id=FolderId(_text(row[0])),
        workspace_id=WorkspaceId(_text(row[1]) or GENERAL_WORKSPACE_ID),
        name=_text(row[2]),
        created_s=_number(row[3], 0.0),
        parent_id=None if row[4] is None else FolderId(_text(row[4])),
    )


def read_conversation(row: Row) -> Conversation:
    """The conversation of a row of CONVERSATION_COLUMNS."""
    return Conversation(
        conversation_id=ConversationId(_text(row[0])),
        workspace_id=WorkspaceId(_text(row[1]) or GENERAL_WORKSPACE_ID),
        title=_text(row[2]),
        created_s=_number(row[3], 0.0),
        updated_s=_number(row[4], 0.0),
        is_pinned=bool(row[5]),
        deleted_s=None if row[6] is None else _number(row[6], 0.0),
        leaf_id=None if row[7] is None else MessageId(_text(row[7])),
        unsent_text=_text(row[8]),
        queued_texts=_from_json(row[9], tuple[str, ...], ()),
        is_unseen=bool(row[10]),
        folder_id=None if row[11] is None else FolderId(_text(row[11])),
        settings=_from_json(row[12], dict[str, Any], {}),
        queued_attachments=_read_queue(row[13]),
    )


def read_message(row: Row) -> Message:
    """The message of a row of MESSAGE_COLUMNS."""
    # In the order of the columns and without a call for what most rows have nothing in: ten thousand
    # messages are read when a long chat is opened, and somebody waits for them.
    (message_id, conversation_id, parent_id, role, content, state, created_s) = row[:7]
    (finish_reason, stats, error, model_name, seed, is_edited) = row[7:13]
    (adapters, sampling, is_starred, attachments, num_left_out, thinking, origin) = row[13:20]
    return Message(
        _text(message_id),
        _text(conversation_id),
        None if parent_id is None else _text(parent_id),
        _KNOWN_ROLES.get(_text(role), "assistant"),
        _text(content),
        _STATES.get(_text(state), MessageState.COMPLETE),
        _number(created_s, 0.0),
        None if finish_reason is None else _FINISH_REASONS.get(_text(finish_reason)),
        None if stats is None else _from_json(stats, GenerationStats, None),
        None if error is None else _from_json(error, ErrorInfo, None),
        _text(model_name),
        seed if isinstance(seed, int) else None,
        bool(is_edited),
        () if adapters == _NOTHING else _from_json(adapters, tuple[UsedAdapter, ...], ()),
        None if sampling is None else _from_json(sampling, SamplingParams, None),
        bool(is_starred),
        () if attachments == _NOTHING else read_attachments(attachments),
        num_left_out if isinstance(num_left_out, int) and num_left_out > 0 else 0,
        _text(thinking),
        _text(origin),
    )


def attachments_json(attachments: Iterable[Attachment]) -> str:
    """Attachments as one column has them."""
    return _json(_pairs(attachments))


def read_attachments(value: object) -> tuple[Attachment, ...]:
    """The attachments of a column; none from one that cannot be read."""
    return _files(_from_json(value, _FilePairs, ()))


def read_adapter(row: Row) -> KnownAdapter | None:
    """The adapter of a `readable` row of ADAPTER_COLUMNS, not `decoded`; None without a path."""
    path = row[1]
    row = decoded(row)
    if not isinstance(path, bytes) or not path or b"\0" in path:
        logger.warning("a stored adapter has no path and was ignored")
        return None
    return KnownAdapter(
        adapter_id=AdapterId(_text(row[0])),
        path=Path(os.fsdecode(path)),
        name=_text(row[2]),
        added_s=_number(row[3], 0.0),
        slot=max(0, int(_number(row[4], 0))),
        is_kept_warm=bool(row[5]),
    )


def pack_token_ids(token_ids: Iterable[int]) -> bytes:
    """Token ids (0 to 2**32 - 1) as little-endian 32-bit numbers."""
    packed = array("I", token_ids)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()


def unpack_token_ids(data: object) -> tuple[int, ...]:
    """The token ids of a blob; a blob that is not one, or cut short, gives the whole ids it has."""
    if not isinstance(data, bytes):
        return ()
    packed = array("I")
    packed.frombytes(data[: len(data) // packed.itemsize * packed.itemsize])
    if sys.byteorder == "big":
        packed.byteswap()
    return tuple(packed)


def placeholders(columns: str) -> str:
    """One question mark for each of the comma-separated columns."""
    return ", ".join("?" * len(columns.split(",")))


def assignments(columns: str) -> str:
    """The columns after the first as `name = excluded.name`, for an upsert."""
    names = columns.split(", ")[1:]
    return ", ".join(f"{name} = excluded.{name}" for name in names)


def upsert(connection: apsw.Connection, table: str, columns: str, row: Row) -> None:
    """Insert or update by the first column; columns this version does not know keep their value."""
    connection.execute(
        f"INSERT INTO {table} ({columns}) VALUES ({placeholders(columns)}) "
        f"ON CONFLICT ({columns.split(',')[0]}) DO UPDATE SET {assignments(columns)}",
        row,
    )


def _json(value: object) -> str:
    try:
        return msgspec.json.encode(value).decode("utf-8")
    except UnicodeEncodeError:
        # A lone surrogate, such as from the name of a file in an error's sentence.
        return msgspec.json.encode(_clean(msgspec.to_builtins(value))).decode("utf-8")


def _pairs(attachments: Iterable[Attachment]) -> _FilePairs:
    # Pairs, not objects: the column is searched, and the names of fields would be found in each.
    return tuple((clean_text(a.name), clean_text(a.text)) for a in attachments)


def _read_queue(value: object) -> tuple[tuple[Attachment, ...], ...]:
    nothing: tuple[_FilePairs, ...] = ()
    return tuple(map(_files, _from_json(value, tuple[_FilePairs, ...], nothing)))


def _files(pairs: _FilePairs) -> tuple[Attachment, ...]:
    return tuple(Attachment(name, text) for name, text in pairs)


def _clean(value: Any) -> Any:
    """A JSON value with every text in it cleaned: a lone surrogate cannot be encoded."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, list | tuple):
        return [_clean(entry) for entry in value]
    if isinstance(value, Mapping):
        return {clean_text(key): _clean(entry) for key, entry in value.items()}
    return value


def _from_json(value: object, kind: Any, default: _ValueT) -> _ValueT:
    """`value` decoded as `kind`, fields of newer versions ignored; `default` if it cannot be."""
    if value is None or value == _NOTHING:
        return default
    if not isinstance(value, str | bytes):
        return default
    try:
        decoded: _ValueT = msgspec.json.decode(value, type=kind)
    except (msgspec.MsgspecError, RealmError, RecursionError) as error:
        logger.warning("a stored value was ignored: %s", error)
        return default
    return decoded


def _text(value: object) -> Any:
    """The text of a column. Of no type, so that ids of any kind need no call to be ids."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return "" if value is None else str(value)


def _number(value: object, default: float) -> float:
    is_number = isinstance(value, int | float) and math.isfinite(value)
    return value if is_number else default  # type: ignore[return-value]  # checked above
