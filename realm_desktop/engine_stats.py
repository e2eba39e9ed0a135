"""What an engine measures: figures of one request, of one adapter, of a workspace, of the whole.

Frozen dataclasses of plain values; `events` carries them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from realm_desktop.protocol import AdapterId, RequestId, WorkspaceId


class SequenceState(StrEnum):
    """What the engine does with a request right now.

    PAUSED gave way to others and continues by itself; PARKED waits until the user lets it go on.
    """

    WAITING = "waiting"
    PREFILL = "prefill"
    DECODE = "decode"
    PAUSED = "paused"
    PARKED = "parked"


class AdapterState(StrEnum):
    """Where a loaded adapter is right now; requests may name it in every state."""

    WARM = "warm"
    ON_DISK = "on_disk"


def acceptance_rate(num_accepted_tokens: int, num_drafted_tokens: int) -> float:
    """Accepted of all verified draft tokens, 0 to 1; 0 when nothing was drafted."""
    return num_accepted_tokens / max(num_drafted_tokens, 1)


@dataclass(frozen=True, slots=True)
class GenerationStats:
    """Figures of one finished request.

    Attributes:
        num_cached_tokens: Prompt tokens taken from the prefix tree.
        ttft_s: From the request's arrival in the engine to its first token, queueing included.
        prefill_s: From admission to the first token.
        decode_s: From the first token to the last.
        speculation_speedup: Time of the same tokens in measured steps without drafts, divided by
            the time they took with drafts; 0 where speculation was off or nothing was measured.
    """

    num_prompt_tokens: int = 0
    num_cached_tokens: int = 0
    num_completion_tokens: int = 0
    num_drafted_tokens: int = 0
    num_accepted_tokens: int = 0
    ttft_s: float = 0.0
    prefill_s: float = 0.0
    decode_s: float = 0.0
    speculation_speedup: float = 0.0

    @property
    def prefill_tokens_per_s(self) -> float:
        """Computed prompt tokens per second; 0 when nothing was computed."""
        computed = self.num_prompt_tokens - self.num_cached_tokens
        return computed / self.prefill_s if self.prefill_s > 0 else 0.0

    @property
    def decode_tokens_per_s(self) -> float:
        """Completion tokens after the first per second; 0 for a reply of one token."""
        return (self.num_completion_tokens - 1) / self.decode_s if self.decode_s > 0 else 0.0

    @property
    def acceptance_rate(self) -> float:
        """Accepted of all verified draft tokens, 0 to 1; 0 when nothing was drafted."""
        return acceptance_rate(self.num_accepted_tokens, self.num_drafted_tokens)


@dataclass(frozen=True, slots=True)
class SequenceStats:
    """One row of the batch view.

    Attributes:
        num_drafted_tokens, num_accepted_tokens: Draft tokens verified so far, and the accepted ones.
        draft_length: Draft tokens proposed for the next step.
        speculation_speedup: As in `GenerationStats`.
        position: Place in line of a waiting request, 1 for the next one; 0 while it runs.
        num_computed_tokens: Leading tokens whose KV is there.
        num_cached_tokens: Prompt tokens taken from the prefix tree.
        ttft_s: From arrival to the first token; 0 before that.
        num_preemptions: How often it gave its blocks back: to make room, or paused by the user.
    """

    request_id: RequestId
    workspace_id: WorkspaceId
    state: SequenceState
    num_tokens: int
    num_blocks: int
    tokens_per_s: float
    reason: str = ""
    num_drafted_tokens: int = 0
    num_accepted_tokens: int = 0
    draft_length: int = 0
    speculation_speedup: float = 0.0
    position: int = 0
    num_computed_tokens: int = 0
    num_cached_tokens: int = 0
    ttft_s: float = 0.0
    num_preemptions: int = 0

    @property
    def acceptance_rate(self) -> float:
        """Accepted of all verified draft tokens, 0 to 1; 0 when nothing was drafted."""
        return acceptance_rate(self.num_accepted_tokens, self.num_drafted_tokens)


@dataclass(frozen=True, slots=True)
class WorkspaceStats:
    """One workspace with open requests, or with rows in the last seconds.

    Attributes:
        share: Its part of the rows computed in the last 5 seconds, 0 to 1.
        weight: What it should get compared with a workspace of weight 1.
        clock: Rows charged to it, divided by its weight; the lowest goes first.
    """

    workspace_id: WorkspaceId
    share: float
    weight: float
    clock: float
    num_running: int
    num_waiting: int


@dataclass(frozen=True, slots=True)
class AdapterStats:
    """One row of the adapter table.

    Attributes:
        num_users: Open requests that use it.
        num_bytes: Of its matrices in the compute dtype.
        swap_ms: From the latest command or use that had to bring it in until it could be used.
    """

    adapter_id: AdapterId
    state: AdapterState
    num_users: int
    num_bytes: int
    swap_ms: float
    keep_warm: bool


@dataclass(frozen=True, slots=True)
class EngineStats:
    """Snapshot of the engine, at most 10 per second.

    Attributes:
        step_ms, plan_ms, forward_ms, sample_ms, draft_ms: Of the latest step.
        num_prefill_rows, num_decode_rows, num_draft_rows: Of the latest step.
        prefill_tokens_per_s, decode_tokens_per_s: Over the last second.
        blocks_used, blocks_cached, blocks_free: KV blocks of the kind that a sequence keeps to its end.
        window_blocks_used, window_blocks_cached, window_blocks_free: Those of layers with a sliding
            window, which it gives back as it goes on; 0 for a model without such layers.
        prefix_hit_rate: Reused prompt tokens of all prompt tokens so far, 0 to 1.
        resident_bytes: Memory of the engine process.
        is_memory_short: Steps are smaller than usual, and replies may be paused, since a step could
            not get its memory.
        workspaces: Share of each, the largest first.
        num_prompt_tokens, num_completion_tokens: Read (not reused) and committed since the model
            was loaded.
        num_active_ranks: Adapter ranks that the open requests use.
        adapters: Every loaded adapter, in the order of loading.
        max_running: Requests that the next step computes together at most, fewer than chosen while memory
            is short; 0 without a model.
    """

    step_ms: float = 0.0
    plan_ms: float = 0.0
    forward_ms: float = 0.0
    sample_ms: float = 0.0
    num_prefill_rows: int = 0
    num_decode_rows: int = 0
    num_draft_rows: int = 0
    prefill_tokens_per_s: float = 0.0
    decode_tokens_per_s: float = 0.0
    num_running: int = 0
    num_waiting: int = 0
    blocks_used: int = 0
    blocks_cached: int = 0
    blocks_free: int = 0
    prefix_hit_rate: float = 0.0
    resident_bytes: int = 0
    sequences: tuple[SequenceStats, ...] = ()
    draft_ms: float = 0.0
    is_memory_short: bool = False
    workspaces: tuple[WorkspaceStats, ...] = ()
    num_prompt_tokens: int = 0
    num_completion_tokens: int = 0
    num_active_ranks: int = 0
    adapters: tuple[AdapterStats, ...] = ()
    window_blocks_used: int = 0
    window_blocks_cached: int = 0
    window_blocks_free: int = 0
    max_running: int = 0

    @property
    def acceptance_rate(self) -> float:
        """Accepted of all draft tokens of the open requests, 0 to 1; 0 when nothing was drafted."""
        num_drafted = sum(sequence.num_drafted_tokens for sequence in self.sequences)
        num_accepted = sum(sequence.num_accepted_tokens for sequence in self.sequences)
        return acceptance_rate(num_accepted, num_drafted)
