"""The guard: hostile grammars end their process, never the engine."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from realm_desktop.engine.sampling.grammar_check import GrammarKind
from realm_desktop.engine.sampling.grammar_guard import GrammarGuard
from realm_desktop.errors import EngineStopped

ENDLESS = {"type": "integer", "multipleOf": 99_999_989}
STRING = {"type": "string"}


def intersections(count: int) -> dict[str, Any]:
    patterns = [f"(a|b)*a(a|b){{{index}}}" for index in range(count)]
    return {"allOf": [{"type": "string", "pattern": pattern} for pattern in patterns]}


def definitions(depth: int, keyword: str) -> dict[str, Any]:
    """Each definition uses the next ten times."""
    chain: dict[str, Any] = {
        f"d{index}": {keyword: [{"$ref": f"#/$defs/d{index + 1}"}] * 10} for index in range(depth)
    }
    return {"$ref": "#/$defs/d0", "$defs": {**chain, f"d{depth}": STRING}}


BOMBS: dict[str, dict[str, Any]] = {
    "self reference": {"$ref": "#"},
    "self reference in allOf": {"allOf": [{"$ref": "#"}]},
    "mutual references": {
        "$ref": "#/$defs/a",
        "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}},
    },
    "giant minItems": {"type": "array", "minItems": 10**9},
    "giant maxItems": {"type": "array", "maxItems": 10**15},
    "giant minLength": {"type": "string", "minLength": 10**9},
    "giant maxLength": {"type": "string", "maxLength": 10**15},
    "giant maxProperties": {"type": "object", "maxProperties": 10**9},
    "wide allOf": {"allOf": [{"properties": {f"p{i}": STRING}} for i in range(2000)]},
    "wide anyOf": {"anyOf": [{"type": "string", "minLength": i} for i in range(500)]},
    "allOf of anyOf": {
        "allOf": [
            {"anyOf": [{"properties": {f"a{i}": STRING}}, {"properties": {f"b{i}": STRING}}]}
            for i in range(14)
        ]
    },
    "laughs in prefixItems": definitions(20, "prefixItems"),
    "laughs in allOf": definitions(20, "allOf"),
    "laughs in anyOf": definitions(20, "anyOf"),
    "large enum": {"enum": [f"v{i}" for i in range(10_000)]},
    "nested counts": {"type": "string", "pattern": "(((a{100}){100}){100}){100}"},
    "nested stars": {"type": "string", "pattern": "(x+x+)+y"},
    "deep groups": {"type": "string", "pattern": "(" * 50_000 + ")" * 50_000},
    "endless remainders": ENDLESS,
    "intersections": intersections(20),
    "many properties": {"properties": {f"v{i}": STRING for i in range(8000)}},
}


FAMILIES: dict[str, Callable[[int], dict[str, Any]]] = {
    "minItems": lambda n: {"type": "array", "minItems": 2**n},
    "maxItems": lambda n: {"type": "array", "maxItems": 2**n, "items": {"enum": ["a", 1]}},
    "minLength": lambda n: {"type": "string", "minLength": 2**n},
    "maxLength": lambda n: {"type": "string", "maxLength": 2**n, "pattern": "a+b"},
    "maxProperties": lambda n: {"type": "object", "maxProperties": 2**n},
    "multipleOf": lambda n: {"type": "number", "multipleOf": 2**n + 1},
    "minimum": lambda n: {"type": "number", "minimum": 10**n + 1, "maximum": 10 ** (n + 1)},
    "groups": lambda n: {"type": "string", "pattern": "(" * n**3 + ")" * n**3},
    "counts": lambda n: {"type": "string", "pattern": "(" * n + "a" + "{9}){9}" * n},
    "window": lambda n: {"type": "string", "pattern": f"(a|b)*a(a|b){{{n * n}}}"},
    "stars": lambda n: {"type": "string", "pattern": "(" * n + "a*" + ")*" * n + "b"},
    "look-alikes": lambda n: {"type": "string", "pattern": "|".join(["(x+x+)+y"] * n * n)},
    "wide allOf": lambda n: {"allOf": [{"properties": {f"p{i}": STRING}} for i in range(n**2)]},
    "narrow allOf": lambda n: {"allOf": [{"type": "string", "minLength": i} for i in range(n**2)]},
    "wide anyOf": lambda n: {"anyOf": [{"type": "string", "minLength": i} for i in range(n**2)]},
    "wide oneOf": lambda n: {"oneOf": [{"const": i} for i in range(n**2)]},
    "patterns": intersections,
    "pattern properties": lambda n: {
        "patternProperties": {f"^{'a' * i}$": STRING for i in range(n**2)}
    },
    "required": lambda n: {"type": "object", "required": [f"p{i}" for i in range(n**2)]},
    "laughs": lambda n: definitions(n, "prefixItems"),
    "laughs in anyOf": lambda n: definitions(n, "anyOf"),
    "ring": lambda n: {
        "$ref": "#/$defs/d0",
        "$defs": {f"d{i}": {"items": {"$ref": f"#/$defs/d{(i + 1) % n}"}} for i in range(n)},
    },
}
SIZES = range(1, 40, 2)


@pytest.fixture(scope="module")
def guard() -> Iterator[GrammarGuard]:
    guard = GrammarGuard(compile_limit_s=1.0)
    yield guard
    guard.close()


def error_of(guard: GrammarGuard, schema: object) -> str:
    return guard.first_error(GrammarKind.JSON_SCHEMA, json.dumps(schema))


@pytest.mark.parametrize("name", BOMBS)
def test_schema_bomb_is_compiled_or_refused_within_the_limit(
    guard: GrammarGuard, name: str
) -> None:
    error_of(guard, STRING)  # the process runs
    started_s = time.monotonic()

    error_of(guard, BOMBS[name])

    # The guard's limit is 1 s. A busy machine may take longer to end one process and start another.
    assert time.monotonic() - started_s < 6.0


@pytest.mark.full
@pytest.mark.parametrize("family", FAMILIES)
def test_bombs_of_every_size_are_compiled_or_refused_within_the_limit(
    guard: GrammarGuard, family: str
) -> None:
    assert len(FAMILIES) * len(SIZES) >= 400
    for size in SIZES:
        error_of(guard, STRING)  # the process runs
        started_s = time.monotonic()
        error_of(guard, FAMILIES[family](size))
        assert time.monotonic() - started_s < 2.0


@pytest.mark.parametrize("schema", [ENDLESS, intersections(20)])
def test_endless_compilation_is_ended_and_told(guard: GrammarGuard, schema: object) -> None:
    assert "takes longer than 1 s" in error_of(guard, schema)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (GrammarKind.REGEX, "(a{1000}){1000}{1000}"),
        (GrammarKind.REGEX, "(" * 100_000 + ")" * 100_000),
        (GrammarKind.GRAMMAR, "start: " + "(" * 100_000 + '"a"' + ")" * 100_000),
        (GrammarKind.GRAMMAR, "start: start"),
    ],
)
def test_evil_regex_or_grammar_is_refused(
    guard: GrammarGuard, kind: GrammarKind, text: str
) -> None:
    assert guard.first_error(kind, text)


def test_next_grammar_after_an_ended_one_compiles(guard: GrammarGuard) -> None:
    error_of(guard, ENDLESS)

    assert error_of(guard, STRING) == ""


def test_process_that_dies_refuses_its_grammar_alone() -> None:
    guard = GrammarGuard([sys.executable, "-c", "print('ready', flush=True); input()"])

    assert "too much memory" in error_of(guard, STRING)
    assert "too much memory" in error_of(guard, STRING)


def test_process_that_does_not_start_is_told() -> None:
    guard = GrammarGuard([sys.executable, "-c", ""])

    with pytest.raises(EngineStopped, match="does not start"):
        error_of(guard, STRING)


def test_process_is_kept_for_the_next_grammar() -> None:
    guard = GrammarGuard()
    error_of(guard, STRING)
    first = guard._process

    error_of(guard, {"type": "null"})

    assert guard._process is first
    guard.close()


def test_process_ends_with_its_guard() -> None:
    guard = GrammarGuard()
    error_of(guard, STRING)
    process = guard._process
    assert process is not None

    del guard

    assert process.poll() is not None
