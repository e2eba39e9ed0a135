"""All downloads: what waits, what runs, what can go on, what is done.

Belongs to the event loop. Each download that runs has a thread of its own, which reports through its
`Follower`; a few times a second its figures are read here and listeners are called. Nothing runs, and
nothing is asked of the network, unless the user starts or resumes a download.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from realm_desktop.errors import RealmError
from realm_desktop.events import ErrorInfo
from realm_desktop.library.daemon_thread import run_in_thread
from realm_desktop.library.download_job import Job, StoppedError, run_job, verify_job
from realm_desktop.library.download_record import (
    DownloadRecord,
    forget,
    read_records,
    received_bytes,
    staging_folder,
    write_record,
)
from realm_desktop.library.download_values import (
    Download,
    DownloadKind,
    DownloadRequest,
    DownloadState,
)
from realm_desktop.library.network import NetworkGate
from realm_desktop.library.tracked_download import TrackedDownload

logger = logging.getLogger(__name__)

MAX_RUNNING: Final = 2
TICK_S: Final = 0.25
CLOSE_S: Final = 1.0
"""How long the end of the app waits for threads to flush; one that hangs in a read is left."""

# Between attempts that brought nothing; a line that stays dead is told after about a minute.
PAUSES_S: Final = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0)


class Downloads:
    """The list of downloads and the commands on them.

    Args:
        gate: Every connection passes it.
        roots: Where models and adapters become visible.
        token: The user's token for an endpoint; "" without one.
        pauses_s: Between attempts; shorter in tests.
    """

    def __init__(
        self,
        gate: NetworkGate,
        roots: Mapping[DownloadKind, Path],
        token: Callable[[str], str],
        *,
        pauses_s: tuple[float, ...] = PAUSES_S,
    ) -> None:
        self._gate = gate
        self._roots = roots
        self._token = token
        self._pauses_s = pauses_s
        self._tracked: dict[str, TrackedDownload] = {}
        self._listeners: list[Callable[[], None]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._ticker: asyncio.Task[None] | None = None
        self._disk = asyncio.Lock()
        self._is_closed = False

    @property
    def items(self) -> Sequence[Download]:
        """Every download, the latest first."""
        return [tracked.snapshot() for tracked in reversed(self._tracked.values())]

    @property
    def measured_bytes_per_s(self) -> float:
        """The rate that was measured last in this run, of the latest download with one; else 0."""
        rates = (tracked.measured_rate for tracked in reversed(self._tracked.values()))
        return next(filter(None, rates), 0.0)

    def find(self, download_id: str) -> Download | None:
        """One download; None if it was removed."""
        tracked = self._tracked.get(download_id)
        return None if tracked is None else tracked.snapshot()

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after every change; returns the function that ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def load(self) -> None:
        """Read what earlier runs left; what was interrupted is paused until the user resumes it."""
        found = await asyncio.to_thread(self._read)
        for job, record, num_bytes in found:
            if job.download_id not in self._tracked:
                tracked = TrackedDownload(job, record.state, record.error)
                tracked.rest_bytes = num_bytes
                self._tracked[job.download_id] = tracked
        self._notify()

    def start(self, request: DownloadRequest) -> str:
        """Download something; returns its id. What is listed already goes on instead."""
        for download_id, known in self._tracked.items():
            if known.job.request == request and known.state is not DownloadState.DONE:
                self.resume(download_id)
                return download_id
        # Sorts by time; the random part keeps two starts in one tick apart.
        download_id = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
        endpoint = self._gate.settings.hub_endpoint.rstrip("/")
        job = Job(download_id, request, self._roots[request.kind], endpoint)
        self._tracked[download_id] = TrackedDownload(job, DownloadState.WAITING)
        self._changed(download_id)
        return download_id

    def pause(self, download_id: str) -> None:
        """Stop for now; what came is kept."""
        tracked = self._tracked.get(download_id)
        if tracked is not None and tracked.snapshot().is_active and not tracked.is_verifying:
            tracked.stop(DownloadState.PAUSED)
            self._changed(download_id)

    def resume(self, download_id: str) -> None:
        """Go on with what was paused, or try again what failed."""
        tracked = self._tracked.get(download_id)
        if tracked is not None and tracked.state in (DownloadState.PAUSED, DownloadState.FAILED):
            tracked.wait()
            self._changed(download_id)

    def cancel(self, download_id: str) -> None:
        """Stop for good and delete what came; of a finished one only the entry in this list."""
        tracked = self._tracked.pop(download_id, None)
        if tracked is not None:
            tracked.stop(DownloadState.PAUSED)
            self._start_task(self._forget(tracked))
            self._pump()
            self._notify()

    def verify(self, download_id: str) -> None:
        """Read a finished download again and compare it with what the hub listed."""
        tracked = self._tracked.get(download_id)
        if tracked is not None and tracked.state is DownloadState.DONE and not tracked.is_busy:
            tracked.state = DownloadState.CHECKING
            self._run(tracked, is_verification=True)
            self._notify()

    async def close(self) -> None:
        """Stop every thread; what came is flushed and goes on at the next start, if asked to."""
        self._is_closed = True
        for tracked in self._tracked.values():
            tracked.stop(DownloadState.PAUSED)
        if self._ticker is not None:
            self._ticker.cancel()
        if self._tasks:
            await asyncio.wait(tuple(self._tasks), timeout=CLOSE_S)

    def _read(self) -> list[tuple[Job, DownloadRecord, int]]:
        """Every record with the bytes that are on disk; another thread."""
        found = []
        for kind, root in self._roots.items():
            for download_id, record in read_records(root):
                if record.request.kind != kind:
                    continue
                is_done = record.state is DownloadState.DONE
                received = received_bytes(staging_folder(root, download_id))
                num_bytes = record.request.num_bytes if is_done else received
                job = Job(download_id, record.request, root, record.endpoint)
                found.append((job, record, num_bytes))
        return sorted(found, key=lambda entry: entry[0].download_id)

    def _changed(self, download_id: str) -> None:
        self._start_task(self._save(download_id))
        self._pump()
        self._notify()

    def _pump(self) -> None:
        """Start what waits, as far as there is room."""
        if self._is_closed:
            return
        running = sum(tracked.is_busy for tracked in self._tracked.values())
        for tracked in self._tracked.values():
            # One that is still stopping keeps its place: its thread has the partial file open.
            if running >= MAX_RUNNING or tracked.state is not DownloadState.WAITING:
                continue
            if not tracked.is_busy:
                tracked.state = DownloadState.RUNNING
                self._run(tracked)
                running += 1

    def _run(self, tracked: TrackedDownload, *, is_verification: bool = False) -> None:
        tracked.begin(self._gate, is_verifying=is_verification)
        self._start_task(self._follow(tracked))
        if self._ticker is None or self._ticker.done():
            self._ticker = asyncio.get_running_loop().create_task(self._tick())

    async def _follow(self, tracked: TrackedDownload) -> None:
        """Wait for a download's thread, and take down how it ended."""
        follower = tracked.follower
        assert follower is not None
        job, pauses_s = tracked.job, self._pauses_s
        token = await asyncio.to_thread(self._token, job.endpoint)

        def work() -> None:
            if tracked.is_verifying:
                verify_job(job, follower)
            else:
                run_job(job.with_token(token), follower, pauses_s)

        try:
            await run_in_thread(work, f"download-{job.download_id[-8:]}")
        except StoppedError:
            tracked.end(None, None)
        except RealmError as error:
            logger.warning("download of %s: %s", job.request.title, error)
            is_offline = error.field == "offline"
            state = DownloadState.PAUSED if is_offline else DownloadState.FAILED
            tracked.end(state, ErrorInfo.of(error))
        except Exception as error:  # border of the thread: told in the list like any failure
            logger.exception("the download of %s failed", job.request.title)
            tracked.end(DownloadState.FAILED, ErrorInfo.of(error))
        else:
            logger.info("%s is complete: %d bytes", job.request.title, job.request.num_bytes)
            tracked.end(DownloadState.DONE, None)
        self._pump()
        self._notify()
        await self._save(job.download_id)

    async def _tick(self) -> None:
        """Measure and tell while anything runs; an idle list costs nothing."""
        while any(tracked.is_busy for tracked in self._tracked.values()):
            for tracked in self._tracked.values():
                tracked.measure(time.monotonic())
            self._notify()
            await asyncio.sleep(TICK_S)

    async def _save(self, download_id: str) -> None:
        """Write the record as it is when its turn comes, so that an old one never wins."""
        async with self._disk:
            tracked = self._tracked.get(download_id)
            if tracked is None:
                return
            job = tracked.job
            record = DownloadRecord(job.request, job.endpoint, tracked.kept_state, tracked.error)
            folder = staging_folder(job.root, download_id)
            try:
                await asyncio.to_thread(write_record, folder, record)
            except RealmError as error:
                # The download itself meets the same disk and says so in its row.
                logger.warning("the record of a download was not saved: %s", error)

    async def _forget(self, tracked: TrackedDownload) -> None:
        folder = staging_folder(tracked.job.root, tracked.job.download_id)
        # Twice: at once, so that it stays cancelled whatever comes, and when its thread let go.
        for wait in (False, True):
            if wait and tracked.is_busy:
                await tracked.ended.wait()
            async with self._disk:
                await asyncio.to_thread(forget, folder)

    def _start_task(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _notify(self) -> None:
        for listener in tuple(self._listeners):
            listener()
