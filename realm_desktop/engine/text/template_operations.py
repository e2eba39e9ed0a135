"""The operations of a chat template that can enlarge a value, each with its size cap.

Operators, string methods and formatting. Every function asks the budget before it takes memory, so
no single call into C runs long. Belongs to the render thread.
"""

from __future__ import annotations

import operator
import re
import string
from collections.abc import (
    Callable,
    ItemsView,
    Iterable,
    KeysView,
    Mapping,
    Sequence,
    ValuesView,
)
from typing import Any

from jinja2 import Undefined

from realm_desktop.engine.text.render_budget import (
    MAX_INTEGER_BITS,
    LimitReached,
    RenderBudget,
    check_integer,
    text_bytes,
)

MAX_WIDTH = 4096
_ESCAPE_GROWTH = 6  # "&" becomes "&amp;"
_REPR_GROWTH = 10  # one character becomes "\\U0001f600"
_PART_BYTES = 64
_MAX_COMPARISONS = 200_000_000  # 0.2 s of a 4 GHz core
_PERCENT = re.compile(
    r"%(?:\((?P<name>[^)]*)\))?[#0\- +]*(?P<width>\*|\d+)?(?:\.(?P<digits>\*|\d+))?"
)
_DIGITS = re.compile(r"\d+")
_OPERATORS: Mapping[str, Callable[[Any, Any], object]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "**": operator.pow,
    "%": operator.mod,
}

_PLAIN_STRING_METHODS = (
    "capitalize casefold count endswith find index isalnum isalpha isascii isdecimal isdigit"
    " isidentifier islower isnumeric isprintable isspace istitle isupper lower lstrip partition"
    " removeprefix removesuffix rfind rindex rpartition rstrip startswith strip swapcase title"
    " upper"
)
_PLAIN_METHODS = frozenset(_PLAIN_STRING_METHODS.split())


def to_text(budget: RenderBudget, value: object) -> str:
    """How a value is printed: containers as Python writes them, objects of ours by their kind."""
    if isinstance(value, (str, Undefined)):
        return str(value)
    if isinstance(value, (list, tuple, dict, set, KeysView, ValuesView, ItemsView)):
        budget.allow(_REPR_GROWTH * budget.weigh(value)[0])
    elif isinstance(value, int):
        check_integer(value)
    elif not isinstance(value, (float, range, type(None))):
        return f"<{type(value).__name__}>"
    return str(budget.keep(str(value)))


def join_texts(budget: RenderBudget, separator: str, values: Iterable[object]) -> str:
    """The texts of all values, with the separator between them."""
    texts: list[str] = []
    num_bytes = 0
    growth = _growth(separator)
    for value in values:
        text = to_text(budget, value)
        texts.append(text)
        num_bytes += growth * (text_bytes(text) + text_bytes(separator)) + 8
        budget.allow(num_bytes)
    joined = separator.join(texts)
    budget.keep(joined)
    return joined


def binary(budget: RenderBudget, sign: str, left: Any, right: Any) -> object:
    """The result of an operator."""
    check_integer(left)
    check_integer(right)
    if sign == "*":
        _check_product(budget, left, right)
    elif sign == "**":
        _check_power(left, right)
    elif sign == "%" and isinstance(left, str):
        return percent_format(budget, left, right)
    elif sign == "+" and isinstance(left, str) and isinstance(right, str):
        budget.allow(_growth(left, right) * (text_bytes(left) + text_bytes(right)))
    elif sign == "+" and isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        budget.allow(16 * (len(left) + len(right)))
    return budget.keep(_OPERATORS[sign](left, right))


def percent_format(budget: RenderBudget, template: str, values: object) -> str:
    """`template % values`."""
    weight = budget.weigh(values)[0]
    widths = 0
    num_fields = 0
    for match in _PERCENT.finditer(template):
        num_fields += 1
        for group in (match["width"], match["digits"]):
            if group == "*":
                raise LimitReached("size", "a format takes its width from a value")
            widths += _width(group)
    needed = len(template) + widths + num_fields * _REPR_GROWTH * weight
    budget.allow(_growth(template) * needed)
    return str(budget.keep(template % values))


def brace_format(
    budget: RenderBudget,
    template: str,
    args: Sequence[object],
    kwargs: Mapping[str, object],
    get_field: Callable[[str, Sequence[object], Mapping[str, object]], tuple[object, str]],
) -> str:
    """`template.format(...)`, with fields looked up by `get_field`."""
    formatter = _BoundedFormatter(budget, get_field)
    return str(budget.keep(formatter.vformat(template, args, kwargs)))


def cut(budget: RenderBudget, value: Any, part: slice) -> object:
    """`value[start:stop:step]`."""
    if isinstance(value, str):
        budget.allow(text_bytes(value))
    return budget.keep(value[part])


def string_method(budget: RenderBudget, text: str, name: str) -> Callable[..., object] | None:
    """A string method that respects the budget; None if templates may not call it."""
    if name in _PLAIN_METHODS:
        method: Callable[..., object] = getattr(text, name)

        def plain(*args: object, **kwargs: object) -> object:
            # Case changes make up to 3 characters of one, and escape safe text.
            budget.allow(3 * _growth(text) * text_bytes(text))
            _check_search(text, *args, *kwargs.values())
            return budget.keep(method(*args, **kwargs))

        return plain
    enlarging = _ENLARGING.get(name)
    if enlarging is None:
        return None

    def bounded(*args: Any, **kwargs: Any) -> object:
        return enlarging(budget, text, *args, **kwargs)

    return bounded


