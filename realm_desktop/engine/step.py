"""One step: plan, blocks, batch, one forward, choice, commit, text, events.

Every running sequence takes part in the same forward pass. A step that raises is run again in
halves until the culprit is alone; only that sequence fails. A step that lacks memory is dropped and
tried again smaller; only a sequence that does not fit alone fails. Runs on the engine thread.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from realm_desktop.engine.device import is_out_of_memory
from realm_desktop.engine.open_requests import OpenRequests
from realm_desktop.engine.options import EngineOptions
from realm_desktop.engine.reply import Reply
from realm_desktop.engine.runner import Runner, StepInterrupted
from realm_desktop.engine.sampling.chooser import TokenChooser
from realm_desktop.engine.sampling.sampler import BestToken, SampledToken, best_of_rows
from realm_desktop.engine.scheduler import Scheduler
from realm_desktop.engine.sequence import PlannedRows, Sequence
from realm_desktop.engine.shortage import SHORT_ROWS, Shortage
from realm_desktop.engine.speculation.speculator import Speculator
from realm_desktop.engine.stats import RateMeter, ShareMeter, StepRecord
from realm_desktop.engine_stats import SequenceState
from realm_desktop.errors import OutOfMemory, contained
from realm_desktop.events import Event, FinishReason, PromptProgress, TextDelta
from realm_desktop.protocol import WorkspaceId

logger = logging.getLogger(__name__)

SMALLEST_BUDGET = 64
"""The adaptive token budget never falls below this many rows while no reply is being written."""

FIRST_BUDGET = 64
"""Rows of the first steps, before a prompt row has been measured: a large model may take seconds."""

ShouldStop = Callable[[], bool]


class Stepper:
    """Computes steps for the open requests of one model.

    Args:
        options: The largest token budget and the time a step should take.
        scheduler, runner, requests, speculator: Of the same loaded model.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        options: EngineOptions,
        scheduler: Scheduler,
        runner: Runner,
        requests: OpenRequests,
        speculator: Speculator,
        clock: Callable[[], float],
    ) -> None:
        self._options = options
        self._scheduler = scheduler
        self._runner = runner
        self._requests = requests
        self._speculator = speculator
        self._clock = clock
        self._row_s = 0.0
        self._affordable_rows = FIRST_BUDGET
        self.shortage = Shortage(options)
        self.prefill_rate = RateMeter()
        self.decode_rate = RateMeter()
        self.shares = ShareMeter()
        self.num_prompt_tokens = 0
        self.num_completion_tokens = 0
        self.record = StepRecord()

    def step(self, should_stop: ShouldStop | None = None) -> list[Event]:
        """Compute one batch and commit its tokens.

        Args:
            should_stop: Asked between groups of layers; True drops the step without a trace.
        """
        self.record = StepRecord()
        self._scheduler.token_budget = min(self._budget(), self.shortage.max_rows)
        self._scheduler.max_running = self.shortage.max_running
        self._draft()
        started_s = self._clock()
        plan = self._scheduler.plan(started_s)
        self._runner.copy_blocks(plan.copies)
        self.record.plan_s = self._clock() - started_s
        events = [self._requests.start(sequence) for sequence in plan.admitted]
        events += [self._requests.fail(each, self._too_long(each)) for each in plan.hopeless]
        try:
            events += self._compute(plan.rows, should_stop)
        except StepInterrupted:
            logger.debug("step interrupted")
        self._adapt_budget()
        self._measure()
        return events + self._requests.announce_queue(self._clock())

    def _draft(self) -> None:
        """Let the drafters see the last step's tokens and propose for this one.

        Here and not behind the commit, so that tokens are sent before the next ones are guessed.
        """
        started_s = self._clock()
        self._speculator.propose(self._scheduler.running, self._scheduler.token_budget)
        self.record.draft_s = self._clock() - started_s

    def _measure(self) -> None:
        """Tell the speculator what a step of so many rows costs; prompts would blur it."""
        record = self.record
        if record.num_decode_rows and not record.num_prefill_rows:
            step_s = record.forward_s + record.sample_s
            self._speculator.measure(
                record.num_decode_rows, record.num_draft_rows, step_s, record.draft_s
            )

    def _compute(self, rows: list[PlannedRows], should_stop: ShouldStop | None) -> list[Event]:
        """Run rows in one pass; if that raises, in halves, down to the one that is at fault."""
        if not rows:
            return []
        started_s = self._clock()
        try:
            logits = self._runner.forward(rows, should_stop)
        except StepInterrupted:
            raise
        except BaseException as error:  # noqa: BLE001  (a pass that fails ends at most one request)
            # Without the traceback, whose frames hold the tensors of the pass.
            failure = contained(error.with_traceback(None))
        else:
            self.record.forward_s += self._clock() - started_s
            self.shortage.note_success()
            return self._commit(rows, logits)
        if is_out_of_memory(failure):
            return self._make_room(rows, failure)
        if len(rows) == 1:
            return [self._requests.fail(rows[0].sequence, failure)]
        logger.warning("a step of %d sequences failed, trying halves", len(rows))
        middle = len(rows) // 2
        events = self._compute(rows[:middle], None)
        # The first half may have lacked memory and paused some of the second.
        rest = [entry for entry in rows[middle:] if entry.sequence in self._scheduler.running]
        return events + self._compute(rest, None)

    def _make_room(self, rows: list[PlannedRows], failure: Exception) -> list[Event]:
        """Let the next steps take less memory; the rows of this one are computed again.

        In this order: half the rows, fewer sequences, single rows, smaller KV pools. Cached blocks
        are given up with the last of these only: while the pools stay as they are, their memory
        does, so alone they would free nothing. What helps against none of it is a request that
        cannot fit.
        """
        num_rows = sum(entry.num_new + len(entry.draft_tokens) for entry in rows)
        logger.warning("no memory for a step of %d rows: %s", num_rows, failure)
        self._runner.release_cached()
        shortage, scheduler = self.shortage, self._scheduler
        if shortage.halve_rows(num_rows, SHORT_ROWS):
            return []
        if scheduler.make_room():
            shortage.limit_running(len(scheduler.running))
            return []
        if shortage.halve_rows(num_rows, 1):
            return []
        if not shortage.has_shrunk and self._shrink_pools():
            shortage.has_shrunk = True
            return []
        sequence = rows[0].sequence
        error = OutOfMemory(
            f"there is no memory to go on with this reply: not for one token behind"
            f" {sequence.num_computed_tokens:,}, with every other reply paused",
            advice="Close other programs, shorten the conversation, or choose a smaller model.",
        )
        return [self._requests.fail(sequence, error)]

    def _shrink_pools(self) -> bool:
        """Make the KV pools smaller; False if they stay as they are."""
        runner = self._runner
        retired = self._scheduler.shrink_pool(is_given_back=runner.can_give_back)
        num_bytes = runner.give_back(retired) + self._speculator.give_back(retired.full)
        logger.warning(
            "KV pools: %d and %d blocks given up, %d bytes", *map(len, retired), num_bytes
        )
        return any(retired)

    def _too_long(self, sequence: Sequence) -> OutOfMemory:
        """Why a sequence can never be admitted."""
        return OutOfMemory(
            f"the conversation has {len(sequence.tokens):,} tokens; the KV cache, which was made"
            f" smaller when memory ran out, holds {self._scheduler.max_sequence_tokens:,}",
            advice="Load the model again once memory is free, or shorten the conversation.",
        )

    def _commit(self, rows: list[PlannedRows], logits: NDArray[np.float32]) -> list[Event]:
        """Make the computed rows count, sequence by sequence."""
        started_s = self._clock()
        # Before the choice: rows that were computed are paid for though their request fails.
        self._count(rows, started_s)
        events: list[Event] = []
        bests = best_of_rows(logits)
        first = 0
        for entry in rows:
            end = first + entry.num_logit_rows
            try:
                events += self._commit_rows(entry, logits[first:end], bests[first:end], started_s)
            except BaseException as error:  # noqa: BLE001  (request border: sampler or text of one request)
                events.append(self._requests.fail(entry.sequence, contained(error)))
            first = end
        self.record.sample_s += self._clock() - started_s
        return events

    def _commit_rows(
        self,
        entry: PlannedRows,
        logits: NDArray[np.float32],
        bests: list[BestToken],
        now_s: float,
    ) -> list[Event]:
        sequence = entry.sequence
        if not bests:
            sequence.num_computed_tokens += entry.num_new
            self._scheduler.publish(sequence)
            return self._prompt_progress(sequence)
        chooser, drafts = self._requests.chooser(sequence), entry.draft_tokens
        chosen = chooser.choose_all(sequence.tokens, drafts, logits, bests)
        sequence.num_computed_tokens += entry.num_new
        sequence.draft_tokens = []
        sequence.num_drafted_tokens += len(drafts)
        return self._commit_tokens(sequence, chosen, now_s)

    def _prompt_progress(self, sequence: Sequence) -> list[Event]:
        """How far a prompt is read, for its request and for those that read along."""
        done = sequence.num_computed_tokens
        return [
            PromptProgress(
                each.request_id, min(done, each.num_prompt_tokens), each.num_prompt_tokens
            )
            for each in (sequence, *self._scheduler.readers_along(sequence))
        ]

    def _commit_tokens(
        self, sequence: Sequence, chosen: list[SampledToken], now_s: float
    ) -> list[Event]:
        """Append chosen tokens until one ends the reply; later ones are dropped."""
        reply, chooser = self._requests.reply(sequence), self._requests.chooser(sequence)
        text, finish = "", None
        committed: list[SampledToken] = []
        for sampled in chosen:
            committed.append(sampled)
            sequence.tokens.append(sampled.token_id)
            piece, finish = _push(reply, chooser, sequence, sampled.token_id)
            text += piece
            if finish is not None:
                break
        # All but the last committed token are accepted drafts: their rows were right.
        num_accepted = len(committed) - 1
        sequence.num_computed_tokens += num_accepted
        sequence.num_accepted_tokens += num_accepted
        sequence.first_token_s = sequence.first_token_s or now_s
        sequence.num_generated_tokens += len(committed)
        self.num_completion_tokens += len(committed)
        if num_accepted:
            self.decode_rate.add(now_s, num_accepted)
        sequence.last_token_s = now_s
        sequence.state = SequenceState.DECODE
        self._scheduler.publish(sequence)
        delta = TextDelta(
            request_id=sequence.request_id,
            text=text,
            token_ids=tuple([sampled.token_id for sampled in committed]),
            num_accepted_drafts=num_accepted,
            logprobs=tuple([reply.spelled(s.logprob) for s in committed if s.logprob]),
        )
        return [delta] if finish is None else [delta, self._requests.finish(sequence, finish)]

    def _count(self, rows: list[PlannedRows], now_s: float) -> None:
        """Charge computed rows, and add them up: a meter is asked once, however many chats run."""
        num_decodes = num_prompt_rows = num_drafts = 0
        by_workspace: dict[WorkspaceId, int] = {}
        for entry in rows:
            num_new, num_own_drafts = entry.num_new, len(entry.draft_tokens)
            self._scheduler.charge(entry)
            if entry.is_decode:
                num_decodes += 1
            else:
                num_prompt_rows += num_new
            num_drafts += num_own_drafts
            workspace = entry.sequence.workspace_id
            by_workspace[workspace] = by_workspace.get(workspace, 0) + num_new + num_own_drafts
        record = self.record
        record.num_decode_rows += num_decodes
        record.num_prefill_rows += num_prompt_rows
        record.num_draft_rows += num_drafts
        self.num_prompt_tokens += num_prompt_rows
        self.decode_rate.add(now_s, num_decodes)
        self.prefill_rate.add(now_s, num_prompt_rows)
        for workspace, num_rows in by_workspace.items():
            self.shares.add(now_s, workspace, num_rows)

    def _adapt_budget(self) -> None:
        """Keep steps short: as many rows as the measured time of a prompt row allows.

        Timing decides how prompts are cut into chunks, never what is computed from them.
        """
        num_rows = self.record.num_prefill_rows
        if num_rows < self._options.min_prefill_chunk or not self.record.forward_s:
            return
        measured_s = self.record.forward_s / num_rows
        self._row_s = measured_s if not self._row_s else 0.8 * self._row_s + 0.2 * measured_s
        self._affordable_rows = int(self._options.step_target_s / self._row_s)

    def _budget(self) -> int:
        """Rows of the next step.

        Beside replies the smallest chunk of a prompt is enough: 64 rows of a model of 1 billion
        parameters take 0.9 s on 2 cores, in which nobody would see a word; 16 take 0.3 s.
        """
        running = self._scheduler.running
        num_decoding = sum(sequence.num_pending_tokens == 1 for sequence in running)
        smallest = SMALLEST_BUDGET
        if num_decoding:
            smallest = num_decoding + self._options.min_prefill_chunk
        return min(max(smallest, self._affordable_rows), self._options.token_budget)


def _push(
    reply: Reply, chooser: TokenChooser, sequence: Sequence, token_id: int
) -> tuple[str, FinishReason | None]:
    """Text of one committed token, and whether the reply ends with it."""
    text, finish = reply.push(token_id)
    chooser.commit(token_id)
    if finish is None and chooser.is_ended:
        return text + reply.flush(), FinishReason.STOP
    if finish is None and len(sequence.tokens) >= sequence.max_tokens:
        return text + reply.flush(), FinishReason.LENGTH
    return text, finish
