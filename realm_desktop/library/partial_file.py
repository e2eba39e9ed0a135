"""A file that is on its way: what is on disk of it, and what must be true before it counts.

The content lies in `<name>.part`; a sidecar `<name>.part.json` says what it is the beginning of. After
a crash the sidecar is believed, not the length of the file: bytes behind the last flush may be holes.
Runs in a download's thread.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final

import msgspec

from realm_desktop.errors import NO_SPACE, DownloadError
from realm_desktop.library.download_values import RemoteFile

CHECKPOINT_BYTES: Final = 32 * 2**20
"""A crash costs at most so much; flushing each chunk would halve the rate of a slow disk."""

SPARE_BYTES: Final = 64 * 2**20
"""Left free for everything else on the disk, such as the conversations."""

READ_BYTES: Final = 2**20

Tick = Callable[[], None]
"""Called between pieces of work; raises to end it."""


class Sidecar(msgspec.Struct, frozen=True):
    """What a partial file is the beginning of."""

    url: str
    num_bytes: int
    sha256: str
    git_sha1: str
    etag: str
    size: int


class PartialFile:
    """One partial file, open from `__enter__` to `__exit__`.

    Args:
        path: Of the content; the sidecar lies beside it.
        url: Where it comes from, without anything secret.
        remote: What the whole file must be.

    Attributes:
        num_bytes: Received so far, all of it hashed.
        etag: Of the content, as the server named it; "" if it did not.
    """

    def __init__(self, path: Path, url: str, remote: RemoteFile) -> None:
        self.path = path
        self.remote = remote
        self.num_bytes = 0
        self.etag = ""
        self._url = url
        self._sidecar = path.with_name(path.name + ".json")
        self._flushed_bytes = 0
        self._digest = _digest_of(remote)
        self._file: BinaryIO | None = None

    def __enter__(self) -> PartialFile:
        """Open the file; `load` takes up what was received before.

        Raises:
            DownloadError: The folder cannot be written.
        """
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file = self.path.open("r+b" if self.path.exists() else "w+b")
        except OSError as error:
            raise disk_error(self.path, error) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Keep what came, whatever ended it."""
        if self._file is not None:
            # A full disk is told by the error that is under way already.
            with suppress(OSError, DownloadError):
                self.checkpoint()
            with suppress(OSError):
                self._file.close()
            self._file = None

    @property
    def is_complete(self) -> bool:
        """Whether every byte is there; `verify` says whether they are the right ones."""
        return self.num_bytes == self.remote.num_bytes

    def load(self, tick: Tick) -> None:
        """Take up what an earlier run received, and hash it: the state of a hash cannot be stored."""
        known = self._read_sidecar()
        if known is None:
            self.restart("")
            return
        file = self._opened
        have = min(known.size, os.fstat(file.fileno()).st_size, self.remote.num_bytes)
        file.truncate(have)
        file.seek(0)
        self.etag = known.etag
        while self.num_bytes < have:
            tick()
            piece = file.read(min(READ_BYTES, have - self.num_bytes))
            if not piece:
                break
            self._digest.update(piece)
            self.num_bytes += len(piece)
        file.seek(self.num_bytes)
        self._flushed_bytes = self.num_bytes

    def restart(self, etag: str) -> None:
        """Forget what came: the next bytes are the first ones of the content called `etag`."""
        file = self._opened
        file.seek(0)
        file.truncate()
        self.num_bytes = self._flushed_bytes = 0
        self.etag = etag
        self._digest = _digest_of(self.remote)

    def write(self, chunk: bytes) -> None:
        """Add received bytes.

        Raises:
            DownloadError: More came than the file has, or the disk is full.
        """
        if self.num_bytes + len(chunk) > self.remote.num_bytes:
            raise DownloadError(
                f"the server sends more than the {self.remote.num_bytes:,} bytes that are "
                f"listed for {self.remote.path}",
                advice="Try again; if it stays so, choose another repository.",
                field="size",
            )
        try:
            self._opened.write(chunk)
        except OSError as error:
            raise disk_error(self.path, error) from error
        self._digest.update(chunk)
        self.num_bytes += len(chunk)
        if self.num_bytes - self._flushed_bytes >= CHECKPOINT_BYTES:
            require_space(self.path.parent, self.remote.num_bytes - self.num_bytes)
            self.checkpoint()

    def checkpoint(self) -> None:
        """Make sure that what came survives a power cut.

        Raises:
            DownloadError: The disk refuses.
        """
        try:
            self._opened.flush()
            os.fsync(self._opened.fileno())
            sidecar = Sidecar(
                self._url,
                self.remote.num_bytes,
                self.remote.sha256,
                self.remote.git_sha1,
                self.etag,
                self.num_bytes,
            )
            write_whole(self._sidecar, msgspec.json.encode(sidecar))
        except OSError as error:
            raise disk_error(self.path, error) from error
        self._flushed_bytes = self.num_bytes

    def verify(self) -> bool:
        """Whether what came is the file that the hub lists."""
        return self.is_complete and self._digest.hexdigest() == _expected(self.remote)

    def head(self, num_bytes: int) -> bytes:
        """The first bytes that came."""
        file = self._opened
        file.seek(0)
        found = file.read(num_bytes)
        file.seek(0, os.SEEK_END)
        return found

    def remove(self) -> None:
        """Delete content and sidecar."""
        if self._file is not None:
            self._file.close()
            self._file = None
        self._sidecar.unlink(missing_ok=True)
        self.path.unlink(missing_ok=True)

    def publish(self, target: Path) -> None:
        """Give the content its name; only what `verify` accepted may come here.

        Raises:
            DownloadError: The system refuses.
        """
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            self.path.replace(target)
            self._sidecar.unlink(missing_ok=True)
        except OSError as error:
            raise disk_error(target, error) from error

    @property
    def _opened(self) -> BinaryIO:
        assert self._file is not None
        return self._file

    def _read_sidecar(self) -> Sidecar | None:
        """The sidecar, if it describes the beginning of this very file."""
        try:
            known = msgspec.json.decode(self._sidecar.read_bytes(), type=Sidecar)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return None
        remote = self.remote
        wanted = (self._url, remote.num_bytes, remote.sha256, remote.git_sha1)
        found = (known.url, known.num_bytes, known.sha256, known.git_sha1)
        return known if found == wanted and known.size >= 0 else None


