"""What is a formula in Markdown, and what only looks like one."""

from __future__ import annotations

import time

import pytest
from markdown_it import MarkdownIt

from realm_desktop.markdown_math import BLOCK_MATH, INLINE_DISPLAY_MATH, INLINE_MATH, add_math


def _found(source: str) -> list[tuple[str, str]]:
    markdown = MarkdownIt("commonmark", {"html": False})
    add_math(markdown)
    kinds = (INLINE_MATH, INLINE_DISPLAY_MATH, BLOCK_MATH)
    tokens = [t for token in markdown.parse(source) for t in (token, *(token.children or []))]
    return [(token.type, token.content.strip()) for token in tokens if token.type in kinds]


@pytest.mark.parametrize(
    ("source", "latex"),
    [
        ("so $x^2$ it is", "x^2"),
        ("($x$)", "x"),
        ("$3$ of them", "3"),
        ("$2 x + 1$", "2 x + 1"),
        (r"with \(a\) in", "a"),
        ("**$x$**", "x"),
        (r"$\text{costs \$5}$", r"\text{costs \$5}"),
    ],
)
def test_inline_formula_is_found(source: str, latex: str) -> None:
    assert _found(source) == [(INLINE_MATH, latex)]


@pytest.mark.parametrize(
    "source",
    [
        "It costs $5 and $10.",
        "$5 and 10$ in total",
        "US$5-US$10",
        "$5/$10",
        "$HOME/$USER",
        "$PATH and $HOME",
        "a $ b $ c",
        r"\$x\$",
        "`$x$`",
        "    $x$",
        "$",
        "$$",
        "$$$$",
        r"\\(x\\)",
        r"\( x",
        r"\[ \]",
        "$x$y",
        "1$x$",
    ],
)
def test_prices_variables_and_code_are_none(source: str) -> None:
    assert _found(source) == []


@pytest.mark.parametrize(
    "source",
    [
        "$$\na\n- b\n$$",
        "$$ a\n- b $$",
        "text:\n$$\na\n- b\n$$\nmore",
        "\\[\na\n- b\n\\]",
        "text:\n\\[ a\n- b \\]\nmore",
        "- item\n\n  $$\n  a\n- b\n  $$".replace("\n- b", "\n  - b"),
        "> $$\n> a\n> - b\n> $$",
    ],
)
def test_display_formula_may_have_lines_that_look_like_markdown(source: str) -> None:
    ((kind, latex),) = _found(source)

    assert kind == BLOCK_MATH
    assert latex.split() == ["a", "-", "b"]


def test_display_formula_inside_a_line_is_found() -> None:
    assert _found(r"so $$a$$ and \[b\] hold") == [
        (INLINE_DISPLAY_MATH, "a"),
        (INLINE_DISPLAY_MATH, "b"),
    ]


def test_two_display_formulas_in_one_line_are_two() -> None:
    assert [latex for _, latex in _found("$$a$$ and $$b$$")] == ["a", "b"]


@pytest.mark.parametrize("opening", ["$$\na", "\\[\na", "$$a\n\nb$$", "\\[ a\n\nb \\]"])
def test_formula_without_an_end_before_a_blank_line_is_none(opening: str) -> None:
    assert _found(opening) == []


@pytest.mark.parametrize(
    "unit", ["$", "$a", "$a ", "$$a", "\\(", "\\[", "\\[\n", "$$\n", "\\$", "$$a$"]
)
def test_openings_without_an_end_take_no_time(unit: str) -> None:
    start_s = time.thread_time()
    _found(unit * (2_000 // len(unit) * 4))

    assert time.thread_time() - start_s < 1.0
