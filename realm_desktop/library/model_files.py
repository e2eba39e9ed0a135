"""Finds model files on disk without opening them.

Knows nothing of Qt or of the formats' inside. Reads folders, so it belongs on another thread than
the window's.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

logger = logging.getLogger(__name__)

MAX_DEPTH = 4
"""Hugging Face keeps a snapshot four folders below its cache's root."""

MAX_MODELS = 2_000

_GGUF = ".gguf"
_SAFETENSORS = ".safetensors"
_LATER_SHARD = re.compile(r"-(?!00001)\d{5}-of-\d{5}$")


def find_models(folder: Path) -> list[Path]:
    """Every model in `folder` and up to four folders below it, by name.

    A model is a GGUF file, a safetensors file, or a folder with config.json and weights. Links to
    folders are not followed, and at most 2,000 models are listed.
    """
    found = list(islice(_model_paths(folder), MAX_MODELS + 1))
    if len(found) > MAX_MODELS:
        found.pop()
        logger.warning("%s holds more than %d models; the others are left out", folder, MAX_MODELS)
    return sorted(found, key=lambda path: (path.name.casefold(), str(path)))


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
