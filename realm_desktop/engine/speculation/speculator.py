"""Chooses the drafter of each sequence and the length of its draft, before every step.

Where a drafter fails, replies go on without drafts: a guess is never worth an error. Engine thread.
"""

from __future__ import annotations

import copy
import logging
from collections import OrderedDict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from realm_desktop.engine.device import is_out_of_memory
from realm_desktop.engine.sequence import Sequence
from realm_desktop.engine.shortage import RECOVERY_STEPS
from realm_desktop.engine.speculation.controller import (
    CostTable,
    DraftController,
    DraftOverhead,
    expected_tokens,
)
from realm_desktop.engine.speculation.draft_model import ModelDrafter
from realm_desktop.engine.speculation.drafter import Drafter, DraftOrder
from realm_desktop.engine.speculation.ngram import NgramDrafter, SiblingKey, sibling_key
from realm_desktop.errors import contained
from realm_desktop.protocol import SpeculationMode

logger = logging.getLogger(__name__)

MAX_REMEMBERED = 256
"""Conversations whose controllers are remembered for their next reply: starting at the same guess
each time costs the steps, and the draft model's reading of the prompt, that find out again."""


class Rest(NamedTuple):
    """When a sequence without drafts is looked at less often.

    Attributes:
        after: Steps without a draft, from which on it rests.
        stride: Every which step it is still looked at.
    """

    after: int
    stride: int


NGRAM_REST = Rest(16, 8)
"""On text that never repeats, looking at each step cost 5 % of a step of 0.8 ms, and a repetition
is noticed seven tokens later at most."""

MODEL_REST = Rest(2, 64)
"""Nothing new is seen by looking: what changes is the cost of a step, and that changes slowly. A
look weighs all draft lengths, which takes a tenth of a step of the starter model."""


@dataclass(slots=True)
class _Speculating:
    """What is known of one sequence: its drafter, and how its drafts fared.

    `num_drafted`, `num_accepted` and `num_generated` are the sequence's counts at the last look;
    `num_idle_steps` counts decode steps without a draft.
    """

    drafter: Drafter
    num_drafted: int
    num_accepted: int
    num_generated: int
    controller: DraftController
    rest: Rest
    num_idle_steps: int = 0

    @property
    def is_resting(self) -> bool:
        """Whether nobody needs to look before this step."""
        return self.num_idle_steps > self.rest.after and self.num_idle_steps % self.rest.stride != 0

    def observe(self, sequence: Sequence) -> None:
        """Tell controller and drafter what the last step made of the draft."""
        drafted = sequence.num_drafted_tokens - self.num_drafted
        accepted = sequence.num_accepted_tokens - self.num_accepted
        self.num_generated = sequence.num_generated_tokens
        self.num_drafted += drafted
        self.num_accepted += accepted
        self.controller.observe(drafted, accepted)
        self.drafter.observe(sequence)


@dataclass(slots=True)
class _Load:
    """What the next step holds so far: rows, and tokens it is expected to commit.

    Prompts go before drafts: while they fill the step, nothing is drafted.
    """

    max_rows: int
    num_rows: int
    num_tokens: float