def file_matches(path: Path, remote: RemoteFile, tick: Tick) -> bool:
    """Whether the file at `path` is the one that the hub lists; reads all of it."""
    digest = _digest_of(remote)
    try:
        if path.stat().st_size != remote.num_bytes:
            return False
        with path.open("rb") as file:
            while piece := file.read(READ_BYTES):
                tick()
                digest.update(piece)
    except OSError:
        return False
    return digest.hexdigest() == _expected(remote)


def require_space(folder: Path, num_bytes: int) -> None:
    """Refuse to begin what the disk cannot hold.

    Raises:
        DownloadError: Fewer bytes are free than needed, with both numbers.
    """
    try:
        free_bytes = shutil.disk_usage(folder).free
    except OSError as error:
        raise disk_error(folder, error) from error
    if free_bytes < num_bytes + SPARE_BYTES:
        raise DownloadError(
            f"the download needs {num_bytes / 1e6:,.0f} MB more and {SPARE_BYTES / 1e6:,.0f} MB to "
            f"spare; the disk has {free_bytes / 1e6:,.0f} MB free",
            advice="Free some space, then resume. What came already is kept.",
            file=folder,
            field=NO_SPACE,
        )


def disk_error(path: Path, error: OSError) -> DownloadError:
    """What the disk refused, in words."""
    is_full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    reason = "the disk is full" if is_full else error.strerror or str(error)
    return DownloadError(
        f"{path.name} cannot be written: {reason}",
        advice="Free some space, then resume. What came already is kept."
        if is_full
        else "Check the folder of the models, then resume.",
        file=path,
        field=NO_SPACE if is_full else "disk",
    )


def write_whole(path: Path, data: bytes) -> None:
    """Replace `path` by `data`: a crash leaves the old content or the new one.

    Raises:
        OSError: The system refuses.
    """
    temporary = path.with_name(path.name + ".new")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def _digest_of(remote: RemoteFile) -> hashlib._Hash:
    if remote.sha256:
        return hashlib.sha256()
    # The name git gives a blob: its length stands before its content (git-hash-object).
    return hashlib.sha1(b"blob %d\x00" % remote.num_bytes, usedforsecurity=False)


def _expected(remote: RemoteFile) -> str:
    return remote.sha256 or remote.git_sha1
