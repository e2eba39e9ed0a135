"""Installs torch's CUDA build into the user's data folder, and removes it; the system is left alone.

Belongs to the event loop; what waits for disk or network runs in threads. The engine takes the build at
its next start, see `torch_folder`.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from realm_desktop.components import version_of
from realm_desktop.errors import DownloadError, RealmError
from realm_desktop.library.cuda_build import CudaBuild, build_for, shipped_builds
from realm_desktop.library.daemon_thread import run_in_thread
from realm_desktop.library.download_values import Download, DownloadState
from realm_desktop.library.downloads import Downloads
from realm_desktop.library.update_check import platform_name
from realm_desktop.library.wheel_folder import remove_rests, unpack_wheels
from realm_desktop.nvidia_driver import NvidiaDriver, find_nvidia_driver
from realm_desktop.torch_folder import TorchState, own_torch, read_state, try_torch

logger = logging.getLogger(__name__)

DISK_FACTOR: Final = 3
"""Free space that is asked for, in downloads: the wheels lie beside what they unpack to, which is
about twice their size. The exact size is compared once they are there."""

_CPU_BUILD: Final = "+cpu"


class CudaStep(StrEnum):
    """Where the installation stands."""

    UNKNOWN = "unknown"
    UNAVAILABLE = "unavailable"
    OFFERED = "offered"
    DOWNLOADING = "downloading"
    INSTALLING = "installing"
    INSTALLED = "installed"
    REFUSED = "refused"
    REMOVING = "removing"


@dataclass(frozen=True, slots=True)
class CudaOffer:
    """What could be installed here.

    Attributes:
        build: The files.
        driver: For whose cards.
        free_bytes: On the disk of the data folder.
    """

    build: CudaBuild
    driver: NvidiaDriver
    free_bytes: int

    @property
    def needed_bytes(self) -> int:
        """Free space that is asked for before anything begins."""
        return self.build.num_bytes * DISK_FACTOR

    @property
    def is_driver_new_enough(self) -> bool:
        """Whether the driver runs programs of this CUDA."""
        return self.driver.cuda >= self.build.cuda_version

    @property
    def has_room(self) -> bool:
        """Whether the disk has that much."""
        return self.free_bytes >= self.needed_bytes


@dataclass(frozen=True, slots=True)
class CudaParts:
    """What the installation asks of this machine; replaced in tests."""

    find_driver: Callable[[], NvidiaDriver | None] = find_nvidia_driver
    find_builds: Callable[[], tuple[CudaBuild, ...]] = shipped_builds
    try_folder: Callable[[Path], TorchState] = try_torch
    own_version: Callable[[], str | None] = lambda: version_of("torch")


class CudaSupport:
    """The CUDA build of torch of one user.

    Args:
        downloads: Gets the wheels.
        torch_folder: Where the packages shall lie; the engine looks there whether or not it exists.
        parts: Of this machine.

    Attributes:
        step: Where it stands.
        offer: What could be installed; None if nothing can.
        state: What is known of what is installed.
        error: Why the last attempt ended.
        torch_folder: Holds the packages.
    """

    def __init__(
        self, downloads: Downloads, torch_folder: Path, parts: CudaParts | None = None
    ) -> None:
        self.step = CudaStep.UNKNOWN
        self.offer: CudaOffer | None = None
        self.state: TorchState | None = None
        self.error: RealmError | None = None
        self.torch_folder = torch_folder
        self._downloads = downloads
        self._parts = parts or CudaParts()
        self._listeners: list[Callable[[], None]] = []
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def is_busy(self) -> bool:
        """Whether something is under way."""
        return self.step in (CudaStep.DOWNLOADING, CudaStep.INSTALLING, CudaStep.REMOVING)

    @property
    def download(self) -> Download | None:
        """The download of the build; None if there is none."""
        if self.offer is None:
            return None
        request = self.offer.build.request
        return next((item for item in self._downloads.items if item.request == request), None)

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after every change; returns the function that ends it."""
        self._listeners.append(listener)
        end = self._downloads.subscribe(listener)

        def unsubscribe() -> None:
            self._listeners.remove(listener)
            end()

        return unsubscribe

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run one of the following; it outlives the page that asked for it."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def look(self) -> None:
        """Find out what is installed and what could be."""
        if self.is_busy:
            return
        self.state, self.offer = await run_in_thread(self._look, "cuda-look")
        self._settle()

    async def try_again(self) -> None:
        """Try what is installed once more, such as after a newer driver."""
        if self.is_busy or self.state is None:
            return
        self._go(CudaStep.INSTALLING)
        self.state = await run_in_thread(
            lambda: self._parts.try_folder(self.torch_folder), "cuda-try"
        )
        self._settle()

    async def install(self) -> None:
        """Download, unpack, try; what came of an earlier attempt goes on. The user consented."""
        offer = self.offer
        if offer is None or self.is_busy:
            return
        self.error = None
        try:
            self._go(CudaStep.DOWNLOADING)
            item = await self._downloaded(offer)
            if item.state is not DownloadState.DONE:
                # Paused or failed: the list of downloads says why, and both can go on.
                self._go(CudaStep.OFFERED)
                return
            self._go(CudaStep.INSTALLING)
            self.state = await run_in_thread(lambda: self._unpack(_wheels(item)), "cuda-install")
        except RealmError as error:
            logger.warning("CUDA support was not installed: %s", error)
            self.error = error
            self._go(CudaStep.OFFERED)
            return
        self._downloads.cancel(item.download_id)
        self._settle()

    async def remove(self) -> None:
        """Delete it; the engine takes the program's own torch from its next start on."""
        if self.is_busy:
            return
        self._go(CudaStep.REMOVING)
        await run_in_thread(self._delete, "cuda-remove")
        self.step = CudaStep.UNKNOWN
        await self.look()

    async def _downloaded(self, offer: CudaOffer) -> Download:
        """The download once it does not go on by itself."""
        known = self.download
        # An earlier run was ended before it unpacked them, or while it took them away.
        is_done = known is not None and known.state is DownloadState.DONE
        if known is not None and is_done and all(wheel.exists() for wheel in _wheels(known)):
            return known
        moved = asyncio.Event()
        end = self._downloads.subscribe(moved.set)
        download_id = self._downloads.start(offer.build.request)
        try:
            while (item := self._downloads.find(download_id)) is not None and item.is_active:
                moved.clear()
                await moved.wait()
        finally:
            end()
        if item is None:
            raise DownloadError("the download was cancelled", advice="Begin it again.")
        return item

    def _look(self) -> tuple[TorchState | None, CudaOffer | None]:
        """Thread: asks the driver, which may take a second."""
        has_own_cuda = _CPU_BUILD not in (self._parts.own_version() or "")
        remove_rests(self.torch_folder)
        driver = None if has_own_cuda else self._parts.find_driver()
        build = None if driver is None else self._build()
        offer = None
        if driver is not None and build is not None:
            offer = CudaOffer(build, driver, _free_bytes(self.torch_folder.parent))
        if not self.torch_folder.is_dir():
            return None, offer
        return read_state(self.torch_folder) or TorchState(fault="it was not tried"), offer

    def _build(self) -> CudaBuild | None:
        python = f"{sys.version_info.major}.{sys.version_info.minor}"
        try:
            builds = self._parts.find_builds()
        except RealmError as error:
            logger.warning("%s", error)
            return None
        return build_for(builds, platform_name(), python, own_torch())

    def _unpack(self, wheels: list[Path]) -> TorchState:
        """Thread: the folder as a whole, then the try of it; the wheels are not needed any more."""
        unpack_wheels(wheels, self.torch_folder, lambda: None)
        # A virus scanner may hold one of them; another download may have something there.
        with suppress(OSError):
            for wheel in wheels:
                wheel.unlink(missing_ok=True)
            wheels[0].parent.rmdir()
            wheels[0].parent.parent.rmdir()
        return self._parts.try_folder(self.torch_folder)

    def _delete(self) -> None:
        """Thread. Windows keeps files that the engine has open: they go with the next attempt."""
        shutil.rmtree(self.torch_folder, ignore_errors=True)
        # Without it the rest is not taken for a build.
        (self.torch_folder / "checked.json").unlink(missing_ok=True)
        if self.torch_folder.is_dir() and not any(self.torch_folder.iterdir()):
            self.torch_folder.rmdir()

    def _settle(self) -> None:
        """Nothing is under way: what is there decides."""
        if self.state is not None:
            self._go(CudaStep.REFUSED if self.state.why_not else CudaStep.INSTALLED)
        else:
            self._go(CudaStep.UNAVAILABLE if self.offer is None else CudaStep.OFFERED)

    def _go(self, step: CudaStep) -> None:
        self.step = step
        for listener in tuple(self._listeners):
            listener()


def _wheels(item: Download) -> list[Path]:
    """Where the files of a download lie."""
    return [item.target.parent / file.path for file in item.request.files]


def _free_bytes(folder: Path) -> int:
    """Free space for a folder, which is made; 0 where it cannot be."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return shutil.disk_usage(folder).free
    except OSError as error:
        logger.warning("%s cannot be used: %s", folder, error)
        return 0
