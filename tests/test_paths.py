"""Data and cache folders."""

from __future__ import annotations

from pathlib import Path

import pytest

from realm_desktop import paths as paths_module
from realm_desktop.errors import SettingsError
from realm_desktop.paths import DataFolderChoice, Paths, find_paths


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
        paths.packed_dir,
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


def test_chosen_folder_is_read_again(tmp_path: Path) -> None:
    choice = DataFolderChoice(tmp_path / "config" / "data-folder")
    assert choice.read() is None

    choice.write(tmp_path / "data")

    assert choice.read() == tmp_path / "data"


def test_chosen_folder_that_is_gone_counts_as_none(tmp_path: Path) -> None:
    choice = DataFolderChoice(tmp_path / "data-folder")
    choice.write(tmp_path / "data")
    (tmp_path / "data").rmdir()

    assert choice.read() is None


def test_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(SettingsError, match="cannot be used"):
        DataFolderChoice(tmp_path / "data-folder").write(tmp_path / "file" / "below")


def test_chosen_folder_holds_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    choice = DataFolderChoice(tmp_path / "data-folder")
    choice.write(tmp_path / "data")
    monkeypatch.setattr(paths_module, "data_folder_choice", lambda: choice)

    assert find_paths().data_dir == tmp_path / "data"
