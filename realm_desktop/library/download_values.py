"""What a download is, as plain values: what was asked for, and how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Literal

from realm_desktop.errors import DownloadError
from realm_desktop.events import ErrorInfo
from realm_desktop.library.safe_names import safe_path

DownloadKind = Literal["model", "adapter", "update", "component"]

MAX_FILES = 1_000
MAX_FILE_BYTES = 2**42


class DownloadState(StrEnum):
    """Where a download stands; it has exactly one state at any time."""

    WAITING = "waiting"
    RUNNING = "running"
    CHECKING = "checking"
    PAUSED = "paused"
    FAILED = "failed"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One file of a repository.

    Attributes:
        path: Inside the repository, with slashes; a relative path of sound names.
        num_bytes: Its size as the hub lists it.
        sha256: Hex digest of its content; "" if the hub lists none.
        git_sha1: Hex digest of the git blob, which the hub lists for small files instead.
        url: Where it lies if that is not the hub; the user's token does not go there.
    """

    path: str
    num_bytes: int
    sha256: str = ""
    git_sha1: str = ""
    url: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot be stored safely or checked afterwards."""
        safe_path(self.path)
        if not 0 <= self.num_bytes <= MAX_FILE_BYTES:
            raise DownloadError(f"{self.path} is listed with {self.num_bytes} bytes")
        for digest, length in ((self.sha256, 64), (self.git_sha1, 40)):
            if digest and (len(digest) != length or not set(digest) <= set("0123456789abcdef")):
                raise DownloadError(f"{self.path} is listed with a digest that is none")
        if self.url and not self.url.startswith(("https://", "http://")):
            raise DownloadError(f"{self.path} is listed with an address that is none")
        if not self.sha256 and not self.git_sha1:
            raise DownloadError(
                f"the hub lists no checksum for {self.path}, so it could not be verified",
                advice="Choose another file or repository.",
            )


@dataclass(frozen=True, slots=True)
class DownloadRequest:
    """What a user chose to download.

    Attributes:
        kind: Decides about the folder, and about what can be done with the result.
        repository: Owner and name.
        revision: The commit, so that a change of the repository cannot mix two versions.
        label: What was chosen of the repository, such as "Q4_K_M".
        files: In the order in which they are fetched and become visible: what makes a program
            take the others for complete, such as config.json, stands last.
        licence: As the repository states it.
    """

    kind: DownloadKind
    repository: str
    revision: str
    label: str
    files: tuple[RemoteFile, ...]
    licence: str = ""

    def __post_init__(self) -> None:
        """Refuse names that would escape, and two names that are one on some file systems."""
        # The hub has no owner that begins with a dot; ours is the folder of what is on its way.
        if len(safe_path(self.repository).parts) != 2 or self.repository.startswith("."):
            raise DownloadError(f"{self.repository!r} is no repository: owner/name is expected")
        safe_path(self.revision)
        if not 1 <= len(self.files) <= MAX_FILES:
            raise DownloadError(f"{len(self.files)} files; a download has 1 to {MAX_FILES}")
        if len({file.path.casefold() for file in self.files}) != len(self.files):
            raise DownloadError(
                f"two files of {self.repository} differ in upper and lower case only"
            )

    @property
    def num_bytes(self) -> int:
        """Bytes of all files."""
        return sum(file.num_bytes for file in self.files)

    @property
    def title(self) -> str:
        """Repository and choice, for one line."""
        name = self.repository.rpartition("/")[2]
        return f"{name} {self.label}".strip()


@dataclass(frozen=True, slots=True)
class Download:
    """How far a download is; a new value at every change.

    Attributes:
        download_id: Names it for commands.
        target: What can be opened once it is done: a file, or a folder.
        done_bytes: On disk, of all files.
        bytes_per_s: Over the last seconds; 0 while nothing comes.
        seconds_left: None while that cannot be told.
        note: Why it waits, in words; "" if it does not.
        error: Why it failed or was paused by the app.
    """

    download_id: str
    request: DownloadRequest
    state: DownloadState
    target: Path
    done_bytes: int = 0
    bytes_per_s: float = 0.0
    seconds_left: float | None = None
    note: str = ""
    error: ErrorInfo | None = None

    @property
    def fraction(self) -> float:
        """Part that is on disk, 0 to 1."""
        total = self.request.num_bytes
        return min(1.0, self.done_bytes / total) if total else float(self.state == "done")

    @property
    def is_active(self) -> bool:
        """Whether it goes on by itself."""
        return self.state in (
            DownloadState.WAITING,
            DownloadState.RUNNING,
            DownloadState.CHECKING,
        )
