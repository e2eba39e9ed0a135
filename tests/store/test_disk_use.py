"""Room that files take."""

from __future__ import annotations

from pathlib import Path

import pytest

from realm_desktop.store.disk_use import clear_folder, file_bytes, folder_bytes


def test_folders_are_counted_with_what_lies_in_them(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "x").write_bytes(b"123")
    (tmp_path / "a" / "b" / "y").write_bytes(b"4567")

    assert folder_bytes(tmp_path) == 7
    assert file_bytes(tmp_path / "a" / "x", tmp_path / "none") == 3


def test_folder_that_is_not_there_takes_no_room(tmp_path: Path) -> None:
    assert folder_bytes(tmp_path / "none") == 0


def test_cleared_folder_takes_no_room(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"123")

    assert clear_folder(tmp_path) == 0
    assert clear_folder(tmp_path / "none") == 0


def test_what_cannot_be_removed_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x").write_bytes(b"123")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError  # as Windows does for a file that a process has mapped

    monkeypatch.setattr(Path, "unlink", refuse)

    assert clear_folder(tmp_path) == 3
