"""Logs how long the start took: window painted, list shown, engine ready, model loaded.

GUI thread.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from pathlib import Path

import psutil

from realm_desktop.client import EngineClient
from realm_desktop.events import EngineReady, Event, ModelLoaded

logger = logging.getLogger(__name__)


class StartLog:
    """One line for each stage of the start, in seconds since the process began; then silent.

    Args:
        client: Tells of the engine and the model.
        started_s: When the process began, Unix time; None asks the system.
    """

    def __init__(self, client: EngineClient, started_s: float | None = None) -> None:
        self._started_s = time.time() - process_age_s() if started_s is None else started_s
        self._is_ready = False
        self._unsubscribe = client.subscribe(self._on_event)

    def log_painted(self) -> None:
        """The window was painted just now."""
        logger.info("the window is shown, %.2f s after the start", self._age_s())

    def log_listed(self) -> None:
        """The conversations can be seen and opened from now on."""
        logger.info("the list is shown, %.2f s after the start", self._age_s())

    def _on_event(self, event: Event) -> None:
        if isinstance(event, EngineReady) and not self._is_ready:
            self._is_ready = True
            logger.info("the engine is ready, %.2f s after the start", self._age_s())
        elif isinstance(event, ModelLoaded):
            logger.info("the model is loaded, %.2f s after the start", self._age_s())
            self._unsubscribe()

    def _age_s(self) -> float:
        return time.time() - self._started_s


def process_age_s() -> float:
    """Seconds since this process began."""
    if sys.platform != "linux":
        return time.time() - psutil.Process().create_time()
    # The kernel gives the boot time in whole seconds, so a start in Unix time is up to one second
    # off; ticks since boot are exact to a hundredth (proc_pid_stat(5), field 22).
    fields = Path("/proc/self/stat").read_text(encoding="ascii", errors="replace")
    ticks = int(fields.rpartition(")")[2].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
