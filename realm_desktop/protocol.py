"""Every value that crosses a process or thread border.

Commands go from the GUI process (or the command line) to the engine, events come back.
All are frozen dataclasses of plain values: they encode, compare and print. No exception, tensor or
QObject crosses a border. This module imports nothing but `errors` and `sampling_params`, whose
values it offers as its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Literal, NewType

from realm_desktop.errors import RealmError, RequestError
from realm_desktop.sampling_params import MAX_SEED as MAX_SEED
from realm_desktop.sampling_params import SamplingFilter as SamplingFilter
from realm_desktop.sampling_params import SamplingParams as SamplingParams
from realm_desktop.sampling_params import require_range

RequestId = NewType("RequestId", str)
WorkspaceId = NewType("WorkspaceId", str)
AdapterId = NewType("AdapterId", str)

MAX_WORKSPACE_WEIGHT = 1000.0
MAX_DRAFT_TOKENS = 32

Role = Literal["system", "user", "assistant", "tool"]
DeviceName = Literal["auto", "cpu", "cuda", "mps"]


class Priority(IntEnum):
    """Priority class of a request; a lower value goes first."""

    FOREGROUND = 0
    NORMAL = 1
    BACKGROUND = 2


class FinishReason(StrEnum):
    """Why a reply ended."""

    STOP = "stop"
    LENGTH = "length"
    ABORT = "abort"


class SpeculationMode(StrEnum):
    """Where draft tokens come from."""

    OFF = "off"
    NGRAM = "ngram"
    DRAFT_MODEL = "draft_model"
    AUTO = "auto"


class SequenceState(StrEnum):
    """What the engine does with a request right now."""

    WAITING = "waiting"
    PREFILL = "prefill"
    DECODE = "decode"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class AdapterUse:
    """One adapter of a mix; `weight` scales it, 0 switches it off exactly."""

    adapter_id: AdapterId
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Speculation:
    """How a request drafts; changes its speed, never its text.

    Attributes:
        mode: Where draft tokens come from; AUTO takes the draft model if one is loaded, else n-grams.
        max_draft_tokens: Longest draft of one step, 1 to 32.
    """

    mode: SpeculationMode = SpeculationMode.OFF
    max_draft_tokens: int = 8

    def __post_init__(self) -> None:
        """Refuse a length outside its range."""
        require_range("max_draft_tokens", self.max_draft_tokens, 1, MAX_DRAFT_TOKENS)


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One turn as a chat template sees it."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class GenerateRequest:
    """What a caller asks. Exactly one of `messages`, `prompt` and `prompt_token_ids` is set.

    Attributes:
        request_id: Chosen by the caller, unique while the request is open.
        workspace_id: The tenant whose fair share pays for the rows.
        messages: A conversation for the chat template.
        prompt: Raw text, tokenized with the model's own rule for a first token.
        prompt_token_ids: Token ids as they are.
        json_schema: A JSON Schema (draft 2020-12) the reply must satisfy, as JSON text.
        regex: A regular expression the whole reply must match.
        grammar: A context-free grammar in Lark's notation the whole reply must match. At most one
            of the three is set.
        committed_token_ids: Completion tokens of an earlier attempt; generation goes on behind them.
        clock_s: Unix time that a template may show; part of the request so that a resume renders alike.
    """

    request_id: RequestId
    workspace_id: WorkspaceId = WorkspaceId("general")
    messages: tuple[ChatMessage, ...] = ()
    prompt: str | None = None
    prompt_token_ids: tuple[int, ...] | None = None
    sampling: SamplingParams = field(default_factory=SamplingParams)
    adapters: tuple[AdapterUse, ...] = ()
    speculation: Speculation = field(default_factory=Speculation)
    json_schema: str | None = None
    regex: str | None = None
    grammar: str | None = None
    priority: Priority = Priority.NORMAL
    committed_token_ids: tuple[int, ...] = ()
    clock_s: float = 0.0

    def __post_init__(self) -> None:
        """Refuse a request with no prompt or with several."""
        given = (
            bool(self.messages) + (self.prompt is not None) + (self.prompt_token_ids is not None)
        )
        if given != 1:
            raise RequestError(
                f"a request needs exactly one of messages, prompt and token ids, found {given}",
                field="prompt",
            )
        if sum(form is not None for form in (self.json_schema, self.regex, self.grammar)) > 1:
            raise RequestError(
                "a request takes at most one of json_schema, regex and grammar", field="json_schema"
            )


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


# Commands


@dataclass(frozen=True, slots=True)
class LoadModel:
    """Load a model file or folder; replaces the one that is loaded.

    Attributes:
        path: A GGUF file, a safetensors file, or a folder with config.json.
        device: Where to compute.
        num_threads: CPU threads; None takes the physical cores.
        context_length: Longest sequence in tokens; None takes the model's own, as far as memory allows.
        kv_pool_tokens: Size of the KV pool in tokens; None lets the memory plan choose.
        draft_path: A smaller model with the same vocabulary that drafts tokens, in the same forms.
    """

    path: str
    device: DeviceName = "auto"
    num_threads: int | None = None
    context_length: int | None = None
    kv_pool_tokens: int | None = None
    draft_path: str | None = None


@dataclass(frozen=True, slots=True)
class UnloadModel:
    """Give the model's memory back; open requests are aborted."""


@dataclass(frozen=True, slots=True)
class LoadAdapter:
    """Load an adapter under an id."""

    adapter_id: AdapterId
    path: str


@dataclass(frozen=True, slots=True)
class UnloadAdapter:
    """Forget an adapter; running replies keep it until they end."""

    adapter_id: AdapterId


@dataclass(frozen=True, slots=True)
class Generate:
    """Start a request."""

    request: GenerateRequest


@dataclass(frozen=True, slots=True)
class Abort:
    """End a request now."""

    request_id: RequestId


@dataclass(frozen=True, slots=True)
class SetPriority:
    """Change the priority class of an open request."""

    request_id: RequestId
    priority: Priority


@dataclass(frozen=True, slots=True)
class SetSpeculation:
    """Change how an open request drafts."""

    request_id: RequestId
    speculation: Speculation


@dataclass(frozen=True, slots=True)
class SetWorkspaceWeight:
    """Change a workspace's share; `weight` is above 0 and at most 1000."""

    workspace_id: WorkspaceId
    weight: float


@dataclass(frozen=True, slots=True)
class Shutdown:
    """Abort everything and end the engine."""


Command = (
    LoadModel
    | UnloadModel
    | LoadAdapter
    | UnloadAdapter
    | Generate
    | Abort
    | SetPriority
    | SetSpeculation
    | SetWorkspaceWeight
    | Shutdown
)


# Events


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
    """What panels show of a loaded adapter."""

    adapter_id: AdapterId
    name: str
    rank: int
    alpha: float
    num_bytes: int


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


@dataclass(frozen=True, slots=True)
class EngineStats:
    """Snapshot of the engine, at most 10 per second.

    Attributes:
        step_ms, plan_ms, forward_ms, sample_ms, draft_ms: Of the latest step.
        num_prefill_rows, num_decode_rows, num_draft_rows: Of the latest step.
        prefill_tokens_per_s, decode_tokens_per_s: Over the last second.
        prefix_hit_rate: Reused prompt tokens of all prompt tokens so far, 0 to 1.
        resident_bytes: Memory of the engine process.
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
