"""Downloads on disk: one folder each, whose record says what was asked for and how far it came.

A folder without a record is what a cancelled download left; it is removed. Called from threads that
may wait for the disk.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from realm_desktop.errors import DownloadError
from realm_desktop.events import ErrorInfo
from realm_desktop.library.download_values import DownloadRequest, DownloadState
from realm_desktop.library.partial_file import disk_error, write_whole

logger = logging.getLogger(__name__)

STAGING: Final = ".downloads"
"""Beside the models, so that a finished file is renamed and not copied."""

_RECORD = "download.json"
MAX_RECORD_BYTES: Final = 2**20


class DownloadRecord(msgspec.Struct, frozen=True):
    """One download as it is kept.

    Attributes:
        request: What was asked for.
        endpoint: The hub or mirror it was asked of.
        state: Done, failed, or paused; what ran when the app ended is paused.
        error: Why it failed.
    """

    request: DownloadRequest
    endpoint: str
    state: DownloadState
    error: ErrorInfo | None = None
    version: int = 1


def staging_folder(root: Path, download_id: str) -> Path:
    """Where the parts of a download lie until all of them are verified."""
    return root / STAGING / download_id


def write_record(folder: Path, record: DownloadRecord) -> None:
    """Keep a record.

    Raises:
        DownloadError: The disk refuses.
    """
    path = folder / _RECORD
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(path, msgspec.json.encode(record))
    except OSError as error:
        raise disk_error(path, error) from error


def read_records(root: Path) -> Iterator[tuple[str, DownloadRecord]]:
    """Every download below `root`, the oldest first; remains of cancelled ones are removed."""
    try:
        folders = sorted((root / STAGING).iterdir(), key=lambda folder: folder.name)
    except OSError:
        return
    for folder in folders:
        try:
            data = (folder / _RECORD).read_bytes()[:MAX_RECORD_BYTES]
            yield folder.name, msgspec.json.decode(data, type=DownloadRecord)
        except FileNotFoundError:
            shutil.rmtree(folder, ignore_errors=True)
        except (OSError, msgspec.MsgspecError, DownloadError, UnicodeDecodeError) as error:
            # Left where it is: an older version of the app may understand it.
            logger.warning("the download in %s cannot be read: %s", folder, error)


def received_bytes(folder: Path) -> int:
    """Bytes of the parts in a download's folder."""
    try:
        return sum(part.stat().st_size for part in folder.glob("*.part"))
    except OSError:
        return 0


def forget(folder: Path) -> None:
    """Remove a download's record and everything that came; a crash in between finishes later."""
    with suppress(OSError):
        (folder / _RECORD).unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
