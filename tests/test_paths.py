"""Data and cache folders."""

from __future__ import annotations

from pathlib import Path

import pytest

from realm_desktop.errors import SettingsError
from realm_desktop.paths import Paths, find_paths


def test_chosen_folder_holds_every_file(tmp_path: Path) -> None:
    paths = find_paths(tmp_path / "data")

    for path in (
        paths.cache_dir,
        paths.settings_file,
        paths.database_file,
        paths.backups_dir,
        paths.call_file,
        paths.models_dir,
        paths.adapters_dir,
        paths.logs_dir,
    ):
        assert path.is_relative_to(tmp_path / "data")


def test_default_folders_are_absolute_and_named_after_the_app() -> None:
    paths = find_paths()

    assert paths.data_dir.is_absolute()
    assert paths.cache_dir.is_absolute()
    assert "realm-desktop" in str(paths.data_dir)


def test_home_sign_in_the_chosen_folder_is_expanded() -> None:
    assert find_paths(Path("~/realm")).data_dir == Path.home() / "realm"


def test_create_makes_private_folders_and_accepts_existing_ones(tmp_path: Path) -> None:
    paths = find_paths(tmp_path / "a" / "b")

    paths.create()
    paths.create()

    assert paths.data_dir.is_dir()
    assert paths.cache_dir.is_dir()


def test_create_names_the_folder_that_cannot_exist(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()

    with pytest.raises(SettingsError, match="cannot be created") as caught:
        Paths(file / "data", tmp_path / "cache").create()

    assert caught.value.file == str(file / "data")
    assert caught.value.advice


def test_odd_names_make_folders(tmp_path: Path) -> None:
    paths = find_paths(tmp_path / "ünï 'quoted' 漢字 %41")

    paths.create()

    assert paths.data_dir.is_dir()
