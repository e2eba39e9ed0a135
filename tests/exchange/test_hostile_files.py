"""Whatever a file of chats holds: it is taken in, or refused with the one kind of error."""

from __future__ import annotations

import contextlib
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realm_desktop.errors import ImportFailed, RealmError
from realm_desktop.exchange import archive_reader, chatgpt_reader
from realm_desktop.exchange.archive_format import FORMAT
from realm_desktop.exchange.imported import ImportedChat
from realm_desktop.store import rows
from realm_desktop.store.records import FolderId, Workspace
from tests.support.exchanges import NOW_S, pieces_of

_MESSAGE = {
    "message_id": "m1",
    "parent_id": None,
    "role": "user",
    "content": "Why?",
    "state": "complete",
    "created_s": 1.0,
    "seed": 7,
    "stats": {"ttft_s": 0.5},
    "adapters": [{"adapter_id": "a", "name": "A", "weight": 1.0}],
    "sampling": {"temperature": 0.5, "stop": ["x"], "logit_bias": [[1, 2.0]]},
    "token_ids": [1, 2],
}
_CHAT = {
    "conversation_id": "c1",
    "workspace_id": "general",
    "title": "Tides",
    "created_s": 1,
    "updated_s": 2,
    "queued_texts": ["x"],
    "settings": {"sampling.temperature": 0.5},
    "messages": [_MESSAGE],
}
_ARCHIVE = {
    "format": FORMAT,
    "version": 1,
    "workspaces": [
        {
            "workspace_id": "w",
            "name": "W",
            "created_s": 1,
            "updated_s": 1,
            "weight": 2.0,
            "adapters": {"entries": [{"adapter_id": "a", "weight": 1.0}]},
        }
    ],
    "folders": [{"folder_id": "f", "workspace_id": "w", "name": "F", "created_s": 1}],
    "conversations": [_CHAT],
}
_CHATGPT = {
    "title": "Tides",
    "create_time": 1.0,
    "current_node": "b",
    "mapping": {
        "a": {"message": None, "parent": None},
        "b": {
            "message": {
                "author": {"role": "tool", "name": "python"},
                "content": {"content_type": "code", "parts": [{"width": 1}], "thoughts": [{}]},
                "recipient": "all",
                "metadata": {"model_slug": "x"},
                "create_time": 2.0,
            },
            "parent": "a",
        },
    },
}
_NONSENSE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=3,
)


@st.composite
def _spoiled(draw: st.DrawFn, value: object) -> Any:
    """The value with one place of it replaced by something else."""
    copy = json.loads(json.dumps(value))
    places: list[tuple[Any, Any]] = []
    left = [copy]
    while left:
        part = left.pop()
        keys = list(part) if isinstance(part, dict) else range(len(part))
        places += [(part, key) for key in keys]
        left += [part[key] for key in keys if isinstance(part[key], dict | list)]
    part, key = draw(st.sampled_from(places))
    part[key] = draw(_NONSENSE)
    return copy


def _read_all(value: object, folder: Path) -> None:
    path = folder / "chats.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    with contextlib.suppress(ImportFailed):
        for piece in pieces_of(path):
            _check_storable(piece)


def _check_storable(piece: object) -> None:
    """What was taken in must fit the tables."""
    if isinstance(piece, Workspace):
        rows.workspace_row(piece)
    elif isinstance(piece, ImportedChat):
        rows.conversation_row(piece.tree.conversation)
        for stored in piece.tree.messages:
            values = rows.message_row(stored.message)
            assert not [v for v in values if isinstance(v, int) and abs(v) >= 2**63]


@pytest.fixture(scope="module")
def folder() -> Any:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@given(value=_spoiled(_ARCHIVE))
@settings(max_examples=60, deadline=None)
def test_archive_with_any_place_replaced(value: object, folder: Path) -> None:
    _read_all(value, folder)


@given(value=_spoiled([_CHATGPT]))
@settings(max_examples=60, deadline=None)
def test_chatgpt_export_with_any_place_replaced(value: object, folder: Path) -> None:
    _read_all(value, folder)


@given(value=_NONSENSE)
@settings(max_examples=30, deadline=None)
def test_any_value_as_a_conversation(value: Any) -> None:
    with contextlib.suppress(RealmError):
        archive_reader.read_conversation(value, 1)
    with contextlib.suppress(RealmError):
        chatgpt_reader.read_conversation(value, 1, FolderId("f"), NOW_S)


@given(place=st.floats(0, 1, exclude_max=True), piece=st.binary(max_size=3), cut=st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_archive_with_any_bytes_replaced(
    place: float, piece: bytes, cut: int, folder: Path
) -> None:
    data = json.dumps(_ARCHIVE).encode()
    start = int(place * len(data))
    path = folder / "bytes.json"
    path.write_bytes(data[:start] + piece + data[start + cut :])

    with contextlib.suppress(ImportFailed):
        pieces_of(path)
