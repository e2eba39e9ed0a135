"""Updates of the program: looked for when the user asks, downloaded when the user asks, never installed.

Belongs to the event loop; the check runs in a thread, the download among all the others.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from realm_desktop.errors import RealmError
from realm_desktop.library.daemon_thread import run_in_thread
from realm_desktop.library.download_values import Download, DownloadRequest
from realm_desktop.library.downloads import Downloads
from realm_desktop.library.network import NetworkGate
from realm_desktop.library.update_check import Update, check_for_update, is_check_due, read_memory
from realm_desktop.library.update_source import UpdateSource, shipped_source

logger = logging.getLogger(__name__)


class Updates:
    """What is known of newer versions.

    Args:
        gate: Every connection passes it.
        downloads: Gets the package.
        memory_file: What earlier checks were told.
        find_source: Reads what this copy was given; replaced in tests.

    Attributes:
        found: What the last check said; None before the first one.
        error: Why the last check failed.
        is_checking: A check runs.
    """

    def __init__(
        self,
        gate: NetworkGate,
        downloads: Downloads,
        memory_file: Path,
        find_source: Callable[[], UpdateSource] = shipped_source,
    ) -> None:
        self.found: Update | None = None
        self.error: RealmError | None = None
        self.is_checking = False
        self._gate = gate
        self._downloads = downloads
        self._memory_file = memory_file
        self._find_source = find_source
        self._listeners: list[Callable[[], None]] = []

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after every change; returns the function that ends it."""
        self._listeners.append(listener)
        end = self._downloads.subscribe(listener)

        def unsubscribe() -> None:
            self._listeners.remove(listener)
            end()

        return unsubscribe

    def source(self) -> UpdateSource:
        """Where releases are announced; waits for the disk, a few kilobytes. Empty if damaged."""
        try:
            return self._find_source()
        except RealmError as error:
            logger.warning("%s", error)
            return UpdateSource()

    async def check(self) -> None:
        """Ask the feed now; `found` or `error` says what came of it."""
        if self.is_checking:
            return
        self.is_checking, self.error = True, None
        self._notify()
        try:
            work = partial(_ask, self._find_source, self._gate, self._memory_file)
            self.found = await run_in_thread(work, "update-check")
            logger.info("newest version: %s", self.found.version)
        except RealmError as error:
            logger.warning("no answer about updates: %s", error)
            # What an earlier check found is as true as before.
            self.error = error
        finally:
            self.is_checking = False
            self._notify()

    async def check_if_due(self) -> Update | None:
        """Ask if the last check is a day old; the update if there is one. Offline asks nobody."""
        memory = await asyncio.to_thread(read_memory, self._memory_file)
        source = await asyncio.to_thread(self.source)
        if self._gate.is_offline or not source.can_verify or not is_check_due(memory, time.time()):
            return None
        await self.check()
        return self.found if self.found is not None and self.found.is_newer else None

    def start_download(self) -> None:
        """Download the package of the update that was found; what came before goes on."""
        request = self._request
        if request is not None:
            self._downloads.start(request)

    @property
    def download(self) -> Download | None:
        """The download of the update that was found; None if it was not begun."""
        request = self._request
        items = self._downloads.items
        return next((item for item in items if item.request == request), None)

    @property
    def _request(self) -> DownloadRequest | None:
        if self.found is None or self.found.file is None:
            return None
        version, file = self.found.version, self.found.file
        return DownloadRequest("update", "releases/Realm-Desktop", version, version, (file.remote,))

    def _notify(self) -> None:
        for listener in tuple(self._listeners):
            listener()


def _ask(find_source: Callable[[], UpdateSource], gate: NetworkGate, memory_file: Path) -> Update:
    """Thread of the check."""
    return check_for_update(gate, find_source(), memory_file)
