"""How much room files take. Any thread but the GUI's: a folder of models is asked file by file."""

from __future__ import annotations

import os
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


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0
