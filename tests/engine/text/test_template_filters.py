"""Filters and tests of chat templates."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.rendering import render

_ITEMS = [{"n": 2, "t": "b"}, {"n": 1, "t": "a"}, {"n": 2, "t": "B"}]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("-3|abs", "3"),
        ("[1, 2]|length", "2"),
        ("'ab'|count", "2"),
        ("x|default('d')", "d"),
        ("''|default('d', true)", "d"),
        ("{'b': 1, 'A': 2}|dictsort", "[('A', 2), ('b', 1)]"),
        ("'<&'|e", "&lt;&amp;"),
        ("[3, 4]|first", "3"),
        ("[3, 4]|last", "4"),
        ("{'a': 1}|items|list", "[('a', 1)]"),
        ("'ab'|list", "['a', 'b']"),
        ("items|map(attribute='n')|list", "[2, 1, 2]"),
        ("['a', 'b']|map('upper')|join('+')", "A+B"),
        ("[2, 1]|max", "2"),
        ("[2, 1]|min", "1"),
        ("[1, 2, 3]|reject('odd')|list", "[2]"),
        ("items|rejectattr('n', 'equalto', 2)|map(attribute='t')|list", "['a']"),
        ("[1, 2]|reverse|list", "[2, 1]"),
        ("'<b>'|safe", "<b>"),
        ("[1, 2, 3]|select('odd')|list", "[1, 3]"),
        ("items|selectattr('n', 'eq', 1)|list|length", "1"),
        ("[2, 1]|sort", "[1, 2]"),
        ("items|sort(attribute='t')|map(attribute='t')|join", "abB"),
        ("['a', 'A', 'b']|unique|list", "['a', 'b']"),
        ("'a long text here'|truncate(9)", "a..."),
        ("'hELLO'|capitalize", "Hello"),
        ("'a'|center(3)", " a "),
        ("'3.5'|float", "3.5"),
        ("'x'|float(7.0)", "7.0"),
        ("'%s-%s'|format('a', 1)", "a-1"),
        ("'a\nb'|indent(2)", "a\n  b"),
        ("'a\nb'|indent('> ', first=true)", "> a\n> b"),
        ("'12'|int + 1", "13"),
        ("'0x1F'|int(base=16)", "31"),
        ("'x'|int(9)", "9"),
        ("items|join('+', attribute='n')", "2+1+2"),
        ("[1, none, 'a']|join('-')", "1-None-a"),
        ("'abcabc'|replace('b', 'x', 1)", "axcabc"),
        ("2.567|round(2)", "2.57"),
        ("2.1|round(method='ceil')", "3.0"),
        ("[1, 'a']|string", "[1, 'a']"),
        ("[1, 2.5]|sum", "3.5"),
        ("items|sum(attribute='n')", "5"),
        ("'heLLo wOrld'|title", "Hello World"),
        ("' a '|trim", "a"),
        ("'xax'|trim('x')", "a"),
        ("'aB'|lower ~ 'aB'|upper", "abAB"),
    ],
)
def test_filters_compute_as_in_jinja(expression: str, expected: str) -> None:
    assert render("{{ " + expression + " }}", items=_ITEMS) == expected


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("", '{"a": "\u00fc<&", "b": [1, true, null]}'),
        ("(ensure_ascii=true)", '{"a": "\\u00fc<&", "b": [1, true, null]}'),
        ("(separators=(',', ':'))", '{"a":"\u00fc<&","b":[1,true,null]}'),
        ("(indent=1)", '{\n "a": "\u00fc<&",\n "b": [\n  1,\n  true,\n  null\n ]\n}'),
    ],
)
def test_json_is_written_as_in_transformers(arguments: str, expected: str) -> None:
    value: dict[str, Any] = {"a": "\u00fc<&", "b": [1, True, None]}

    assert render("{{ x|tojson" + arguments + " }}", x=value) == expected


def test_json_keys_are_sorted_when_asked() -> None:
    assert render("{{ {'b': 1, 'a': 2}|tojson(sort_keys=true) }}") == '{"a": 2, "b": 1}'


@pytest.mark.parametrize(
    "expression",
    [
        "1 is odd",
        "x is defined",
        "y is undefined",
        "none is none",
        "'a' is string",
        "{} is mapping",
        "[] is iterable",
        "1 is number",
        "true is boolean",
        "'abc' is lower",
        "'ABC' is upper",
        "1 is in [1]",
        "'a' in 'ab'",
        "2 is divisibleby(2)",
        "1 is eq 1",
    ],
)
def test_tests_answer_as_in_jinja(expression: str) -> None:
    assert render("{{ " + expression + " }}", x=1) == "True"
