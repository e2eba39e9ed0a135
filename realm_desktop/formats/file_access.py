"""Opens files that a user chose, and tells in a sentence why one cannot be opened."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from realm_desktop.errors import ModelFileError
from realm_desktop.formats.corruption import quote

# Without O_NONBLOCK, opening a FIFO would wait for a writer for ever; Windows has O_BINARY instead.
_OPEN_FLAGS: Final[int] = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


@contextmanager
def open_checked(path: Path) -> Iterator[tuple[BinaryIO, int]]:
    """A regular file, open for reading, and its size in bytes.

    Raises:
        ModelFileError: Nothing is there, it is no regular file, or the system refuses, now or while
            the block reads.
    """
    try:
        descriptor = os.open(path, _OPEN_FLAGS)
    except (OSError, ValueError) as error:
        # ValueError: a NUL in the path.
        raise unreadable(path, error) from error
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        # Before `fdopen`, which refuses folders in words of its own and leaves them open.
        os.close(descriptor)
        raise _not_a_file(path, is_folder=stat.S_ISDIR(status.st_mode))
    with os.fdopen(descriptor, "rb") as file:
        try:
            yield file, status.st_size
        except OSError as error:
            raise unreadable(path, error) from error


def unreadable(path: Path, error: Exception) -> ModelFileError:
    """The error for a path that the system refuses."""
    name = quote(path.name)
    if isinstance(error, FileNotFoundError):
        message, advice = f"{name} does not exist.", "Check the path, or choose the file again."
    elif os.path.isdir(path):  # noqa: PTH112 - Path.is_dir raises what this turns into False
        return _not_a_file(path, is_folder=True)
    elif isinstance(error, PermissionError):
        message = f"{name} may not be read by this user."
        advice = "Change the permissions of the file, or copy it to a folder of your own."
    else:
        reason = error.strerror if isinstance(error, OSError) else None
        message = f"{name} cannot be read: {quote(reason or str(error))}."
        advice = "Check the disk or the network drive, then try again."
    return ModelFileError(message, advice=advice, file=path, field="file")


def _not_a_file(path: Path, *, is_folder: bool) -> ModelFileError:
    found = "a folder" if is_folder else "a device or pipe"
    return ModelFileError(
        f"{quote(path.name)} is {found}, not a file.",
        advice="Choose the file itself; a model may also be a folder that holds a config.json.",
        file=path,
        field="file",
    )
