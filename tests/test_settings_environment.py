"""What the settings take from environment variables."""

from __future__ import annotations

from pathlib import Path

import pytest

from realm_desktop.settings import read_environment


def test_environment_variables_are_read() -> None:
    environment = read_environment({"REALM_DATA_DIR": "/srv/realm", "REALM_DEBUG": "1"})

    assert environment.data_dir == Path("/srv/realm")
    assert environment.is_debug


def test_empty_environment_variables_choose_nothing() -> None:
    environment = read_environment({"REALM_DATA_DIR": "", "REALM_DEBUG": "0"})

    assert environment.data_dir is None
    assert not environment.is_debug


@pytest.mark.parametrize(
    ("variables", "folder"),
    [
        ({"HF_HOME": "/srv/hf"}, Path("/srv/hf/hub")),
        ({"HF_HOME": "/srv/hf", "HF_HUB_CACHE": "/srv/cache"}, Path("/srv/cache")),
        ({}, None),
    ],
)
def test_environment_names_the_cache_of_hugging_face(
    variables: dict[str, str], folder: Path | None
) -> None:
    assert read_environment(variables).hugging_face_dir == folder


def test_environment_names_the_models_of_ollama() -> None:
    assert read_environment({"OLLAMA_MODELS": "/srv/o"}).ollama_dir == Path("/srv/o")


def test_environment_of_the_process_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REALM_DATA_DIR", "/srv/other")

    assert read_environment().data_dir == Path("/srv/other")
