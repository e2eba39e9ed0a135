"""Collects reference cycles in the GUI thread only.

Python collects in whichever thread allocates next. If that is the engine worker, it destroys widgets
and timers of Qt from the wrong thread, which crashes. So the automatic collector is switched off and run
from the event loop. Knows only the loop; belongs to the GUI thread.
"""

from __future__ import annotations

import asyncio
import gc

PERIOD_S = 0.5
MAX_PERIOD_S = 4.0
"""While nothing is due it is looked for less and less often: of the four times a second that an idle
window was woken, two were for this."""

_OLDEST = 2
"""The generation whose collection is a full one."""


class GarbageCollector:
    """Runs the cyclic collector from the event loop, by the thresholds of the interpreter.

    A full collection looks at everything that lives: with eight chats that stream it took 74 ms after
    three minutes and three times that after ten, in which no key was answered. So what survived one is
    set aside, and looked at again when the window has come to rest.

    Owned by `app`, from before the first window until after the last.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._timer: asyncio.TimerHandle | None = None
        self._period_s = PERIOD_S
        self._has_set_aside = False
        self._was_automatic = True

    def start(self) -> None:
        """Take over from the automatic collector."""
        self._was_automatic = gc.isenabled()
        gc.disable()
        # Modules and tables of the start never become garbage; a full collection skips them now.
        gc.freeze()
        self._schedule()

    def stop(self) -> None:
        """Hand back to the automatic collector, if it ran before.

        Windows and threads outlive the loop for a moment; who switched it off has it on at their end.
        """
        if self._timer is not None:
            self._timer.cancel()
        gc.unfreeze()
        if self._was_automatic:
            gc.enable()

    def collect(self) -> int | None:
        """Collect the oldest generation that is due; returns which one."""
        due = [
            generation
            for generation, (count, threshold) in enumerate(
                zip(gc.get_count(), gc.get_threshold(), strict=True)
            )
            if count > threshold > 0
        ]
        if not due:
            return None
        gc.collect(due[-1])
        if due[-1] == _OLDEST:
            gc.freeze()
            self._has_set_aside = True
        return due[-1]

    def collect_all(self) -> None:
        """Look at everything again, what was set aside too."""
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        self._has_set_aside = False

    def _schedule(self) -> None:
        self._timer = self._loop.call_later(self._period_s, self._tick)

    def _tick(self) -> None:
        is_due = self.collect() is not None
        if not is_due and self._period_s >= MAX_PERIOD_S and self._has_set_aside:
            self.collect_all()
        self._period_s = PERIOD_S if is_due else min(2 * self._period_s, MAX_PERIOD_S)
        self._schedule()
