"""What the hub tells of repositories, as plain values. All texts were written by strangers."""

from __future__ import annotations

from dataclasses import dataclass

from realm_desktop.library.download_values import DownloadKind, DownloadRequest, RemoteFile
from realm_desktop.library.fit import Fit


@dataclass(frozen=True, slots=True)
class FoundRepository:
    """One row of a search.

    Attributes:
        repository: Owner and name.
        num_downloads: In the last month.
        num_likes: Of users of the hub.
        updated: Day of the last change as "2026-11-23"; "" if it is not told.
        licence: As its author states it; "" if they do not.
        is_gated: The author must be asked, and a token be sent.
        architecture: Of GGUF files; "" if it is not told.
        num_parameters: None if it is not told.
    """

    repository: str
    num_downloads: int = 0
    num_likes: int = 0
    updated: str = ""
    licence: str = ""
    is_gated: bool = False
    architecture: str = ""
    num_parameters: int | None = None


@dataclass(frozen=True, slots=True)
class FileChoice:
    """Files of a repository that make one model or adapter.

    Attributes:
        label: Quantization or container, such as "Q4_K_M" or "safetensors".
        name: Of its first file or of its folder.
        files: In the order of `DownloadRequest.files`.
        fit: Whether a model of this size would fit into memory, estimated; None for an adapter.
        is_recommended: The one to take without a reason for another.
    """

    label: str
    name: str
    files: tuple[RemoteFile, ...]
    fit: Fit | None = None
    is_recommended: bool = False

    @property
    def num_bytes(self) -> int:
        """Bytes of all files."""
        return sum(file.num_bytes for file in self.files)


@dataclass(frozen=True, slots=True)
class RepositoryFiles:
    """What a repository offers.

    Attributes:
        found: The repository itself.
        revision: Commit that the files are of.
        choices: Best quality first; empty if nothing can be used.
        refusal: Why there is no choice, as a sentence; "" if there is one.
        base_model: Repository that an adapter was made for; "" if it is not told.
    """

    kind: DownloadKind
    found: FoundRepository
    revision: str
    choices: tuple[FileChoice, ...]
    refusal: str = ""
    base_model: str = ""

    def request(self, choice: FileChoice) -> DownloadRequest:
        """The download of one choice."""
        found = self.found
        return DownloadRequest(
            self.kind, found.repository, self.revision, choice.label, choice.files, found.licence
        )
