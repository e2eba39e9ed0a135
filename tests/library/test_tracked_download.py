"""State and rate of one download."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from realm_desktop.events import ErrorInfo
from realm_desktop.library.download_job import Job
from realm_desktop.library.download_values import Download, DownloadState
from realm_desktop.library.network import NetworkGate
from realm_desktop.library.tracked_download import RATE_WINDOW_S, TrackedDownload
from tests.support.downloads import MB, make_file
from tests.support.loopback_hub import make_request


def _with_tracked(act: Callable[[TrackedDownload], Download]) -> Download:
    """What `act` makes of a download of 100 MB whose thread runs."""

    async def run() -> Download:
        request = make_request(make_file(100 * MB))
        job = Job("id", request, Path("/models"), "https://hub.example")
        tracked = TrackedDownload(job, DownloadState.RUNNING)
        tracked.begin(NetworkGate(), is_verifying=False)
        return act(tracked)

    return asyncio.run(run())


def _receive(tracked: TrackedDownload, num_bytes: int, now_s: float) -> None:
    follower = tracked.follower
    assert follower is not None
    follower.finish_file(num_bytes)
    tracked.measure(now_s)


def test_the_rate_is_that_of_the_last_seconds() -> None:
    def act(tracked: TrackedDownload) -> Download:
        _receive(tracked, 50 * MB, 0.0)
        for second in range(1, 10):
            _receive(tracked, MB, float(second))
        return tracked.snapshot()

    item = _with_tracked(act)

    assert item.bytes_per_s == MB
    assert item.seconds_left == 41.0


def test_rate_that_was_measured_outlives_a_pause() -> None:
    measured = []

    def act(tracked: TrackedDownload) -> Download:
        measured.append(tracked.measured_rate)
        _receive(tracked, 0, 0.0)
        _receive(tracked, MB, 1.0)
        _receive(tracked, 0, RATE_WINDOW_S + 2)
        measured.append(tracked.measured_rate)
        return tracked.snapshot()

    assert _with_tracked(act).bytes_per_s == 0.0
    assert measured == [0.0, MB]


def test_a_line_that_stands_still_has_no_rate_and_no_time_left() -> None:
    def act(tracked: TrackedDownload) -> Download:
        _receive(tracked, 50 * MB, 0.0)
        _receive(tracked, 0, RATE_WINDOW_S + 1)
        _receive(tracked, 0, RATE_WINDOW_S + 2)
        return tracked.snapshot()

    item = _with_tracked(act)

    assert (item.bytes_per_s, item.seconds_left) == (0.0, None)


def test_reading_the_disk_is_no_download() -> None:
    def act(tracked: TrackedDownload) -> Download:
        assert tracked.follower is not None
        tracked.follower.is_checking = True
        _receive(tracked, 50 * MB, 0.0)
        _receive(tracked, 40 * MB, 1.0)
        return tracked.snapshot()

    item = _with_tracked(act)

    assert (item.state, item.bytes_per_s) == (DownloadState.CHECKING, 0.0)


def test_a_pause_during_the_last_chunk_does_not_undo_the_end() -> None:
    def act(tracked: TrackedDownload) -> Download:
        tracked.stop(DownloadState.PAUSED)
        tracked.end(DownloadState.DONE, None)
        return tracked.snapshot()

    assert _with_tracked(act).state is DownloadState.DONE


def test_resuming_leaves_no_stale_error() -> None:
    def act(tracked: TrackedDownload) -> Download:
        tracked.end(DownloadState.FAILED, ErrorInfo("DownloadError", "cut", "", None, "line"))
        tracked.wait()
        return tracked.snapshot()

    item = _with_tracked(act)

    assert (item.state, item.error) == (DownloadState.WAITING, None)


def test_what_runs_is_paused_after_a_restart() -> None:
    kept: list[DownloadState] = []

    def act(tracked: TrackedDownload) -> Download:
        kept.append(tracked.kept_state)
        tracked.end(DownloadState.DONE, None)
        kept.append(tracked.kept_state)
        return tracked.snapshot()

    _with_tracked(act)

    assert kept == [DownloadState.PAUSED, DownloadState.DONE]
