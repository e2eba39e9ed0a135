"""The engine's figures of the last two minutes, for plots. No widgets. GUI thread."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Final, NamedTuple

from realm_desktop.engine_stats import EngineStats

SPAN_S: Final = 120.0
INTERVAL_S: Final = 0.25
"""Snapshots closer together than this are left out: four a second are more than a plot can show."""


class Sample(NamedTuple):
    """Figures at one time; None where there is nothing to measure.

    Attributes:
        time_s: Monotonic.
        step_ms, num_rows: None while no request is open: the engine then still tells its last step.
        pool_percent: KV blocks that requests hold, of all.
        accepted_percent: Of the draft tokens of the open requests.
    """

    time_s: float
    prefill_tokens_per_s: float
    decode_tokens_per_s: float
    step_ms: float | None
    num_rows: float | None
    pool_percent: float | None
    accepted_percent: float | None
    resident_bytes: float


class StatsHistory:
    """Keeps samples for `SPAN_S`; costs a tuple four times a second, so it runs all the time."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._samples: deque[Sample] = deque()

    @property
    def samples(self) -> Sequence[Sample]:
        """The oldest first."""
        return self._samples

    @property
    def now_s(self) -> float:
        """The time on the samples' clock."""
        return self._clock()

    def add(self, stats: EngineStats) -> None:
        """Take in a snapshot, unless one was taken a moment ago."""
        now_s = self._clock()
        if self._samples and now_s - self._samples[-1].time_s < INTERVAL_S:
            return
        while self._samples and self._samples[0].time_s < now_s - SPAN_S:
            self._samples.popleft()
        self._samples.append(_sample(stats, now_s))


def _sample(stats: EngineStats, now_s: float) -> Sample:
    is_working = bool(stats.sequences)
    num_blocks = stats.blocks_used + stats.blocks_cached + stats.blocks_free
    has_drafts = any(sequence.num_drafted_tokens for sequence in stats.sequences)
    rows = stats.num_prefill_rows + stats.num_decode_rows + stats.num_draft_rows
    # A whole number would pass for an int on its way through the locale, which wants a float.
    return Sample(
        time_s=now_s,
        prefill_tokens_per_s=float(stats.prefill_tokens_per_s),
        decode_tokens_per_s=float(stats.decode_tokens_per_s),
        step_ms=float(stats.step_ms) if is_working else None,
        num_rows=float(rows) if is_working else None,
        pool_percent=100 * stats.blocks_used / num_blocks if num_blocks else None,
        accepted_percent=100 * stats.acceptance_rate if has_drafts else None,
        resident_bytes=float(stats.resident_bytes),
    )
