"""The process that tries grammars: what it answers."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from realm_desktop.engine.sampling import grammar_check
from realm_desktop.engine.sampling.grammar_check import GrammarKind, first_error

SOUND = [
    (GrammarKind.JSON_SCHEMA, '{"type": "string"}'),
    (GrammarKind.REGEX, "[a-z]+(ab|c)?"),
    (GrammarKind.GRAMMAR, 'start: "a" start | "b"'),
]
BROKEN = [
    (GrammarKind.JSON_SCHEMA, '{"type": "text"}', "Invalid type: text"),
    (GrammarKind.JSON_SCHEMA, '{"oneOf": [{}, {}]}', "oneOf"),
    (GrammarKind.JSON_SCHEMA, "5", "object schema"),
    (GrammarKind.REGEX, "(", "regex"),
    (GrammarKind.REGEX, r"(a)\1", "backreferences are not supported"),
    (GrammarKind.REGEX, "a(?=b)", "look-ahead"),
    (GrammarKind.GRAMMAR, 'word: "a"', "no start rule"),
    (GrammarKind.GRAMMAR, "start: missing", "unknown name"),
]


@pytest.mark.parametrize(("kind", "text"), SOUND)
def test_sound_grammar_has_no_error(kind: GrammarKind, text: str) -> None:
    assert first_error(kind, text) == ""


@pytest.mark.parametrize(("kind", "text", "complaint"), BROKEN)
def test_broken_grammar_is_told(kind: GrammarKind, text: str, complaint: str) -> None:
    assert complaint in first_error(kind, text)


def test_control_token_may_be_named_once_it_is_known() -> None:
    text = 'start: <|x|> "a"'

    assert "unknown special token" in first_error(GrammarKind.GRAMMAR, text)
    assert first_error(GrammarKind.GRAMMAR, text, ["<|x|>"]) == ""


def test_options_inside_a_schema_cannot_make_it_lenient() -> None:
    schema = {"x-guidance": {"lenient": True}, "not": {}}

    assert "not" in first_error(GrammarKind.JSON_SCHEMA, json.dumps(schema))


def test_process_greets_then_answers_each_line_in_order() -> None:
    requests = [*SOUND, (GrammarKind.REGEX, "(")]
    lines = "".join(json.dumps([*request, []]) + "\n" for request in requests)

    done = subprocess.run(
        [sys.executable, "-P", grammar_check.__file__],
        input=lines,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    greeting, *answers = done.stdout.splitlines()
    assert greeting == "ready"
    assert [bool(json.loads(answer)) for answer in answers] == [False, False, False, True]
