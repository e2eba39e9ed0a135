"""Figures of the engine: rates over the last second, and the record of one step."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass

from realm_desktop.protocol import WorkspaceId

WINDOW_S = 1.0
"""Rates are averaged over this time, so that they can be read without flicker."""

SHARE_WINDOW_S = 5.0
"""Shares are taken over this time: a chunk of a prompt must not make a workspace look greedy."""


class RateMeter:
    """Events per second over a sliding window; the caller passes the time."""

    def __init__(self) -> None:
        self._entries: deque[tuple[float, int]] = deque()
        self._total = 0

    def add(self, now_s: float, count: int) -> None:
        """Record `count` events at `now_s` (monotonic, not decreasing)."""
        self._forget(now_s)  # here too: nobody may ever ask, and then all events would be kept
        self._entries.append((now_s, count))
        self._total += count

    def per_second(self, now_s: float) -> float:
        """Events per second over the window that ends now."""
        self._forget(now_s)
        return self._total / WINDOW_S

    def _forget(self, now_s: float) -> None:
        while self._entries and self._entries[0][0] <= now_s - WINDOW_S:
            self._total -= self._entries.popleft()[1]


class ShareMeter:
    """Who got which part of the computed rows, over a sliding window; the caller passes the time."""

    def __init__(self) -> None:
        self._entries: deque[tuple[float, WorkspaceId, int]] = deque()
        self._rows: Counter[WorkspaceId] = Counter()

    def add(self, now_s: float, workspace_id: WorkspaceId, num_rows: int) -> None:
        """Record rows, at least 1, computed at `now_s` (monotonic, not decreasing)."""
        self._forget(now_s)
        self._entries.append((now_s, workspace_id, num_rows))
        self._rows[workspace_id] += num_rows

    def shares(self, now_s: float) -> dict[WorkspaceId, float]:
        """Part of each workspace, above 0; they add up to 1 unless nothing was computed."""
        self._forget(now_s)
        total = self._rows.total()
        return {workspace_id: num / total for workspace_id, num in self._rows.items()}

    def _forget(self, now_s: float) -> None:
        while self._entries and self._entries[0][0] <= now_s - SHARE_WINDOW_S:
            _, workspace_id, num_rows = self._entries.popleft()
            self._rows[workspace_id] -= num_rows
            if not self._rows[workspace_id]:
                del self._rows[workspace_id]


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
