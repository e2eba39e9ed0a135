"""What a reader finds in a file of chats, one piece after the other."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias, TypeVar

from realm_desktop.errors import ImportFailed
from realm_desktop.formats.corruption import quote
from realm_desktop.formats.strict_json import JSONValue
from realm_desktop.protocol import WorkspaceId
from realm_desktop.store.records import Folder, Workspace
from realm_desktop.store.trees import Tree

MAX_MESSAGES: Final = 200_000
"""Of one conversation."""

_MAX_TIME_S: Final = 1e11
_MAX_INTEGER: Final = 2**63 - 1
_ID: Final = re.compile(r"[!-~]{1,128}")


@dataclass(frozen=True, slots=True)
class ImportedChat:
    """One conversation, ready to be stored.

    Attributes:
        notes: What of it could not be taken along, in words.
    """

    tree: Tree
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """A conversation, workspace or folder that cannot be taken in; the others can."""

    sentence: str


@dataclass(frozen=True, slots=True)
class WorkspaceNotes:
    """What was written down beside a workspace that came before."""

    workspace_id: WorkspaceId
    text: str


Found: TypeAlias = "Workspace | WorkspaceNotes | Folder | ImportedChat | Refused"

_KeyT = TypeVar("_KeyT")


def refused(place: str, what: str) -> ImportFailed:
    """The error for one conversation; `place` names it, and the field."""
    return ImportFailed(f"{place}: {what}", field=place)


def name_of(number: int, title: object) -> str:
    """How a conversation is named in sentences: its number in the file, from 1, and its title."""
    shown = f" ({quote(title, 40)})" if isinstance(title, str) and title else ""
    return f"conversation {number}{shown}"


def checked_id(value: JSONValue, place: str) -> str:
    """An id as the store may have it.

    Raises:
        ImportFailed: It is no text of 1 to 128 printable ASCII characters.
    """
    if not isinstance(value, str) or _ID.fullmatch(value) is None:
        raise refused(place, f"{quote(str(value))} is no id")
    return value


def checked_time(value: JSONValue, place: str) -> float:
    """Unix seconds from 1970 on.

    Raises:
        ImportFailed: It is no number, or no time that a calendar has.
    """
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 <= value <= _MAX_TIME_S:  # type: ignore[operator]  # a number by now
        raise refused(place, f"{quote(str(value))} is no time in seconds")
    return float(value)  # type: ignore[arg-type]  # likewise


def check_integers(value: JSONValue, place: str) -> None:
    """Refuse integers that no database column and no other program takes.

    Raises:
        ImportFailed: One has more than 63 bits.
    """
    left: list[JSONValue] = [value]
    while left:
        part = left.pop()
        if isinstance(part, int) and not -_MAX_INTEGER <= part <= _MAX_INTEGER:
            raise refused(place, f"the number {quote(str(part), 30)} is too large")
        if isinstance(part, dict):
            left.extend(part.values())
        elif isinstance(part, list):
            left.extend(part)


def parents_first(parents: Mapping[_KeyT, _KeyT | None], place: str) -> Sequence[_KeyT]:
    """The nodes of a tree in an order that has every parent before its children.

    Nodes keep the order they have, as far as that allows.

    Args:
        parents: The parent of every node; None for a first one.
        place: Of the conversation, for the error.

    Raises:
        ImportFailed: Some nodes are their own ancestors.
    """
    ordered: dict[_KeyT, None] = {}
    for node in parents:
        path: dict[_KeyT, None] = {}
        above: _KeyT | None = node
        while above is not None and above not in ordered:
            if above in path:
                shown = quote(str(above), 40)
                raise refused(place, f"message {shown} is an answer to itself, in a circle")
            path[above] = None
            above = parents[above]
        ordered.update(dict.fromkeys(reversed(path)))
    return list(ordered)
