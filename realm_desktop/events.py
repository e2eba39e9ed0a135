"""What an engine tells: every event that goes from the engine back to its caller.

Frozen dataclasses of plain values, like the commands of `protocol`. Knows errors only to turn them
into plain values.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from realm_desktop.engine_stats import AdapterState, EngineStats, GenerationStats
from realm_desktop.errors import RealmError
from realm_desktop.protocol import AdapterId, RequestId


class FinishReason(StrEnum):
    """Why a reply ended."""

    STOP = "stop"
    LENGTH = "length"
    ABORT = "abort"


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
    """The engine process is up; no model is loaded yet.

    Attributes:
        device: That "auto" takes.
        value_bytes: Of a computed value on it, for files that are not float32.
        has_kernels: Whether the CPU multiplies with quantized weights as they are.
        resident_bytes: Memory of the engine process without a model.
        device_note: What the user should know of `device`, sentences: why it is not a card that seems
            to be there, or which of several cards; "" if there is nothing to say.
    """

    engine_version: str
    torch_version: str
    device: str
    num_threads: int
    process_id: int
    value_bytes: int = 2
    has_kernels: bool = True
    resident_bytes: int = 0
    device_note: str = ""


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
        thinks_by_default: Whether a reply is thought over where a request does not say; None if the
            template has no switch.
        device_note: As of `EngineReady`, for the device that this model computes on.
        dropped_backends: What failed the self-test of the device and is not used, with the reason.
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
    thinks_by_default: bool | None = None
    device_note: str = ""
    dropped_backends: tuple[str, ...] = ()


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
        version: State of its file when it was read; equal versions mean equal content.
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
    version: str = ""


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
class Parked:
    """A request is paused by the user: nothing happens to it until it may go on or is aborted."""

    request_id: RequestId


@dataclass(frozen=True, slots=True)
class Started:
    """A request is admitted; `num_cached_tokens` of its prompt are reused.

    Attributes:
        committed_text: Of the completion tokens that the request brought along.
    """

    request_id: RequestId
    num_prompt_tokens: int
    num_cached_tokens: int
    committed_text: str = ""


@dataclass(frozen=True, slots=True)
class PromptProgress:
    """How much of a prompt is computed."""

    request_id: RequestId
    num_computed_tokens: int
    num_prompt_tokens: int


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """Log-probability of a chosen token and of the best alternatives, natural logarithm.

    Attributes:
        top: Token ids and log-probabilities, the best first.
        text, top_texts: What the tokens add to a text; "" for control tokens, U+FFFD for a part of
            a character.
    """

    token_id: int
    logprob: float
    top: tuple[tuple[int, float], ...] = ()
    text: str = ""
    top_texts: tuple[str, ...] = ()


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
class TokensCounted:
    """The answer to `CountTokens`; `num_tokens` is None where no model is loaded."""

    count_id: str
    num_tokens: int | None


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
    | Parked
    | Started
    | PromptProgress
    | TextDelta
    | Finished
    | Failed
    | TokensCounted
    | EngineStats
    | EngineRestarted
    | EngineDown
)
