from __future__ import annotations

from pathlib import Path

import pytest

from realm_desktop.formats.corruption import MAX_QUOTED_CHARACTERS, corrupt, incomplete, quote


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("model.gguf", "model.gguf"),
        ("é 日本", "é 日本"),
        ("a\x1b[31m\n", r"a\x1b[31m\x0a"),
        ("\u202egpj", r"\u202egpj"),
        ("\ud800", r"\ud800"),
        ("\U000e0001", r"\U000e0001"),
        ("\x00", r"\x00"),
        ("", ""),
    ],
)
def test_unprintable_characters_are_escaped(text: str, shown: str) -> None:
    assert quote(text) == shown


@pytest.mark.parametrize("text", ["x" * 10_000, "\x00" * 10_000, "\u202e" * 81])
def test_long_names_are_cut(text: str) -> None:
    shown = quote(text)

    assert len(shown) == MAX_QUOTED_CHARACTERS + 1
    assert shown.endswith("…")


def test_name_at_the_limit_is_whole() -> None:
    assert quote("x" * MAX_QUOTED_CHARACTERS) == "x" * MAX_QUOTED_CHARACTERS


def test_error_names_file_field_place_found_and_allowed() -> None:
    path = Path("folder") / "m.gguf"

    error = corrupt(path, "version", 4, found=7, allowed="2 or 3")

    assert error.message == "m.gguf is damaged: version at byte 4 is 7; allowed is 2 or 3."
    assert (error.file, error.field, error.offset) == (str(path), "version", 4)
    assert error.advice


def test_error_without_a_place_says_none() -> None:
    error = corrupt(Path("m.gguf"), "config\n", None, found="a\nb", allowed="x")

    assert error.message == r"m.gguf is damaged: config\x0a is a\x0ab; allowed is x."
    assert error.field == r"config\x0a"


def test_a_broken_off_download_is_told_with_both_sizes() -> None:
    error = incomplete(Path("m.gguf"), "data of tensor w", 60, end=4_000, size=1_234)

    assert error.message == (
        "m.gguf is not complete: data of tensor w, described at byte 60, ends at byte 4,000; "
        "the file has 1,234."
    )
    assert (error.field, error.offset) == ("data of tensor w", 60)
