"""Unpacks wheels into one folder, which appears as a whole or not at all.

A wheel is a ZIP file whose tree is that of the packages (PyPA, binary distribution format 1.0). Runs in
a thread. The wheels were verified when they were downloaded; their names are still not trusted.
"""

from __future__ import annotations

import os
import shutil
import stat
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath
from typing import Final

from realm_desktop.errors import DownloadError
from realm_desktop.library.partial_file import disk_error, require_space

_LIBRARIES: Final = ("purelib", "platlib")
"""Parts of `<name>.data` that belong beside the packages; scripts and headers are for others."""

_EXECUTABLE: Final = 0o111


def unpack_wheels(wheels: Sequence[Path], folder: Path, tick: Callable[[], None]) -> None:
    """Make `folder` hold the packages of all wheels, and nothing else.

    Args:
        wheels: Read one after the other.
        folder: Replaced if it is there.
        tick: Called for every file; raises to end it.

    Raises:
        DownloadError: A wheel is damaged or leads elsewhere, or the disk refuses.
    """
    partial = folder.with_name(f"{folder.name}.part")
    former = folder.with_name(f"{folder.name}.old")
    try:
        for rest in (partial, former):
            shutil.rmtree(rest, ignore_errors=True)
        partial.mkdir(parents=True)
        require_space(partial, sum(map(_unpacked_bytes, wheels)))
        for wheel in wheels:
            _unpack(wheel, partial, tick)
        if folder.exists():
            folder.rename(former)
        partial.rename(folder)
    except OSError as error:
        raise disk_error(folder, error) from error
    finally:
        for rest in (partial, former):
            shutil.rmtree(rest, ignore_errors=True)


def _unpacked_bytes(wheel: Path) -> int:
    try:
        with zipfile.ZipFile(wheel) as archive:
            return sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile as error:
        raise _damaged(wheel) from error


def _unpack(wheel: Path, folder: Path, tick: Callable[[], None]) -> None:
    try:
        with zipfile.ZipFile(wheel) as archive:
            for entry in archive.infolist():
                tick()
                place = _place(wheel, entry)
                if place is not None:
                    _write(archive, entry, folder.joinpath(*place.parts))
    except (zipfile.BadZipFile, EOFError, NotImplementedError) as error:
        raise _damaged(wheel) from error


def _write(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(entry) as packed, target.open("wb") as file:
        shutil.copyfileobj(packed, file, 2**20)
    # Assemblers and helpers of CUDA are programs.
    if os.name == "posix" and entry.external_attr >> 16 & _EXECUTABLE:
        target.chmod(target.stat().st_mode | _EXECUTABLE)


def _place(wheel: Path, entry: zipfile.ZipInfo) -> PurePosixPath | None:
    """Where an entry goes, inside the folder; None if it is left out.

    Raises:
        DownloadError: It leads out of the folder, or is a link.
    """
    path = PurePosixPath(entry.filename)
    is_link = stat.S_ISLNK(entry.external_attr >> 16)
    if path.is_absolute() or ".." in path.parts or "\\" in entry.filename or is_link:
        raise _damaged(wheel)
    if ":" in entry.filename or not path.parts:
        raise _damaged(wheel)
    if entry.is_dir():
        return None
    if not path.parts[0].endswith(".data"):
        return path
    is_library = len(path.parts) > 2 and path.parts[1] in _LIBRARIES
    return PurePosixPath(*path.parts[2:]) if is_library else None


def _damaged(wheel: Path) -> DownloadError:
    return DownloadError(
        f"{wheel.name} is no wheel that can be unpacked",
        advice="Remove it from the downloads, then try again.",
        file=wheel,
        field="content",
    )
