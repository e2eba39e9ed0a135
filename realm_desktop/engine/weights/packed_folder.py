"""The folder of kept weights: what goes where there is no room, and what dead writers left there.

Several processes share it without a lock: a file appears whole, and may go at any moment. Runs on the
thread of `packed_store` that writes, but for `remove`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from realm_desktop.formats.corruption import quote

logger = logging.getLogger(__name__)

SUFFIX: Final = ".packed"
"""Of a file that is whole; what is being written has more behind it."""

_STALE_S = 600.0


class _Found(NamedTuple):
    path: Path
    num_bytes: int
    written_s: float

    @property
    def is_whole(self) -> bool:
        return self.path.name.endswith(SUFFIX)


def remove(path: Path) -> bool:
    """Remove a file; whether it is gone."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:  # Windows removes no file that a process has mapped
        logger.info("%s stays: %s", quote(path.name), error)
        return False
    return True


def make_room(folder: Path, most_bytes: int, in_use: Collection[str]) -> bool:
    """Remove the least recently used files until all of them take at most so many bytes.

    And what writers left that died.

    Args:
        folder: Nothing in it is touched but kept weights.
        most_bytes: Of all that stays.
        in_use: Names of files that stay in any case.

    Returns:
        Whether there is room; if there cannot be, no whole file is removed.
    """
    # A writer touches its file every few seconds; an older one belongs to a process that died.
    stale_s = time.time() - _STALE_S
    found = [
        file
        for file in _files(folder)
        if file.is_whole or file.written_s > stale_s or not remove(file.path)
    ]
    total = sum(file.num_bytes for file in found)
    free = [file for file in found if file.is_whole and file.path.name not in in_use]
    if total - sum(file.num_bytes for file in free) > most_bytes:
        return False
    for file in sorted(free, key=lambda file: file.written_s):
        if total <= most_bytes:
            break
        if remove(file.path):
            total -= file.num_bytes
    return total <= most_bytes


def _files(folder: Path) -> list[_Found]:
    found = []
    for path in folder.glob(f"*{SUFFIX}*"):
        with suppress(OSError):  # another process has just removed it
            status = path.stat()
            found.append(_Found(path, status.st_size, status.st_mtime))
    return found
