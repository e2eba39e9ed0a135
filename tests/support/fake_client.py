"""An engine client without an engine: the test scripts the events and reads the commands."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable, Sequence

from realm_desktop.client import EventRouter, Listener
from realm_desktop.engine_stats import GenerationStats
from realm_desktop.events import (
    AdapterFailed,
    AdapterInfo,
    AdapterLoaded,
    ErrorInfo,
    Event,
    Finished,
    FinishReason,
    ModelInfo,
    Started,
    TextDelta,
    TokensCounted,
)
from realm_desktop.protocol import (
    Abort,
    AdapterId,
    Command,
    CountTokens,
    Generate,
    GenerateRequest,
    LoadAdapter,
    LoadModel,
    Priority,
    RequestId,
    SetParked,
    SetPriority,
    SetSpeculation,
    SetWorkspaceWeight,
    Speculation,
    UnloadAdapter,
    UnloadModel,
    WorkspaceId,
)

Script = Callable[[GenerateRequest], Iterable[Event]]


class FakeEngineClient:
    """Implements `EngineClient` in the test's own thread.

    Events go out through `emit`, or from `script`, which answers every request at once with all its
    events. An abort finishes the request unless `answers_aborts` is False, an adapter is loaded at once
    unless `answers_adapters` is.

    Attributes:
        requests: What was asked, in order.
        commands: Everything that was called, as the commands an engine would get.
        num_restarts: How often `restart` was called.
        adapter_error: Every adapter is refused at once for this reason.
        answers_counts: A text has as many tokens as words; off, nobody counts.
    """

    def __init__(
        self,
        script: Script | None = None,
        *,
        answers_aborts: bool = True,
        answers_adapters: bool = True,
    ) -> None:
        self.script = script
        self.answers_aborts = answers_aborts
        self.answers_adapters = answers_adapters
        self.requests: list[GenerateRequest] = []
        self.commands: list[Command] = []
        self.num_restarts = 0
        self.answers_counts = True
        self.adapter_error: ErrorInfo | None = None
        self._router = EventRouter()

    def emit(self, *events: Event) -> None:
        """Deliver events now, as the engine would."""
        self._router.deliver(events)

    def reply(self, *pieces: str, finish_reason: FinishReason = FinishReason.STOP) -> None:
        """Answer the latest request with these pieces of text."""
        self.emit(*reply_events(self.requests[-1], pieces, finish_reason=finish_reason))

    def is_open(self, request_id: RequestId) -> bool:
        """Whether a request has neither ended nor lost its reader."""
        return self._router.is_open(request_id)

    def generate(self, request: GenerateRequest) -> AsyncGenerator[Event, None]:
        events = self._router.open(request.request_id, self._on_closed_early)
        self.requests.append(request)
        self.commands.append(Generate(request))
        if self.script is not None:
            self.emit(*self.script(request))
        return events

    def abort(self, request_id: RequestId) -> None:
        self.commands.append(Abort(request_id))
        self._router.mute(request_id)
        if self.answers_aborts:
            self.emit(Finished(request_id, FinishReason.ABORT, GenerationStats()))

    def load(self, command: LoadModel) -> None:
        self.commands.append(command)

    def unload(self) -> None:
        self.commands.append(UnloadModel())

    def load_adapter(self, command: LoadAdapter) -> None:
        self.commands.append(command)
        if self.adapter_error is not None:
            self.emit(AdapterFailed(command.adapter_id, self.adapter_error))
        elif self.answers_adapters:
            self.emit(AdapterLoaded(AdapterInfo(command.adapter_id, "tiny", 2, 4.0, 512)))

    def unload_adapter(self, adapter_id: AdapterId) -> None:
        self.commands.append(UnloadAdapter(adapter_id))

    def set_priority(self, request_id: RequestId, priority: Priority) -> None:
        self.commands.append(SetPriority(request_id, priority))

    def set_speculation(self, request_id: RequestId, speculation: Speculation) -> None:
        self.commands.append(SetSpeculation(request_id, speculation))

    def set_parked(self, request_id: RequestId, *, is_parked: bool) -> None:
        self.commands.append(SetParked(request_id, is_parked))

    def set_workspace_weight(self, workspace_id: WorkspaceId, weight: float) -> None:
        self.commands.append(SetWorkspaceWeight(workspace_id, weight))

    def count_tokens(self, command: CountTokens) -> None:
        self.commands.append(command)
        if self.answers_counts:
            self.emit(TokensCounted(command.count_id, len(command.text.split())))

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        return self._router.subscribe(listener)

    def restart(self) -> None:
        self.num_restarts += 1

    def _on_closed_early(self, request_id: RequestId) -> None:
        self.commands.append(Abort(request_id))


def reply_events(
    request: GenerateRequest,
    pieces: Sequence[str],
    *,
    finish_reason: FinishReason = FinishReason.STOP,
) -> list[Event]:
    """The events of a whole reply: started, one delta a piece with token ids 100, 101, …, finished."""
    request_id = request.request_id
    deltas = [TextDelta(request_id, text, (100 + index,)) for index, text in enumerate(pieces)]
    stats = GenerationStats(num_prompt_tokens=5, num_completion_tokens=len(pieces))
    return [Started(request_id, 5, 0), *deltas, Finished(request_id, finish_reason, stats)]


def make_model_info(path: str = "/models/tiny.gguf", name: str = "Tiny") -> ModelInfo:
    """A loaded model's description."""
    return ModelInfo(
        path=path,
        name=name,
        architecture="llama",
        num_parameters=260_000,
        tensor_type="F32",
        context_length=512,
        vocabulary_size=512,
        weights_bytes=1_040_000,
        kv_bytes=262_144,
        kv_pool_tokens=4096,
        device="cpu",
        compute_dtype="float32",
        backend="plain",
        has_chat_template=True,
        load_s=0.1,
    )
