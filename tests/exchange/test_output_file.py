"""Exported files are there whole or not at all."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from realm_desktop.errors import ExportError
from realm_desktop.exchange.output_file import output_file, write_data


class _Usage(NamedTuple):
    free: int


def test_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")

    asyncio.run(write_data(path, b"new"))

    assert path.read_text() == "new"


def test_failure_leaves_the_old_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")

    async def fail() -> None:
        async with output_file(path) as file:
            file.write(b"half")
            raise OSError(28, "No space left on device")

    with pytest.raises(ExportError, match="No space left on device"):
        asyncio.run(fail())
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_full_disk_is_told_before_the_first_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: _Usage(10))

    with pytest.raises(ExportError, match="the disk has 0 MB free"):
        asyncio.run(write_data(tmp_path / "a.txt", b"new"))
    assert not list(tmp_path.iterdir())


def test_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"a\.txt cannot be written"):
        asyncio.run(write_data(tmp_path / "none" / "a.txt", b"new"))


def test_cancelled_export_leaves_nothing(tmp_path: Path) -> None:
    async def work() -> None:
        async with output_file(tmp_path / "a.txt") as file:
            file.write(b"half")
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(work())
    assert not list(tmp_path.iterdir())
