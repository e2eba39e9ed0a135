"""How long the event loop of the GUI thread is kept from its next turn, by a timer that should tick every 5 ms."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from PySide6.QtCore import QObject, Qt, QTimer

TICK_S = 0.005
MIN_TICKED = 0.5
"""Share of the expected ticks below which a recording says nothing: the timer itself was held up.

A turn of 10 ms swallows a tick and is told by its gap; eight streams leave 72 to 89 % of them.
"""


class GapRecorder(QObject):
    """Gaps between two ticks, each in wall time and in CPU time of the GUI thread.

    Wall time is what a user feels. On a machine that does much else it says more of that than of the
    program, so tests that run by default judge the CPU time. Call `stop` before reading.

    Attributes:
        wall_s: Every gap.
        cpu_s: What the GUI thread computed in it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.wall_s: list[float] = []
        self.cpu_s: list[float] = []
        self._begin_s = self._last_s = time.monotonic()
        self._last_cpu_s = time.thread_time()
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
    def ticked(self) -> float:
        """Share of the expected ticks that came, 0 to 1."""
        return len(self.wall_s) / max(1.0, (self._last_s - self._begin_s) / TICK_S)

    def stop(self) -> None:
        """Note the work since the last tick, and end."""
        self._on_tick()
        self._timer.stop()

    def summary(self) -> str:
        """The figures in one line."""
        return (
            f"wall p99 {1e3 * percentile(self.wall_s, 0.99):.0f} ms,"
            f" max {1e3 * max(self.wall_s):.0f} ms;"
            f" CPU p99 {1e3 * percentile(self.cpu_s, 0.99):.0f} ms,"
            f" max {1e3 * max(self.cpu_s):.0f} ms; ticked {100 * self.ticked:.0f} %"
        )

    def _on_tick(self) -> None:
        now_s, now_cpu_s = time.monotonic(), time.thread_time()
        self.wall_s.append(now_s - self._last_s)
        self.cpu_s.append(now_cpu_s - self._last_cpu_s)
        self._last_s, self._last_cpu_s = now_s, now_cpu_s


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
