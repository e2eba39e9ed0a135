"""Prepared adapters in host memory, so that one that was used lately need not be read again.

Knows neither ids nor slabs: a copy belongs to the state of a file. Owned by the engine thread.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from pathlib import Path
from typing import NamedTuple

from realm_desktop.engine.lora.adapter_file import Adapter
from realm_desktop.formats.file_access import unreadable

_PEFT_FILES = ("adapter_config.json", "adapter_model.safetensors")


class FileStamp(NamedTuple):
    """The state of an adapter's files; equal stamps mean equal content."""

    path: str
    files: tuple[tuple[int, int, int, int], ...]

    @property
    def version(self) -> str:
        """The stamp as a short name."""
        return hashlib.sha256(repr(tuple(self)).encode()).hexdigest()[:16]


def file_stamp(path: Path) -> FileStamp:
    """The present state of the adapter at `path`: device, inode, size and time of each file.

    Raises:
        ModelFileError: It does not exist or may not be looked at.
    """
    is_folder = path.is_dir()
    folder = path if is_folder else path.parent
    paths = [path] if not is_folder else []
    paths += [folder / name for name in _PEFT_FILES if (folder / name) != path]
    try:
        states = [each.stat() for each in paths if each == path or each.exists()]
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error
    return FileStamp(
        str(path.absolute()),
        tuple((state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns) for state in states),
    )


class WarmCopies:
    """Adapters by the state of their files, those used last kept longest.

    Invariant: all copies together take at most `max_bytes`.

    Args:
        max_bytes: Host memory they may take.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._copies: OrderedDict[FileStamp, Adapter] = OrderedDict()
        self.num_bytes = 0

    def __contains__(self, stamp: FileStamp) -> bool:
        return stamp in self._copies

    def get(self, stamp: FileStamp) -> Adapter | None:
        """The copy, which counts as used now; None if there is none."""
        adapter = self._copies.get(stamp)
        if adapter is not None:
            self._copies.move_to_end(stamp)
        return adapter

    def put(self, stamp: FileStamp, adapter: Adapter) -> None:
        """Keep a copy, in place of those that were not used for longest; not one beyond the limit."""
        self.drop(stamp)
        if adapter.num_bytes > self._max_bytes:
            return
        while self.num_bytes + adapter.num_bytes > self._max_bytes:
            self.drop(next(iter(self._copies)))
        self._copies[stamp] = adapter
        self.num_bytes += adapter.num_bytes

    def drop(self, stamp: FileStamp) -> None:
        """Forget a copy, if there is one."""
        adapter = self._copies.pop(stamp, None)
        if adapter is not None:
            self.num_bytes -= adapter.num_bytes
