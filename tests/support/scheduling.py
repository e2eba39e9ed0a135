"""A scheduler without a model: computed rows become tokens by a plain rule."""

from __future__ import annotations

from collections import Counter

from realm_desktop.engine.block_manager import BlockManager
from realm_desktop.engine.fair_clock import FairClock
from realm_desktop.engine.options import EngineOptions
from realm_desktop.engine.scheduler import Scheduler, StepPlan
from realm_desktop.engine.sequence import Sequence


class SchedulerSimulator:
    """Drives a scheduler step by step and records who got which rows.

    Args:
        num_blocks: Size of the pool.
        options: Budget and limits.
    """

    def __init__(self, num_blocks: int = 64, options: EngineOptions | None = None) -> None:
        self.options = options or EngineOptions(token_budget=64)
        self.blocks = BlockManager(num_blocks)
        self.clock = FairClock()
        self.scheduler = Scheduler(self.options, self.blocks, self.clock)
        self.now_s = 0.0
        self.rows_of: Counter[str] = Counter()
        self.finished: list[Sequence] = []

    def add(self, *sequences: Sequence) -> None:
        """Enter sequences now."""
        for sequence in sequences:
            sequence.arrived_s = self.now_s
            self.scheduler.add(sequence, self.now_s)

    def step(self, seconds: float = 0.05) -> StepPlan:
        """Plan, pretend to compute, commit one token for every completed row."""
        plan = self.scheduler.plan(self.now_s)
        assert sum(r.num_new + len(r.draft_tokens) for r in plan.rows) <= self.options.token_budget
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
