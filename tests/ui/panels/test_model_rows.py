"""Tests of the rows of the model picker."""

from __future__ import annotations

from realm_desktop.library.model_files import Fit, FoundModel
from realm_desktop.ui.panels.model_rows import ModelSections, fit_text, model_rows


def _model(name: str, size_bytes: int = 10) -> FoundModel:
    return FoundModel(f"/models/{name}.gguf", name, size_bytes, "/models")


def _texts(sections: ModelSections, name_filter: str = "", loaded: str = "") -> list[str]:
    return [row.text for row in model_rows(sections, name_filter, loaded)]


def test_sections_stand_under_their_headings() -> None:
    sections = ModelSections(_model("starter"), (_model("a"),), (_model("b"),), 1000)

    assert _texts(sections) == ["Starter", "starter", "Recent", "a", "In your folders", "b"]


def test_empty_sections_have_no_heading() -> None:
    assert _texts(ModelSections(recent=(_model("a"),))) == ["Recent", "a"]


def test_model_is_listed_once() -> None:
    sections = ModelSections(_model("a"), (_model("a"), _model("b")), (_model("b"),))

    assert _texts(sections) == ["Starter", "a", "Recent", "b"]


def test_filter_keeps_matching_names_and_their_headings() -> None:
    sections = ModelSections(_model("starter"), (_model("Llama"), _model("Qwen")))

    assert _texts(sections, "lla") == ["Recent", "Llama"]


def test_no_match_leaves_nothing() -> None:
    assert _texts(ModelSections(_model("starter")), "zzz") == []


def test_fit_is_measured_against_free_memory() -> None:
    sections = ModelSections(recent=(_model("small", 10), _model("large", 1000)), free_bytes=100)
    rows = [row for row in model_rows(sections, "", "") if not row.is_heading]

    assert [row.fit for row in rows] == [Fit.FITS, Fit.TOO_LARGE]


def test_loaded_model_is_marked_and_fits() -> None:
    sections = ModelSections(recent=(_model("large", 1000),), free_bytes=100)
    row = model_rows(sections, "", "/models/large.gguf")[1]

    assert row.is_loaded
    assert row.fit is Fit.FITS


def test_name_from_a_file_cannot_reverse_the_row() -> None:
    sections = ModelSections(recent=(_model("a\u202eb"),))

    assert "\u202e" not in _texts(sections)[1]


def test_every_fit_has_words_of_its_own() -> None:
    assert len({fit_text(fit) for fit in Fit}) == len(Fit)
