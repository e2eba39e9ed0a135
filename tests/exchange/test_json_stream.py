"""Large JSON files, value by value."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realm_desktop.errors import ImportFailed
from realm_desktop.exchange import json_stream
from realm_desktop.exchange.json_stream import JsonStream

PATH = Path("chats.json")
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)


def _stream(data: bytes) -> JsonStream:
    return JsonStream(io.BytesIO(data), PATH)


@given(st.lists(VALUES, max_size=6), st.sampled_from([None, 1]))
@settings(max_examples=25, deadline=None)
def test_items_are_those_of_the_whole_list(values: list[object], indent: int | None) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_stream, "_CHUNK_BYTES", 3)
        data = json.dumps(values, indent=indent, ensure_ascii=False).encode("utf-8", "replace")

        assert list(_stream(data).items()) == json.loads(data)


def test_fields_give_key_after_key() -> None:
    stream = _stream(b' {"a": 1, "b": [2, 3]} ')

    assert not stream.is_list()
    assert {key: stream.value() for key in stream.fields()} == {"a": 1, "b": [2, 3]}


def test_byte_order_mark_is_no_fault() -> None:
    assert list(_stream(b"\xef\xbb\xbf[1]").items()) == [1]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"7",
        b"[1",
        b"[1 2]",
        b'["cut',
        b"[NaN]",
        b"[1e999]",
        b'[{"a":1,"a":2}]',
        b"[" * 100_000,
        b"[" + b"[" * 65 + b"]" * 66,
        b'["\xff"]',
        b"[tru",
        b"[" + b"9" * 5000 + b"]",
        b"\x00\x00",
        b"[,]",
        b"PK\x03\x04",
    ],
    ids=lambda data: repr(data[:12]),
)
def test_what_is_no_json_has_one_error_with_its_place(data: bytes) -> None:
    stream = _stream(data)

    with pytest.raises(ImportFailed, match=r"chats\.json cannot be read from character \d"):
        assert stream.is_list() and list(stream.items())  # noqa: PT018  # one statement may raise


def test_place_of_the_parser_is_not_told_beside_that_of_the_file() -> None:
    with pytest.raises(
        ImportFailed, match=r"cannot be read from character 3 on: Expecting value\.$"
    ):
        list(_stream(b"[1,x]").items())


@pytest.mark.parametrize("data", [b'{"a" 1}', b"{1: 2}", b'{"a": 1', b"{,}"])
def test_object_that_is_none_has_the_same_error(data: bytes) -> None:
    stream = _stream(data)

    with pytest.raises(ImportFailed):
        _ = [stream.value() for _ in stream.fields()]


def test_value_beyond_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "_CHUNK_BYTES", 16)
    monkeypatch.setattr(json_stream, "MAX_VALUE_CHARACTERS", 2**20)

    with pytest.raises(ImportFailed, match="one value is longer than 1 MB"):
        list(_stream(b'["' + b"x" * 3 * 2**20 + b'"]').items())
