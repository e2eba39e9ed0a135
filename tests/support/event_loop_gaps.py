"""How long the event loop of the GUI thread is kept from its next turn, by a timer that should tick every 5 ms."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer

TICK_S = 0.005
MIN_WATCHED = 0.95
"""Share of the time below which a recording says nothing: the timer itself was held up."""

_SCHEDULER = Path("/proc/thread-self/schedstat")
"""Nanoseconds on a processor and waiting for one, and turns on it; Linux alone (proc(5))."""


class GapRecorder(QObject):
    """Gaps between two ticks, each in wall time and in CPU time of the GUI thread.

    Wall time is what a user feels. On a machine that does much else it says more of that than of the
    program, so tests that run by default judge the CPU time. Call `stop` before reading.

    Attributes:
        wall_s: Every gap.
        cpu_s: What the GUI thread computed in it.
        waited_s: How long the GUI thread waited for a processor in it; 0 where nobody tells.
    """

    def __init__(self) -> None:
        super().__init__()
        self.wall_s: list[float] = []
        self.cpu_s: list[float] = []
        self.waited_s: list[float] = []
        self._scheduler = _SCHEDULER.open("rb", buffering=0) if _SCHEDULER.exists() else None
        self._last_s = time.monotonic()
        self._last_cpu_s = time.thread_time()
        self._last_waited_s = self._waited_s()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(round(1000 * TICK_S))
        self._timer.timeout.connect(self._on_tick)
        self._timer.start()

    @property
    def longest_s(self) -> float:
        """Longest computation between two turns of the event loop."""
        return max(self.cpu_s)

    @property
    def watched(self) -> float:
        """Share of the time that ticks and the work between them account for, 0 to 1.

        A turn of 10 ms swallows a tick, and its gap tells it. What is longer than a tick and what the
        GUI thread had to do in it is a time in which no tick came although one could have.
        """
        gaps = zip(self.wall_s, self.cpu_s, self.waited_s, strict=True)
        known_s = sum(min(wall_s, TICK_S + cpu_s + waited_s) for wall_s, cpu_s, waited_s in gaps)
        return known_s / sum(self.wall_s)

    def stop(self) -> None:
        """Note the work since the last tick, and end."""
        self._on_tick()
        self._timer.stop()
        if self._scheduler is not None:
            self._scheduler.close()

    def summary(self) -> str:
        """The figures in one line."""
        return (
            f"wall p99 {1e3 * percentile(self.wall_s, 0.99):.0f} ms,"
            f" max {1e3 * max(self.wall_s):.0f} ms;"
            f" CPU p99 {1e3 * percentile(self.cpu_s, 0.99):.0f} ms,"
            f" max {1e3 * max(self.cpu_s):.0f} ms; watched {100 * self.watched:.0f} %"
        )

    def _on_tick(self) -> None:
        now_s, now_cpu_s, now_waited_s = time.monotonic(), time.thread_time(), self._waited_s()
        self.wall_s.append(now_s - self._last_s)
        self.cpu_s.append(now_cpu_s - self._last_cpu_s)
        self.waited_s.append(now_waited_s - self._last_waited_s)
        self._last_s, self._last_cpu_s, self._last_waited_s = now_s, now_cpu_s, now_waited_s

    def _waited_s(self) -> float:
        """How long this thread was ready to run and did not, since it began."""
        if self._scheduler is None:
            return 0.0
        return int(os.pread(self._scheduler.fileno(), 64, 0).split()[1]) / 1e9


@contextmanager
def recorded_gaps() -> Iterator[GapRecorder]:
    """Records while the block runs."""
    recorder = GapRecorder()
    yield recorder
    recorder.stop()
    recorder.deleteLater()


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share of all lies."""
    return sorted(values)[min(int(share * len(values)), len(values) - 1)]
