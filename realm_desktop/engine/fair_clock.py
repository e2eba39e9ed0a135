"""Two-level weighted fair clock: whose turn it is, first by workspace, then by sequence.

A virtual token counter (arXiv 2401.00588) with weights and a second level: computed rows advance
the clock of their workspace divided by its weight, and the clock of their sequence. The lowest
clock goes first. Only computed rows count; reused prefixes are free. Owned by the engine thread.
"""

from __future__ import annotations

from collections.abc import Iterable

from realm_desktop.engine.sequence import Sequence
from realm_desktop.protocol import WorkspaceId

PREFILL_COST = 1.0
DECODE_COST = 2.0
"""A decode row reads the KV of a whole conversation for one token."""


class FairClock:
    """Clocks of the workspaces that have work."""

    def __init__(self) -> None:
        self._clocks: dict[WorkspaceId, float] = {}
        self._weights: dict[WorkspaceId, float] = {}

    def set_weight(self, workspace_id: WorkspaceId, weight: float) -> None:
        """Give a workspace `weight` times the share of one with weight 1 (weight > 0)."""
        assert weight > 0
        self._weights[workspace_id] = weight

    def weight_of(self, workspace_id: WorkspaceId) -> float:
        """The weight of a workspace; 1 unless another one was set."""
        return self._weights.get(workspace_id, 1.0)

    def join(self, sequence: Sequence, others: Iterable[Sequence]) -> None:
        """Enter a sequence; a workspace without work is lifted to the smallest active clock.

        So idling earns no credit, and neither does a new sequence of a busy workspace.
        """
        siblings = [other for other in others if other is not sequence]
        active = {other.workspace_id for other in siblings}
        workspace = sequence.workspace_id
        if workspace not in active:
            floor = min((self._clocks[name] for name in active), default=0.0)
            self._clocks[workspace] = max(self._clocks.get(workspace, 0.0), floor)
        own = [other.clock for other in siblings if other.workspace_id == workspace]
        sequence.clock = max(sequence.clock, min(own, default=0.0))

    def charge(self, sequence: Sequence, num_prefill_rows: int, num_decode_rows: int) -> None:
        """Advance the clocks by the rows computed for a sequence."""
        cost = PREFILL_COST * num_prefill_rows + DECODE_COST * num_decode_rows
        self._clocks[sequence.workspace_id] += cost / self.weight_of(sequence.workspace_id)
        sequence.clock += cost

    def turn(self, sequence: Sequence, num_ahead: int = 0) -> tuple[float, float, float]:
        """Sort key: the lowest goes first.

        Args:
            sequence: A sequence that has joined.
            num_ahead: Prompt rows that its workspace will be charged before.
        """
        cost = PREFILL_COST * num_ahead / self.weight_of(sequence.workspace_id)
        return (self._clocks[sequence.workspace_id] + cost, sequence.clock, sequence.arrived_s)

    def clock_of(self, workspace_id: WorkspaceId) -> float:
        """Rows charged to a workspace so far, weighted; 0 for an unknown one."""
        return self._clocks.get(workspace_id, 0.0)
