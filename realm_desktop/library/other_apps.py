"""Where other programs of this machine keep models, and what is in there under which name.

Everything stays where it is and is only read. Reads folders and small lists, so it belongs on another
thread than the window's. The places are those that the programs document for their defaults.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Final

from realm_desktop.errors import RealmError
from realm_desktop.formats.json_file import read_json_object
from realm_desktop.library.model_files import MAX_MODELS, find_models

logger = logging.getLogger(__name__)

MAX_MANIFESTS: Final = 2_000
_MODEL_LAYER: Final = "application/vnd.ollama.image.model"
_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")
_CACHED = re.compile(r"models--([A-Za-z0-9._-]+?)--([A-Za-z0-9._-]+)")
_DEFAULT_REGISTRY: Final = ("registry.ollama.ai", "library")


class OtherApp(StrEnum):
    """A program whose models can be used in place."""

    LM_STUDIO = "lm_studio"
    JAN = "jan"
    OLLAMA = "ollama"
    HUGGING_FACE = "hugging_face"


@dataclass(frozen=True, slots=True)
class OthersModel:
    """A model that another program keeps.

    Attributes:
        title: What that program calls it; "" if its file says enough.
    """

    app: OtherApp
    path: Path
    title: str = ""


Places = Mapping[OtherApp, Sequence[Path]]
"""The folders to look through for each program."""


def default_places(
    home: Path, ollama_dir: Path | None = None, hugging_face_dir: Path | None = None
) -> Places:
    """Where the programs keep models unless their users moved them.

    Args:
        home: Of the user.
        ollama_dir: As the environment names it.
        hugging_face_dir: Likewise, the folder of the cache itself.
    """
    # Windows, macOS and Linux in this order; a place of another platform is simply not there.
    data_dirs = (home / "AppData/Roaming", home / "Library/Application Support", home / ".config")
    return {
        OtherApp.LM_STUDIO: (home / ".lmstudio/models", home / ".cache/lm-studio/models"),
        OtherApp.JAN: (
            *(folder / "Jan/data/llamacpp/models" for folder in data_dirs),
            *(folder / "Jan/data/models" for folder in data_dirs),
            home / ".local/share/Jan/data/llamacpp/models",
            home / "jan/models",
        ),
        OtherApp.OLLAMA: (
            (ollama_dir,)
            if ollama_dir is not None
            else (home / ".ollama/models", Path("/usr/share/ollama/.ollama/models"))
        ),
        OtherApp.HUGGING_FACE: (hugging_face_dir or home / ".cache/huggingface/hub",),
    }


def find_others(places: Places) -> Iterator[OthersModel]:
    """Every model in these places, program by program; what is not there is passed over."""
    for app, folders in places.items():
        for folder in folders:
            if app is OtherApp.OLLAMA:
                yield from _in_ollama(folder)
            elif app is OtherApp.HUGGING_FACE:
                yield from _in_hugging_face(folder)
            else:
                yield from (OthersModel(app, path) for path in find_models(folder))


def _in_ollama(root: Path) -> Iterator[OthersModel]:
    """Ollama's models: a manifest names the blob, whose own name is its digest."""
    manifests = root / "manifests"
    for manifest in islice(_files(manifests, depth=3), MAX_MANIFESTS):
        blob = _ollama_blob(root, manifest)
        if blob is not None:
            yield OthersModel(OtherApp.OLLAMA, blob, _ollama_title(manifest.relative_to(manifests)))


def _ollama_blob(root: Path, manifest: Path) -> Path | None:
    """The file of a manifest's model; None if it has none, such as a model in the cloud."""
    try:
        document = read_json_object(manifest)
    except RealmError as error:
        logger.info("a manifest of Ollama cannot be read: %s", error)
        return None
    layers = document.get("layers")
    for layer in layers if isinstance(layers, list) else []:
        if not isinstance(layer, dict) or layer.get("mediaType") != _MODEL_LAYER:
            continue
        # The digest becomes a file name, so nothing else than a digest may pass.
        found = _DIGEST.fullmatch(str(layer.get("digest", "")))
        blob = root / "blobs" / f"sha256-{found[1]}" if found is not None else None
        if blob is not None and os.path.isfile(blob):  # noqa: PTH113 - answers False where pathlib raises
            return blob
    return None


def _ollama_title(manifest: Path) -> str:
    """A model's name as `ollama list` shows it: the usual registry and owner are left out."""
    *owner, name, tag = manifest.parts
    while owner and owner[0] in _DEFAULT_REGISTRY:
        owner.pop(0)
    return "/".join((*owner, f"{name}:{tag}"))


def _in_hugging_face(root: Path) -> Iterator[OthersModel]:
    """Hugging Face's cache: a snapshot's folder is named by its commit, so the repository names it."""
    num_found = 0
    for folder in _folders(root):
        repository = _CACHED.fullmatch(folder.name)
        if repository is None:
            continue
        title = f"{repository[1]}/{repository[2]}"
        for snapshot in _folders(folder / "snapshots"):
            for path in find_models(snapshot):
                num_found += 1
                if num_found <= MAX_MODELS:
                    yield OthersModel(
                        OtherApp.HUGGING_FACE, path, title if path == snapshot else ""
                    )


def _files(root: Path, depth: int) -> Iterator[Path]:
    """Files exactly so many folders below `root`."""
    if depth == 0:
        yield from sorted(path for path in _entries(root) if os.path.isfile(path))  # noqa: PTH113
        return
    for folder in _folders(root):
        yield from _files(folder, depth - 1)


def _folders(root: Path) -> list[Path]:
    return sorted(path for path in _entries(root) if os.path.isdir(path))  # noqa: PTH112


def _entries(root: Path) -> list[Path]:
    try:
        return list(root.iterdir())
    except (OSError, ValueError):
        return []
