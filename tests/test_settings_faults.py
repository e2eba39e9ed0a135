"""Settings files that are damaged, unreadable, or cannot be written."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from realm_desktop.errors import SettingsError
from realm_desktop.settings import (
    AppearanceSettings,
    Settings,
    SettingsFile,
)

CHANGED = Settings(appearance=AppearanceSettings(theme="dark"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "settings.json"


def _saved(path: Path) -> dict[str, Any]:
    document = json.loads(path.read_bytes())
    assert isinstance(document, dict)
    return document


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 4096,
        b'{"chat": {',
        b"[1]",
        b"7",
        b"\xff\xfe",
        b'{"appearance": {"zoom": NaN}}',
        b'{"appearance": {"zoom": 1e999}}',
        b"[" * 100_000,
        b'{"engine": {"num_threads": ' + b"9" * 5000 + b"}}",
        b" " * (4 * 1024 * 1024 + 1),
    ],
    ids=["empty", "zeroed", "cut", "list", "number", "binary", "nan", "inf", "deep", "long", "big"],
)
def test_damaged_file_is_set_aside_with_its_bytes(path: Path, data: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(data)

    file = SettingsFile(path)

    assert file.current == Settings()
    (problem,) = file.problems
    assert "damaged" in problem.message
    (kept,) = path.parent.iterdir()
    assert kept.name in problem.advice
    assert kept.read_bytes() == data


def test_damaged_file_that_cannot_be_renamed_is_still_a_sentence(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.parent.mkdir()
    path.write_bytes(b"{")

    def refuse(_self: Path, _target: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "rename", refuse)

    assert SettingsFile(path).problems[0].advice == "The damaged file is kept as settings.json."


def test_unreadable_file_is_a_sentence_and_defaults(path: Path) -> None:
    path.mkdir(parents=True)

    file = SettingsFile(path)

    assert file.current == Settings()
    assert "cannot be read" in file.problems[0].message


def test_file_that_could_not_be_read_is_kept_beside_the_next_one(path: Path) -> None:
    path.mkdir(parents=True)
    (path / "mine").touch()
    file = SettingsFile(path)
    file.put(CHANGED)
    file.write_now()

    assert SettingsFile(path).current == CHANGED
    assert [kept.name for kept in path.parent.glob("settings.json.damaged-*/*")] == ["mine"]


def test_folder_that_is_gone_is_not_made_again(path: Path) -> None:
    path.parent.mkdir()
    file = SettingsFile(path)
    file.put(CHANGED)
    path.parent.rename(path.parent.with_name("elsewhere"))

    with pytest.raises(SettingsError, match="its folder is gone"):
        file.write_now()

    assert not path.parent.exists()


def test_file_that_cannot_be_written_is_a_settings_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    file = SettingsFile(tmp_path / "file" / "settings.json")
    file.put(CHANGED)

    with pytest.raises(SettingsError, match="could not be saved") as caught:
        file.write_now()

    assert caught.value.advice
    assert file.current == CHANGED


@pytest.mark.parametrize("call", ["fsync", "replace", "unlink"])
def test_failed_write_leaves_the_old_file(
    path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    file = SettingsFile(path)
    file.write_now()
    before = path.read_bytes()

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    if call != "fsync":
        monkeypatch.setattr(Path, call, fail)
    file.put(CHANGED)

    with pytest.raises(SettingsError, match="No space left"):
        file.write_now()

    assert path.read_bytes() == before
    assert (path.parent / "settings.json.part").exists() == (call == "unlink")


def test_written_file_can_be_written_again_after_a_failure(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = SettingsFile(path)
    file.put(CHANGED)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError(5, "I/O error")))
        with pytest.raises(SettingsError):
            file.write_now()

    file.write_now()

    assert SettingsFile(path).current == CHANGED


def test_write_works_where_folders_cannot_be_synced(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = SettingsFile(path)
    file.put(CHANGED)
    monkeypatch.setattr("realm_desktop.settings._CAN_SYNC_FOLDERS", False)

    file.write_now()

    assert SettingsFile(path).current == CHANGED
