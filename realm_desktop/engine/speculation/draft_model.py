"""Drafts from a smaller model that shares the target's block tables.

The draft runs with the request's own seeded noise at the same positions and takes its own best
token (Gumbel coupling), so where the two models agree they agree in sampled text too. All
sequences of a step share one forward pass per draft position. Engine thread.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray

from realm_desktop.engine.batch import BatchPart, assemble_batch
from realm_desktop.engine.block_manager import BlockManager
from realm_desktop.engine.decoder import Decoder
from realm_desktop.engine.draft_loop import DraftLoop, PlainDraw
from realm_desktop.engine.kv_cache import KVCache
from realm_desktop.engine.sampling.sampler import to_host
from realm_desktop.engine.sequence import Sequence
from realm_desktop.engine.speculation.controller import ROW_COUNTS, CostTable
from realm_desktop.engine.speculation.draft_coverage import BlockUse, DraftCoverage
from realm_desktop.engine.speculation.drafter import DraftOrder
from realm_desktop.errors import RealmError
from realm_desktop.kv_blocks import BLOCK_SIZE

logger = logging.getLogger(__name__)

ChooseToken = Callable[[Sequence, NDArray[np.float32], NDArray[np.int32]], int]
"""The token that a sequence's own sampling chooses from logits [vocabulary] behind these tokens."""


MAX_LOOP_ROWS = 4
"""Committed tokens that a loop catches up with, one by one; more of them go together."""


@dataclass(slots=True)
class _Draft:
    """One draft in progress.

    Attributes:
        sequence: For whom.
        max_tokens: Draft tokens that order, blocks and context allow, at least 1.
        first: Tokens of the sequence whose draft KV is there.
        num_rows: Committed tokens to compute, from `first` on.
        tokens: Draft tokens so far.
    """

    sequence: Sequence
    max_tokens: int
    first: int
    num_rows: int
    tokens: list[int] = field(default_factory=list)

    @property
    def needs_logits(self) -> bool:
        """Whether the first pass reaches the last committed token, so that a draft follows."""
        return self.first + self.num_rows == len(self.sequence.tokens)


@dataclass(frozen=True, slots=True)
class _Guess:
    """Draft tokens whose KV was written before anybody knew whether they stand."""

    first: int
    tokens: list[int]
    uses: list[BlockUse]


