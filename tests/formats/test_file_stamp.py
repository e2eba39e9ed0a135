"""Stamps of files: the same for the same content, others for others."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from realm_desktop.formats.file_stamp import FileStamp


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "model.gguf"
    path.write_bytes(b"weights")
    return path


def stamp(path: Path) -> FileStamp:
    with path.open("rb") as file:
        return FileStamp.of_open(file, path)


def _longer(path: Path) -> None:
    path.write_bytes(b"more weights")


def _touched(path: Path) -> None:
    os.utime(path, ns=(0, 1))


def _gone(path: Path) -> None:
    path.unlink()


def test_file_that_is_only_read_stays_the_same(path: Path) -> None:
    first = stamp(path)
    path.read_bytes()

    assert first.is_current()
    assert stamp(path) == first


@pytest.mark.parametrize("change", [_longer, _touched, _gone])
def test_changed_file_is_another(path: Path, change: Callable[[Path], None]) -> None:
    first = stamp(path)
    change(path)

    assert not first.is_current()


def test_file_at_another_place_is_another(path: Path, tmp_path: Path) -> None:
    first = stamp(path)

    assert first != stamp(path.rename(tmp_path / "other.gguf"))
    assert first.path == path


@pytest.mark.skipif(sys.platform == "win32", reason="there the second date is that of the copy")
def test_date_that_was_set_back_hides_nothing(path: Path) -> None:
    first, found = stamp(path), path.stat()
    while path.stat().st_ctime_ns == found.st_ctime_ns:  # the clock of files is a coarse one
        path.write_bytes(b"changed")
        os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))

    assert (path.stat().st_size, path.stat().st_mtime_ns) == (found.st_size, found.st_mtime_ns)
    assert not first.is_current()


@pytest.mark.skipif(
    sys.platform == "win32", reason="no file can be replaced there while it is open"
)
def test_stamp_is_of_the_file_that_was_opened(path: Path) -> None:
    with path.open("rb") as file:
        other = path.with_name("other")
        other.write_bytes(b"other weights")
        other.replace(path)

        opened = FileStamp.of_open(file, path)

    assert opened.num_bytes == len(b"weights")
    assert not opened.is_current()
