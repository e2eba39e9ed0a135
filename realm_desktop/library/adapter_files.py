"""Finds adapters in what a user dropped or chose, without opening a file.

A PEFT adapter is a folder with adapter_config.json; everything else is a single file. Reads folders,
so it belongs on another thread than the window's.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

MAX_DEPTH = 3
"""A folder of training runs holds checkpoints two folders below."""

MAX_ADAPTERS = 200

CONFIG = "adapter_config.json"
WEIGHTS = "adapter_model.safetensors"
_SUFFIXES = (".gguf", ".safetensors")


def find_adapters(path: Path) -> list[Path]:
    """What `path` may hold: itself if it is a file or a PEFT folder, else what lies in the folder.

    Links to folders are not followed, and at most 200 places are listed, by name.
    """
    path = Path(os.path.abspath(path))  # noqa: PTH100 - a link keeps the name the user knows
    if path.name == CONFIG:
        return [path.parent]
    # os.path answers False where pathlib raises: a folder that may not be read is told later.
    if not os.path.isdir(path) or os.path.exists(path / CONFIG):  # noqa: PTH112, PTH110
        return [path]
    return list(islice(_in_folder(path), MAX_ADAPTERS))


def _in_folder(root: Path) -> Iterator[Path]:
    for name, folders, files in os.walk(root):
        folder = Path(name)
        if CONFIG in files:
            yield folder
            folders.clear()
            continue
        if len(folder.relative_to(root).parts) >= MAX_DEPTH:
            folders.clear()
        folders.sort(key=str.casefold)
        for file in sorted(files, key=str.casefold):
            if file.lower().endswith(_SUFFIXES):
                yield folder / file
