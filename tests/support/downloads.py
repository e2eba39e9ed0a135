"""Downloads and repositories, made up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from realm_desktop.library.download_values import (
    Download,
    DownloadKind,
    DownloadState,
    RemoteFile,
)
from realm_desktop.library.fit import Fit
from realm_desktop.library.hub_values import FileChoice, FoundRepository, RepositoryFiles
from tests.support.loopback_hub import COMMIT, make_request

MB = 10**6


def make_download(
    state: DownloadState = DownloadState.RUNNING, name: str = "model", **changes: object
) -> Download:
    """A download of 100 MB, of which 40 MB are there, at 2 MB a second."""
    request = make_request(make_file(100 * MB), repository=f"org/{name}")
    target = Path(f"/models/org/{name}/m.gguf")
    item = Download(f"id-{name}", request, state, target, 40 * MB, 2.0 * MB, 30.0)
    return replace(item, **changes)  # type: ignore[arg-type]  # the names are those of the fields


def make_file(num_bytes: int = 1, path: str = "m.gguf") -> RemoteFile:
    """A file whose content nobody looks at."""
    return RemoteFile(path, num_bytes, sha256="0" * 64)


def make_offer(
    *labels: str,
    repository: str = "org/model",
    kind: DownloadKind = "model",
    refusal: str = "",
    licence: str = "mit",
) -> RepositoryFiles:
    """A repository with one file for each label, the first one recommended."""
    choices = tuple(
        FileChoice(label, f"{label}.gguf", (make_file(9 * MB, f"{label}.gguf"),), Fit.FITS, n == 0)
        for n, label in enumerate(labels)
    )
    found = FoundRepository(repository, licence=licence)
    return RepositoryFiles(kind, found, COMMIT, choices, refusal)
