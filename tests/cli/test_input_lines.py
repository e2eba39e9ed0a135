"""Reading requests from standard input."""

from __future__ import annotations

import io
import sys

import pytest

from realm_desktop.cli.input_lines import (
    flag_field,
    ids_field,
    parse_object,
    read_lines,
    read_text,
    refuse_unknown_fields,
    text_field,
)
from realm_desktop.errors import InvalidJson, RequestError


def give_input(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_text_is_read_to_the_last_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    give_input(monkeypatch, "a\r\n\u4f60\n".encode())

    assert read_text() == "a\r\n\u4f60\n"


def test_an_invalid_byte_is_named_by_offset(monkeypatch: pytest.MonkeyPatch) -> None:
    give_input(monkeypatch, b"abc\xfe")

    with pytest.raises(RequestError, match="byte 3") as caught:
        read_text()

    assert caught.value.offset == 3


def test_blank_lines_are_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    give_input(monkeypatch, b"\n{}\n  \r\n[]")

    assert list(read_lines()) == [b"{}\n", b"[]"]


def test_an_object_is_parsed() -> None:
    assert parse_object(b'{"a": [1, null]}') == {"a": [1, None]}


@pytest.mark.parametrize("line", ["[]", "1", '"a"', "null", "true"])
def test_anything_but_an_object_is_refused(line: str) -> None:
    with pytest.raises(RequestError, match="JSON object"):
        parse_object(line)


@pytest.mark.parametrize("line", ["", "{", '{"a": NaN}', '{"a": 1, "a": 2}', "[" * 100 + "]" * 100])
def test_broken_json_is_refused(line: str) -> None:
    with pytest.raises(InvalidJson):
        parse_object(line)


def test_unknown_fields_are_named_with_the_known_ones() -> None:
    with pytest.raises(RequestError, match="'b'") as caught:
        refuse_unknown_fields({"a": 1, "b": 2}, frozenset(["a"]))

    assert "a" in caught.value.advice
    assert caught.value.field == "b"


def test_a_field_name_of_any_length_gives_a_short_message() -> None:
    with pytest.raises(RequestError) as caught:
        refuse_unknown_fields({"x" * 10_000: 1}, frozenset())

    assert len(caught.value.message) < 100
    assert caught.value.field is not None
    assert len(caught.value.field) == 40


def test_fields_of_the_right_type_are_returned() -> None:
    request = parse_object('{"t": "a", "f": false, "ids": [1, 2]}')

    assert text_field(request, "t") == "a"
    assert flag_field(request, "f", default=True) is False
    assert flag_field(request, "absent", default=True) is True
    assert ids_field(request) == [1, 2]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{}", "t is missing; a text is expected"),
        ('{"t": 1}', "t is a number; a text is expected"),
        ('{"t": []}', "t is a list; a text is expected"),
        ('{"t": {}}', "t is an object; a text is expected"),
    ],
)
def test_a_wrong_type_is_told_in_words(line: str, message: str) -> None:
    with pytest.raises(RequestError) as caught:
        text_field(parse_object(line), "t")

    assert caught.value.message == message


@pytest.mark.parametrize("value", ['"true"', "1", "[]"])
def test_a_flag_is_true_or_false(value: str) -> None:
    with pytest.raises(RequestError, match="true or false"):
        flag_field(parse_object(f'{{"f": {value}}}'), "f", default=True)
