"""Known models: the starter, files opened before, and what lies in the user's folders.

Reads headers only, in a thread of its own, and keeps what it read until a file changes. A file that
cannot be used is listed with its reason, never hidden. Knows nothing of Qt or the engine.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from realm_desktop.errors import RealmError
from realm_desktop.events import ErrorInfo
from realm_desktop.formats.inspection import Inspection, inspect
from realm_desktop.library.model_files import find_models
from realm_desktop.library.other_apps import Places, find_others

logger = logging.getLogger(__name__)


class ModelSource(StrEnum):
    """Where a model is known from; the earlier one counts when there are several."""

    STARTER = "starter"
    RECENT = "recent"
    DOWNLOADED = "downloaded"
    FOLDER = "folder"
    LM_STUDIO = "lm_studio"
    JAN = "jan"
    OLLAMA = "ollama"
    HUGGING_FACE = "hugging_face"


@dataclass(frozen=True, slots=True)
class KnownModel:
    """One row of the model list; exactly one of `inspection` and `error` is set.

    Attributes:
        path: A GGUF file, a safetensors file, or a folder with config.json.
        source: Where it is known from.
        inspection: What the header says.
        error: Why it cannot be used.
        title: What the program that keeps it calls it, where its file has no name of its own.
    """

    path: Path
    source: ModelSource
    inspection: Inspection | None = None
    error: ErrorInfo | None = None
    title: str = ""

    @property
    def name(self) -> str:
        """The model's own name, or that of its file. Written by others: show it as plain text."""
        if self.title:
            return self.title
        return self.inspection.name if self.inspection is not None else self.path.name


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read of a file, and the file it was read from."""

    stamp: tuple[int, int]
    inspection: Inspection | None
    error: ErrorInfo | None


class Catalog:
    """The list of known models. Used from the event loop; each scan runs in another thread.

    Args:
        starter: The embedded model; None if this installation has none.
        read: Reads a header; replaces `formats.inspect` in tests.

    Attributes:
        models: As the last scan found them: starter, recent ones, then those of folders.
    """

    def __init__(
        self, starter: Path | None = None, *, read: Callable[[Path], Inspection] = inspect
    ) -> None:
        self.models: Sequence[KnownModel] = ()
        self._starter = starter
        self._read = read
        self._cache: dict[Path, _Read] = {}
        self._scan_lock = asyncio.Lock()

    async def scan(
        self,
        recent: Sequence[Path] = (),
        folders: Sequence[Path] = (),
        *,
        downloaded: Sequence[Path] = (),
        places: Places | None = None,
    ) -> Sequence[KnownModel]:
        """Look again; one scan at a time.

        Args:
            recent: Files and folders opened before; those that are gone are left out.
            folders: Searched by `find_models`.
            downloaded: Folders of the app's own downloads, searched alike.
            places: Where other programs keep models; None leaves them alone.

        Returns:
            The new `models`.
        """
        async with self._scan_lock:
            self.models = await asyncio.to_thread(self._scan, recent, folders, downloaded, places)
        return self.models

    def _scan(
        self,
        recent: Iterable[Path],
        folders: Iterable[Path],
        downloaded: Iterable[Path],
        places: Places | None,
    ) -> list[KnownModel]:
        """Scan thread."""
        candidates: dict[Path, tuple[Path, ModelSource]] = {}
        titles: dict[Path, str] = {}
        starter = [self._starter] if self._starter is not None else []
        for source, paths in (
            (ModelSource.STARTER, iter(starter)),
            (ModelSource.RECENT, (path for path in recent if _exists(path))),
            (ModelSource.DOWNLOADED, _find_all(downloaded)),
            (ModelSource.FOLDER, _find_all(folders)),
        ):
            for path in paths:
                candidates.setdefault(_identity(path), (path, source))
        for other in find_others(places or {}):
            identity = _identity(other.path)
            candidates.setdefault(identity, (other.path, ModelSource(other.app.value)))
            # Kept for a recent one too: a blob's own file name says nothing to anybody.
            titles[identity] = other.title
        models = [
            self._look_at(path, source, titles.get(identity, ""))
            for identity, (path, source) in candidates.items()
        ]
        self._cache = {model.path: self._cache[model.path] for model in models}
        return models

    def _look_at(self, path: Path, source: ModelSource, title: str) -> KnownModel:
        stamp = _stamp(path)
        known = self._cache.get(path)
        if known is None or known.stamp != stamp:
            known = self._cache[path] = self._read_header(path, stamp)
        return KnownModel(path, source, known.inspection, known.error, title)

    def _read_header(self, path: Path, stamp: tuple[int, int]) -> _Read:
        try:
            return _Read(stamp, self._read(path), None)
        except RealmError as error:
            return _Read(stamp, None, ErrorInfo.of(error))
        except Exception as error:  # border of the scan: one hostile file must not hide the others
            logger.exception("a model file could not be read")
            return _Read(stamp, None, ErrorInfo.of(error))


def _find_all(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        yield from find_models(folder)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _identity(path: Path) -> Path:
    """The same for every way to write a path."""
    try:
        return path.resolve()
    except (OSError, RuntimeError):
        return path


def _stamp(path: Path) -> tuple[int, int]:
    """Changes when the file does: size and time of the last change."""
    try:
        status = path.stat()
    except OSError:
        return (-1, -1)
    return (status.st_size, status.st_mtime_ns)
