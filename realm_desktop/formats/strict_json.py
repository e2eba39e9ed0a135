"""The one JSON parser for text that others wrote: headers, configs, imports, request bodies.

Python's parser alone accepts NaN, Infinity, numbers beyond float64, duplicate keys and lone
surrogates, and fails with four kinds of exception. This one accepts RFC 8259 only, and has one.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final, NoReturn, TypeAlias

from realm_desktop.errors import InvalidJson

JSONValue: TypeAlias = "bool | int | float | str | list[JSONValue] | dict[str, JSONValue] | None"

DEFAULT_MAX_DEPTH: Final = 64

_SURROGATE = re.compile(r"[\ud800-\udfff]")
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")


def loads(data: bytes | str, *, max_depth: int = DEFAULT_MAX_DEPTH) -> JSONValue:
    """The value of a JSON text.

    A lone surrogate becomes U+FFFD: it could neither be stored nor encoded.

    Args:
        data: The whole text; bytes are UTF-8 without a byte order mark.
        max_depth: Deepest nesting of lists and objects allowed.

    Raises:
        InvalidJson: Not JSON, nested deeper, a duplicate key, or a number out of range.
    """
    text = _decode(data)
    with _one_error(max_depth):
        value: JSONValue = _decoder().decode(text)
    return _checked(value, text, max_depth)


def loads_at(text: str, start: int, *, max_depth: int = DEFAULT_MAX_DEPTH) -> tuple[JSONValue, int]:
    """The value that begins at a character of a longer text, and where it ends.

    Args:
        text: JSON that may be cut behind the value.
        start: Where the value begins; no white space stands there.
        max_depth: Deepest nesting of lists and objects allowed.

    Raises:
        InvalidJson: As `loads`; also if the text ends before the value does.
    """
    with _one_error(max_depth):
        value, end = _decoder().raw_decode(text, start)
    return _checked(value, text[start:end], max_depth), end


def _decoder() -> json.JSONDecoder:
    return json.JSONDecoder(
        object_pairs_hook=_unique_object,
        parse_constant=_refuse_constant,
        parse_float=_finite_float,
    )


@contextmanager
def _one_error(max_depth: int) -> Iterator[None]:
    """Turn what Python's parser raises into `InvalidJson`."""
    try:
        yield
    except json.JSONDecodeError as error:
        raise InvalidJson(
            f"JSON error at character {error.pos}: {error.msg}.", offset=error.pos
        ) from error
    except RecursionError as error:
        raise _too_deep(max_depth) from error
    except ValueError as error:
        # int() of more digits than the interpreter allows.
        raise InvalidJson("JSON error: a number has too many digits.") from error


def _checked(value: JSONValue, text: str, max_depth: int) -> JSONValue:
    """The value if it is not nested too deep, without lone surrogates; `text` is what it was."""
    if text.count("[") + text.count("{") > max_depth:
        _check_depth(value, max_depth)
    if _SURROGATE.search(text) or _SURROGATE_ESCAPE.search(text):
        value = _without_surrogates(value)
    return value


def _decode(data: bytes | str) -> str:
    if isinstance(data, str):
        return data
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidJson(
            f"JSON error at byte {error.start}: the text is not UTF-8.", offset=error.start
        ) from error


def _unique_object(pairs: list[tuple[str, JSONValue]]) -> dict[str, JSONValue]:
    result = dict(pairs)
    if len(result) < len(pairs):
        twice, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise InvalidJson(f"JSON error: the key {ascii(twice)[:80]} occurs twice in one object.")
    return result


def _refuse_constant(name: str) -> NoReturn:
    raise InvalidJson(f"JSON error: {name} is not a JSON number.")


def _finite_float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise InvalidJson(f"JSON error: the number {text[:40]} is out of range.")
    return value


def _check_depth(value: JSONValue, max_depth: int) -> None:
    level: list[JSONValue] = [value]
    for _ in range(max_depth):
        level = [child for parent in level for child in _containers_in(parent)]
        if not level:
            return
    raise _too_deep(max_depth)


def _containers_in(value: JSONValue) -> list[JSONValue]:
    children: Iterable[JSONValue] = ()
    if isinstance(value, dict):
        children = value.values()
    elif isinstance(value, list):
        children = value
    return [child for child in children if isinstance(child, (dict, list))]


def _too_deep(max_depth: int) -> InvalidJson:
    return InvalidJson(f"JSON error: nested deeper than the {max_depth} levels allowed.")


def _without_surrogates(value: JSONValue) -> JSONValue:
    """The same value with lone surrogates replaced; recursion is bounded by the checked depth."""
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_without_surrogates(child) for child in value]
    if isinstance(value, dict):
        return _unique_object(
            [
                (_SURROGATE.sub("\ufffd", name), _without_surrogates(child))
                for name, child in value.items()
            ]
        )
    return value
