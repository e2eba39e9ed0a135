"""The data folder is looked at, its faults are told, and nothing in it is changed."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from realm_desktop.cli.doctor import data_folder
from realm_desktop.cli.doctor.data_folder import (
    can_write,
    describe_data,
    describe_models,
    free_space,
)
from realm_desktop.cli.doctor.findings import Findings
from realm_desktop.paths import Paths
from realm_desktop.store.database import Database
from realm_desktop.store.file_check import DatabaseState, FileCheck
from tests.support.posix import posix_only


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path, tmp_path / "cache")


def _problems(paths: Paths) -> list[str]:
    findings = Findings()
    describe_data(paths, findings)
    return [problem.what for problem in findings.problems]


def test_new_folder_is_sound(paths: Paths) -> None:
    found = describe_data(paths, findings := Findings())

    assert found["database"] == {"state": "missing", "size_bytes": 0}
    assert (found["settings"], found["is_writable"]) == ("missing", True)
    assert findings == Findings()


def test_folder_in_use_is_sound(paths: Paths) -> None:
    Database.open(paths.database_file).close()
    paths.settings_file.write_text('{"version": 1}')
    found = describe_data(paths, Findings())

    assert found["settings"] == "readable"
    assert isinstance(database := found["database"], dict)
    assert database["state"] == "sound"
    assert database["size_bytes"] == paths.database_file.stat().st_size


def test_damaged_settings_are_told_and_stay(paths: Paths) -> None:
    paths.settings_file.write_bytes(b"{")

    assert _problems(paths) == ["the settings cannot be read"]
    assert [item.name for item in paths.data_dir.iterdir()] == ["settings.json"]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (DatabaseState.DAMAGED, "the database is damaged: why"),
        (DatabaseState.NEWER, "the database was written by a newer version (why)"),
        (DatabaseState.UNREADABLE, "the database cannot be read: why"),
    ],
)
def test_fault_of_the_database_is_told(
    paths: Paths, monkeypatch: pytest.MonkeyPatch, state: DatabaseState, words: str
) -> None:
    monkeypatch.setattr(data_folder, "check_database_file", lambda *_: FileCheck(state, "why"))

    assert _problems(paths) == [words]


def test_check_that_was_stopped_is_a_remark(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped = FileCheck(DatabaseState.UNKNOWN)
    monkeypatch.setattr(data_folder, "check_database_file", lambda *_: stopped)
    describe_data(paths, findings := Findings())

    assert not findings.problems
    assert "stopped after" in findings.remarks[0].what


def test_full_disk_is_told(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_folder, "free_space", lambda _: 3_000_000)

    assert _problems(paths) == ["the disk of the data folder has 3 MB free"]


@posix_only
def test_folder_without_the_right_to_write_is_told(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> None:
        raise PermissionError("Permission denied")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)

    assert _problems(paths) == [f"nothing can be written in the data folder {paths.data_dir}"]


def test_folder_to_come_is_judged_by_the_one_above(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "a" / "b"
    assert free_space(folder) > 0
    assert can_write(folder)
    monkeypatch.setattr(os, "access", lambda *_: False)

    assert not can_write(folder)
    assert not folder.parent.exists()


def test_models_are_counted_and_not_named(paths: Paths, tiny_model_path: Path) -> None:
    elsewhere = paths.data_dir / "elsewhere"
    for folder in (paths.models_dir, elsewhere):
        folder.mkdir()
    (paths.models_dir / "secret.gguf").write_bytes(tiny_model_path.read_bytes())
    (elsewhere / "broken.gguf").write_bytes(b"GGUF")
    paths.settings_file.write_text(json.dumps({"engine": {"model_folders": [str(elsewhere), 3]}}))
    found = describe_models(paths, findings := Findings())

    assert (found["folders"], found["files"]) == (2, 2)
    assert found["refused"] == {"CorruptFile": 1}
    assert found["bytes"] == tiny_model_path.stat().st_size + 4
    assert findings.remarks[0].what == "1 of 2 model files cannot be used: CorruptFile 1"


@pytest.mark.parametrize("settings", ["[]", "{", '{"engine": 1}', '{"engine": {}}'])
def test_odd_settings_name_no_folders(paths: Paths, settings: str) -> None:
    paths.settings_file.write_text(settings)

    assert describe_models(paths, Findings())["folders"] == 1
