"""Tests of finding adapters on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from realm_desktop.library import adapter_files
from realm_desktop.library.adapter_files import find_adapters


def _touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")
    return path


def test_file_is_itself_whatever_it_is(tmp_path: Path) -> None:
    file = _touch(tmp_path / "adapter.bin")

    assert find_adapters(file) == [file]


def test_peft_folder_is_one_adapter(tmp_path: Path) -> None:
    _touch(tmp_path / "adapter_config.json")
    _touch(tmp_path / "adapter_model.safetensors")

    assert find_adapters(tmp_path) == [tmp_path]


def test_configuration_stands_for_its_folder(tmp_path: Path) -> None:
    config = _touch(tmp_path / "adapter_config.json")

    assert find_adapters(config) == [tmp_path]


def test_folder_of_adapters_gives_each_by_name(tmp_path: Path) -> None:
    _touch(tmp_path / "b" / "adapter_config.json")
    _touch(tmp_path / "b" / "adapter_model.safetensors")
    _touch(tmp_path / "a.GGUF")
    _touch(tmp_path / "notes.txt")

    assert find_adapters(tmp_path) == [tmp_path / "a.GGUF", tmp_path / "b"]


def test_deep_folders_are_left_alone(tmp_path: Path) -> None:
    _touch(tmp_path / "1/2/3/seen.gguf")
    _touch(tmp_path / "1/2/3/4/unseen.gguf")

    assert [path.name for path in find_adapters(tmp_path)] == ["seen.gguf"]


def test_no_more_than_a_bounded_number_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter_files, "MAX_ADAPTERS", 2)
    for number in range(4):
        _touch(tmp_path / f"{number}.gguf")

    assert len(find_adapters(tmp_path)) == 2


def test_place_that_is_gone_is_left_to_the_reader(tmp_path: Path) -> None:
    assert find_adapters(tmp_path / "gone") == [tmp_path / "gone"]
