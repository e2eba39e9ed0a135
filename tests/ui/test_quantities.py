"""Tests of numbers in words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QLocale

from realm_desktop.ui.quantities import (
    bytes_text,
    context_text,
    count_text,
    decimal_text,
    file_title,
    parameters_text,
)


@pytest.fixture(autouse=True)
def _english_locale() -> Iterator[None]:
    before = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))
    yield
    QLocale.setDefault(before)


@pytest.mark.parametrize(
    ("num_bytes", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1 kB"),
        (12_040_000, "12.0 MB"),
        (480_000_000, "480 MB"),
        (4_920_000_000, "4.9 GB"),
        (3_000_000_000_000_000, "3,000 TB"),
    ],
)
def test_bytes_are_shown_with_a_fitting_unit(num_bytes: int, text: str) -> None:
    assert bytes_text(num_bytes) == text


def test_counts_are_grouped() -> None:
    assert count_text(1_234_567) == "1,234,567"


def test_counts_follow_the_locale() -> None:
    QLocale.setDefault(QLocale(QLocale.Language.German, QLocale.Country.Germany))

    assert count_text(1_234_567) == "1.234.567"


@pytest.mark.parametrize(("num_tokens", "text"), [(512, "512"), (8192, "8k"), (131_072, "128k")])
def test_context_is_shown_in_short(num_tokens: int, text: str) -> None:
    assert context_text(num_tokens) == text


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/models/Llama-3.1-8B-Q4_K_M.gguf", "Llama-3.1-8B-Q4_K_M"),
        ("/models/gemma.safetensors", "gemma"),
        ("/models/Qwen2.5-0.5B", "Qwen2.5-0.5B"),
    ],
)
def test_file_title_leaves_folder_and_suffix_out(path: str, title: str) -> None:
    assert file_title(path) == title


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (260_000, "260,000"),
        (6_160_000, "6.2M"),
        (999_000_000, "999M"),
        (8_030_000_000, "8.0B"),
        (405_000_000_000, "405B"),
    ],
)
def test_parameters_are_short(number: int, text: str) -> None:
    assert parameters_text(number) == text


def test_decimals_are_written_as_the_locale_does() -> None:
    QLocale.setDefault(QLocale("de_DE"))

    assert decimal_text(1.234, 2) == "1,23"