class ModelDrafter:
    """The draft model and its KV cache.

    Invariant: `DraftCoverage` never claims KV of a token that is not committed.

    Args:
        decoder: The draft model.
        kv_cache: Its keys and values, with as many blocks as the target's.
        block_manager: Of the target; its block tables serve both models.
        vocabulary_size: Of the target: ids from here on are not proposed.
        choose_token: How a sequence chooses the token behind others.
        plain_draw: How it does so nearly, for a draft outside of Python.
        clock: Monotonic seconds.

    Attributes:
        costs: Seconds of a pass by its rows.
        max_rows: Most prompt rows of one pass; a longer prompt is caught up over several steps.
        passes_s: Seconds of all passes of the latest drafts.
    """

    def __init__(
        self,
        decoder: Decoder,
        kv_cache: KVCache,
        block_manager: BlockManager,
        vocabulary_size: int,
        choose_token: ChooseToken,
        plain_draw: Callable[[Sequence], PlainDraw | None],
        clock: Callable[[], float],
    ) -> None:
        self._decoder = decoder
        self._kv_cache = kv_cache
        self._blocks = block_manager
        self._vocabulary_size = vocabulary_size
        self._choose_token = choose_token
        self._plain_draw = plain_draw
        self._loop: DraftLoop | None = None
        self._clock = clock
        self._coverage = DraftCoverage(block_manager.full.versions)
        self._guesses: dict[Sequence, _Guess] = {}
        self.costs = CostTable()
        self.max_rows = 256
        self.passes_s = 0.0

    def give_back(self, block_ids: Collection[int]) -> int:
        """Give the memory of full blocks back that nobody uses any more; how many bytes."""
        return self._kv_cache.give_back(block_ids)

    def reaches(self, sequence: Sequence) -> bool:
        """Whether the draft model's context has room for a draft of this sequence."""
        return len(sequence.tokens) <= self._decoder.spec.context_length

    def observe(self, sequence: Sequence) -> None:
        """Count the KV of those draft tokens that were committed."""
        guess = self._guesses.pop(sequence, None)
        if guess is None:
            return
        committed = sequence.tokens[guess.first : guess.first + len(guess.tokens)]
        num_right = 0
        while num_right < len(committed) and committed[num_right] == guess.tokens[num_right]:
            num_right += 1
        self._coverage.mark(guess.uses, guess.first, guess.first + num_right)

    def forget(self, sequence: Sequence) -> None:
        """See `Drafter.forget`; the KV of shared blocks stays."""
        self._guesses.pop(sequence, None)

    def propose(self, orders: list[DraftOrder]) -> list[list[int]]:
        """See `Drafter.propose`; a sequence that has to catch up first gets no draft."""
        self.passes_s = 0.0
        drafts = self._begin(orders)
        if drafts and not self._run_loop(drafts):
            self._catch_up(drafts)
        active = [draft for draft in drafts if draft.needs_logits]
        while active := [draft for draft in active if len(draft.tokens) < draft.max_tokens]:
            self._extend(active)
        for draft in drafts:
            self._remember(draft)
        found = {draft.sequence: draft.tokens for draft in drafts}
        return [found.get(order.sequence, []) for order in orders]

    def _begin(self, orders: list[DraftOrder]) -> list[_Draft]:
        """What each sequence computes in the first pass, within `max_rows`."""
        drafts: list[_Draft] = []
        being_written: set[int] = set()
        rows_left = self.max_rows
        for sequence, max_tokens in orders:
            num_tokens = len(sequence.tokens)
            room = self._room(sequence, max_tokens)
            # Where all is covered the last token is computed again: its logits begin the draft.
            first = min(self._coverage.num_covered(sequence.block_table), num_tokens - 1)
            num_rows = min(num_tokens - first, rows_left)
            if room < 1 or num_rows < 1:
                continue
            last = first + num_rows - 1
            blocks = sequence.block_table[first // BLOCK_SIZE : last // BLOCK_SIZE + 1]
            if being_written.intersection(blocks):
                continue  # a branch computes the same KV in this very pass
            being_written.update(blocks)
            rows_left -= num_rows
            drafts.append(_Draft(sequence, room, first, num_rows))
        return drafts

    def _room(self, sequence: Sequence, max_tokens: int) -> int:
        """Draft tokens that blocks and the draft's context allow; below 1 it cannot run at all.

        All but the last draft token are fed to the draft model, so they need a position.
        """
        num_tokens = len(sequence.tokens)
        num_positions = self._decoder.spec.context_length
        if not self._blocks.extend(sequence, num_tokens + max_tokens - 1):
            num_positions = min(num_positions, len(sequence.block_table) * BLOCK_SIZE)
        return min(max_tokens, num_positions - num_tokens + 1)

    def _run_loop(self, drafts: list[_Draft]) -> bool:
        """Draft for a sequence that is alone, all tokens in one call; whether that was possible."""
        draft = drafts[0]
        sequence, num_tokens, first = draft.sequence, draft.max_tokens, draft.first
        draw = self._plain_draw(sequence)
        if len(drafts) > 1 or draw is None or not draft.needs_logits:
            return False
        loop = self._find_loop(draft)
        if loop is None:
            return False
        if draft.num_rows > MAX_LOOP_ROWS:
            first = len(sequence.tokens) - 1
            missing = sequence.tokens[draft.first : first]
            self._compute([BatchPart(missing, draft.first, sequence.block_table, 0)], [])
        started_s = self._clock()
        given = sequence.tokens[first:]
        draft.tokens = loop.run(given, first, sequence.block_table, num_tokens, draw)
        seconds = self._clock() - started_s
        draft.max_tokens = len(draft.tokens)
        self.passes_s += seconds
        self.costs.add(1, seconds / num_tokens)
        self._mark_caught_up(draft)
        return True

    def _find_loop(self, draft: _Draft) -> DraftLoop | None:
        """The loop over this cache, made anew where memory of the network moved."""
        sequence, loop = draft.sequence, self._loop
        num_positions = len(sequence.tokens) + draft.max_tokens
        if loop is not None and self._decoder.may_go_on(loop.step, self._kv_cache, num_positions):
            return loop
        first_token = min(sequence.tokens[draft.first], self._decoder.spec.vocabulary_size - 1)
        part = BatchPart([first_token], draft.first, sequence.block_table, 1)
        batch = assemble_batch([part], self._decoder.device)
        with torch.inference_mode():
            self._loop = self._decoder.draft_loop(batch, self._kv_cache)
        return self._loop

    def _mark_caught_up(self, draft: _Draft) -> None:
        uses = self._coverage.uses(draft.sequence.block_table)
        self._coverage.mark(uses, draft.first, draft.first + draft.num_rows)

    def _catch_up(self, drafts: list[_Draft]) -> None:
        """Compute committed tokens; those that reach their end get the first draft token."""
        parts = [
            BatchPart(
                draft.sequence.tokens[draft.first : draft.first + draft.num_rows],
                draft.first,
                draft.sequence.block_table,
                int(draft.needs_logits),
            )
            for draft in drafts
        ]
        self._compute(parts, [draft for draft in drafts if draft.needs_logits])
        for draft in drafts:
            self._mark_caught_up(draft)

    def _extend(self, active: list[_Draft]) -> None:
        """One more draft token for each."""
        parts = [
            BatchPart(
                draft.tokens[-1:],
                len(draft.sequence.tokens) + len(draft.tokens) - 1,
                draft.sequence.block_table,
                1,
            )
            for draft in active
        ]
        self._compute(parts, active)

    def _compute(self, parts: list[BatchPart], choosing: list[_Draft]) -> None:
        """One pass; `choosing` are the drafts of the parts that want logits, in their order."""
        started_s = self._clock()
        for draft, row in zip(choosing, self._forward(parts), strict=True):
            self._choose(draft, row)
        seconds = self._clock() - started_s
        self.passes_s += seconds
        num_rows = sum(len(part.token_ids) for part in parts)
        if num_rows <= ROW_COUNTS[-1]:  # not the long passes of a prompt
            self.costs.add(num_rows, seconds)

    def _forward(self, parts: list[BatchPart]) -> NDArray[np.float32]:
        """[R, target vocabulary]: logits of the draft model.

        A token that only the target knows is read as the draft's last one: a poor guess may follow.
        """
        last_id = self._decoder.spec.vocabulary_size - 1
        known = [
            part._replace(token_ids=[min(token_id, last_id) for token_id in part.token_ids])
            for part in parts
        ]
        batch = assemble_batch(known, self._decoder.device)
        with torch.inference_mode():
            hidden = self._decoder.forward(batch, self._kv_cache)
            assert hidden is not None, "nobody asked the pass to stop"
            if not len(batch.logit_rows):
                return np.empty((0, self._vocabulary_size), np.float32)
            logits = self._decoder.logits(hidden.index_select(0, batch.logit_rows))
            return to_host(logits[:, : self._vocabulary_size])

    def _choose(self, draft: _Draft, logits: NDArray[np.float32]) -> None:
        """Add the token that the draft model itself would sample here, or end the draft."""
        seen = np.array(draft.sequence.tokens, np.int32)
        if draft.tokens:
            seen = np.append(seen, np.array(draft.tokens, np.int32))
        try:
            draft.tokens.append(self._choose_token(draft.sequence, logits, seen))
        except (RealmError, FloatingPointError) as error:  # a grammar ends, or logits overflow
            logger.debug("draft of %s ends: %s", draft.sequence.request_id, error)
            draft.max_tokens = len(draft.tokens)

    def _remember(self, draft: _Draft) -> None:
        """Keep what was fed beyond the committed tokens, until `observe` knows whether it stands."""
        fed = draft.tokens[:-1]
        if fed:
            uses = self._coverage.uses(draft.sequence.block_table)
            self._guesses[draft.sequence] = _Guess(len(draft.sequence.tokens), fed, uses)
