"""What the next step computes: admission, rows within a token budget, preemption.

Nothing distinguishes prefill from decode: a sequence has pending tokens and gets some of them
computed. Plain bookkeeping on the engine thread; never touches a tensor or a clock of its own
(`now_s` is passed in, so that a run can be replayed).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from realm_desktop.engine.aging import (
    OVERDUE,
    aged_class,
    held_class,
    note_admission,
    note_preemption,
    note_return,
    note_rows,
)
from realm_desktop.engine.block_manager import BlockCopy, BlockManager, RetiredBlocks
from realm_desktop.engine.fair_clock import FairClock
from realm_desktop.engine.options import EngineOptions
from realm_desktop.engine.sequence import PlannedRows, Sequence
from realm_desktop.engine_stats import SequenceState
from realm_desktop.protocol import Priority, RequestId, WorkspaceId


@dataclass(slots=True)
class StepPlan:
    """The rows of one step.

    Attributes:
        rows: One entry per sequence that takes part.
        copies: KV blocks to copy before the forward pass.
        admitted: Sequences that left the queue in this plan.
        preempted: Sequences that gave their blocks back in this plan.
        hopeless: Waiting sequences that do not fit even alone: the pool shrank, or they outgrew it.
    """

    rows: list[PlannedRows] = field(default_factory=list)
    copies: list[BlockCopy] = field(default_factory=list)
    admitted: list[Sequence] = field(default_factory=list)
    preempted: list[Sequence] = field(default_factory=list)
    hopeless: list[Sequence] = field(default_factory=list)


class Scheduler:
    """Waiting, running and parked sequences of one model.

    Args:
        options: Token budget, number of running sequences, smallest chunk.
        block_manager: The pool that the sequences share.
        fair_clock: Whose turn it is.
    """

    def __init__(
        self, options: EngineOptions, block_manager: BlockManager, fair_clock: FairClock
    ) -> None:
        self._options = options
        self._blocks = block_manager
        self._clock = fair_clock
        self.waiting: list[Sequence] = []
        self.running: list[Sequence] = []
        # Apart from those that wait: a plan never sees them, so they neither age nor hold up others.
        self._parked: list[Sequence] = []
        self.token_budget = options.token_budget
        self.max_running = options.max_running
        # Who waits for a block that a running sequence is about to compute, and who of them lends
        # that one its turn; both are made anew by every plan.
        self._awaited: dict[Sequence, Sequence] = {}
        self._payers: dict[Sequence, Sequence] = {}

    @property
    def max_sequence_tokens(self) -> int:
        """The longest sequence that the whole pool can hold."""
        return self._blocks.max_sequence_tokens

    @property
    def has_work(self) -> bool:
        """Whether any sequence is there to be computed."""
        return bool(self.running or self.waiting)

    def sequences(self) -> Iterator[Sequence]:
        """Every open sequence, running ones first."""
        yield from self.running
        yield from self.waiting
        yield from self._parked

    def find(self, request_id: RequestId) -> Sequence | None:
        """The open sequence of a request, or None."""
        return next((s for s in self.sequences() if s.request_id == request_id), None)

    def add(self, sequence: Sequence, now_s: float) -> None:
        """Put a sequence in the queue."""
        sequence.waiting_since_s = now_s
        self._queue_up(sequence)

    def remove(self, sequence: Sequence) -> None:
        """End a sequence now and give its blocks back."""
        groups = (self.running, self.waiting, self._parked)
        next(group for group in groups if sequence in group).remove(sequence)
        self._forget_sharing(sequence)
        self._blocks.release(sequence)

    def park(self, sequence: Sequence, now_s: float) -> None:
        """Take a running or waiting sequence out until `unpark`; it gives its blocks back."""
        if sequence in self.running:
            self._preempt(sequence)
        self.waiting.remove(sequence)
        self._forget_sharing(sequence)
        sequence.state = SequenceState.PARKED
        sequence.parked_since_s = now_s
        self._parked.append(sequence)

    def unpark(self, sequence: Sequence, now_s: float) -> None:
        """Put a parked sequence back in the queue."""
        self._parked.remove(sequence)
        note_return(sequence, now_s - sequence.parked_since_s)
        self._queue_up(sequence)

    def queue(self, now_s: float) -> list[Sequence]:
        """Waiting sequences in the order in which they will be admitted."""
        if not self.waiting:
            return []
        first = sorted(self.waiting, key=lambda s: self._place(s, now_s, 0))
        # What a workspace has ahead of it counts as if it were computed: the clock does not move while
        # a pool is filled, and one workspace could take all of it.
        ahead: Counter[WorkspaceId] = Counter()
        for sequence in self.running:
            ahead[sequence.workspace_id] += sequence.num_pending_tokens
        places = {}
        for sequence in first:
            places[sequence] = self._place(sequence, now_s, ahead[sequence.workspace_id])
            ahead[sequence.workspace_id] += sequence.num_pending_tokens
        return sorted(first, key=places.__getitem__)

    def plan(self, now_s: float) -> StepPlan:
        """Choose the rows of the next step and take the blocks they need."""
        plan = StepPlan()
        for sequence in [running for running in self.running if running.has_outgrown_angles]:
            # All its keys turn by other angles from here on: they are computed again.
            self._preempt(sequence)
            sequence.is_long = True
        self._admit(plan, now_s)
        budget = self.token_budget
        by_turn = sorted(self.running, key=lambda s: self._turn(self._payer(s), now_s))
        for sequence in [s for s in by_turn if s.num_pending_tokens == 1]:
            if budget > 0:
                budget -= self._plan_rows(plan, sequence, 1)
        for sequence in [s for s in by_turn if s.num_pending_tokens > 1]:
            chunk = self._chunk(sequence, budget)
            if chunk:
                budget -= self._plan_rows(plan, sequence, chunk)
        self._plan_drafts(plan, budget)
        # A sequence planned early may have been preempted for a later one of a higher class.
        plan.rows = [rows for rows in plan.rows if rows.sequence not in plan.preempted]
        for rows in plan.rows:
            note_rows(rows.sequence, rows.num_new, now_s)
        return plan

    def is_reading_along(self, sequence: Sequence) -> bool:
        """Whether a waiting sequence waits for a block that a running one is computing."""
        return sequence in self._awaited

    def readers_along(self, runner: Sequence) -> list[Sequence]:
        """The sequences that wait for the next block of a running one."""
        return [waiter for waiter, source in self._awaited.items() if source is runner]

    def make_room(self) -> bool:
        """Preempt one running sequence; False if at most one is running."""
        if len(self.running) < 2:
            return False
        self._preempt(self._victim())
        return True

    def shrink_pool(self, *, is_given_back: bool) -> RetiredBlocks:
        """Let the KV pools take no more memory; no block if what is open needs all of them.

        Args:
            is_given_back: The memory of blocks that were used can be given back.
        """
        longest = max((len(sequence.tokens) + 1 for sequence in self.sequences()), default=0)
        return self._blocks.shrink(longest, is_given_back=is_given_back)

    def publish(self, sequence: Sequence) -> None:
        """Share the full blocks that a sequence has computed."""
        self._blocks.publish(sequence)

    def waiting_reason(self, sequence: Sequence) -> str:
        """Why a sequence waits, in words."""
        if self.is_reading_along(sequence):
            return "reads along with another reply that has the same beginning"
        if sequence.state is SequenceState.PAUSED:
            return "paused to make room; continues by itself"
        if len(self.running) >= self.max_running < self._options.max_running:
            return "paused to make room: memory is short; continues by itself"
        if len(self.running) >= self._options.max_running:
            return f"all {self._options.max_running} places in the batch are taken"
        if not self._has_room(sequence):
            return "waiting for room in the KV cache"
        return "starts with the next step"

    def charge(self, rows: PlannedRows) -> None:
        """Advance the fair clock by the rows that were computed; who lent the turn pays."""
        num_prefill = 0 if rows.is_decode else rows.num_new
        self._clock.charge(
            self._payer(rows.sequence),
            num_prefill + len(rows.draft_tokens),
            rows.num_new - num_prefill,
        )

    def _queue_up(self, sequence: Sequence) -> None:
        sequence.state = SequenceState.WAITING
        self.waiting.append(sequence)
        # A workspace all of whose sequences are parked idles, which must earn it no credit.
        self._clock.join(sequence, [*self.running, *self.waiting])

    def _admit(self, plan: StepPlan, now_s: float) -> None:
        """Move waiting sequences to the running ones while the whole of each fits.

        One whose next block a running sequence is computing stays behind without a place or a
        block, and lets others pass. One that does not fit, even where lower classes give way, holds
        up all behind it: small ones passing by would starve it. Only a better class may pass one
        that stands first by its age, and takes nothing but what lower classes give back for it.
        That comes to an end: while one is held up no more of them are admitted.
        """
        self._awaited.clear()
        self._payers.clear()
        held_up: int | None = None  # the best raw class that does not fit
        for sequence in self.queue(now_s):
            is_passing = held_up is not None
            if held_up is not None and sequence.priority >= held_up:
                continue
            if self._read_along(sequence, now_s):
                continue
            if self._make_way(plan, sequence, is_passing=is_passing):
                self._start(plan, sequence, now_s)
            elif self.running:
                held_up = int(sequence.priority)
            else:
                plan.hopeless.append(sequence)

    def _start(self, plan: StepPlan, sequence: Sequence, now_s: float) -> None:
        """Move a waiting sequence, for which there is room, to the running ones."""
        self.waiting.remove(sequence)
        self.running.append(sequence)
        plan.copies += self._blocks.reuse_prefix(sequence)
        note_admission(sequence, now_s)
        if sequence.num_preemptions == 0:
            sequence.num_cached_tokens = min(
                sequence.num_computed_tokens, sequence.num_prompt_tokens
            )
            sequence.admitted_s = now_s
            plan.admitted.append(sequence)
        sequence.state = SequenceState.PREFILL

    def _make_way(self, plan: StepPlan, sequence: Sequence, *, is_passing: bool) -> bool:
        """Preempt what a waiting sequence needs to fit, which may be nothing; False if it cannot."""

        def fits(leaving: list[Sequence]) -> bool:
            num_places = self.max_running - len(self.running) + len(leaving)
            return num_places > 0 and self._has_room(sequence, leaving, spares_free=is_passing)

        leaving: list[Sequence] = []
        if not fits(leaving):
            lower = [s for s in self.running if self._keeps(s)[0] > sequence.priority]
            if not lower or not fits(lower):
                return False
            lower.sort(key=self._keeps)
            while not fits(leaving):
                leaving.append(lower.pop())
            # The last ones may be so large that not all before them need go.
            for spared in leaving[-2::-1]:
                others = [each for each in leaving if each is not spared]
                leaving = others if fits(others) else leaving
        for victim in leaving:
            self._preempt(victim)
        plan.preempted += leaving
        return True

    def _has_room(
        self, sequence: Sequence, leaving: Iterable[Sequence] = (), *, spares_free: bool = False
    ) -> bool:
        """Whether all of its tokens fit beside what the running ones still have to take."""
        return self._blocks.can_hold(
            len(sequence.tokens) + 1, self.running, leaving, spares_free=spares_free
        )

    def _read_along(self, sequence: Sequence, now_s: float) -> bool:
        """Let a sequence wait for a running one that computes its next block, if there is one.

        The runner has the better of both turns, so that nobody waits behind a lower class or a
        workspace that is not due: a runner that is slower than its readers cannot hold them up.
        """
        runner = next((r for r in self.running if self._blocks.is_computing_for(r, sequence)), None)
        if runner is None:
            return False
        self._awaited[sequence] = runner
        if self._turn(sequence, now_s) < self._turn(self._payer(runner), now_s):
            self._payers[runner] = sequence
        return True

    def _forget_sharing(self, sequence: Sequence) -> None:
        """Nobody waits for a sequence that gives its blocks back, and it waits for nobody."""
        self._payers.pop(sequence, None)
        for waiter in [sequence, *self.readers_along(sequence)]:
            runner = self._awaited.pop(waiter, None)
            if runner is not None and self._payer(runner) is waiter:
                del self._payers[runner]

    def _payer(self, sequence: Sequence) -> Sequence:
        """Whose turn a running sequence has: its own, or that of one that reads along."""
        return self._payers.get(sequence, sequence)

    def _turn(self, sequence: Sequence, now_s: float) -> tuple[float, ...]:
        """Sort key of a sequence for rows, by aged class and fair clock; the lowest goes first."""
        # Not before FOREGROUND: a long prompt that is read again would hold up the focused tab.
        first = max(aged_class(sequence, now_s), int(Priority.FOREGROUND))
        return (first, *self._clock.turn(sequence))

    def _place(self, sequence: Sequence, now_s: float, num_ahead: int) -> tuple[float, ...]:
        """Sort key of a waiting sequence for admission, behind so many rows of its workspace.

        Overdue ones go first, the oldest of them ahead.
        """
        aged = aged_class(sequence, now_s)
        if aged == OVERDUE:
            return (aged, sequence.arrived_s)
        return (aged, *self._clock.turn(sequence, num_ahead))

    def _keeps(self, sequence: Sequence) -> tuple[float, ...]:
        """Sort key of how firmly a running sequence keeps its blocks; the highest gives way first.

        By held class, then clock: age alone gives rows, not others' blocks. Of overdue ones the
        oldest is safe, so that one after the other ends.
        """
        payer = self._payer(sequence)
        held = min(held_class(sequence), held_class(payer))
        if held == OVERDUE:
            return (held, sequence.arrived_s)
        return (held, *self._clock.turn(payer))

    def _victim(self) -> Sequence:
        """Which running sequence gives way."""
        return max(self.running, key=self._keeps)

    def _chunk(self, sequence: Sequence, budget: int) -> int:
        """Prompt rows for this step: the rest, or at least the smallest chunk, or none."""
        pending = sequence.num_pending_tokens
        if pending <= budget:
            return pending
        # While memory is short a step may be smaller than such a chunk.
        smallest = min(self._options.min_prefill_chunk, max(self.token_budget // 2, 1))
        return budget if budget >= smallest else 0

    def _plan_drafts(self, plan: StepPlan, budget: int) -> None:
        """Add draft tokens to decode rows where budget and pool have room; never preempts."""
        for index, rows in enumerate(plan.rows):
            sequence = rows.sequence
            if not sequence.draft_tokens:
                continue
            room = min(budget, sequence.max_tokens - len(sequence.tokens) - 1)
            if sequence.short_context and not sequence.is_long:
                room = min(room, sequence.short_context - len(sequence.tokens))
            drafts = tuple(sequence.draft_tokens[: max(room, 0)])
            if sequence.num_pending_tokens != rows.num_new or not drafts:
                continue
            if self._blocks.extend(sequence, len(sequence.tokens) + len(drafts)):
                plan.rows[index] = rows._replace(draft_tokens=drafts)
                budget -= len(drafts)

    def _plan_rows(self, plan: StepPlan, sequence: Sequence, num_new: int) -> int:
        """Take blocks for the rows, preempting others if needed; the rows taken (0 if none)."""
        if sequence in plan.preempted:
            return 0
        while not self._blocks.extend(sequence, sequence.num_computed_tokens + num_new):
            victim = self._victim()
            self._preempt(victim)
            plan.preempted.append(victim)
            if victim is sequence:
                return 0
        plan.rows.append(PlannedRows(sequence, num_new, ()))
        return num_new

    def _preempt(self, victim: Sequence) -> None:
        """Send a running sequence back to the queue; its full blocks stay in the prefix tree."""
        note_preemption(victim)
        self.running.remove(victim)
        self._forget_sharing(victim)
        self._blocks.release(victim)
        victim.draft_tokens = []
        victim.state = SequenceState.PAUSED
        self.waiting.append(victim)
