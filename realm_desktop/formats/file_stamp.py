"""What tells one content of a file from another without reading it. Any process and thread."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import BinaryIO, NamedTuple, Self


class FileStamp(NamedTuple):
    """A file at one moment.

    Attributes:
        path: Absolute.
        num_bytes: Its size.
        written_ns: When its content was written, as the file says; copying programs set it back.
        changed_ns: When the system last changed its entry, which they cannot set back; on Windows when
            the file was made.
    """

    path: Path
    num_bytes: int
    written_ns: int
    changed_ns: int

    @classmethod
    def of_open(cls, file: BinaryIO, path: Path) -> Self:
        """Of a file that was opened under this path.

        Raises:
            OSError: The system refuses.
        """
        # Another file may stand under the path by now. Not on Windows, where nobody replaces a file that
        # is open: there the look is the same as the later one of `is_current`.
        is_fixed = sys.platform == "win32"
        return cls._of(path, path.stat() if is_fixed else os.fstat(file.fileno()))

    def is_current(self) -> bool:
        """Whether the same file with the same content still stands under the path."""
        try:
            return self == self._of(self.path, self.path.stat())
        except OSError:
            return False

    @classmethod
    def _of(cls, path: Path, found: os.stat_result) -> Self:
        return cls(path.absolute(), found.st_size, found.st_mtime_ns, found.st_ctime_ns)
