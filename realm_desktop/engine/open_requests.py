"""The open requests of a loaded model: how they enter, wait and end.

Every request that enters leaves by exactly one Finished or Failed event. Owned by the engine thread.
"""

from __future__ import annotations

import logging
from array import array
from collections.abc import Iterator

from realm_desktop.engine.intake import PreparedRequest
from realm_desktop.engine.lora.registry import AdapterRegistry
from realm_desktop.engine.reply import Reply
from realm_desktop.engine.sampling.chooser import TokenChooser
from realm_desktop.engine.scheduler import Scheduler
from realm_desktop.engine.sequence import AdapterKey, Sequence
from realm_desktop.engine_stats import GenerationStats, SequenceState, SequenceStats
from realm_desktop.errors import RealmError, RequestError
from realm_desktop.events import (
    ErrorInfo,
    Event,
    Failed,
    Finished,
    FinishReason,
    Parked,
    Queued,
    Started,
)
from realm_desktop.protocol import RequestId

logger = logging.getLogger(__name__)


class OpenRequests:
    """Sequences with their replies.

    Args:
        scheduler: Of the loaded model.
        adapters: Those that requests may name.
        max_sequence_tokens: Longest sequence that context and pool allow.
        short_context: See `ModelSpec.short_context`.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        adapters: AdapterRegistry,
        max_sequence_tokens: int,
        short_context: int = 0,
    ) -> None:
        self._scheduler = scheduler
        self._adapters = adapters
        self._max_sequence_tokens = max_sequence_tokens
        self._short_context = short_context
        self._replies: dict[Sequence, Reply] = {}
        self._choosers: dict[Sequence, TokenChooser] = {}
        self._places: dict[RequestId, tuple[int, bool]] = {}
        self.num_prompt_tokens = 0
        self.num_cached_tokens = 0

    def __len__(self) -> int:
        return len(self._replies)

    def __iter__(self) -> Iterator[Sequence]:
        return iter(list(self._replies))

    def reply(self, sequence: Sequence) -> Reply:
        """The text side of an open sequence."""
        return self._replies[sequence]

    def chooser(self, sequence: Sequence) -> TokenChooser:
        """What turns rows of logits into tokens of an open sequence."""
        return self._choosers[sequence]

    def add(
        self, prepared: PreparedRequest, now_s: float, adapter_key: AdapterKey | None = None
    ) -> list[Event]:
        """Put a prepared request in the queue.

        Args:
            prepared: What the intake made of it.
            now_s: Monotonic seconds.
            adapter_key: The mix held for it, which is given up with it; None holds one now.
        """
        end = self._enter(prepared, now_s, adapter_key)
        if end is None:
            sequence = self._scheduler.find(prepared.request.request_id)
            if prepared.request.is_parked and sequence is not None:
                return self.set_parked(sequence, now_s, is_parked=True)
            return self.announce_queue(now_s)
        if adapter_key is not None:
            self._adapters.release(adapter_key)
        return [end]

    def _enter(
        self, prepared: PreparedRequest, now_s: float, adapter_key: AdapterKey | None
    ) -> Event | None:
        """Put a prepared request in the queue, or answer its end."""
        request, prompt_ids, reply, chooser, corpus_ids = prepared
        if self._scheduler.find(request.request_id) is not None:
            error = RequestError(f"request {request.request_id} is open already")
            return Failed(request.request_id, ErrorInfo.of(error))
        limit = self._max_sequence_tokens
        if request.sampling.max_tokens is not None:
            limit = min(limit, len(prompt_ids) + request.sampling.max_tokens)
        sequence = Sequence(
            request=request,
            tokens=array("i", [*prompt_ids, *request.committed_token_ids]),
            num_prompt_tokens=len(prompt_ids),
            max_tokens=limit,
            arrived_s=now_s,
            priority=request.priority,
            speculation=request.speculation,
            draft_corpus=corpus_ids,
            short_context=self._short_context,
        )
        sequence.is_long = sequence.has_outgrown_angles
        # A resumed reply may be complete already.
        if chooser.is_ended or reply.is_complete:
            return Finished(request.request_id, FinishReason.STOP, _stats(sequence))
        if len(sequence.tokens) >= limit:
            return Finished(request.request_id, FinishReason.LENGTH, _stats(sequence))
        if adapter_key is None:
            try:
                adapter_key = self._adapters.hold(request.adapters)
            except RealmError as error:
                return Failed(request.request_id, ErrorInfo.of(error))
        sequence.adapter_key = adapter_key
        self._replies[sequence] = reply
        self._choosers[sequence] = chooser
        self._scheduler.add(sequence, now_s)
        return None

    def start(self, sequence: Sequence) -> Event:
        """Say that a sequence was admitted."""
        self._places.pop(sequence.request_id, None)
        self.num_prompt_tokens += sequence.num_prompt_tokens
        self.num_cached_tokens += sequence.num_cached_tokens
        return Started(
            sequence.request_id,
            sequence.num_prompt_tokens,
            sequence.num_cached_tokens,
            self._replies[sequence].committed_text,
        )

    def set_parked(self, sequence: Sequence, now_s: float, *, is_parked: bool) -> list[Event]:
        """Pause an open sequence or put it back in line; nothing happens if it is so already."""
        if is_parked == (sequence.state is SequenceState.PARKED):
            return []
        if not is_parked:
            self._scheduler.unpark(sequence, now_s)
            return self.announce_queue(now_s)
        self._scheduler.park(sequence, now_s)
        self._places.pop(sequence.request_id, None)
        return [Parked(sequence.request_id)]

    def finish(self, sequence: Sequence, reason: FinishReason) -> Event:
        """End a sequence well and give its blocks back."""
        self._remove(sequence)
        logger.debug("request %s finished: %s", sequence.request_id, reason)
        return Finished(sequence.request_id, reason, _stats(sequence))

    def fail(self, sequence: Sequence, error: Exception) -> Event:
        """End a sequence by an error; the others go on."""
        self._remove(sequence)
        logger.error("request %s failed", sequence.request_id, exc_info=error)
        return Failed(sequence.request_id, ErrorInfo.of(error))

    def announce_queue(self, now_s: float) -> list[Event]:
        """A Queued event for each request that changed its place in line or began to read along."""
        events: list[Event] = []
        for place, sequence in enumerate(self._scheduler.queue(now_s), start=1):
            known = (place, self._scheduler.is_reading_along(sequence))
            if self._places.get(sequence.request_id) != known:
                self._places[sequence.request_id] = known
                events.append(
                    Queued(sequence.request_id, place, self._scheduler.waiting_reason(sequence))
                )
        return events

    def stats(self, now_s: float) -> tuple[SequenceStats, ...]:
        """One row per open request for the batch view."""
        queue = enumerate(self._scheduler.queue(now_s), start=1)
        places = {sequence: place for place, sequence in queue}
        return tuple(
            self._row(sequence, now_s, places.get(sequence, 0)) for sequence in self._replies
        )

    def _row(self, sequence: Sequence, now_s: float, place: int) -> SequenceStats:
        is_waiting = sequence.state in (SequenceState.WAITING, SequenceState.PAUSED)
        elapsed_s = now_s - sequence.first_token_s
        return SequenceStats(
            request_id=sequence.request_id,
            workspace_id=sequence.workspace_id,
            state=sequence.state,
            num_tokens=len(sequence.tokens),
            num_blocks=len(sequence.block_table),
            tokens_per_s=(
                sequence.num_generated_tokens / elapsed_s
                if sequence.first_token_s and elapsed_s > 0
                else 0.0
            ),
            reason=self._scheduler.waiting_reason(sequence) if is_waiting else "",
            num_drafted_tokens=sequence.num_drafted_tokens,
            num_accepted_tokens=sequence.num_accepted_tokens,
            draft_length=len(sequence.draft_tokens),
            speculation_speedup=sequence.speculation_speedup,
            position=place,
            num_computed_tokens=sequence.num_computed_tokens,
            num_cached_tokens=sequence.num_cached_tokens,
            ttft_s=_ttft_s(sequence),
            num_preemptions=sequence.num_preemptions,
        )

    def _remove(self, sequence: Sequence) -> None:
        del self._replies[sequence]
        del self._choosers[sequence]
        self._places.pop(sequence.request_id, None)
        self._scheduler.remove(sequence)
        self._adapters.release(sequence.adapter_key)


def _stats(sequence: Sequence) -> GenerationStats:
    has_token = sequence.first_token_s > 0
    return GenerationStats(
        num_prompt_tokens=sequence.num_prompt_tokens,
        num_cached_tokens=sequence.num_cached_tokens,
        num_completion_tokens=sequence.num_completion_tokens,
        num_drafted_tokens=sequence.num_drafted_tokens,
        num_accepted_tokens=sequence.num_accepted_tokens,
        speculation_speedup=sequence.speculation_speedup,
        ttft_s=_ttft_s(sequence),
        prefill_s=sequence.first_token_s - sequence.admitted_s if has_token else 0.0,
        decode_s=sequence.last_token_s - sequence.first_token_s if has_token else 0.0,
    )


def _ttft_s(sequence: Sequence) -> float:
    """Seconds from arrival to the first token; 0 before that."""
    return sequence.first_token_s - sequence.arrived_s if sequence.first_token_s > 0 else 0.0
