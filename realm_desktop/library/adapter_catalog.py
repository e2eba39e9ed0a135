"""What adapter files say about themselves, and whether they fit a model, from headers alone.

Reads in a thread of its own and keeps what it read until a file changes. Knows nothing of Qt or the
engine, nor which adapters the user added.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from realm_desktop.errors import RealmError
from realm_desktop.events import ErrorInfo
from realm_desktop.formats.adapter_fit import AdapterFit, BaseModel, fit, inspect_base
from realm_desktop.formats.adapter_inspection import AdapterInspection, inspect_adapter
from realm_desktop.formats.corruption import quote
from realm_desktop.library.adapter_files import CONFIG, WEIGHTS, find_adapters

logger = logging.getLogger(__name__)

Stamp: TypeAlias = "tuple[tuple[int, int], ...]"
"""Size and time of the last change of each file; changes when the adapter does."""


@dataclass(frozen=True, slots=True)
class SeenAdapter:
    """One look at an adapter; exactly one of `inspection` and `error` is set.

    Attributes:
        stamp: Of the files as they were read.
        inspection: What the header says.
        error: Why it cannot be used with any model.
        fit: Whether it fits the model asked about; None without one.
    """

    stamp: Stamp
    inspection: AdapterInspection | None = None
    error: ErrorInfo | None = None
    fit: AdapterFit | None = None

    @property
    def refusal(self) -> ErrorInfo | None:
        """Why it cannot be used now, in words that name the adapter."""
        found = self.inspection
        if found is None or self.error is not None:
            return self.error
        if found.refusal:
            return ErrorInfo("AdapterError", found.refusal, found.advice, found.path)
        if self.fit is None or self.fit.fits:
            return None
        advice = "Load the model it was made for, or switch it off in the mix of the workspace."
        message = f"the adapter {quote(found.name)} does not fit: {self.fit.verdict}"
        return ErrorInfo("AdapterMismatch", message, advice, found.path, self.fit.target or None)


class AdapterCatalog:
    """Looks at adapters. Used from the event loop; each look runs in another thread, one at a time."""

    def __init__(self) -> None:
        self._seen: dict[Path, SeenAdapter] = {}
        self._base: tuple[Path, Stamp, BaseModel | None] | None = None
        self._lock = asyncio.Lock()

    async def look(
        self, paths: Iterable[Path], base_path: Path | None
    ) -> Mapping[Path, SeenAdapter]:
        """Each adapter as it is on disk now, checked against the model at `base_path`, if any.

        A file that did not change is not read again.
        """
        async with self._lock:
            return await asyncio.to_thread(self._look, tuple(paths), base_path)

    async def find(self, paths: Iterable[Path]) -> list[Path]:
        """Every place below `paths` that may hold an adapter; see `find_adapters`."""
        return await asyncio.to_thread(_find_all, tuple(paths))

    def _look(self, paths: Iterable[Path], base_path: Path | None) -> dict[Path, SeenAdapter]:
        base = None if base_path is None else self._base_model(base_path)
        return {path: self._look_at(path, base) for path in paths}

    def _look_at(self, path: Path, base: BaseModel | None) -> SeenAdapter:
        stamp = adapter_stamp(path)
        seen = self._seen.get(path)
        if seen is None or seen.stamp != stamp:
            seen = self._seen[path] = _read(path, stamp)
        if seen.inspection is None or base is None:
            return seen
        return SeenAdapter(stamp, seen.inspection, fit=fit(seen.inspection, base))

    def _base_model(self, path: Path) -> BaseModel | None:
        """The layers of a model; None if they cannot be told, and the engine has to check."""
        stamp = adapter_stamp(path)
        if self._base is not None and self._base[:2] == (path, stamp):
            return self._base[2]
        try:
            base = inspect_base(path)
        except RealmError as error:
            logger.warning("adapters are not checked against the model: %s", error)
            base = None
        self._base = (path, stamp, base)
        return base


def adapter_stamp(path: Path) -> Stamp:
    """The stamp of an adapter's files, of its folder's if it is one."""
    files = (path / CONFIG, path / WEIGHTS) if os.path.isdir(path) else (path,)  # noqa: PTH112
    return tuple(_file_stamp(file) for file in files)


def _file_stamp(file: Path) -> tuple[int, int]:
    try:
        status = file.stat()
    except (OSError, ValueError):
        return (-1, -1)
    return (status.st_size, status.st_mtime_ns)


def _read(path: Path, stamp: Stamp) -> SeenAdapter:
    try:
        return SeenAdapter(stamp, inspect_adapter(path))
    except RealmError as error:
        return SeenAdapter(stamp, error=ErrorInfo.of(error))
    except Exception as error:  # border of the look: one hostile file must not hide the others
        logger.exception("an adapter file could not be read")
        return SeenAdapter(stamp, error=ErrorInfo.of(error))


def _find_all(paths: Iterable[Path]) -> list[Path]:
    found: dict[Path, None] = {}
    for path in paths:
        found.update(dict.fromkeys(find_adapters(path)))
    return list(found)
