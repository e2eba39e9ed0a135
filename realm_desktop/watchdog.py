"""How long an engine may take, and a timer that ends one which fell silent.

The timer runs in a thread of its own, because the worker can be held inside half a frame of a hung engine.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

LATE_S = 5.0
"""A wait that overran by this much was not the engine's fault: the machine slept."""


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """How long the worker is patient, in seconds.

    Attributes:
        start_s: From the start of the process to its first word; importing torch from a cold disk.
        heartbeat_s: Longest silence after that.
        shutdown_s: From `Shutdown` to the end of the process.
        max_deaths: So many within `deaths_window_s` leave the engine down.
    """

    start_s: float = 120.0
    heartbeat_s: float = 20.0
    shutdown_s: float = 1.0
    max_deaths: int = 3
    deaths_window_s: float = 300.0


class Watchdog:
    """Calls `on_silence` once, in its own thread, if `feed` is not called in time.

    Args:
        limit_s: When the first sign of life is due, from now.
        on_silence: Ends the engine.
        clock: Seconds that never jump.
    """

    def __init__(
        self,
        limit_s: float,
        on_silence: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._on_silence = on_silence
        self._clock = clock
        self._changed = threading.Condition()
        self._limit_s = limit_s
        self._deadline = clock() + limit_s
        self._is_stopped = False
        self._has_fired = False
        self._thread = threading.Thread(target=self._watch, name="engine-watchdog", daemon=True)
        self._thread.start()

    @property
    def has_fired(self) -> bool:
        """Whether the silence lasted too long."""
        return self._has_fired

    @property
    def limit_s(self) -> float:
        """The silence that is allowed now."""
        return self._limit_s

    def feed(self, limit_s: float) -> None:
        """A sign of life; the next one is due within `limit_s` seconds."""
        with self._changed:
            deadline = self._clock() + limit_s
            is_sooner = deadline < self._deadline
            self._limit_s, self._deadline = limit_s, deadline
            if is_sooner:  # a later deadline is seen when the old one passes
                self._changed.notify()

    def stop(self) -> None:
        """Watch no longer."""
        with self._changed:
            self._is_stopped = True
            self._changed.notify()

    def _watch(self) -> None:
        with self._changed:
            while not self._is_stopped:
                due = self._deadline
                self._changed.wait(max(0.0, due - self._clock()))
                if self._is_due(due):
                    self._has_fired = True
                    break
        if self._has_fired:
            self._on_silence()

    def _is_due(self, waited_for: float) -> bool:
        """Whether the deadline passed; one that was slept through is set anew."""
        now = self._clock()
        if now - waited_for > LATE_S:
            self._deadline = now + self._limit_s
        return not self._is_stopped and now >= self._deadline
