"""Every schema and instance of the JSON-Schema-Test-Suite: right, refused, or a known difference."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from realm_desktop.engine.sampling.grammar import GrammarCompiler
from realm_desktop.engine.sampling.grammar_guard import GrammarGuard
from realm_desktop.engine.text.tokenizer import Tokenizer
from tests.support.grammars import tiny_model_tokenizer
from tests.support.json_schema_suite import recorded_results, report, suite_files, suite_schemas

IMPOSSIBLE = ("Unsatisfiable schema: schema is false", "is false: it allows nothing")
"""Refusals that no single keyword is to blame for."""


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    return tiny_model_tokenizer(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def compiler(tokenizer: Tokenizer) -> Iterator[GrammarCompiler]:
    guard = GrammarGuard()
    yield GrammarCompiler(tokenizer, guard)
    guard.close()


@pytest.mark.parametrize("name", suite_files())
def test_results_are_those_on_record(
    compiler: GrammarCompiler, tokenizer: Tokenizer, name: str
) -> None:
    assert report(compiler, tokenizer, name) == recorded_results()[name]


def test_record_names_every_file_and_no_other() -> None:
    assert list(recorded_results()) == suite_files()


def test_every_schema_and_instance_is_counted() -> None:
    for name, lines in recorded_results().items():
        schemas = suite_schemas(name)
        compiled, refused, *instances = map(int, re.findall(r"(\d+) [a-z]+", lines[0]))
        refusals = [line for line in lines[1:] if line.startswith("  refused: ")]
        assert compiled + refused == len(schemas)
        assert refused == len(refusals)
        assert sum(instances) <= sum(len(entry.instances) for entry in schemas)


def test_every_refusal_points_at_its_keyword() -> None:
    lines = [line for section in recorded_results().values() for line in section]
    refusals = [line for line in lines if line.startswith("  refused: ")]
    possible = [line for line in refusals if not any(reason in line for reason in IMPOSSIBLE)]

    assert len(refusals) > len(possible) > 200
    assert [line for line in possible if not re.search(r"( at|\(see) /[^ ]", line)] == []


def test_nothing_invalid_is_accepted_but_one_character() -> None:
    lines = [line for section in recorded_results().values() for line in section]

    (laxer,) = (line for line in lines if line.startswith("  laxer: "))
    assert "zero-width whitespace" in laxer
