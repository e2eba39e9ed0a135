"""Where MODEL points."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import pytest

from realm_desktop import assets
from realm_desktop.cli.model_path import draft_path, model_path, packed_folder
from realm_desktop.errors import RealmError
from realm_desktop.paths import find_paths


def test_a_path_is_taken_as_it_is() -> None:
    assert model_path("some/model.gguf") == Path("some/model.gguf")


def test_starter_is_the_embedded_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "resource", lambda *parts: Path("/res", *parts))

    assert model_path("starter") == Path("/res/starter/starter.gguf")


def test_draft_paths_are_those_of_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "resource", lambda *parts: Path("/res", *parts))

    assert draft_path(None) is None
    assert draft_path("some/model.gguf") == "some/model.gguf"
    assert draft_path("starter") == str(Path("/res/starter/starter-draft.gguf"))


def test_a_missing_embedded_model_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "_roots", list)

    with pytest.raises(RealmError, match="starter"):
        model_path("starter")


def test_a_file_called_starter_is_reached_by_its_path() -> None:
    assert model_path("./starter") == Path("starter")


def test_packed_weights_are_those_of_the_window(tmp_path: Path) -> None:
    assert packed_folder(Namespace(data_dir=str(tmp_path))) == str(find_paths(tmp_path).packed_dir)
    assert packed_folder(Namespace(data_dir=None)) == str(find_paths().packed_dir)
