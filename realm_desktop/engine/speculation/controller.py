"""How many draft tokens pay: measured step times against a measured acceptance rate.

Depends on timing, so it may change the speed of a reply; its text does not depend on drafts at all.
Plain arithmetic on the engine thread; times are passed in.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass

ROW_COUNTS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
"""Rows of a step at which its time is kept; between them it is interpolated."""

FALL_WEIGHT, RISE_WEIGHT = 0.5, 0.1
"""Part of a new measurement in the moving average of a step time. Other programs only ever make a
step slower, so a faster one is believed sooner."""

AVERAGE_WEIGHT = 0.1
"""Part of a new measurement in the plain average, by which a speed-up is told."""

MAX_RISE = 2.0
"""A measurement counts at most this many times the average: one pause says nothing about steps."""

FRESH_STEPS = 64
"""The time of a step without drafts is measured again after so many steps: it grows with the
context, and a gain can only be judged against it."""

MAX_AGE_STEPS = 512
"""Older measurements are forgotten, so that one bad moment cannot rule a row count out for ever."""

ASSUMED_ROW_COST = 0.03
"""A row more than was ever measured adds this part of a step, until it is measured (a step is
bound by reading the weights; 16 bf16 rows cost as much as one on a 2-core Zen4 CPU)."""

ACCEPTANCE_WEIGHT = 0.08
"""Part of one verified draft token in the moving average of the acceptance rate."""

FIRST_ACCEPTANCE = 0.7
"""Assumed before anything was verified: high enough to try."""

MIN_GAIN = 1.03
"""Drafts must promise this much; below it, errors of measurement decide."""

RESTART_GAIN = 1.1
"""After a time without drafts they must promise more: two lucky tokens of a trial say little, and
replies of random text that began to draft on them ran at 0.95 times the speed of none."""

PROBE_INTERVAL = 32
"""Steps after which a sequence that does not draft tries again, at first."""

MAX_PROBE_INTERVAL = 256
"""Each trial in vain doubles the interval up to this, from reply to reply: on text that never
repeats, a trial of the starter's draft model with the catching up before it takes as long as two
steps. Trials every 32 steps cost 2 %, and one in 256 still finds a change."""

PROBE_LENGTH = 2
"""Draft tokens of such a trial: enough to see a change, cheap enough not to be felt."""


@dataclass(slots=True)
class _Cost:
    """Seconds of a step, and when this was measured (in steps).

    `seconds` is what a step takes undisturbed, to compare row counts; `average` is what it took
    here and now, pauses included.
    """

    seconds: float
    average: float
    measured_at: int
    is_warm: bool = False


class CostTable:
    """Seconds of a step by its number of rows, as a moving average."""

    def __init__(self) -> None:
        self._costs: dict[int, _Cost] = {}
        self._num_steps = 0
        self._known: list[tuple[int, float]] | None = None  # until the next measurement

    def add(self, num_rows: int, seconds: float) -> None:
        """Record one step of at least one row."""
        self._num_steps += 1
        self._known = None
        size = _size(num_rows)
        cost = self._costs.get(size)
        if cost is None:
            self._costs[size] = _Cost(seconds, seconds, self._num_steps)
            return
        if not cost.is_warm:  # torch prepares its kernels at the first step of a row count
            cost.seconds, cost.average, cost.is_warm = seconds, seconds, True
        cost.average += AVERAGE_WEIGHT * (seconds - cost.average)
        seconds = min(seconds, MAX_RISE * cost.seconds)
        weight = FALL_WEIGHT if seconds < cost.seconds else RISE_WEIGHT
        cost.seconds += weight * (seconds - cost.seconds)
        cost.measured_at = self._num_steps

    def is_fresh(self, num_rows: int) -> bool:
        """Whether steps of about so many rows were measured lately."""
        cost = self._costs.get(_size(num_rows))
        return cost is not None and self._num_steps - cost.measured_at < FRESH_STEPS

    def seconds(self, num_rows: int) -> float:
        """Expected seconds of a step; 0 while nothing was measured at all."""
        known = self._known
        if known is None:
            # Asked for every draft length before each step, which made up half a percent of it.
            known = self._known = self._measured()
        if not known:
            return 0.0
        place = bisect_left(known, (num_rows, 0.0))
        if place == len(known):
            last, seconds = known[-1]
            return seconds * (1 + ASSUMED_ROW_COST * (num_rows - last))
        high, high_seconds = known[place]
        if place == 0:
            return high_seconds
        low, low_seconds = known[place - 1]
        return low_seconds + (high_seconds - low_seconds) * (num_rows - low) / (high - low)

    def average_seconds(self, num_rows: int) -> float:
        """What steps of about so many rows took on average; 0 if none was measured.

        One long pause must not make drafts look a dozen times as fast as none.
        """
        cost = self._costs.get(_size(num_rows))
        return 0.0 if cost is None else min(cost.average, MAX_RISE * cost.seconds)

    def _measured(self) -> list[tuple[int, float]]:
        """Row counts and their seconds; more rows never take less time, so errors show as dips."""
        known: list[tuple[int, float]] = []
        least = math.inf
        for size in reversed(ROW_COUNTS):
            cost = self._costs.get(size)
            if cost is not None and self._num_steps - cost.measured_at < MAX_AGE_STEPS:
                least = min(least, cost.seconds)
                known.append((size, least))
        known.reverse()
        return known


class DraftOverhead:
    """What drafting takes beside the passes of the draft model, as moving averages.

    Looking up, catching up and remembering cost as much as a pass of a small model. A controller
    that did not know of them kept drafting at 0.95 times the speed of none (starter models).

    Attributes:
        seconds: By how much a step that drafts takes longer than its passes; 0 or more.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self._idle_s = 0.0

    def add(self, draft_s: float, passes_s: float, *, has_drafts: bool) -> None:
        """Record one step.

        Args:
            draft_s: Seconds of all drafters before it.
            passes_s: Those among them of passes of the draft model.
            has_drafts: Whether any token was drafted; else this is the price of looking alone.
        """
        if not has_drafts:
            self._idle_s += AVERAGE_WEIGHT * (draft_s - self._idle_s)
            return
        extra = draft_s - passes_s - self._idle_s
        # One pause of the machine says nothing about drafting.
        extra = min(max(extra, 0.0), max(MAX_RISE * self.seconds, passes_s, self._idle_s))
        self.seconds += AVERAGE_WEIGHT * (extra - self.seconds)