class Speculator:
    """All drafters of one loaded model.

    Args:
        ngram: Always there.
        draft_model: None if the model was loaded without one.

    Attributes:
        costs: Seconds of the target's steps; the step adds to it.
    """

    def __init__(self, ngram: NgramDrafter, draft_model: ModelDrafter | None) -> None:
        self._ngram = ngram
        self._draft_model = draft_model
        self._known: dict[Sequence, _Speculating] = {}
        self._is_off = False
        self._num_paused_steps = 0
        self._overhead = DraftOverhead()
        self._passes_s = 0.0
        self._remembered: OrderedDict[tuple[Drafter, SiblingKey], DraftController] = OrderedDict()
        self.costs = CostTable()

    def propose(self, running: Iterable[Sequence], max_rows: int) -> None:
        """Set `draft_tokens` of the running sequences for the next step.

        Args:
            running: The sequences that will take part.
            max_rows: Most rows that a step should have now.
        """
        sequences = list(running)
        for sequence in sequences:
            sequence.draft_tokens = []
        if self._is_off:
            return
        try:
            self._propose(sequences, max_rows)
        except BaseException as error:  # the wall around drafting: a reply needs no draft
            contained(error)
            for sequence in sequences:
                sequence.draft_tokens = []
            if is_out_of_memory(error):
                logger.warning("no memory to draft: %s", error)
                self._num_paused_steps = RECOVERY_STEPS
                return
            logger.exception("drafting failed; it is off until the model is loaded again")
            self._is_off = True
            self._known.clear()

    def give_back(self, block_ids: Collection[int]) -> int:
        """Give the draft model's memory of retired blocks back; how many bytes."""
        return self._draft_model.give_back(block_ids) if self._draft_model else 0

    def measure(self, num_rows: int, num_draft_rows: int, step_s: float, draft_s: float) -> None:
        """Take note of what a step without prompt rows cost, and what its drafts gained.

        Args:
            num_rows: Rows without drafts, at least one.
            num_draft_rows: Rows of draft tokens.
            step_s: Seconds of the forward pass and of choosing tokens.
            draft_s: Seconds of the drafters before it.
        """
        self.costs.add(num_rows + num_draft_rows, step_s)
        self._overhead.add(draft_s, self._passes_s, has_drafts=num_draft_rows > 0)
        plain_s = self.costs.average_seconds(num_rows)
        if not plain_s:
            return  # nobody can say what was gained
        for sequence, known in self._known.items():
            sequence.speculated_s += step_s + draft_s
            sequence.plain_s += plain_s * (sequence.num_generated_tokens - known.num_generated)

    def _propose(self, running: list[Sequence], max_rows: int) -> None:
        self._passes_s = 0.0
        self._forget_absent(running)
        awake = {sequence for sequence in running if self._observe(sequence)}
        self._num_paused_steps = max(self._num_paused_steps - 1, 0)
        if self._num_paused_steps or not awake:
            return
        decoding = [sequence for sequence in running if sequence.num_pending_tokens == 1]
        has_prompts = len(decoding) < len(running)
        if not (has_prompts or self.costs.is_fresh(len(decoding))):
            return  # this step shows what one without drafts costs
        num_pending = sum(sequence.num_pending_tokens for sequence in running)
        load = _Load(max_rows, num_pending, float(len(decoding)))
        drafting = [sequence for sequence in decoding if sequence in awake]
        by_ngram = [s for s in drafting if self._known[s].drafter is self._ngram]
        if by_ngram:
            self._draft_ngrams(by_ngram, load)
        by_model = [s for s in drafting if self._known[s].drafter is self._draft_model]
        if by_model and self._draft_model is not None:
            self._draft_model.max_rows = max_rows
            self._draft_by_model(self._draft_model, by_model, load)

    def _forget_absent(self, running: list[Sequence]) -> None:
        """Drop sequences that ended; a preempted one starts again when it returns."""
        present = set(running)
        for sequence in [s for s in self._known if s not in present]:
            self._forget(sequence)

    def _forget(self, sequence: Sequence) -> None:
        """Let the next reply of the conversation begin with what this one taught."""
        known = self._known.pop(sequence)
        known.drafter.forget(sequence)
        key = (known.drafter, sibling_key(sequence))
        if known.num_drafted or key in self._remembered:
            self._remembered[key] = known.controller
            self._remembered.move_to_end(key)
            if len(self._remembered) > MAX_REMEMBERED:
                self._remembered.popitem(last=False)

    def _observe(self, sequence: Sequence) -> bool:
        """Look at what became of the last draft; whether the sequence may get another one now."""
        drafter = self._drafter(sequence)
        known = self._known.get(sequence)
        if known is not None and known.drafter is not drafter:
            self._forget(sequence)
            known = None
        if known is None and drafter is not None:
            known = _Speculating(
                drafter,
                sequence.num_drafted_tokens,
                sequence.num_accepted_tokens,
                sequence.num_generated_tokens,
                self._first_controller(drafter, sequence),
                NGRAM_REST if drafter is self._ngram else MODEL_REST,
            )
            self._known[sequence] = known
        if known is None:
            return False
        # While its prompt is read nobody could draft for it: that is no reason to rest.
        known.num_idle_steps += sequence.num_pending_tokens == 1
        if known.is_resting:
            known.num_generated = sequence.num_generated_tokens
            known.controller.skip(1)
            return False
        known.observe(sequence)
        return True

    def _first_controller(self, drafter: Drafter, sequence: Sequence) -> DraftController:
        """What the conversation's last reply taught; a copy, since branches may run side by side."""
        remembered = self._remembered.get((drafter, sibling_key(sequence)))
        return copy.copy(remembered) if remembered else DraftController()

    def _drafter(self, sequence: Sequence) -> Drafter | None:
        mode, model = sequence.speculation.mode, self._draft_model
        if mode is SpeculationMode.DRAFT_MODEL:
            return model
        if mode is SpeculationMode.AUTO and model is not None and model.reaches(sequence):
            return model
        return None if mode is SpeculationMode.OFF else self._ngram

    def _draft_ngrams(self, sequences: list[Sequence], load: _Load) -> None:
        """A match costs nothing to find, so its length is chosen once it is there."""
        orders = [DraftOrder(s, _longest(s)) for s in sequences if _longest(s) > 0]
        for (sequence, _), draft in zip(orders, self._ngram.propose(orders), strict=True):
            length = self._choose(sequence, len(draft), load)
            sequence.draft_tokens = draft[:length]
            if length:
                self._known[sequence].num_idle_steps = 0

    def _draft_by_model(self, model: ModelDrafter, sequences: list[Sequence], load: _Load) -> None:
        """Each draft position is a pass of the draft model, shared by all that get this far."""
        orders: list[DraftOrder] = []
        pass_s = model.costs.seconds(max(len(sequences), 1))
        longest = 0
        for sequence in sequences:
            length = self._choose(sequence, _longest(sequence), load, pass_s, longest)
            longest = max(longest, length)
            if length:
                orders.append(DraftOrder(sequence, length))
                self._known[sequence].num_idle_steps = 0
        for (sequence, _), draft in zip(orders, model.propose(orders), strict=True):
            sequence.draft_tokens = draft
        self._passes_s = model.passes_s

    def _choose(
        self,
        sequence: Sequence,
        max_tokens: int,
        load: _Load,
        pass_s: float = 0.0,
        num_passes: int = 0,
    ) -> int:
        """The draft length of one sequence; adds it to the load.

        Args:
            sequence: For whom.
            max_tokens: Longest possible draft.
            load: The step so far.
            pass_s: Seconds of one pass of the draft model.
            num_passes: Passes that run anyway, for other sequences.
        """
        max_tokens = min(max_tokens, load.max_rows - load.num_rows)
        if max_tokens < 1:
            return 0
        controller = self._known[sequence].controller

        def cost(length: int) -> float:
            step_s = self.costs.seconds(load.num_rows + length)
            overhead_s = self._overhead.seconds if length else 0.0
            return step_s + pass_s * max(length, num_passes) + overhead_s

        length = controller.choose(max_tokens, cost, load.num_tokens - 1.0)
        load.num_rows += length
        load.num_tokens += expected_tokens(controller.acceptance, length) - 1.0
        return length


def _longest(sequence: Sequence) -> int:
    """The most draft tokens that may stand: the step adds one token of its own."""
    room = sequence.max_tokens - len(sequence.tokens) - 1
    return min(sequence.speculation.max_draft_tokens, room)
