"""Operations give what Python gives, as long as the result is small."""

from __future__ import annotations

from typing import Any

import pytest
from markupsafe import Markup

from realm_desktop.engine.text.render_budget import LimitReached, RenderBudget
from realm_desktop.engine.text.template_operations import (
    binary,
    cut,
    join_texts,
    percent_format,
    replace,
    string_method,
    to_text,
)
from tests.support.rendering import render


def budget() -> RenderBudget:
    return RenderBudget(1000)


@pytest.mark.parametrize(
    ("sign", "left", "right", "expected"),
    [
        ("+", 1, 2, 3),
        ("+", "a", "b", "ab"),
        ("+", [1], [2], [1, 2]),
        ("-", 5, 7, -2),
        ("*", "ab", 2, "abab"),
        ("*", 2, [1], [1, 1]),
        ("*", "ab", -1, ""),
        ("/", 1, 4, 0.25),
        ("//", 7, 2, 3),
        ("**", 2, 10, 1024),
        ("**", 2.0, -1, 0.5),
        ("%", 7, 4, 3),
        ("%", "%s!", "a", "a!"),
    ],
)
def test_operators_compute_as_python(sign: str, left: Any, right: Any, expected: Any) -> None:
    assert binary(budget(), sign, left, right) == expected


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "None"),
        (True, "True"),
        (1.5, "1.5"),
        ([1, "a"], "[1, 'a']"),
        ({"a": ()}, "{'a': ()}"),
        ("x", "x"),
    ],
)
def test_values_print_as_in_python(value: Any, text: str) -> None:
    assert to_text(budget(), value) == text


def test_objects_print_as_their_kind() -> None:
    assert to_text(budget(), object()) == "<object>"


def test_percent_format_takes_names_and_positions() -> None:
    assert percent_format(budget(), "%(a)s-%(a)5s|%%", {"a": "x"}) == "x-    x|%"
    assert percent_format(budget(), "%s %04d %.2f", ("a", 7, 1.239)) == "a 0007 1.24"


@pytest.mark.parametrize("form", ["%5000d", "%*d", "%.5000f", "%.*f", "%99999999999d"])
def test_wide_formats_are_refused(form: str) -> None:
    with pytest.raises(LimitReached):
        percent_format(budget(), form, (1, 1))


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("'a-b'.split('-')", "['a', 'b']"),
        ("'a  b'.split()", "['a', 'b']"),
        ("'a-b-c'.rsplit('-', 1)", "['a-b', 'c']"),
        ("'a\nb'.splitlines()", "['a', 'b']"),
        ("'abc'.replace('b', 'x')", "axc"),
        ("'aaa'.replace('a', 'b', 2)", "bba"),
        ("'-'.join(['a', 'b'])", "a-b"),
        ("'a'.ljust(3, '.')", "a.."),
        ("'7'.zfill(3)", "007"),
        ("'a\tb'.expandtabs(4)", "a   b"),
        ("' a '.strip()", "a"),
        ("'xxa'.lstrip('x')", "a"),
        ("'Stra\u00dfe'.upper()", "STRASSE"),
        ("'abc'.startswith(('a', 'b'))", "True"),
        ("'abc'.find('c')", "2"),
        ("'a=b'.partition('=')", "('a', '=', 'b')"),
        ("'abc'.removesuffix('c')", "ab"),
        ("'{} {b!r} {c.d[0]:>3}'.format(1, b='x', c={'d': [5]})", "1 'x'   5"),
        ("'{!a}'.format('\u00fc')", "'\\xfc'"),
    ],
)
def test_string_methods_compute_as_python(call: str, expected: str) -> None:
    assert render("{{ " + call + " }}") == expected


def test_join_refuses_what_is_no_string_as_python_does() -> None:
    method = string_method(budget(), "", "join")
    assert method is not None

    with pytest.raises(TypeError):
        method([1, 2])


def test_other_methods_do_not_exist() -> None:
    assert string_method(budget(), "", "encode") is None
    assert string_method(budget(), "", "__class__") is None


def test_slices_and_replacements_are_charged() -> None:
    small = budget()
    small.charge(64 << 20)

    with pytest.raises(LimitReached):
        cut(small, "abc", slice(1, None))
    with pytest.raises(LimitReached):
        replace(small, "abc", "a", "b")


def test_safe_text_escapes_what_is_added() -> None:
    assert binary(budget(), "+", Markup("<b>"), "<") == "<b>&lt;"
    assert join_texts(budget(), Markup("<"), ["&", "x"]) == "&amp;<x"
