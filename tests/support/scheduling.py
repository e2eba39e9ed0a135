"""A scheduler without a model: computed rows become tokens by a plain rule; runs can be replayed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from realm_desktop.engine.block_manager import BlockManager
from realm_desktop.engine.fair_clock import FairClock
from realm_desktop.engine.options import EngineOptions
from realm_desktop.engine.scheduler import Scheduler, StepPlan
from realm_desktop.engine.sequence import Sequence
from realm_desktop.kv_blocks import SlidingWindow
from realm_desktop.protocol import Priority, RequestId, WorkspaceId
from tests.support.sequences import make_sequence

LogEntry = Mapping[str, Any]
"""What happened, as JSON would hold it: its "kind", and what is needed to do it again."""

PlanTrace = list[list[tuple[str, int, int]]]
"""Per step the id, pending rows and draft rows of each sequence, in their order."""


class SchedulerSimulator:
    """Drives a scheduler step by step and records who got which rows.

    Args:
        num_blocks: Size of the pool.
        options: Budget and limits.
        window: What layers with a sliding window see, if there are any.
        num_window_blocks: Size of the pool for those.
    """

    def __init__(
        self,
        num_blocks: int = 64,
        options: EngineOptions | None = None,
        *,
        window: SlidingWindow | None = None,
        num_window_blocks: int = 0,
    ) -> None:
        self.options = options or EngineOptions(token_budget=64)
        self.blocks = BlockManager(num_blocks, window, num_window_blocks)
        self.clock = FairClock()
        self.scheduler = Scheduler(self.options, self.blocks, self.clock)
        self.now_s = 0.0
        self.rows_of: Counter[str] = Counter()
        self.finished: list[Sequence] = []
        self.log: list[LogEntry] = []
        self.trace: PlanTrace = []

    def add(self, *sequences: Sequence) -> None:
        """Enter sequences now."""
        for sequence in sequences:
            self.log.append(
                {
                    "kind": "add",
                    "tokens": sequence.tokens.tolist(),
                    "request_id": sequence.request_id,
                    "workspace_id": sequence.workspace_id,
                    "max_tokens": sequence.max_tokens,
                    "priority": int(sequence.priority),
                }
            )
            sequence.arrived_s = self.now_s
            self.scheduler.add(sequence, self.now_s)

    def abort(self, request_id: str) -> None:
        """End an open sequence now."""
        self.log.append({"kind": "abort", "request_id": request_id})
        sequence = self.scheduler.find(RequestId(request_id))
        assert sequence is not None, f"{request_id} is not open"
        self.scheduler.remove(sequence)

    def set_priority(self, request_id: str, priority: Priority) -> None:
        """Change the class of an open sequence."""
        self.log.append({"kind": "priority", "request_id": request_id, "value": int(priority)})
        sequence = self.scheduler.find(RequestId(request_id))
        assert sequence is not None, f"{request_id} is not open"
        sequence.priority = priority

    def park(self, request_id: str) -> None:
        """Pause an open sequence as the user does."""
        self.log.append({"kind": "park", "request_id": request_id})
        sequence = self.scheduler.find(RequestId(request_id))
        assert sequence is not None, f"{request_id} is not open"
        self.scheduler.park(sequence, self.now_s)

    def unpark(self, request_id: str) -> None:
        """Let a parked sequence go on."""
        self.log.append({"kind": "unpark", "request_id": request_id})
        sequence = self.scheduler.find(RequestId(request_id))
        assert sequence is not None, f"{request_id} is not open"
        self.scheduler.unpark(sequence, self.now_s)

    def set_weight(self, workspace_id: str, weight: float) -> None:
        """Change the share of a workspace."""
        self.log.append({"kind": "weight", "workspace_id": workspace_id, "value": weight})
        self.clock.set_weight(WorkspaceId(workspace_id), weight)

    def replay(self, log: Iterable[LogEntry]) -> None:
        """Do again what another simulator has logged."""
        for entry in log:
            match entry["kind"]:
                case "add":
                    values = {name: value for name, value in entry.items() if name != "kind"}
                    values["priority"] = Priority(values["priority"])
                    self.add(make_sequence(**values))
                case "abort":
                    self.abort(entry["request_id"])
                case "priority":
                    self.set_priority(entry["request_id"], Priority(entry["value"]))
                case "park":
                    self.park(entry["request_id"])
                case "unpark":
                    self.unpark(entry["request_id"])
                case "weight":
                    self.set_weight(entry["workspace_id"], entry["value"])
                case "step":
                    self.step(entry["seconds"])

    def step(self, seconds: float = 0.05) -> StepPlan:
        """Plan, pretend to compute, commit one token for every completed row."""
        self.log.append({"kind": "step", "seconds": seconds})
        plan = self.scheduler.plan(self.now_s)
        self.trace.append(
            [(str(r.sequence.request_id), r.num_new, len(r.draft_tokens)) for r in plan.rows]
        )
        num_rows = sum(r.num_new + len(r.draft_tokens) for r in plan.rows)
        assert num_rows <= self.scheduler.token_budget
        for rows in plan.rows:
            sequence = rows.sequence
            self.scheduler.charge(rows)
            self.rows_of[sequence.request_id] += rows.num_new
            completes = rows.num_logit_rows > 0
            sequence.num_computed_tokens += rows.num_new
            if completes:
                sequence.tokens.append(len(sequence.tokens) % 251)
            self.scheduler.publish(sequence)
            if len(sequence.tokens) >= sequence.max_tokens:
                self.scheduler.remove(sequence)
                self.finished.append(sequence)
        self.now_s += seconds
        self.blocks.check_integrity(self.scheduler.sequences())
        return plan

    def run(self, max_steps: int = 10_000) -> int:
        """Step until nothing is open; the number of steps."""
        for count in range(max_steps):
            if not any(True for _ in self.scheduler.sequences()):
                return count
            self.step()
        raise AssertionError(f"work left after {max_steps} steps")
