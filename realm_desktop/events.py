"""What an engine tells: every event that goes from the engine back to its caller.

Frozen dataclasses of plain values, like the commands of `protocol`. Knows errors only to turn them
into plain values.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from realm_desktop.errors import RealmError
from realm_desktop.protocol import AdapterId, RequestId, WorkspaceId


class FinishReason(StrEnum):
    """Why a reply ended."""

    STOP = "stop"
    LENGTH = "length"
    ABORT = "abort"


class SequenceState(StrEnum):
    """What the engine does with a request right now."""

    WAITING = "waiting"
    PREFILL = "prefill"
    DECODE = "decode"
    PAUSED = "paused"


class AdapterState(StrEnum):
    """Where a loaded adapter is right now; requests may name it in every state."""

    WARM = "warm"
    ON_DISK = "on_disk"


@dataclass(frozen=True, slots=True)
class ErrorInfo:
    """A RealmError as plain values."""

    kind: str
    message: str
    advice: str = ""
    file: str | None = None
    field: str | None = None
    offset: int | None = None

    @classmethod
    def of(cls, error: BaseException) -> ErrorInfo:
        """The plain form of any exception; only a RealmError carries a sentence for users."""
        if isinstance(error, RealmError):
            return cls(
                error.kind, error.message, error.advice, error.file, error.field, error.offset
            )
        return cls("InternalError", f"{type(error).__name__}: {error}", "The log has the details.")


@dataclass(frozen=True, slots=True)
class EngineReady:
    """The engine process is up; no model is loaded yet."""

    engine_version: str
    torch_version: str
    device: str
    num_threads: int
    process_id: int


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """Sign of life, at least once a second while loading or idle; every other event is one too."""

    monotonic_s: float


@dataclass(frozen=True, slots=True)
class LoadProgress:
    """How far a load is: `phase` in words, `fraction` 0 to 1."""

    path: str
    phase: str
    fraction: float


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What panels show of a loaded model, and what it can do.

    Attributes:
        name: The file's own name for the model.
        tensor_type: The most frequent tensor type by bytes, e.g. "Q4_K".
        context_length: Longest sequence now possible, tokens.
        weights_bytes, kv_bytes: Memory held for weights and for the KV pool, draft model included.
        kv_pool_tokens: Tokens the KV pool holds.
        compute_dtype, backend: For the status bar and About.
        kv_cache_dtype: How keys and values are stored, e.g. "bfloat16" or "int8".
        draft_name: The draft model's own name; empty without one.
        num_threads: CPU threads that compute; a small model is faster on one.
    """

    path: str
    name: str
    architecture: str
    num_parameters: int
    tensor_type: str
    context_length: int
    vocabulary_size: int
    weights_bytes: int
    kv_bytes: int
    kv_pool_tokens: int
    device: str
    compute_dtype: str
    backend: str
    has_chat_template: bool
    load_s: float
    supports_adapters: bool = False
    supports_speculation: bool = False
    supports_grammar: bool = False
    draft_name: str = ""
    num_threads: int = 1
    kv_cache_dtype: str = ""


@dataclass(frozen=True, slots=True)
class ModelLoaded:
    """The model is ready for requests."""

    info: ModelInfo


@dataclass(frozen=True, slots=True)
class ModelUnloaded:
    """No model is loaded any more."""


@dataclass(frozen=True, slots=True)
class LoadFailed:
    """A model could not be loaded; the one loaded before is gone too if `is_unloaded`."""

    path: str
    error: ErrorInfo
    is_unloaded: bool


