"""One download as the list of downloads keeps it: its state, its thread's follower, its rate."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

from realm_desktop.events import ErrorInfo
from realm_desktop.library.download_job import Follower, Job
from realm_desktop.library.download_values import Download, DownloadState
from realm_desktop.library.network import NetworkGate, host_of

RATE_WINDOW_S: Final = 5.0
"""Long enough that the rate does not jump, short enough that a stop is seen."""


class TrackedDownload:
    """State of one download; belongs to the event loop.

    Attributes:
        state: What the user is told, except that a running one may be checking.
        error: Why it failed or stopped.
        follower: Of the thread that runs; None while none does.
        rest_bytes: On disk while no thread runs.
        ended: Set while no thread runs.
        measured_rate: Bytes per second while something came last; 0 before that.
    """

    def __init__(self, job: Job, state: DownloadState, error: ErrorInfo | None = None) -> None:
        self.job = job
        self.state = state
        self.error = error
        self.follower: Follower | None = None
        self.rest_bytes = 0
        self.ended = asyncio.Event()
        self.ended.set()
        self.is_verifying = False
        self.measured_rate = 0.0
        self._rate = 0.0
        self._samples: deque[tuple[float, int]] = deque()

    @property
    def is_busy(self) -> bool:
        """Whether a thread runs, if only to stop."""
        return not self.ended.is_set()

    @property
    def kept_state(self) -> DownloadState:
        """The state for the disk: what goes on by itself now is paused after a restart."""
        if self.is_verifying:
            return DownloadState.DONE
        is_final = self.state in (DownloadState.DONE, DownloadState.FAILED)
        return self.state if is_final else DownloadState.PAUSED

    def begin(self, gate: NetworkGate, *, is_verifying: bool) -> None:
        """A thread is about to run."""
        first = self.job.request.files[0]
        self.follower = Follower(gate, host_of(self.job.url(first)))
        self.is_verifying = is_verifying
        self.error = None
        self.ended.clear()
        self._samples.clear()
        self._rate = 0.0

    def wait(self) -> None:
        """Go on as soon as there is room."""
        self.state = DownloadState.WAITING
        self.error = None

    def stop(self, state: DownloadState) -> None:
        """Let the thread end; what is done stays done."""
        if self.follower is not None:
            self.follower.stop.set()
        if self.state not in (DownloadState.DONE, DownloadState.FAILED) and not self.is_verifying:
            self.state = state

    def end(self, state: DownloadState | None, error: ErrorInfo | None) -> None:
        """The thread ended; None keeps the state that the user chose meanwhile."""
        follower = self.follower
        assert follower is not None
        if state is not None:
            self.state, self.error = state, error
        elif self.is_verifying:
            self.state = DownloadState.DONE
        self.rest_bytes = follower.done_bytes
        if self.state is DownloadState.DONE:
            self.rest_bytes = self.job.request.num_bytes
        if self.error is not None and self.error.field in ("hash", "content", "changed"):
            # These bytes were removed, or are not what they should be.
            self.rest_bytes = 0
        self.follower = None
        self.is_verifying = False
        self._rate = 0.0
        self.ended.set()

    def measure(self, now_s: float) -> None:
        """Take a sample for the rate."""
        follower = self.follower
        if follower is None:
            return
        if follower.is_checking:
            # Reading the disk is no download: it would make the rate a wrong one.
            self._samples.clear()
            self._rate = 0.0
            return
        self._samples.append((now_s, follower.done_bytes))
        while now_s - self._samples[0][0] > RATE_WINDOW_S:
            self._samples.popleft()
        (first_s, first), (last_s, last) = self._samples[0], self._samples[-1]
        self._rate = max(0, last - first) / (last_s - first_s) if last_s > first_s else 0.0
        # A line that stands still says nothing of how long another download will take.
        self.measured_rate = self._rate or self.measured_rate

    def snapshot(self) -> Download:
        """The download as it is now."""
        follower = self.follower
        is_shown = follower is not None and self.state in (
            DownloadState.RUNNING,
            DownloadState.CHECKING,
        )
        done = self.rest_bytes if follower is None else follower.done_bytes
        rate = self._rate if is_shown else 0.0
        state = self.state
        if is_shown and follower is not None and follower.is_checking:
            state = DownloadState.CHECKING
        return Download(
            self.job.download_id,
            self.job.request,
            state,
            self.job.target,
            done_bytes=done,
            bytes_per_s=rate,
            seconds_left=(self.job.request.num_bytes - done) / rate if rate > 0 else None,
            note=follower.note if is_shown and follower is not None else "",
            error=self.error,
        )
