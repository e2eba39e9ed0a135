"""Tests of what is said of adapters."""

from __future__ import annotations

import pytest

from realm_desktop.chat.adapter_shelf import AdapterStage
from realm_desktop.formats.adapter_fit import AdapterFit
from realm_desktop.ui.panels.adapter_rows import (
    UNKNOWN,
    adapter_row,
    adapter_rows,
    counts_text,
    facts_text,
    mixer_state_text,
    state_text,
    verdict_text,
)
from tests.support.shelves import MISFIT, REFUSED, entry, make_shelf, make_user


def test_row_says_what_the_header_says() -> None:
    row = adapter_row(make_shelf(), [])

    assert (row.name, row.base, row.rank) == ("terse", "Tiny", "8 / 16")
    assert (row.targets, row.size, row.file_format) == ("4", "84.0 MB", "safetensors")
    assert row.used_by == UNKNOWN


def test_row_of_a_file_not_read_yet_says_little() -> None:
    shelf = make_shelf()
    shelf.seen = None

    row = adapter_row(shelf, [])

    assert (row.base, row.rank, row.targets, row.size) == (UNKNOWN,) * 4
    assert facts_text(shelf) == ""


def test_users_are_named_whether_it_is_on_or_off() -> None:
    users = [make_user("research", entry()), make_user("novel", entry(is_on=False))]

    assert adapter_row(make_shelf(), [*users, make_user("other")]).used_by == "Research, Novel"


@pytest.mark.parametrize(
    ("shelf", "words"),
    [
        (make_shelf(), "on disk"),
        (make_shelf(is_loading=True), "loading"),
        (make_shelf(swap_ms=11.2), "warm · 11 ms"),
        (make_shelf(swap_ms=0.1), "warm · 1 ms"),
        (make_shelf(swap_ms=0), "warm"),
        (make_shelf(fit=MISFIT), "refused"),
        (make_shelf(error=REFUSED), "refused"),
    ],
)
def test_every_state_has_words(shelf: object, words: str) -> None:
    assert state_text(shelf) == words  # type: ignore[arg-type]  # parametrize erases the type


def test_mixer_tells_what_the_next_message_costs() -> None:
    assert mixer_state_text(make_shelf(swap_ms=11)) == "warm · swap 11 ms"
    assert mixer_state_text(make_shelf()) == "on disk · loaded when needed"
    assert mixer_state_text(make_shelf(is_loading=True)) == "loading"


def test_verdict_of_a_fitting_adapter_names_both() -> None:
    assert verdict_text(make_shelf()) == "terse fits Tiny · rank 8 · 4 of 4 targets"


def test_doubt_stands_behind_the_verdict() -> None:
    fit = AdapterFit(True, "fits Tiny", "made for Other; the loaded model is called Tiny")
    row = adapter_row(make_shelf(fit=fit), [])

    assert row.verdict == "terse fits Tiny · made for Other; the loaded model is called Tiny"
    assert row.has_warning


def test_verdict_of_a_misfit_is_its_reason() -> None:
    row = adapter_row(make_shelf(fit=MISFIT), [])

    assert row.verdict.startswith("The adapter terse does not fit: made for hidden size 16,")
    assert not row.can_attach


def test_verdict_without_a_model_asks_for_one() -> None:
    assert "load a model" in verdict_text(make_shelf(fit=None))


def test_engine_s_refusal_comes_with_its_advice() -> None:
    shelf = make_shelf(error=REFUSED)

    assert verdict_text(shelf) == "terse: q_proj is 9 wide, 8 expected. Choose another."
    assert shelf.stage is AdapterStage.REFUSED


def test_filter_looks_at_name_and_base_model() -> None:
    shelves = [make_shelf("terse"), make_shelf("plain", 1, base_model_name="Llama-8B")]

    assert [row.name for row in adapter_rows(shelves, [], "TER")] == ["terse"]
    assert [row.name for row in adapter_rows(shelves, [], "llama")] == ["plain"]


def test_hostile_name_is_one_line_with_visible_marks() -> None:
    row = adapter_row(make_shelf("a\u202eb\nc<b>"), [])

    assert "\u202e" not in row.name
    assert "\n" not in row.name
    assert "<b>" in row.name


def test_counts_add_up() -> None:
    warm = make_shelf(swap_ms=10)

    assert counts_text([make_shelf()]) == "1 adapter"
    assert counts_text([warm, make_shelf("b", 1)]) == "2 adapters · 1 warm · 2.0 MB in memory"


def test_facts_for_the_mixer() -> None:
    assert facts_text(make_shelf()) == "rank 8 · \N{GREEK SMALL LETTER ALPHA} 16 · 84.0 MB"