@dataclass(frozen=True, slots=True)
class AdapterInfo:
    """What panels show of a loaded adapter.

    Attributes:
        rank: The largest of `ranks`, which are all different ones, ascending.
        alpha: As the file states it.
        num_bytes: Of its matrices in the compute dtype.
        num_targets, num_model_targets: Linear layers it changes, and that the model has.
        base_model_name: What it says it was made for; empty if it does not say.
        verdict: One sentence, as `formats.adapter_fit` has it before an adapter is loaded.
        warning: What may be wrong with it although its shapes fit; empty if nothing.
        state: Warm in memory, or to be read again at its next use.
        keep_warm: As the caller asked.
        swap_ms: From the command until it could be used.
    """

    adapter_id: AdapterId
    name: str
    rank: int
    alpha: float
    num_bytes: int
    ranks: tuple[int, ...] = ()
    num_targets: int = 0
    num_model_targets: int = 0
    base_model_name: str = ""
    verdict: str = ""
    warning: str = ""
    state: AdapterState = AdapterState.WARM
    keep_warm: bool = False
    swap_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class AdapterLoaded:
    """An adapter can be used from now on."""

    info: AdapterInfo


@dataclass(frozen=True, slots=True)
class AdapterFailed:
    """An adapter was refused; nothing else changed."""

    adapter_id: AdapterId
    error: ErrorInfo


@dataclass(frozen=True, slots=True)
class Queued:
    """A request waits: its place in line (1 = next) and the reason in words."""

    request_id: RequestId
    position: int
    reason: str


@dataclass(frozen=True, slots=True)
class Started:
    """A request is admitted; `num_cached_tokens` of its prompt are reused."""

    request_id: RequestId
    num_prompt_tokens: int
    num_cached_tokens: int


@dataclass(frozen=True, slots=True)
class PromptProgress:
    """How much of a prompt is computed."""

    request_id: RequestId
    num_computed_tokens: int
    num_prompt_tokens: int


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """Log-probability of a chosen token and of the best alternatives, natural logarithm."""

    token_id: int
    logprob: float
    top: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class TextDelta:
    """New text of a reply.

    Attributes:
        text: Complete characters only; may be empty while bytes of one are missing.
        token_ids: Tokens committed in this step.
        num_accepted_drafts: How many of them were accepted drafts.
        logprobs: One entry per token if the request asked for them.
    """

    request_id: RequestId
    text: str
    token_ids: tuple[int, ...]
    num_accepted_drafts: int = 0
    logprobs: tuple[TokenLogprob, ...] = ()


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
        return self.num_accepted_tokens / max(self.num_drafted_tokens, 1)


@dataclass(frozen=True, slots=True)
class Finished:
    """A request ended well; no event of it follows."""

    request_id: RequestId
    finish_reason: FinishReason
    stats: GenerationStats


@dataclass(frozen=True, slots=True)
class Failed:
    """A request ended by an error; no event of it follows."""

    request_id: RequestId
    error: ErrorInfo


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
        num_preemptions: How often it was paused to make room.
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
        return self.num_accepted_tokens / max(self.num_drafted_tokens, 1)


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

    @property
    def acceptance_rate(self) -> float:
        """Accepted of all draft tokens of the open requests, 0 to 1; 0 when nothing was drafted."""
        num_drafted = sum(sequence.num_drafted_tokens for sequence in self.sequences)
        num_accepted = sum(sequence.num_accepted_tokens for sequence in self.sequences)
        return num_accepted / max(num_drafted, 1)


@dataclass(frozen=True, slots=True)
class EngineRestarted:
    """Made by the worker: the engine died and a new one runs; open requests are resubmitted."""

    reason: str
    num_resumed: int
    num_restarts: int


@dataclass(frozen=True, slots=True)
class EngineDown:
    """Made by the worker: the engine died too often; it stays down until the user acts."""

    reason: str


Event = (
    EngineReady
    | Heartbeat
    | LoadProgress
    | ModelLoaded
    | ModelUnloaded
    | LoadFailed
    | AdapterLoaded
    | AdapterFailed
    | Queued
    | Started
    | PromptProgress
    | TextDelta
    | Finished
    | Failed
    | EngineStats
    | EngineRestarted
    | EngineDown
)
