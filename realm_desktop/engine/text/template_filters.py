"""The filters and tests that a chat template may use: an allow-list, with size caps where needed.

`tojson` and `items` behave as in transformers. Belongs to the render thread.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any

from jinja2 import filters, pass_environment
from jinja2.tests import TESTS

from realm_desktop.engine.text.render_budget import (
    LimitReached,
    RenderBudget,
    check_integer,
    text_bytes,
)
from realm_desktop.engine.text.template_operations import (
    binary,
    join_texts,
    padded,
    percent_format,
    replace,
    string_method,
    to_text,
)

_MAX_INDENT = 32
_MAX_NUMBER_CHARACTERS = 1000
_MAX_PRECISION = 30
_AS_THEY_ARE = (
    "abs count d default dictsort e escape first items last length list map max min"
    " reject rejectattr reverse safe select selectattr sort unique truncate"
)
_GROWTH = {"e": 6, "escape": 6, "list": 64, "sort": 64}  # "&" becomes "&amp;", "a" a list entry
_TEXT_METHODS = ("capitalize", "lower", "upper")

Filter = Callable[..., Any]


def build_filters(budget: Callable[[], RenderBudget]) -> dict[str, Filter]:
    """All filters by name; `budget` answers the budget of the rendering in progress."""
    allowed = {
        name: _kept(filters.FILTERS[name], budget, _GROWTH.get(name, 1))
        for name in _AS_THEY_ARE.split()
    }
    bounded: dict[str, Filter] = {
        "center": _center,
        "float": _float,
        "format": _format,
        "indent": _indent,
        "int": _int,
        "replace": _replace,
        "round": _round,
        "string": to_text,
        "sum": _sum,
        "title": _title,
        "tojson": _tojson,
        "trim": _trim,
        **{name: functools.partial(_text_method, name) for name in _TEXT_METHODS},
    }
    allowed.update({name: _with_budget(filter_, budget) for name, filter_ in bounded.items()})
    allowed["join"] = _join_filter(budget)
    return allowed


def build_tests(budget: Callable[[], RenderBudget]) -> dict[str, Filter]:
    """All tests by name; those that print their value do it within the budget."""
    allowed: dict[str, Filter] = dict(TESTS.items())  # type: ignore[arg-type]  # Jinja types them loosely
    allowed["lower"] = lambda value: to_text(budget(), value).islower()
    allowed["upper"] = lambda value: to_text(budget(), value).isupper()
    return allowed


def _with_budget(filter_: Filter, budget: Callable[[], RenderBudget]) -> Filter:
    def bounded(value: Any, *args: Any, **kwargs: Any) -> Any:
        return filter_(budget(), value, *args, **kwargs)

    return bounded


def _text_method(name: str, budget: RenderBudget, value: object) -> object:
    method = string_method(budget, to_text(budget, value), name)
    assert method is not None
    return method()


def _kept(filter_: Filter, budget: Callable[[], RenderBudget], growth: int) -> Filter:
    """A filter of Jinja's whose result is counted; `growth` is in bytes per byte of a text."""

    @functools.wraps(filter_)
    def kept(*args: Any, **kwargs: Any) -> Any:
        for value in args:
            if isinstance(value, str):
                budget().allow(growth * text_bytes(value))
            elif isinstance(value, (list, tuple, dict, set)):
                budget().allow(16 * len(value))
        return budget().keep(filter_(*args, **kwargs))

    return kept


def _join_filter(budget: Callable[[], RenderBudget]) -> Filter:
    @pass_environment
    def join(environment: Any, value: Any, d: str = "", attribute: str | int | None = None) -> str:
        if attribute is not None:
            value = map(filters.make_attrgetter(environment, attribute), value)
        return join_texts(budget(), to_text(budget(), d), value)

    return join


def _center(budget: RenderBudget, value: object, width: int = 80) -> object:
    return padded("center")(budget, to_text(budget, value), width)


def _format(budget: RenderBudget, value: object, *args: object, **kwargs: object) -> str:
    return percent_format(budget, to_text(budget, value), kwargs or args)


def _indent(
    budget: RenderBudget,
    value: object,
    width: int | str = 4,
    first: bool = False,
    blank: bool = False,
) -> object:
    text = to_text(budget, value)
    step = len(width) if isinstance(width, str) else width
    if step > _MAX_NUMBER_CHARACTERS:
        raise LimitReached(
            "size", f"a text is indented by {step}; {_MAX_NUMBER_CHARACTERS} is the most"
        )
    budget.allow(4 * (len(text) + max(0, step) * (len(text.splitlines()) + 1)))
    return budget.keep(filters.do_indent(text, width, first, blank))


def _replace(
    budget: RenderBudget, value: object, old: str, new: str, count: int | None = None
) -> object:
    text = to_text(budget, value)
    limit = -1 if count is None else count
    return replace(budget, text, to_text(budget, old), to_text(budget, new), limit)


def _title(budget: RenderBudget, value: object) -> object:
    text = to_text(budget, value)
    budget.allow(100 * len(text))
    return budget.keep(filters.do_title(text))


def _trim(budget: RenderBudget, value: object, chars: str | None = None) -> object:
    strip = string_method(budget, to_text(budget, value), "strip")
    assert strip is not None
    return strip(chars)


def _int(budget: RenderBudget, value: Any, default: int = 0, base: int = 10) -> int:
    _check_number_text(value)
    return filters.do_int(value, default, base)


def _float(budget: RenderBudget, value: Any, default: float = 0.0) -> float:
    _check_number_text(value)
    return filters.do_float(value, default)


def _round(budget: RenderBudget, value: Any, precision: int = 0, method: Any = "common") -> float:
    check_integer(value)
    if abs(precision) > _MAX_PRECISION:
        raise LimitReached("size", f"a number is rounded to {precision} digits")
    return filters.do_round(value, precision, method)


def _sum(budget: RenderBudget, value: Any, attribute: Any = None, start: Any = 0) -> Any:
    total = start
    for item in value:
        number = item
        if attribute is not None:
            number = item[attribute]
        total = binary(budget, "+", total, number)
    return total


def _tojson(
    budget: RenderBudget,
    value: object,
    ensure_ascii: bool = False,
    indent: int | str | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
) -> object:
    step = len(indent) if isinstance(indent, str) else (indent or 0)
    if step > _MAX_INDENT or any(len(part) > _MAX_INDENT for part in separators or ()):
        raise LimitReached("size", f"JSON is indented by {step}; {_MAX_INDENT} is the most")
    weight, depth = budget.weigh(value)
    # Every element weighs at least 8 and costs at most one line; a character becomes 6 at most.
    budget.allow(6 * weight + weight // 8 * (max(0, step) * (depth + 1) + 2 * _MAX_INDENT) // 4)
    text = json.dumps(
        value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys
    )
    return budget.keep(text)


def _check_number_text(value: object) -> None:
    check_integer(value)
    if isinstance(value, str) and len(value) > _MAX_NUMBER_CHARACTERS:
        raise LimitReached("size", f"a number is written with {len(value):,} characters")
