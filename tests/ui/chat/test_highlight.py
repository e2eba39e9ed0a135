"""Tests of colouring code."""

from __future__ import annotations

import pytest

from realm_desktop.ui.chat.highlight import MAX_CODE, MAX_LINE, Coloured, Highlighter


def _all(text: str, language: str) -> list[Coloured]:
    highlighter = Highlighter(text, language)
    found: list[Coloured] = []
    while not highlighter.is_done:
        found += highlighter.advance(0.05)
    return found


def _token_of(text: str, word: str, language: str = "python") -> str:
    start = text.index(word)
    return next((c.token for c in _all(text, language) if c.start <= start < c.end), "")


@pytest.mark.parametrize(
    ("word", "token"),
    [
        ("def", "syn-keyword"),
        ("fill", "syn-function"),
        ("int", "syn-type"),
        ("6", "syn-number"),
        ('"text"', "syn-string"),
        ("# why", "syn-comment"),
        ("level", ""),
    ],
)
def test_python_has_the_colours_of_its_parts(word: str, token: str) -> None:
    code = 'def fill(level: int = 6):\n    return "text"  # why\n'

    assert _token_of(code, word) == token


@pytest.mark.parametrize("language", ["", "no-such-language", "x" * 100_000, "\u202e"])
def test_unknown_language_has_no_colours(language: str) -> None:
    assert Highlighter("def f(): pass", language).is_done


def test_language_name_may_be_upper_case() -> None:
    assert _token_of("def f(): pass", "def", "Python") == "syn-keyword"


def test_code_too_long_stays_plain() -> None:
    assert Highlighter("x = 1\n" * (MAX_CODE // 6 + 1), "python").is_done


def test_line_too_long_stays_plain() -> None:
    assert Highlighter("x" * (MAX_LINE + 1), "python").is_done


def test_colouring_in_slices_finds_the_same() -> None:
    code = "def f(x):\n    return [x, 'abc', 1.5]\n" * 200
    highlighter = Highlighter(code, "python")
    found: list[Coloured] = []
    while not highlighter.is_done:
        found += highlighter.advance(0.0001)

    assert found == _all(code, "python")


def test_added_lines_of_a_diff_are_green() -> None:
    assert _token_of("--- a\n+++ b\n@@ -1 +1 @@\n-old\n+new\n", "+new", "diff") == "success"
