"""What a caller asks of an engine: requests, and the commands that carry them across a border.

Commands go from the GUI process (or the command line) to the engine; `events` holds what comes back.
All are frozen dataclasses of plain values: they encode, compare and print. No exception, tensor or
QObject crosses a border.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum
from typing import Literal, NewType

from realm_desktop.errors import RequestError, SettingsError
from realm_desktop.sampling_params import SamplingParams, require_range

RequestId = NewType("RequestId", str)
WorkspaceId = NewType("WorkspaceId", str)
AdapterId = NewType("AdapterId", str)

MAX_WORKSPACE_WEIGHT = 1000.0
MAX_DRAFT_TOKENS = 32
MAX_DRAFT_TEXTS = 16
MAX_DRAFT_CHARACTERS = 200_000
"""Of all texts of a draft corpus together: about 50,000 tokens, 0.1 s of tokenizing."""

MAX_REPLIES = 16
"""Replies to one prompt that can be asked for at once."""

Role = Literal["system", "user", "assistant", "tool"]
DeviceName = Literal["auto", "cpu", "cuda", "mps", "xpu"]
KVCacheDtype = Literal["auto", "int8"]
KV_CACHE_DTYPES: tuple[KVCacheDtype, ...] = ("auto", "int8")


class Priority(IntEnum):
    """Priority class of a request; a lower value goes first."""

    FOREGROUND = 0
    NORMAL = 1
    BACKGROUND = 2


class SpeculationMode(StrEnum):
    """Where draft tokens come from."""

    OFF = "off"
    NGRAM = "ngram"
    DRAFT_MODEL = "draft_model"
    AUTO = "auto"


@dataclass(frozen=True, slots=True)
class AdapterUse:
    """One adapter of a mix.

    Attributes:
        adapter_id: As it was loaded.
        weight: Scales it; 0 switches it off exactly.
        version: State of its file as `AdapterInfo` has it, if another one shall be refused: a reply
            that goes on does so with what it began with. Empty takes any.
    """

    adapter_id: AdapterId
    weight: float = 1.0
    version: str = ""


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
        draft_corpus: Texts that the reply may repeat in part, the likeliest first: other versions of
            it, a document it is about. N-gram drafts look there too; the text of the reply does not
            depend on them. At most 16 texts of 200,000 characters together.
        is_parked: It waits, without a place in line, until `SetParked` lets it go on.
        is_thinking: Whether a conversation's reply is thought over first, where the template has a
            switch for it; None leaves that to the template.
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
    draft_corpus: tuple[str, ...] = ()
    is_parked: bool = False
    is_thinking: bool | None = None

    def __post_init__(self) -> None:
        """Refuse a request with no prompt or with several, or with too large a corpus."""
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
        num_characters = sum(map(len, self.draft_corpus))
        if len(self.draft_corpus) > MAX_DRAFT_TEXTS or num_characters > MAX_DRAFT_CHARACTERS:
            raise RequestError(
                f"draft_corpus has {len(self.draft_corpus):,} texts of {num_characters:,} characters;"
                f" at most {MAX_DRAFT_TEXTS} of {MAX_DRAFT_CHARACTERS:,} together are taken",
                advice="Give the texts that the reply will most likely repeat.",
                field="draft_corpus",
            )


def several_replies(request: GenerateRequest, count: int) -> tuple[GenerateRequest, ...]:
    """Requests for several replies to one prompt; the engine reads their common prompt once.

    They differ in seed (that of the request, and those after it) and id (`-1`, `-2`, … behind the
    request's own). All report the log-probabilities of their tokens, by which they can be ranked. A
    single reply is the request itself.

    Raises:
        InvalidSampling: `count` is not 1 to 16, or there is no seed left for the last one.
    """
    require_range("n", count, 1, MAX_REPLIES)
    if count == 1:
        return (request,)
    params = request.sampling
    return tuple(
        replace(
            request,
            request_id=RequestId(f"{request.request_id}-{index + 1}"),
            sampling=replace(params, seed=params.seed + index, logprobs=params.logprobs or 0),
        )
        for index in range(count)
    )


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
        kv_cache_dtype: How keys and values are stored, of the draft model too: "auto" as they are
            computed, "int8" in about half the memory of bfloat16, with a small error.
        max_running: Replies that are computed together at most; None takes the engine's own number.
        is_template_builtin: Conversations are written by the app's own template of the model's family
            instead of the one in the file.
        is_draft_automatic: Without a `draft_path`, take the draft model beside the model that bears
            its name, if there is one and it fits.
        packed_folder: Where packed weights are kept for the next load; "" neither keeps nor takes any.
        most_packed_bytes: Of all that is kept there; with 0 what is there is used, and nothing is added.
        self_test_folder: Where it is kept what passed the self-test of a device; "" tests at each load.
        is_device_required: Refuse the load if `device` cannot be used, instead of taking the CPU.

    Raises:
        SettingsError: `kv_cache_dtype` is none of these.
    """

    path: str
    device: DeviceName = "auto"
    num_threads: int | None = None
    context_length: int | None = None
    kv_pool_tokens: int | None = None
    draft_path: str | None = None
    kv_cache_dtype: KVCacheDtype = "auto"
    is_draft_automatic: bool = False
    max_running: int | None = None
    is_template_builtin: bool = False
    packed_folder: str = ""
    most_packed_bytes: int = 0
    self_test_folder: str = ""
    is_device_required: bool = False

    def __post_init__(self) -> None:
        """Refuse an unknown way to store keys and values."""
        if self.kv_cache_dtype not in KV_CACHE_DTYPES:
            raise SettingsError(
                f"kv_cache_dtype is {self.kv_cache_dtype!r}; it must be one of"
                f" {', '.join(KV_CACHE_DTYPES)}",
                advice='Choose "auto" unless memory is short.',
                field="kv_cache_dtype",
            )


@dataclass(frozen=True, slots=True)
class UnloadModel:
    """Give the model's memory back; open requests are aborted."""


@dataclass(frozen=True, slots=True)
class LoadAdapter:
    """Load an adapter under an id.

    Sent again for the file that is loaded under this id, it only changes `keep_warm`.

    Attributes:
        adapter_id: Chosen by the caller; requests name it.
        path: A PEFT folder or file, or a GGUF adapter.
        keep_warm: Keep it beside the weights even if others need the room.
    """

    adapter_id: AdapterId
    path: str
    keep_warm: bool = False


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
class SetParked:
    """Pause an open request, or let it go on; a paused one takes no KV memory and no place in line."""

    request_id: RequestId
    is_parked: bool


@dataclass(frozen=True, slots=True)
class SetWorkspaceWeight:
    """Change a workspace's share; `weight` is above 0 and at most 1000."""

    workspace_id: WorkspaceId
    weight: float


@dataclass(frozen=True, slots=True)
class CountTokens:
    """Tell how many tokens a text is for the loaded model, special tokens not counted.

    Attributes:
        count_id: Comes back with the answer.
    """

    count_id: str
    text: str


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
    | SetParked
    | SetWorkspaceWeight
    | CountTokens
    | Shutdown
)
