"""Tests of finding model files."""

from __future__ import annotations

from pathlib import Path

import pytest

from realm_desktop.library import model_files
from realm_desktop.library.model_files import (
    Fit,
    describe,
    describe_all,
    find_models,
    fit_of,
    memory_for_models,
)


def _write(path: Path, size: int = 8) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    return path


def _titles(folder: Path) -> list[str]:
    return [model.title for model in find_models(folder)]


def test_gguf_files_are_found_in_any_depth_allowed(tmp_path: Path) -> None:
    _write(tmp_path / "b.gguf")
    _write(tmp_path / "1" / "2" / "3" / "4" / "A.GGUF")
    _write(tmp_path / "1" / "2" / "3" / "4" / "5" / "too-deep.gguf")

    assert _titles(tmp_path) == ["A", "b"]


def test_other_files_are_left_out(tmp_path: Path) -> None:
    _write(tmp_path / "notes.txt")
    _write(tmp_path / "model.bin")

    assert _titles(tmp_path) == []


def test_folder_with_config_is_one_model(tmp_path: Path) -> None:
    _write(tmp_path / "gemma" / "config.json")
    _write(tmp_path / "gemma" / "model-00001-of-00002.safetensors", 100)
    _write(tmp_path / "gemma" / "model-00002-of-00002.safetensors", 50)

    found = find_models(tmp_path)

    assert [(model.title, model.size_bytes) for model in found] == [("gemma", 150)]
    assert found[0].path == str(tmp_path / "gemma")


def test_safetensors_without_config_stand_alone(tmp_path: Path) -> None:
    _write(tmp_path / "lone.safetensors")

    assert _titles(tmp_path) == ["lone"]


def test_config_without_weights_is_no_model(tmp_path: Path) -> None:
    _write(tmp_path / "config.json")

    assert _titles(tmp_path) == []


def test_later_shards_belong_to_the_first(tmp_path: Path) -> None:
    for number in (1, 2, 3):
        _write(tmp_path / f"big-{number:05d}-of-00003.gguf")

    assert _titles(tmp_path) == ["big-00001-of-00003"]


def test_loop_of_links_ends(tmp_path: Path) -> None:
    _write(tmp_path / "models" / "a.gguf")
    try:
        (tmp_path / "models" / "again").symlink_to(tmp_path / "models", target_is_directory=True)
    except OSError:
        pytest.skip("this system makes no links")

    assert _titles(tmp_path) == ["a"]


def test_missing_folder_holds_nothing(tmp_path: Path) -> None:
    assert _titles(tmp_path / "gone") == []


def test_number_of_models_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_files, "MAX_MODELS", 3)
    for number in range(5):
        _write(tmp_path / f"{number}.gguf")

    assert len(_titles(tmp_path)) == 3


def test_dangling_link_is_left_out(tmp_path: Path) -> None:
    try:
        (tmp_path / "gone.gguf").symlink_to(tmp_path / "nowhere.gguf")
    except OSError:
        pytest.skip("this system makes no links")

    assert _titles(tmp_path) == []


def test_description_has_title_size_and_folder(tmp_path: Path) -> None:
    model = describe(_write(tmp_path / "Llama-3.1-8B.Q4_K_M.gguf", 40))

    assert model is not None
    assert (model.title, model.size_bytes) == ("Llama-3.1-8B.Q4_K_M", 40)
    assert model.folder == str(tmp_path)


def test_description_of_what_is_gone_is_none(tmp_path: Path) -> None:
    assert describe(tmp_path / "gone.gguf") is None
    assert describe(tmp_path) is None


def test_descriptions_keep_the_order_and_drop_the_gone(tmp_path: Path) -> None:
    paths = [_write(tmp_path / name) for name in ("b.gguf", "a.gguf")]

    found = describe_all([str(paths[0]), str(tmp_path / "gone.gguf"), str(paths[1])])

    assert [model.title for model in found] == ["b", "a"]


@pytest.mark.parametrize(
    ("size_bytes", "free_bytes", "fit"),
    [
        (100, 200, Fit.FITS),
        (100, 115, Fit.FITS),
        (100, 114, Fit.TIGHT),
        (100, 100, Fit.TIGHT),
        (100, 99, Fit.TOO_LARGE),
    ],
)
def test_fit_compares_size_with_free_memory(size_bytes: int, free_bytes: int, fit: Fit) -> None:
    assert fit_of(size_bytes, free_bytes) is fit


def test_memory_of_this_machine_is_known() -> None:
    assert memory_for_models() > 0
