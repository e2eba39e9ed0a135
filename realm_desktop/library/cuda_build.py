"""The CUDA builds of torch that this program knows: every file by address, size and SHA-256.

`installer/cuda_files.py` wrote the list for the very torch that the program was made with, so nothing
is resolved when it is installed: what comes is what was listed, or it is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from realm_desktop import assets
from realm_desktop.errors import DownloadError
from realm_desktop.library.download_values import DownloadRequest, RemoteFile


class CudaFile(msgspec.Struct, frozen=True):
    """One wheel."""

    name: str
    url: str
    num_bytes: int
    sha256: str


class CudaBuild(msgspec.Struct, frozen=True):
    """One build of torch with what it needs.

    Attributes:
        platform: Such as "linux-x86_64".
        python: Such as "3.11".
        torch: Its version without build, such as "2.13.0".
        cuda: The CUDA it needs of the driver, such as "13.0".
    """

    platform: str
    python: str
    torch: str
    cuda: str
    files: tuple[CudaFile, ...]

    @property
    def num_bytes(self) -> int:
        """Bytes of the download."""
        return sum(file.num_bytes for file in self.files)

    @property
    def cuda_version(self) -> tuple[int, int]:
        """The CUDA it needs, to compare with that of a driver."""
        major, _, minor = self.cuda.partition(".")
        return int(major), int(minor or 0)

    @property
    def request(self) -> DownloadRequest:
        """All of it as one download."""
        name = f"{self.torch}-cuda-{self.cuda}-python-{self.python}"
        files = tuple(
            RemoteFile(f.name, f.num_bytes, sha256=f.sha256, url=f.url) for f in self.files
        )
        # Beside the folder "torch" of the packages, which stands for a finished installation.
        return DownloadRequest("component", "wheels/CUDA-support", name, self.cuda, files)


class _List(msgspec.Struct, frozen=True):
    builds: tuple[CudaBuild, ...]


def shipped_builds(path: Path | None = None) -> tuple[CudaBuild, ...]:
    """The builds that this copy of the program knows.

    Args:
        path: Replaces the shipped list in tests.

    Raises:
        DownloadError: The list is damaged.
        RealmError: It is missing.
    """
    path = path or assets.resource("updates", "cuda.json")
    try:
        return msgspec.json.decode(path.read_bytes(), type=_List).builds
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        advice = "Install Realm Desktop again."
        raise DownloadError(
            f"{path.name} of this installation cannot be read", advice=advice, file=path
        ) from error


def build_for(
    builds: Iterable[CudaBuild], platform: str, python: str, torch: str
) -> CudaBuild | None:
    """The build that fits this program: the same torch for the same Python; None without one."""
    wanted = (platform, python, torch)
    return next((one for one in builds if (one.platform, one.python, one.torch) == wanted), None)
