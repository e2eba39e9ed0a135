"""Tests of the rows of the model picker."""

from __future__ import annotations

from pathlib import Path

import pytest

from realm_desktop.library.catalog import KnownModel, ModelSource
from realm_desktop.library.fit import Fit
from realm_desktop.ui.panels.model_rows import ModelRow, fit_text, model_rows, picker_rows
from tests.support.known_models import BROKEN, make_inspection, make_known, make_unusable

THREE = (
    make_known("starter", ModelSource.STARTER),
    make_known("a"),
    make_known("b", ModelSource.FOLDER),
)


def _texts(*models: KnownModel, name_filter: str = "") -> list[str]:
    return [row.text for row in model_rows(models, 1000, name_filter)]


def _row(model: KnownModel, free_bytes: int = 1000, loaded_path: str = "") -> ModelRow:
    return model_rows([model], free_bytes, loaded_path=loaded_path)[1]


def test_sources_stand_under_their_headings() -> None:
    assert _texts(*THREE) == ["Starter", "starter", "Recent", "a", "In your folders", "b"]


def test_picker_lists_the_loaded_model_first_then_recent_ones_then_all() -> None:
    models = (*THREE, make_known("c"))

    rows = picker_rows(models, 1000, "", "/models/c.gguf")

    assert [row.text for row in rows] == ["Loaded", "c", "Recent", "a", "All", "starter", "b"]
    assert rows[1].is_loaded
    assert rows[6].facts.endswith(" · In your folders")


def test_picker_keeps_its_filter() -> None:
    assert [row.text for row in picker_rows(THREE, 1000, "st")] == ["All", "starter"]


def test_empty_sources_have_no_heading() -> None:
    assert _texts(make_known("a")) == ["Recent", "a"]


def test_filter_keeps_matching_names_and_their_headings() -> None:
    assert _texts(*THREE, make_known("Llama"), name_filter=" lla ") == ["Recent", "Llama"]


def test_filter_finds_the_name_of_the_file_too() -> None:
    model = KnownModel(
        Path("/models/x-Q4_K_M.gguf"), ModelSource.RECENT, inspection=make_inspection("Llama")
    )

    assert _texts(model, name_filter="q4_k_m") == ["Recent", "Llama"]


def test_no_match_leaves_nothing() -> None:
    assert _texts(*THREE, name_filter="zzz") == []


def test_facts_come_from_the_header() -> None:
    row = _row(make_known(num_bytes=4_900_000_000))

    assert row.facts == "llama · 128k context"
    assert (row.parameters, row.quantization, row.size) == ("8.0B", "Q4_K", "4.9 GB")


def test_network_whose_eyes_stay_closed_says_so() -> None:
    assert _row(make_known(is_text_part=True)).facts == "llama · text only · 128k context"


def test_unknown_facts_are_left_out() -> None:
    model = make_known(architecture="", context_length=None, tensor_types={})

    assert (_row(model).facts, _row(model).quantization) == ("", "")


def test_files_that_bear_one_name_differ_by_their_own() -> None:
    model = KnownModel(
        Path("/models/copy.gguf"), ModelSource.FOLDER, inspection=make_inspection("Llama")
    )

    assert _row(model).facts.endswith(" · copy.gguf")
    assert "starter.gguf" not in _row(make_known("starter", ModelSource.STARTER)).facts


def test_model_without_quantization_is_named_by_its_type() -> None:
    assert _row(make_known(tensor_types={"F32": 9})).quantization == "F32"


def test_fit_is_measured_against_free_memory() -> None:
    assert _row(make_known(num_bytes=10), free_bytes=100).fit is Fit.FITS
    assert _row(make_known(num_bytes=1000), free_bytes=100).fit is Fit.TOO_LARGE


def test_loaded_model_is_marked_and_fits() -> None:
    row = _row(make_known("large", num_bytes=10**6), loaded_path="/models/large.gguf")

    assert row.is_loaded
    assert row.fit is Fit.FITS


def test_unusable_file_is_listed_by_its_name_with_the_reason() -> None:
    row = _row(make_unusable("bad"))

    assert (row.text, row.facts, row.fit) == ("bad.gguf", "bad.gguf ends early.", None)
    assert row.error == BROKEN


@pytest.mark.parametrize(("kind", "word"), [("adapter", "adapter"), ("tokenizer", "no weights")])
def test_what_is_no_model_says_what_it_is(kind: str, word: str) -> None:
    row = _row(make_known("x", kind=kind))

    assert row.error is not None
    assert word in row.facts


def test_name_from_a_file_cannot_reverse_the_row() -> None:
    row = _row(make_known("a\u202eb", architecture="c\u202ed"))

    assert "\u202e" not in row.text + row.facts


def test_every_fit_has_words_of_its_own() -> None:
    assert len({fit_text(fit) for fit in (*Fit, None)}) == len(Fit) + 1
