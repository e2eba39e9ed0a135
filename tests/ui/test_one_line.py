"""Tests of titles in one line."""

from __future__ import annotations

import pytest

from realm_desktop.ui.one_line import MAX_CHARACTERS, isolated, one_line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Tide gauges", "Tide gauges"),
        ("two\nlines", "two lines"),
        ("  wide \t\t gaps  ", "wide gaps"),
        ("", ""),
        ("\n\n", ""),
    ],
)
def test_line_ends_and_gaps_become_one_space(text: str, shown: str) -> None:
    assert one_line(text) == shown


def test_direction_override_becomes_visible() -> None:
    shown = one_line("invoice\u202efdp.exe")

    assert "\u202e" not in shown
    assert len(shown) == len("invoice\u202efdp.exe")


def test_lone_surrogate_can_be_encoded() -> None:
    assert one_line("a\ud800b").encode("utf-8")


def test_long_text_is_cut() -> None:
    assert len(one_line("word " * 100_000)) <= MAX_CHARACTERS


def test_isolated_text_has_its_own_direction() -> None:
    assert isolated("What?") == "\u2068What?\u2069"
