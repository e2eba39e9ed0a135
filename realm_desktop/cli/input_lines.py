"""Reads requests from standard input: JSON lines, one object, or plain text."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping

from realm_desktop.errors import RequestError
from realm_desktop.formats import strict_json
from realm_desktop.formats.strict_json import JSONValue


def read_text() -> str:
    """All of standard input.

    Raises:
        RequestError: It is not UTF-8.
    """
    data = sys.stdin.buffer.read()
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RequestError(
            f"the input is not UTF-8 at byte {error.start}",
            advice="Convert the text to UTF-8.",
            field="text",
            offset=error.start,
        ) from error


def read_lines() -> Iterator[bytes]:
    """The lines of standard input that are not blank, as they come."""
    for line in sys.stdin.buffer:
        if line.strip():
            yield line


def parse_object(data: bytes | str) -> dict[str, JSONValue]:
    """The JSON object of a line.

    Raises:
        InvalidJson: It is no JSON.
        RequestError: It is no object.
    """
    value = strict_json.loads(data)
    if not isinstance(value, dict):
        raise RequestError(f"a request is a JSON object; found is {_kind(value)}", field="request")
    return value


def refuse_unknown_fields(request: Mapping[str, JSONValue], known: frozenset[str]) -> None:
    """Refuse a field that would otherwise be ignored.

    Raises:
        RequestError: The first unknown field.
    """
    unknown = sorted(set(request) - known)
    if unknown:
        raise RequestError(
            f"the field {unknown[0]!r:.40} is unknown",
            advice=f"Known are {', '.join(sorted(known))}.",
            field=unknown[0][:40],
        )


def text_field(request: Mapping[str, JSONValue], name: str) -> str:
    """A text of the request.

    Raises:
        RequestError: It is missing or no text.
    """
    value = request.get(name)
    if not isinstance(value, str):
        raise wrong_type(name, value, "a text")
    return value


def flag_field(request: Mapping[str, JSONValue], name: str, *, default: bool) -> bool:
    """A flag of the request.

    Raises:
        RequestError: It is neither true nor false.
    """
    value = request.get(name, default)
    if not isinstance(value, bool):
        raise wrong_type(name, value, "true or false")
    return value


def ids_field(request: Mapping[str, JSONValue], name: str = "ids") -> list[int]:
    """The token ids of the request.

    Raises:
        RequestError: They are missing or not all integers.
    """
    value = request.get(name)
    if not isinstance(value, list):
        raise wrong_type(name, value, "a list of token ids")
    ids: list[int] = []
    for item in value:
        if type(item) is not int:
            raise wrong_type(name, item, "token ids")
        ids.append(item)
    return ids


def wrong_type(name: str, value: JSONValue, expected: str) -> RequestError:
    """The error for a field of a wrong type."""
    found = "missing" if value is None else _kind(value)
    return RequestError(f"{name} is {found}; {expected} is expected", field=name)


def _kind(value: JSONValue) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "a flag", type(None): "null"}
    return names.get(type(value), "a number")
