"""A whole file mapped into memory, read-only, and its lifetime."""

from __future__ import annotations

import errno
import mmap
import sys
from pathlib import Path
from typing import BinaryIO

from realm_desktop.errors import ModelFileError
from realm_desktop.formats.corruption import quote
from realm_desktop.formats.file_stamp import FileStamp

# Linux 5.14 and later; the module has no name for it yet.
_MADV_POPULATE_READ = 22
# A call holds the interpreter's lock: other threads get their turn between the pieces.
_PIECE_BYTES = 32 << 20


class MappedFile:
    """Owns one read-only mapping.

    A view handed out keeps the memory alive after `close`, so a tensor that aliases it stays valid.

    Args:
        file: Open for reading; may be closed right after.
        path: Named in errors.
        size_bytes: Bytes of the file when its header was read.

    Attributes:
        stamp: Of the file as it was mapped.

    Raises:
        ModelFileError: The system refuses the mapping, or the file changed its size.
    """

    def __init__(self, file: BinaryIO, path: Path, size_bytes: int) -> None:
        self.path = path
        self.size_bytes = size_bytes
        try:
            self.stamp = FileStamp.of_open(file, path)
            self._mapping: mmap.mmap | None = mmap.mmap(
                file.fileno(), size_bytes, access=mmap.ACCESS_READ
            )
        except (OSError, ValueError) as error:
            raise ModelFileError(
                f"{quote(path.name)} ({size_bytes} bytes) cannot be mapped into memory: {error}.",
                advice="Copy the file to a local disk with free space and try again.",
                file=path,
            ) from error

    def view(self, offset: int, num_bytes: int) -> memoryview:
        """Read-only view of `num_bytes` bytes from `offset` on.

        Raises:
            ModelFileError: The file was closed.
        """
        if self._mapping is None:
            raise ModelFileError(
                f"{quote(self.path.name)} is closed and cannot be read any more.", file=self.path
            )
        return memoryview(self._mapping)[offset : offset + num_bytes]

    def release(self, offset: int, num_bytes: int) -> None:
        """Let the system take these pages back; reading them again reads the file again.

        Pages of a mapping count as memory of the process: without this a load holds the file and
        what was made of it at once. Does nothing where the system has no such call.
        """
        if self._mapping is None or not hasattr(mmap, "MADV_DONTNEED"):
            return
        start = -(-offset // mmap.PAGESIZE) * mmap.PAGESIZE  # neighbours share the border pages
        end = (offset + num_bytes) // mmap.PAGESIZE * mmap.PAGESIZE
        if end > start:
            self._mapping.madvise(mmap.MADV_DONTNEED, start, end - start)

    def populate(self, offset: int, num_bytes: int) -> None:
        """Read these bytes now, which takes far less time than a fault for each page.

        Does nothing where the system has no such call: they are read when they are looked at.

        Raises:
            OSError: The disk fails; looking at the bytes would end the process.
        """
        if self._mapping is None or sys.platform != "linux":
            return
        end = offset + num_bytes
        for start in range(offset // mmap.PAGESIZE * mmap.PAGESIZE, end, _PIECE_BYTES):
            try:
                length = min(_PIECE_BYTES, end - start)
                self._mapping.madvise(_MADV_POPULATE_READ, start, length)
            except OSError as error:
                if error.errno == errno.EINVAL:
                    return
                raise

    def close(self) -> None:
        """Gives the mapping up; the memory goes when the last view of it does."""
        self._mapping = None
