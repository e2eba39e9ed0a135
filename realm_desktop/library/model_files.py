"""Finds model files on disk without opening them: what they are called and how large they are.

Knows nothing of Qt or of the formats' inside. Reads folders, so it belongs on another thread than
the window's.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import psutil

logger = logging.getLogger(__name__)

MAX_DEPTH = 4
"""Hugging Face keeps a snapshot four folders below its cache's root."""

MAX_MODELS = 2_000

NEEDED_FACTOR = 1.15
"""KV pool and working space on top of the weights, as part of their size."""

_GGUF = ".gguf"
_SAFETENSORS = ".safetensors"
_LATER_SHARD = re.compile(r"-(?!00001)\d{5}-of-\d{5}$")


class Fit(StrEnum):
    """Whether a model fits into memory."""

    FITS = "fits"
    TIGHT = "tight"
    TOO_LARGE = "too_large"


@dataclass(frozen=True, slots=True)
class FoundModel:
    """One model on disk: a GGUF file, a safetensors file, or a folder with config.json.

    Attributes:
        title: Its name without folder and suffix.
        size_bytes: Of all its weights files.
        folder: Where it was found.
    """

    path: str
    title: str
    size_bytes: int
    folder: str


def describe(path: Path) -> FoundModel | None:
    """The model at `path`; None if there is none any more."""
    try:
        if path.is_dir():
            return _folder_model(path)
        if path.suffix.lower() not in (_GGUF, _SAFETENSORS):
            return None
        size_bytes = path.stat().st_size
    except OSError as error:
        logger.info("%s is left out: %s", path, error)
        return None
    return FoundModel(str(path), path.stem, size_bytes, str(path.parent))


def describe_all(paths: Iterable[str]) -> list[FoundModel]:
    """The models that are still there, in the order of `paths`."""
    found = (describe(Path(path)) for path in paths)
    return [model for model in found if model is not None]


def find_models(folder: Path) -> list[FoundModel]:
    """Every model in `folder` and up to four folders below it, by title.

    Links to folders are not followed, and at most 2,000 models are listed.
    """
    found: list[FoundModel] = []
    for path in _model_paths(folder):
        model = describe(path)
        if model is not None:
            found.append(model)
        if len(found) == MAX_MODELS:
            logger.warning(
                "%s holds more than %d models; the others are left out", folder, MAX_MODELS
            )
            break
    return sorted(found, key=lambda model: (model.title.casefold(), model.path))


def memory_for_models() -> int:
    """Bytes of memory that a model could take now, without making the system swap."""
    return int(psutil.virtual_memory().available)


def fit_of(size_bytes: int, free_bytes: int) -> Fit:
    """How a model of this size fits into so much free memory."""
    if size_bytes > free_bytes:
        return Fit.TOO_LARGE
    return Fit.FITS if size_bytes * NEEDED_FACTOR <= free_bytes else Fit.TIGHT


def _model_paths(root: Path) -> Iterator[Path]:
    for name, folders, files in os.walk(root):
        folder = Path(name)
        if len(folder.relative_to(root).parts) >= MAX_DEPTH:
            folders.clear()
        folders.sort()
        lower = sorted(files, key=str.casefold)
        yield from (folder / file for file in lower if _is_gguf(file))
        weights = [file for file in lower if file.lower().endswith(_SAFETENSORS)]
        if weights and "config.json" in files:
            yield folder
        else:
            yield from (folder / file for file in weights)


def _is_gguf(file: str) -> bool:
    """Whether a file is a model of its own: a later shard belongs to the first one."""
    path = Path(file)
    return path.suffix.lower() == _GGUF and not _LATER_SHARD.search(path.stem)


def _folder_model(folder: Path) -> FoundModel | None:
    """A folder with config.json as one model."""
    if not (folder / "config.json").is_file():
        return None
    weights = [path for path in folder.iterdir() if path.suffix.lower() == _SAFETENSORS]
    size_bytes = sum(path.stat().st_size for path in weights)
    return FoundModel(str(folder), folder.name, size_bytes, str(folder.parent))