def replace(budget: RenderBudget, text: str, old: str, new: str, count: int = -1) -> object:
    """`text.replace(...)`."""
    _check_search(text, old)
    num = len(text) + 1 if not old else text.count(old)
    if count >= 0:
        num = min(num, count)
    budget.allow(_growth(text) * (text_bytes(text) + num * text_bytes(new)))
    return budget.keep(text.replace(old, new, count))


def padded(method: str) -> Callable[..., object]:
    """One of the methods that fill a text up to a width."""

    def pad(budget: RenderBudget, text: str, width: int, *fill: str) -> object:
        budget.allow(4 * _width(width) + text_bytes(text))
        return budget.keep(getattr(text, method)(width, *fill))

    return pad


def _join(budget: RenderBudget, text: str, values: Iterable[object]) -> object:
    items = list(values)
    if not all(isinstance(item, str) for item in items):
        raise TypeError("join() takes strings only")
    return join_texts(budget, text, items)


def _split(method: str) -> Callable[..., object]:
    def split(
        budget: RenderBudget, text: str, sep: str | None = None, maxsplit: int = -1
    ) -> object:
        _check_search(text, sep)
        num_parts = len(text) // 2 + 1 if sep is None else text.count(sep) + 1
        budget.allow(_PART_BYTES * num_parts + text_bytes(text))
        return budget.keep(getattr(text, method)(sep, maxsplit))

    return split


def _splitlines(budget: RenderBudget, text: str, keepends: bool = False) -> object:
    budget.allow(_PART_BYTES * sum(map(text.count, "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")))
    return budget.keep(text.splitlines(keepends))


def _expandtabs(budget: RenderBudget, text: str, tabsize: int = 8) -> object:
    budget.allow(text_bytes(text) + text.count("\t") * 4 * _width(tabsize))
    return budget.keep(text.expandtabs(tabsize))


_ENLARGING: Mapping[str, Callable[..., object]] = {
    "replace": replace,
    "join": _join,
    "split": _split("split"),
    "rsplit": _split("rsplit"),
    "splitlines": _splitlines,
    "expandtabs": _expandtabs,
    "center": padded("center"),
    "ljust": padded("ljust"),
    "rjust": padded("rjust"),
    "zfill": padded("zfill"),
}


class _BoundedFormatter(string.Formatter):
    """Python's format language with capped widths."""

    def __init__(
        self,
        budget: RenderBudget,
        get_field: Callable[[str, Sequence[object], Mapping[str, object]], tuple[object, str]],
    ) -> None:
        self._budget = budget
        self._get_field = get_field

    def get_field(
        self, field_name: str, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> tuple[object, str]:
        return self._get_field(field_name, args, kwargs)

    def format_field(self, value: Any, format_spec: str) -> str:
        for digits in _DIGITS.findall(format_spec):
            _width(digits)
        check_integer(value)
        plain = value if isinstance(value, (int, float)) else to_text(self._budget, value)
        return str(self._budget.keep(format(plain, format_spec)))

    def convert_field(self, value: Any, conversion: str | None) -> object:
        if conversion is None:
            return value
        if conversion == "s":
            return to_text(self._budget, value)
        self._budget.allow(_REPR_GROWTH * self._budget.weigh(value)[0])
        return self._budget.keep(ascii(value) if conversion == "a" else repr(value))


def _growth(*texts: str) -> int:
    """How much longer an operation may make its other operands: safe text escapes them."""
    return _ESCAPE_GROWTH if any(hasattr(text, "__html__") for text in texts) else 1


def _width(value: str | int | None) -> int:
    if isinstance(value, str) and len(value) > 9:
        raise LimitReached("size", "a text is filled up to a width of more than nine digits")
    width = int(value or 0)
    if abs(width) > MAX_WIDTH:
        raise LimitReached(
            "size", f"a text is filled up to {width} characters; {MAX_WIDTH} is the most"
        )
    return abs(width)


def _check_search(text: str, *patterns: object) -> None:
    """Refuse searches that could compare every character with every other one."""
    for pattern in patterns:
        if isinstance(pattern, str) and len(text) * len(pattern) > _MAX_COMPARISONS:
            raise LimitReached("size", "a long text is searched for another long text")


def _check_product(budget: RenderBudget, left: object, right: object) -> None:
    for value, factor in ((left, right), (right, left)):
        if not isinstance(factor, int):
            continue
        if isinstance(value, str):
            budget.allow(text_bytes(value) * max(0, factor))
        elif isinstance(value, (list, tuple)):
            budget.allow(budget.weigh(value)[0] * max(0, factor))


def _check_power(left: object, right: object) -> None:
    if isinstance(left, int) and isinstance(right, int):
        num_bits = left.bit_length() * abs(right)
        if num_bits > MAX_INTEGER_BITS:
            raise LimitReached("size", f"a power has more than {MAX_INTEGER_BITS} bits")
