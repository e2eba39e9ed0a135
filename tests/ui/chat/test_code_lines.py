"""Tests of the lines of a code block."""

from __future__ import annotations

import pytest

from realm_desktop.ui.chat.code_lines import CodeLines
from realm_desktop.ui.chat.display_text import MAX_RUN


def _lines(text: str, *, is_open: bool = False, language: str = "") -> CodeLines:
    lines = CodeLines(language)
    lines.set_text(text, is_open=is_open)
    return lines


def _colour_all(lines: CodeLines) -> None:
    while not lines.is_coloured:
        lines.colour(0.05)


def test_lines_begin_where_they_stand_in_the_code() -> None:
    lines = _lines("a\n\nbc")

    assert lines.lines == ["a", "", "bc"]
    assert lines.starts == [0, 2, 3]


def test_starts_count_two_units_for_an_emoji() -> None:
    assert _lines("😀\nx").unit_starts == [0, 3]


def test_long_line_is_cut_without_loss() -> None:
    lines = _lines("a" * (2 * MAX_RUN + 1) + "\nb")

    assert [len(line) for line in lines.lines] == [MAX_RUN, MAX_RUN, 1, 1]
    assert lines.starts == [0, MAX_RUN, 2 * MAX_RUN, 2 * MAX_RUN + 2]


@pytest.mark.parametrize("step", [1, 7, 1_999, 2_001])
def test_code_in_pieces_has_the_same_lines(step: int) -> None:
    text = "a" * 4_500 + "\n\nb\n" + "c" * 2_000 + "\nd"
    grown = CodeLines("")
    for end in range(step, len(text) + step, step):
        grown.set_text(text[:end], is_open=True)
    whole = _lines(text)

    assert (grown.lines, grown.starts, grown.unit_starts) == (
        whole.lines,
        whole.starts,
        whole.unit_starts,
    )


def test_growing_code_tells_the_first_line_that_changed() -> None:
    lines = _lines("a\nb", is_open=True)

    assert lines.set_text("a\nbc\nd", is_open=True) == 1


def test_code_that_changed_is_read_anew() -> None:
    lines = _lines("a\nb\nc")

    assert lines.set_text("x", is_open=False) == 0
    assert lines.lines == ["x"]


def test_colours_count_from_the_start_of_the_line() -> None:
    lines = _lines("x = 1\ny = 23", language="python")
    _colour_all(lines)

    assert [(c.start, c.end, c.token) for c in lines.colours(1)] == [(4, 6, "syn-number")]


def test_string_over_several_lines_colours_each() -> None:
    lines = _lines('"""a\nb\nc"""', language="python")
    _colour_all(lines)

    assert all(lines.colours(number)[0].token == "syn-string" for number in range(3))


def test_end_of_growing_code_has_the_colours_of_the_whole() -> None:
    code = "def f(x):\n    return [x, 'abc', 1.5]\n\n" * 400
    grown = CodeLines("python")
    for end in range(0, len(code), 997):
        grown.set_text(code[:end], is_open=True)
        _colour_all(grown)
    grown.set_text(code, is_open=False)
    _colour_all(grown)
    whole = _lines(code, language="python")
    _colour_all(whole)

    numbers = range(len(whole.lines))
    assert [grown.colours(n) for n in numbers] == [whole.colours(n) for n in numbers]


def test_growing_code_is_coloured_near_its_end_only() -> None:
    code = "x = 1\n" * 5_000
    lines = _lines(code, is_open=True, language="python")
    _colour_all(lines)

    assert not lines.colours(0)
    assert lines.colours(4_999)
