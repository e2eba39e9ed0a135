"""What brings models and adapters here, made once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from realm_desktop.library.hub_token import write_token
from realm_desktop.library.other_apps import OtherApp
from realm_desktop.library.sources import Sources, make_sources
from realm_desktop.network_settings import DEFAULT_HUB, NetworkSettings
from realm_desktop.paths import find_paths
from realm_desktop.settings import Environment
from tests.support.audit import recorded_access


def _sources(folder: Path, environment: Environment | None = None) -> Sources:
    paths = find_paths(folder)
    return make_sources(
        paths, NetworkSettings(), environment or Environment(), home=folder / "home"
    )


def test_downloads_go_to_the_data_folder(tmp_path: Path) -> None:
    sources = _sources(tmp_path)

    assert (sources.models_dir, sources.adapters_dir) == (
        tmp_path / "models",
        tmp_path / "adapters",
    )
    assert sources.gate.settings.hub_endpoint == DEFAULT_HUB


def test_making_them_asks_nobody_and_writes_nothing(tmp_path: Path) -> None:
    with recorded_access() as audit:
        _sources(tmp_path)

    assert audit.foreign == []
    assert list(tmp_path.iterdir()) == []


def test_the_environment_moves_the_places_of_other_programs(tmp_path: Path) -> None:
    environment = Environment(ollama_dir=tmp_path / "o", hugging_face_dir=tmp_path / "h")

    places = _sources(tmp_path, environment).places

    assert places[OtherApp.OLLAMA] == (tmp_path / "o",)
    assert places[OtherApp.HUGGING_FACE] == (tmp_path / "h",)


def test_a_token_is_found_where_it_was_kept(tmp_path: Path) -> None:
    sources = _sources(tmp_path)
    write_token(sources.token_file, DEFAULT_HUB, "hf_mine")

    assert sources.hub._token(DEFAULT_HUB) == "hf_mine"
    assert sources.downloads._token("https://mirror.example") == ""


def test_a_user_without_a_home_has_sources_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", homeless)

    sources = make_sources(find_paths(tmp_path), NetworkSettings(), Environment())

    assert not any(folder.exists() for folder in sources.places[OtherApp.LM_STUDIO])


def test_the_window_loads_no_http_before_something_is_asked() -> None:
    code = "import sys, realm_desktop.app; print(*{'httpx2', 'huggingface_hub'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == ""
