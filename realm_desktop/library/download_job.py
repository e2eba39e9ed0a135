"""One download from the first byte to the visible files, as its thread runs it.

The parts lie in the download's own folder; only when all of them are verified they get their names.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final
from urllib.parse import quote

from realm_desktop.errors import DownloadError
from realm_desktop.library.download_record import staging_folder
from realm_desktop.library.download_values import DownloadRequest, RemoteFile
from realm_desktop.library.network import OFFLINE_ADVICE, NetworkGate, is_loopback
from realm_desktop.library.partial_file import PartialFile, file_matches, require_space

ENTRY_FOLDERS: Final = ("config.json", "adapter_config.json")
"""Files that make their folder a model or an adapter."""


class StoppedError(Exception):
    """The user, or the end of the app, stopped the thread."""


@dataclass(slots=True, eq=False)
class Follower:
    """What a download's thread and the event loop know of each other.

    The thread writes the progress, the loop reads it; the loop sets `stop`.

    Attributes:
        note: Why the thread waits, in words.
        is_checking: It reads what is on disk already.
    """

    gate: NetworkGate
    host: str
    stop: threading.Event = field(default_factory=threading.Event)
    note: str = ""
    is_checking: bool = False
    _finished_bytes: int = 0
    _current: PartialFile | None = None

    @property
    def done_bytes(self) -> int:
        """On disk, of all files."""
        current = self._current
        return self._finished_bytes + (0 if current is None else current.num_bytes)

    def tick(self) -> None:
        """End the thread if it shall end.

        Raises:
            StoppedError: `stop` is set.
            DownloadError: Offline was switched on meanwhile.
        """
        if self.stop.is_set():
            raise StoppedError
        if self.gate.is_offline and not is_loopback(self.host):
            raise DownloadError(
                "Offline was switched on: the download stopped",
                advice=OFFLINE_ADVICE,
                field="offline",
            )

    def wait(self, seconds: float, reason: str) -> None:
        """Let time pass; `stop` ends it at once."""
        self.note = reason
        self.stop.wait(seconds)
        self.note = ""
        self.tick()

    def follow(self, part: PartialFile) -> None:
        """Add the bytes of the file that is under way."""
        self._current = part

    def finish_file(self, num_bytes: int) -> None:
        """The file under way is complete."""
        self._current = None
        self._finished_bytes += num_bytes


@dataclass(frozen=True, slots=True)
class Job:
    """What a thread needs to know of a download.

    Attributes:
        root: Folder of all models, or of all adapters.
        endpoint: The hub or mirror.
        token: Of the user at this endpoint; "" without one.
    """

    download_id: str
    request: DownloadRequest
    root: Path
    endpoint: str
    token: str = ""

    @property
    def folder(self) -> Path:
        """Where the files become visible."""
        return self.root.joinpath(*self.request.repository.split("/"))

    @property
    def target(self) -> Path:
        """What is opened once all is there: the last file, or its folder."""
        entry = self.folder / self.request.files[-1].path
        return entry.parent if entry.name in ENTRY_FOLDERS else entry

    def with_token(self, token: str) -> Job:
        """The same job for a user who may need to be known."""
        return replace(self, token=token)

    def url(self, file: RemoteFile) -> str:
        """Address of a file, at the endpoint unless it names its own."""
        if file.url:
            return file.url
        revision = quote(self.request.revision, safe="")
        return f"{self.endpoint}/{self.request.repository}/resolve/{revision}/{quote(file.path)}"


def run_job(job: Job, follower: Follower, pauses_s: tuple[float, ...]) -> None:
    """Fetch, verify and publish the files of a download.

    Raises:
        StoppedError: The follower was told to stop; what came is kept.
        DownloadError: It cannot go on; what came is kept unless it was wrong.
    """
    # Here, in the download's thread: 0.1 s and 13 MB that no start of the app should pay.
    from realm_desktop.library.file_download import fetch
    from realm_desktop.library.http_client import file_client

    staging = staging_folder(job.root, job.download_id)
    # Sent to the endpoint only: the client drops it when a redirect leads to another host.
    token = {"Authorization": f"Bearer {job.token}"} if job.token else {}
    parts: list[tuple[PartialFile, Path]] = []
    with file_client(follower.gate) as client:
        for index, remote in enumerate(job.request.files):
            visible = job.folder / remote.path
            follower.is_checking = True
            if file_matches(visible, remote, follower.tick):
                follower.finish_file(remote.num_bytes)
                continue
            url = job.url(remote)
            with PartialFile(staging / f"{index}.part", url, remote) as part:
                follower.follow(part)
                part.load(follower.tick)
                follower.is_checking = False
                missing = job.request.num_bytes - follower.done_bytes
                require_space(staging, missing)
                fetch(client, url, {} if remote.url else token, part, follower, pauses_s)
            follower.finish_file(remote.num_bytes)
            parts.append((part, visible))
    for part, visible in parts:
        part.publish(visible)


def verify_job(job: Job, follower: Follower) -> None:
    """Read the visible files of a finished download again.

    Raises:
        StoppedError: The follower was told to stop.
        DownloadError: A file is gone or has another content than the hub listed.
    """
    follower.is_checking = True
    for remote in job.request.files:
        visible = job.folder / remote.path
        if not file_matches(visible, remote, follower.tick):
            fault = "has changed" if visible.exists() else "is not there any more"
            raise DownloadError(
                f"{remote.path} {fault} since it was downloaded",
                advice="Download it again.",
                file=visible,
                field="changed",
            )
        follower.finish_file(remote.num_bytes)
