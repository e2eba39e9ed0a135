"""Tests of how a draft model is found."""

from __future__ import annotations

from pathlib import Path

from realm_desktop.assets import resource
from realm_desktop.formats.draft_companion import draft_companion


def test_starter_names_its_draft_model() -> None:
    found = draft_companion(resource("starter", "starter.gguf"))

    assert found == resource("starter", "starter-draft.gguf")


def test_folder_with_a_dot_in_its_name_has_a_companion(tmp_path: Path) -> None:
    model, draft = tmp_path / "Llama-3.2", tmp_path / "Llama-3.2-draft"
    model.mkdir()
    draft.mkdir()

    assert draft_companion(model) == draft


def test_file_takes_no_draft_of_another_kind(tmp_path: Path) -> None:
    (tmp_path / "a-draft.safetensors").touch()

    assert draft_companion(tmp_path / "a.gguf") is None


def test_draft_model_has_no_draft_model_itself(tmp_path: Path) -> None:
    (tmp_path / "a-draft-draft.gguf").touch()

    assert draft_companion(tmp_path / "a-draft.gguf") is None


def test_lone_model_has_none(tmp_path: Path) -> None:
    (tmp_path / "a.gguf").touch()

    assert draft_companion(tmp_path / "a.gguf") is None
