"""A lock that lets one process at a time open the database.

The operating system holds it and drops it with the process, however that ends; the file itself may
stay behind and means nothing. It names the holder's process id for the sentence shown to the user.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from io import FileIO
from pathlib import Path

from realm_desktop.errors import AlreadyOpen, StoreError

if sys.platform == "win32":
    import msvcrt

    # A locked byte cannot be read by others on Windows: the lock lies behind the process id.
    _LOCKED_OFFSET = 1 << 30

    def _lock(file: FileIO) -> None:
        file.seek(_LOCKED_OFFSET)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: FileIO) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


class LockFile:
    """Holds the lock from construction to `release`. Belongs to the database that took it."""

    def __init__(self, path: Path) -> None:
        """Take the lock.

        Raises:
            AlreadyOpen: Another process holds it.
            StoreError: The folder cannot be written.
        """
        self.path = path
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Without a buffer: what a full disk refuses would be written, and refused, at the end too.
            self._file: FileIO = path.open("a+b", buffering=0)
        except OSError as error:
            raise StoreError(
                f"the folder {path.parent} cannot be written: {error.strerror or error}",
                advice="Allow writing to this folder or choose another one with --data-dir.",
                file=path.parent,
            ) from error
        try:
            _lock(self._file)
        except OSError as error:
            holder = self._holder()
            self._file.close()
            raise AlreadyOpen(
                f"the conversations in {path.parent} are open in another Realm Desktop{holder}",
                advice="Use the window that is already open, or choose another folder "
                "with --data-dir.",
                file=path,
            ) from error
        # Only for the sentence; a full disk has no room even for this.
        with suppress(OSError):
            self._file.truncate(0)
            self._file.write(str(os.getpid()).encode("ascii"))

    def release(self) -> None:
        """Drop the lock; harmless when it is dropped already."""
        self._file.close()

    def _holder(self) -> str:
        """The holder's process id in words, if the file tells it."""
        self._file.seek(0)
        text = self._file.read(32).strip()
        return f" (process {int(text)})" if text.isdigit() else ""
