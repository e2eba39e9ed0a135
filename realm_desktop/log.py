"""Logging of both processes: one rotating file each, which starts with the versions in use.

Call `start_logging` once per process, before anything else logs. Text of prompts and replies is
never logged above DEBUG, secrets never.
"""

from __future__ import annotations

import logging
import os
import platform
import re
import sys
import time
from collections.abc import Mapping
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Literal

from realm_desktop import __version__

MAX_FILE_BYTES = 2 * 1024 * 1024
NUM_OLD_FILES = 3
MAX_TAIL_BYTES = 64 * 1024

SHOWN_PROCESSES = ("gui", "engine")
"""Whose logs `last_lines` merges; a training tells its own story in its dialog."""

_FORMAT = "%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s: %(message)s"
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+")

logger = logging.getLogger(__name__)


def start_logging(
    folder: Path,
    process: Literal["gui", "engine", "trainer", "cli"],
    *,
    is_debug: bool = False,
    versions: Mapping[str, str] | None = None,
) -> logging.Handler:
    """Log this process into `folder/<process>.log`; returns the handler, for `stop_logging`.

    A folder that cannot be written is no reason to stop: the log then goes to standard error.

    Args:
        folder: Created if missing.
        process: Names the file.
        is_debug: Log DEBUG lines too.
        versions: Facts for the first lines, such as device and backends.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler: logging.Handler = RotatingFileHandler(
            folder / f"{process}.log",
            maxBytes=MAX_FILE_BYTES,
            backupCount=NUM_OLD_FILES,
            encoding="utf-8",
            errors="backslashreplace",
        )
    except OSError:
        handler = logging.StreamHandler(sys.stderr)
    formatter = logging.Formatter(_FORMAT, "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.setLevel(logging.DEBUG if is_debug else logging.INFO)
    root.addHandler(handler)
    for name, value in {**_own_versions(), **(versions or {})}.items():
        logger.info("%s: %s", name, value)
    return handler


def stop_logging(handler: logging.Handler) -> None:
    """Detach and close the handler that `start_logging` returned."""
    logging.getLogger().removeHandler(handler)
    handler.close()


def last_lines(folder: Path, max_bytes: int = MAX_TAIL_BYTES) -> list[str]:
    """The last lines of the logs of window and engine, merged by their time.

    Each begins with the process that wrote it; a traceback stays with the line it belongs to. Logs
    that are missing or cannot be read have no lines. Blocks on the disk.

    Args:
        folder: As `start_logging` got it.
        max_bytes: Read from the end of each file.
    """
    entries: list[tuple[str, str]] = []
    for process in SHOWN_PROCESSES:
        time_text = ""
        for line in _tail(folder / f"{process}.log", max_bytes):
            # A line without a time goes on with the message above it.
            match = _TIME.match(line)
            time_text = match.group() if match else time_text
            entries.append((time_text, f"{process:<6} {line}"))
    # Stable, so that lines of one process keep their order.
    return [text for _, text in sorted(entries, key=lambda entry: entry[0])]


def _tail(path: Path, max_bytes: int) -> list[str]:
    """The last whole lines of a file."""
    try:
        with path.open("rb") as file:
            start = max(0, file.seek(0, os.SEEK_END) - max_bytes)
            file.seek(start)
            lines = file.read(max_bytes).decode("utf-8", "replace").splitlines()
    except OSError:
        return []
    # The first line of a part is a part of a line.
    return lines[1:] if start else lines


def _own_versions() -> dict[str, str]:
    """Versions that every process can name without importing anything heavy."""
    return {
        "Realm Desktop": __version__,
        "Python": platform.python_version(),
        "platform": platform.platform(),
    }
