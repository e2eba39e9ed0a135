"""Unpacks wheels into one folder, which appears as a whole or not at all.

A wheel is a ZIP file whose tree is that of the packages (PyPA, binary distribution format 1.0). Runs in
a thread. The wheels were verified when they were downloaded; their names are still not trusted.
"""

from __future__ import annotations

import os
import shutil
import stat
import zipfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath
from typing import Final

from realm_desktop.errors import DownloadError
from realm_desktop.library.partial_file import disk_error, require_space

_LIBRARIES: Final = ("purelib", "platlib")
"""Parts of `<name>.data` that belong beside the packages; scripts and headers are for others."""

_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""The others of ZIP have errors of their own, and no wheel uses them."""

_FAULTS: Final = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError)
"""A disk that lost bits meanwhile shows as any of these."""

_ENCRYPTED: Final = 1
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
    partial, former = _rests(folder)
    remove_rests(folder)
    try:
        partial.mkdir(mode=0o700, parents=True)
        require_space(partial, sum(map(_unpacked_bytes, wheels)))
        for wheel in wheels:
            _unpack(wheel, partial, tick)
        if folder.exists():
            folder.rename(former)
        partial.rename(folder)
    except OSError as error:
        raise disk_error(folder, error) from error
    finally:
        remove_rests(folder)


def remove_rests(folder: Path) -> None:
    """Delete what an attempt left that was killed: gigabytes, beside `folder`."""
    for rest in _rests(folder):
        shutil.rmtree(rest, ignore_errors=True)


def _rests(folder: Path) -> tuple[Path, Path]:
    """What is unpacked, and what it replaces, until both have their names."""
    return folder.with_name(f"{folder.name}.part"), folder.with_name(f"{folder.name}.old")


def _unpacked_bytes(wheel: Path) -> int:
    try:
        with zipfile.ZipFile(wheel) as archive:
            return sum(entry.file_size for entry in archive.infolist())
    except _FAULTS as error:
        raise _damaged(wheel) from error


def _unpack(wheel: Path, folder: Path, tick: Callable[[], None]) -> None:
    try:
        with zipfile.ZipFile(wheel) as archive:
            for entry in archive.infolist():
                tick()
                place = _place(wheel, entry)
                if place is not None:
                    _write(archive, entry, folder.joinpath(*place.parts))
    except _FAULTS as error:
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
        DownloadError: It leads out of the folder, is a link, or is packed in a way of no wheel.
    """
    path = PurePosixPath(entry.filename)
    is_link = stat.S_ISLNK(entry.external_attr >> 16)
    # Windows drops dots and spaces at the end: ".. " would be the folder above.
    is_foreign = any(part[-1] in " ." for part in path.parts) or not path.parts
    if path.is_absolute() or is_foreign or is_link or set(entry.filename) & set("\\:"):
        raise _damaged(wheel)
    if entry.compress_type not in _METHODS or entry.flag_bits & _ENCRYPTED:
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
