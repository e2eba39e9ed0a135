"""What the window says of downloads."""

from __future__ import annotations

import pytest

from realm_desktop.events import ErrorInfo
from realm_desktop.library.download_values import DownloadState
from realm_desktop.ui.panels.download_texts import (
    error_text,
    fraction_of,
    state_text,
    summary_text,
    time_text,
)
from tests.support.downloads import make_download

RUNNING, DONE = make_download(), make_download(DownloadState.DONE, "other")


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (DownloadState.RUNNING, "40.0 MB of 100 MB · 2.0 MB/s · 30 s left"),
        (DownloadState.WAITING, "40.0 MB of 100 MB · waits for a place"),
        (DownloadState.PAUSED, "40.0 MB of 100 MB · paused"),
        (DownloadState.CHECKING, "40.0 MB of 100 MB · reading what is on disk"),
        (DownloadState.FAILED, "40.0 MB of 100 MB · stopped"),
        (DownloadState.DONE, "100 MB · verified"),
    ],
)
def test_each_state_has_its_words(state: DownloadState, text: str) -> None:
    assert state_text(make_download(state)) == text


def test_a_download_that_waits_to_try_again_says_why() -> None:
    item = make_download(note="the connection was cut")

    assert state_text(item) == "40.0 MB of 100 MB · tries again: the connection was cut"


def test_a_rate_that_is_not_known_shows_no_time_left() -> None:
    item = make_download(bytes_per_s=0.0, seconds_left=None)

    assert state_text(item) == "40.0 MB of 100 MB · 0 B/s"


def test_a_failure_is_told_with_its_advice() -> None:
    error = ErrorInfo("DownloadError", "m.gguf is gone", "Look it up again.")

    assert error_text(make_download(error=error)) == "m.gguf is gone. Look it up again."
    assert error_text(RUNNING) == ""


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "1 s"), (59, "59 s"), (600, "10 min"), (5400, "1 h 30 min"), (1e9, "days")],
)
def test_a_time_left_is_as_coarse_as_it_is_known(seconds: float, text: str) -> None:
    assert time_text(seconds) == text


def test_the_summary_counts_what_goes_on() -> None:
    assert summary_text([RUNNING, DONE]) == "1 download 40 %"
    assert summary_text([RUNNING, make_download(name="b"), DONE]) == "2 downloads 40 %"
    assert summary_text([DONE]) == ""


def test_the_summary_reminds_of_what_is_paused() -> None:
    paused = make_download(DownloadState.PAUSED)

    assert summary_text([paused, DONE]) == "1 download paused"
    assert summary_text([paused, paused]) == "2 downloads paused"
    assert summary_text([paused, RUNNING]) == "1 download 40 %"


def test_nothing_active_is_no_part_of_anything() -> None:
    assert fraction_of([]) == 0.0
