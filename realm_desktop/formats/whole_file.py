"""Files and folders that are there whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from realm_desktop.errors import ExportError
from realm_desktop.formats.corruption import quote

PART_SUFFIX: Final = ".part"
_SPARE_BYTES: Final = 64 * 2**20


@contextmanager
def whole_file(path: Path, num_bytes: int, *, may_replace: bool = False) -> Iterator[BinaryIO]:
    """A new file, open for writing under another name until the block ends well.

    Args:
        path: Must not exist yet: what is there may be the very file that is read meanwhile.
        num_bytes: What will be written; compared with the free space before the first byte.
        may_replace: The user agreed that the file at `path` is replaced, at the end.

    Raises:
        ExportError: The path is taken, the disk is too full, or the system refuses.
    """
    check_target(path, num_bytes, may_replace=may_replace)
    part = path.with_name(path.name + PART_SUFFIX)
    try:
        with part.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise _refused(path, error) from error
    except BaseException:
        part.unlink(missing_ok=True)
        raise


@contextmanager
def whole_folder(path: Path, num_bytes: int) -> Iterator[Path]:
    """A new folder under another name until the block ends well; give it files there.

    Args:
        path: Must not exist yet; no folders are made in it.
        num_bytes: What will be written; compared with the free space before.

    Raises:
        ExportError: The path is taken, the disk is too full, or the system refuses.
    """
    check_target(path, num_bytes)
    part = path.with_name(path.name + PART_SUFFIX)
    try:
        # What a process left that died here, as a file of that name is written over.
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir()
        yield part
        # Before the name: where power fails, a new name may be on the disk before its content.
        for file in part.iterdir():
            _sync(file)
        part.replace(path)
    except OSError as error:
        shutil.rmtree(part, ignore_errors=True)
        raise _refused(path, error) from error
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def check_target(path: Path, num_bytes: int, *, may_replace: bool = False) -> None:
    """Refuse a place where a new file or folder of this size cannot be made.

    Raises:
        ExportError: Something is there already, the folder is missing, or the disk is too full.
    """
    if path.exists() and not may_replace:
        raise ExportError(
            f"{quote(path.name)} exists already.",
            advice="Choose another name, or remove it first.",
            file=path,
            field="out",
        )
    try:
        free_bytes = shutil.disk_usage(path.absolute().parent).free
    except OSError as error:
        raise _refused(path, error) from error
    needed_bytes = num_bytes + _SPARE_BYTES
    if free_bytes < needed_bytes:
        raise ExportError(
            f"{quote(path.name)} needs {needed_bytes / 2**20:,.0f} MB; the disk has "
            f"{free_bytes / 2**20:,.0f} MB free.",
            advice="Free some space, or choose another disk.",
            file=path,
            field="out",
        )


def _sync(path: Path) -> None:
    """Wait until a file is on the disk."""
    with path.open("rb+") as file:  # Windows syncs no file that is only read
        os.fsync(file.fileno())


def _refused(path: Path, error: OSError) -> ExportError:
    return ExportError(
        f"{quote(path.name)} cannot be written: {quote(error.strerror or str(error))}.",
        advice="Choose another folder, or check the disk.",
        file=path,
        field="out",
    )
