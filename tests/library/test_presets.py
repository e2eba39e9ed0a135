"""Presets as files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from realm_desktop.errors import SettingsError
from realm_desktop.library.presets import (
    FORMAT,
    MAX_FILE_BYTES,
    Preset,
    list_presets,
    read_preset,
    save_preset,
    write_preset,
)

CAREFUL = Preset("Careful", {"sampling.temperature": 0.2, "of.a.later.version": [1]})


def test_preset_survives_its_file(tmp_path: Path) -> None:
    write_preset(tmp_path / "p.json", CAREFUL)

    assert read_preset(tmp_path / "p.json") == CAREFUL


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "JSON error"),
        ("[]", "format"),
        ('{"format": "other"}', "format"),
        (f'{{"format": "{FORMAT}", "name": " ", "values": {{}}}}', "a name and values"),
        (f'{{"format": "{FORMAT}", "name": "a", "values": []}}', "a name and values"),
        (
            f'{{"format": "{FORMAT}", "name": "a", "values": {{"sampling.top_p": 2}}}}',
            "Top p is 2",
        ),
        (" " * (MAX_FILE_BYTES + 1), "format"),
    ],
)
def test_file_that_is_no_preset_is_refused(tmp_path: Path, content: str, reason: str) -> None:
    path = tmp_path / "p.json"
    path.write_text(content)

    with pytest.raises(SettingsError, match=reason) as caught:
        read_preset(path)

    assert "p.json" in caught.value.message


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        read_preset(tmp_path / "none.json")


def test_list_has_presets_by_name_and_bad_files_apart(tmp_path: Path) -> None:
    for name in ("wild", "Brief"):
        save_preset(tmp_path, Preset(name, {}))
    (tmp_path / "bad.json").write_text("{")
    found = list_presets(tmp_path)

    assert [preset.name for preset in found.presets] == ["Brief", "wild"]
    assert len(found.problems) == 1
    assert found.get("wild") is not None
    assert found.get("gone") is None


def test_folder_that_is_not_there_has_no_presets(tmp_path: Path) -> None:
    assert list_presets(tmp_path / "none").presets == ()


def test_saving_again_replaces_the_file_of_that_name(tmp_path: Path) -> None:
    save_preset(tmp_path, Preset("a", {}))
    (tmp_path / "a.json").rename(tmp_path / "renamed.json")
    save_preset(tmp_path, Preset("a", {"sampling.top_k": 3}))

    assert [path.name for path in tmp_path.iterdir()] == ["renamed.json"]
    assert json.loads((tmp_path / "renamed.json").read_text())["values"] == {"sampling.top_k": 3}


@pytest.mark.parametrize("name", ["../../etc", "a/b", "...", "ä ö", "CON\n"])
def test_any_name_gives_a_file_in_the_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "presets"
    save_preset(folder, Preset(name, {}))

    (path,) = folder.iterdir()
    assert path.suffix == ".json"
    assert read_preset(path).name == name.strip()


def test_names_that_are_alike_as_files_get_two(tmp_path: Path) -> None:
    save_preset(tmp_path, Preset("a/b", {}))
    save_preset(tmp_path, Preset("A-B", {}))

    assert {preset.name for preset in list_presets(tmp_path).presets} == {"a/b", "A-B"}


def test_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(SettingsError, match="cannot be written"):
        save_preset(tmp_path / "file", CAREFUL)
