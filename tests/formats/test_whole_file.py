"""Files and folders that are there whole or not at all."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from realm_desktop.errors import ExportError
from realm_desktop.formats.whole_file import whole_file, whole_folder


class Stop(Exception):
    """Ends a block."""


def _listed(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_file_has_its_name_once_it_is_whole(tmp_path: Path) -> None:
    with whole_file(tmp_path / "a", 3) as file:
        file.write(b"abc")
        assert _listed(tmp_path) == ["a.part"]

    assert _listed(tmp_path) == ["a"]
    assert (tmp_path / "a").read_bytes() == b"abc"


def test_file_that_is_given_up_leaves_nothing(tmp_path: Path) -> None:
    def give_up() -> None:
        with whole_file(tmp_path / "a", 3) as file:
            file.write(b"a")
            raise Stop

    with pytest.raises(Stop):
        give_up()
    assert _listed(tmp_path) == []


def test_folder_has_its_name_once_it_is_whole(tmp_path: Path) -> None:
    with whole_folder(tmp_path / "a", 3) as folder:
        (folder / "b").write_bytes(b"abc")
        assert _listed(tmp_path) == ["a.part"]

    assert _listed(tmp_path / "a") == ["b"]


def test_files_of_a_folder_are_on_the_disk_before_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []

    def sync(descriptor: int) -> None:
        assert _listed(tmp_path) == ["a.part"]
        synced.append(os.fstat(descriptor).st_size)

    monkeypatch.setattr(os, "fsync", sync)
    with whole_folder(tmp_path / "a", 3) as folder:
        (folder / "b").write_bytes(b"abc")
        (folder / "c").write_bytes(b"de")

    assert sorted(synced) == [2, 3]


def test_rest_of_a_process_that_died_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "a.part").mkdir()
    (tmp_path / "a.part" / "old").touch()

    with whole_folder(tmp_path / "a", 3) as folder:
        (folder / "b").write_bytes(b"abc")

    assert _listed(tmp_path / "a") == ["b"]


def test_folder_that_is_given_up_leaves_nothing(tmp_path: Path) -> None:
    def give_up() -> None:
        with whole_folder(tmp_path / "a", 3) as folder:
            (folder / "b").write_bytes(b"abc")
            raise Stop

    with pytest.raises(Stop):
        give_up()
    assert _listed(tmp_path) == []


@pytest.mark.parametrize("make", [whole_file, whole_folder])
def test_what_is_there_is_not_replaced(tmp_path: Path, make: type) -> None:
    (tmp_path / "a").write_bytes(b"old")

    with pytest.raises(ExportError, match="a exists already"), make(tmp_path / "a", 3):
        pass
    assert (tmp_path / "a").read_bytes() == b"old"


def test_full_disk_is_told_before_the_first_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=70 * 2**20))

    place = whole_file(tmp_path / "a", 10 * 2**20)
    with pytest.raises(ExportError, match="needs 74 MB; the disk has 70 MB free"), place:
        pass
    assert _listed(tmp_path) == []


def test_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="cannot be written"), whole_file(tmp_path / "x" / "a", 3):
        pass
