"""Tests of finding model files."""

from __future__ import annotations

from pathlib import Path

import pytest

from realm_desktop.library import model_files
from realm_desktop.library.model_files import find_models


def _write(path: Path, size: int = 8) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    return path


def _names(folder: Path) -> list[str]:
    return [path.stem for path in find_models(folder)]


def test_gguf_files_are_found_in_any_depth_allowed(tmp_path: Path) -> None:
    _write(tmp_path / "b.gguf")
    _write(tmp_path / "1" / "2" / "3" / "4" / "A.GGUF")
    _write(tmp_path / "1" / "2" / "3" / "4" / "5" / "too-deep.gguf")

    assert _names(tmp_path) == ["A", "b"]


def test_other_files_are_left_out(tmp_path: Path) -> None:
    _write(tmp_path / "notes.txt")
    _write(tmp_path / "model.bin")

    assert _names(tmp_path) == []


def test_folder_with_config_is_one_model(tmp_path: Path) -> None:
    _write(tmp_path / "gemma" / "config.json")
    _write(tmp_path / "gemma" / "model-00001-of-00002.safetensors", 100)
    _write(tmp_path / "gemma" / "model-00002-of-00002.safetensors", 50)

    assert find_models(tmp_path) == [tmp_path / "gemma"]


def test_safetensors_without_config_stand_alone(tmp_path: Path) -> None:
    _write(tmp_path / "lone.safetensors")

    assert _names(tmp_path) == ["lone"]


def test_config_without_weights_is_no_model(tmp_path: Path) -> None:
    _write(tmp_path / "config.json")

    assert _names(tmp_path) == []


def test_later_shards_belong_to_the_first(tmp_path: Path) -> None:
    for number in (1, 2, 3):
        _write(tmp_path / f"big-{number:05d}-of-00003.gguf")

    assert _names(tmp_path) == ["big-00001-of-00003"]


def test_loop_of_links_ends(tmp_path: Path) -> None:
    _write(tmp_path / "models" / "a.gguf")
    try:
        (tmp_path / "models" / "again").symlink_to(tmp_path / "models", target_is_directory=True)
    except OSError:
        pytest.skip("this user may not make links (Windows without developer mode)")

    assert _names(tmp_path) == ["a"]


def test_missing_folder_holds_nothing(tmp_path: Path) -> None:
    assert _names(tmp_path / "gone") == []


def test_number_of_models_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_files, "MAX_MODELS", 3)
    for number in range(5):
        _write(tmp_path / f"{number}.gguf")

    assert len(_names(tmp_path)) == 3
