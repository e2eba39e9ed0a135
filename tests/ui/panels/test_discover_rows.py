"""What Discover says of repositories and files."""

from __future__ import annotations

from dataclasses import replace

import pytest

from realm_desktop.library.fit import Fit
from realm_desktop.library.hub_values import FoundRepository
from realm_desktop.ui.panels.discover_rows import (
    choice_rows,
    recommendation_text,
    repository_rows,
)
from tests.support.downloads import make_file, make_offer


def test_a_repository_is_told_by_what_sets_it_apart() -> None:
    found = FoundRepository("org/m", 1, 3, "2026-11-20", "mit", False, "llama", 8_030_000_000)

    (row,) = repository_rows([found])

    assert row.facts == "8.0B · llama · 1 download a month · 2026-11-20 · mit"
    assert row.badge is None


def test_a_repository_on_request_has_a_lock() -> None:
    (row,) = repository_rows([FoundRepository("org/m", is_gated=True)])

    assert row.badge is not None
    assert row.badge[0] == "lock"


def test_a_choice_has_size_fit_and_number_of_files() -> None:
    offer = make_offer("Q4_K_M")
    choice = replace(offer.choices[0], files=(make_file(path="a"), make_file(path="b")))

    (row,) = choice_rows(replace(offer, choices=(choice,)))

    assert (row.text, row.facts, row.figure) == ("Q4_K_M", "Q4_K_M.gguf · 2 files", "2 B")
    assert row.badge == ("check", "success", "fits in memory")


@pytest.mark.parametrize(
    ("bytes_per_s", "facts"),
    [(0.0, "Q4_K_M.gguf"), (1e6, "Q4_K_M.gguf · about 2 min"), (1e7, "Q4_K_M.gguf · about 12 s")],
)
def test_choice_says_how_long_it_takes_once_a_rate_is_known(bytes_per_s: float, facts: str) -> None:
    offer = make_offer("Q4_K_M")
    choice = replace(offer.choices[0], files=(make_file(120_000_000),))

    (row,) = choice_rows(replace(offer, choices=(choice,)), bytes_per_s)

    assert row.facts == facts


def test_nothing_is_recommended_where_nothing_fits() -> None:
    offer = make_offer("Q4_K_M")
    choice = replace(offer.choices[0], fit=Fit.TOO_LARGE, is_recommended=False)

    text = recommendation_text(replace(offer, choices=(choice,)))

    assert text == "None of these fits into this machine's free memory."


def test_adapters_are_not_recommended_by_size() -> None:
    assert recommendation_text(make_offer("PEFT", kind="adapter")) == ""
