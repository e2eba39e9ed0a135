"""How much room files take, and gives it back. Any thread but the GUI's: folders are asked file by file."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def file_bytes(*paths: Path) -> int:
    """The sizes of these files together; one that is not there has none."""
    return sum(_size(path) for path in paths)


def folder_bytes(folder: Path) -> int:
    """The sizes of all files below a folder; links are not followed."""
    total = 0
    for parent, _, names in os.walk(folder):
        total += sum(_size(Path(parent, name)) for name in names)
    return total


def clear_folder(folder: Path) -> int:
    """Remove the files in a folder that can be computed again; the bytes of those that stay.

    A file that a process has mapped stays on Windows.
    """
    for path in folder.glob("*"):
        with suppress(OSError):
            path.unlink()
    return folder_bytes(folder)


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0
