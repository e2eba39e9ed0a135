"""Tests of the watch on the event loop: what it tells, and that it tells when it did not watch."""

from __future__ import annotations

import time

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from tests.support.event_loop_gaps import MIN_WATCHED, TICK_S, GapRecorder

LENGTH_S = 0.3


@pytest.fixture
def recorder(qtbot: QtBot) -> GapRecorder:
    return GapRecorder()


def _watch(qtbot: QtBot, recorder: GapRecorder) -> None:
    """Let the event loop run, then end the recording."""
    qtbot.wait(round(1000 * LENGTH_S))
    recorder.stop()


def _compute(length_s: float) -> None:
    end_s = time.thread_time() + length_s
    while time.thread_time() < end_s:
        pass


def test_free_event_loop_was_watched(qtbot: QtBot, recorder: GapRecorder) -> None:
    _watch(qtbot, recorder)

    assert recorder.watched >= MIN_WATCHED
    assert sum(recorder.wall_s) >= 0.9 * LENGTH_S


def test_ticks_that_work_swallowed_count_as_watched(qtbot: QtBot, recorder: GapRecorder) -> None:
    timer = QTimer()
    timer.timeout.connect(lambda: _compute(3 * TICK_S))
    timer.start(round(4000 * TICK_S))
    _watch(qtbot, recorder)
    timer.stop()

    assert len(recorder.wall_s) < MIN_WATCHED * LENGTH_S / TICK_S
    assert recorder.watched >= MIN_WATCHED
    assert recorder.longest_s >= 3 * TICK_S


def test_recording_that_rested_for_a_while_is_no_watch(qtbot: QtBot, recorder: GapRecorder) -> None:
    recorder._timer.stop()
    QTimer.singleShot(round(1000 * LENGTH_S / 10), recorder._timer.start)
    _watch(qtbot, recorder)

    assert recorder.watched < MIN_WATCHED


def test_ticks_at_half_their_rate_are_no_watch(qtbot: QtBot, recorder: GapRecorder) -> None:
    recorder._timer.setInterval(round(2000 * TICK_S))
    _watch(qtbot, recorder)

    assert recorder.watched < MIN_WATCHED


def test_dead_timer_is_no_watch(qtbot: QtBot, recorder: GapRecorder) -> None:
    recorder._timer.stop()
    _watch(qtbot, recorder)

    assert recorder.watched < MIN_WATCHED
