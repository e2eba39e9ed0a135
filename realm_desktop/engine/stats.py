"""Figures of the engine: rates over the last second, and the record of one step."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

WINDOW_S = 1.0
"""Rates are averaged over this time, so that they can be read without flicker."""


class RateMeter:
    """Events per second over a sliding window; the caller passes the time."""

    def __init__(self) -> None:
        self._entries: deque[tuple[float, int]] = deque()
        self._total = 0

    def add(self, now_s: float, count: int) -> None:
        """Record `count` events at `now_s` (monotonic, not decreasing)."""
        self._entries.append((now_s, count))
        self._total += count

    def per_second(self, now_s: float) -> float:
        """Events per second over the window that ends now."""
        while self._entries and self._entries[0][0] <= now_s - WINDOW_S:
            self._total -= self._entries.popleft()[1]
        return self._total / WINDOW_S


@dataclass(slots=True)
class StepRecord:
    """Times and rows of the latest step."""

    draft_s: float = 0.0
    plan_s: float = 0.0
    forward_s: float = 0.0
    sample_s: float = 0.0
    num_prefill_rows: int = 0
    num_decode_rows: int = 0
    num_draft_rows: int = 0