def _size(num_rows: int) -> int:
    return ROW_COUNTS[min(bisect_left(ROW_COUNTS, num_rows), len(ROW_COUNTS) - 1)]


def expected_tokens(acceptance: float, num_drafts: int) -> float:
    """Tokens that a step commits on average with `num_drafts` draft tokens, at least 1.

    The geometric sum of Leviathan et al. (arXiv 2211.17192): each draft token counts if it and all
    before it are accepted, independently with probability `acceptance`.
    """
    if acceptance >= 1.0:
        return num_drafts + 1.0
    return float((1.0 - acceptance ** (num_drafts + 1)) / (1.0 - acceptance))


class DraftController:
    """Draft length of one sequence; plain values, so that a copy goes on from the same knowledge.

    Attributes:
        acceptance: Expected rate of draft tokens that stand, 0 to 1.
    """

    def __init__(self) -> None:
        self.acceptance = FIRST_ACCEPTANCE
        self._is_drafting = True
        self._num_idle_steps = 0
        self._probe_interval = PROBE_INTERVAL

    def observe(self, num_drafted: int, num_accepted: int) -> None:
        """Take note of a verified draft; tokens behind the first rejected one say nothing."""
        outcomes = [1.0] * num_accepted + [0.0] * (num_accepted < num_drafted)
        for outcome in outcomes:
            self.acceptance += ACCEPTANCE_WEIGHT * (outcome - self.acceptance)

    def skip(self, num_steps: int) -> None:
        """Take note of steps for which nobody asked; they count towards the next trial."""
        self._num_idle_steps += num_steps

    def choose(
        self, max_tokens: int, cost: Callable[[int], float], num_other_tokens: float = 0.0
    ) -> int:
        """The draft length that commits the most tokens per second, or 0 if none gains.

        Args:
            max_tokens: Longest draft, at least 0.
            cost: Seconds of the whole step with so many draft tokens of this sequence.
            num_other_tokens: Tokens that the other sequences are expected to commit in the step.
        """

        def speed(length: int) -> float:
            tokens = num_other_tokens + expected_tokens(self.acceptance, length)
            return tokens / max(cost(length), 1e-9)

        best = max(range(max_tokens + 1), key=speed, default=0)
        min_gain = MIN_GAIN if self._is_drafting else RESTART_GAIN
        self._is_drafting = bool(best) and speed(best) >= min_gain * speed(0)
        if self._is_drafting:
            self._num_idle_steps = 0
            self._probe_interval = PROBE_INTERVAL
            return best
        self._num_idle_steps += 1
        if self._num_idle_steps < self._probe_interval:
            return 0
        self._num_idle_steps = 0
        self._probe_interval = min(2 * self._probe_interval, MAX_PROBE_INTERVAL)
        return min(PROBE_LENGTH, max_tokens)
