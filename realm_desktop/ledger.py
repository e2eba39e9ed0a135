"""The ledger of open requests: all that a new engine must be told to go on where the old one died.

Keeps the loaded model, its adapters and weights of workspaces, and per open request what was asked and
the token ids committed so far. A value without threads: the engine worker owns it. Knows nothing of
processes or clocks.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from realm_desktop.engine_stats import GenerationStats
from realm_desktop.errors import EngineStopped
from realm_desktop.events import (
    AdapterFailed,
    AdapterLoaded,
    ErrorInfo,
    Event,
    Failed,
    Finished,
    FinishReason,
    LoadFailed,
    ModelLoaded,
    ModelUnloaded,
    TextDelta,
)
from realm_desktop.protocol import (
    Abort,
    AdapterId,
    Command,
    Generate,
    GenerateRequest,
    LoadAdapter,
    LoadModel,
    RequestId,
    SetPriority,
    SetSpeculation,
    SetWorkspaceWeight,
    UnloadAdapter,
    UnloadModel,
    WorkspaceId,
)

Change = TypeVar("Change", LoadModel, UnloadModel)

MAX_DEATHS = 2
"""A request, or a load, that was open in this many deaths is not tried again."""


@dataclass(slots=True)
class OpenRequest:
    """One request that has neither finished nor failed."""

    request: GenerateRequest
    token_ids: list[int] = field(default_factory=list)
    num_deaths: int = 0
    is_aborted: bool = False

    def resumed(self) -> GenerateRequest:
        """The request that goes on behind everything committed so far."""
        committed = self.request.committed_token_ids + tuple(self.token_ids)
        return dataclasses.replace(self.request, committed_token_ids=committed)


class Ledger:
    """What is open, told by the commands sent and the events received."""

    def __init__(self) -> None:
        self._open: dict[RequestId, OpenRequest] = {}
        self._model: LoadModel | None = None
        # Not yet answered; the engine answers each, in order.
        self._pending: list[LoadModel | UnloadModel | LoadAdapter] = []
        self._num_load_deaths = 0
        # Of the model, as the engine has them: a refused reload leaves the earlier generation.
        self._adapters: dict[AdapterId, LoadAdapter] = {}
        # Unloaded while replies used them, which keep them to their end.
        self._lingering: dict[AdapterId, LoadAdapter] = {}
        self._weights: dict[WorkspaceId, SetWorkspaceWeight] = {}

    @property
    def num_open(self) -> int:
        """How many requests are open."""
        return len(self._open)

    def record(self, command: Command) -> None:
        """Note a command that goes to the engine."""
        match command:
            case Generate(request):
                self._open[request.request_id] = OpenRequest(request)
            case Abort(request_id) if request_id in self._open:
                self._open[request_id].is_aborted = True
            case SetPriority(request_id, priority):
                self._amend(request_id, priority=priority)
            case SetSpeculation(request_id, speculation):
                self._amend(request_id, speculation=speculation)
            case SetWorkspaceWeight(workspace_id):
                self._weights[workspace_id] = command
            case _:
                self._record_files(command)

    def observe(self, event: Event) -> None:
        """Note an event that came from the engine."""
        match event:
            case TextDelta(request_id, _, token_ids) if request_id in self._open:
                self._open[request_id].token_ids.extend(token_ids)
            case Finished(request_id) | Failed(request_id):
                self.forget(request_id)
            case ModelLoaded():
                self._set_model(self._answered(LoadModel) or self._model)
                self._num_load_deaths = 0
            case ModelUnloaded():
                self._answered(UnloadModel)
                self._set_model(None)
            case LoadFailed(_, _, is_unloaded):
                self._answered(LoadModel)
                if is_unloaded:
                    self._set_model(None)
            case AdapterLoaded(info):
                adapter = self._answered_adapter(info.adapter_id)
                if adapter is not None and adapter is not self._lingering.get(adapter.adapter_id):
                    self._adapters[info.adapter_id] = adapter
            case AdapterFailed(adapter_id):
                self._answered_adapter(adapter_id)
            case _:
                pass

    def forget(self, request_id: RequestId) -> None:
        """Take a request out: it ended."""
        self._open.pop(request_id, None)

    def withdraw(self, command: Command) -> None:
        """Take out a command that could not be sent: the engine will never answer it."""
        if isinstance(command, Generate):
            self.forget(command.request.request_id)
        self._pending = [known for known in self._pending if known is not command]

    def bury(self, error: EngineStopped) -> list[Event]:
        """The engine died: count it, and end what must not be tried again.

        Returns:
            The ends of requests that are not resumed: aborted ones, and those open in two deaths.
        """
        ends: list[Event] = []
        changes = [c for c in self._pending if not isinstance(c, LoadAdapter)]
        latest = changes[-1] if changes else None
        if isinstance(latest, LoadModel):
            self._num_load_deaths += 1
            if self._num_load_deaths >= MAX_DEATHS:
                ends.append(LoadFailed(latest.path, ErrorInfo.of(error), is_unloaded=True))
                self._set_model(None)
                self._pending.clear()
        for entry in tuple(self._open.values()):
            entry.num_deaths += 1
            if entry.is_aborted or entry.num_deaths >= MAX_DEATHS:
                ends.append(self._end(entry, error))
        return ends

    def fail_all(self, error: EngineStopped) -> list[Event]:
        """End every open request: no engine will go on with them."""
        return [self._end(entry, error) for entry in tuple(self._open.values())]

    def replay(self) -> list[Command]:
        """The commands that bring a new engine to where the old one was, in order."""
        files = self._files()
        lingering = self._still_used(files)
        self._pending = [*files, *lingering.values()]
        self._set_model(None)
        requests = [Generate(entry.resumed()) for entry in self._open.values()]
        unloads = [UnloadAdapter(adapter_id) for adapter_id in lingering]
        return [*self._weights.values(), *self._pending, *requests, *unloads]

    def _still_used(self, files: Iterable[Command]) -> dict[AdapterId, LoadAdapter]:
        """Unloaded adapters that open replies need and that no file brings under the same id."""
        loaded = {command.adapter_id for command in files if isinstance(command, LoadAdapter)}
        requests = (entry.request for entry in self._open.values())
        wanted = {use.adapter_id for request in requests for use in request.adapters} - loaded
        return {key: load for key, load in self._lingering.items() if key in wanted}

    def _files(self) -> list[LoadModel | LoadAdapter]:
        """The last model asked for and the adapters behind it, none of which a new engine has."""
        files: list[LoadModel | LoadAdapter] = []
        if self._model is not None:
            files = [self._model, *self._adapters.values()]
        for command in self._pending:
            match command:
                case LoadModel():
                    files = [command]
                case UnloadModel():
                    files = []
                case LoadAdapter() if files:
                    files.append(command)
        return files

    def _record_files(self, command: Command) -> None:
        match command:
            case LoadModel():
                self._pending.append(command)
                self._num_load_deaths = 0
            case UnloadModel():
                self._pending.append(command)
            case LoadAdapter(adapter_id):
                self._pending.append(command)
                self._lingering.pop(adapter_id, None)
            case UnloadAdapter(adapter_id):
                unloaded = self._adapters.pop(adapter_id, None)
                # What is still to be loaded will be unloaded too.
                while (pending := self._answered_adapter(adapter_id)) is not None:
                    unloaded = pending
                if unloaded is not None:
                    self._lingering[adapter_id] = unloaded
            case _:
                pass

    def _set_model(self, model: LoadModel | None) -> None:
        """Another model, or none: the adapters of the old one went with it."""
        self._model = model
        self._adapters.clear()

    def _answered(self, kind: type[Change]) -> Change | None:
        """Take out the oldest unanswered change of the model, if it is of the kind answered."""
        oldest = next((c for c in self._pending if not isinstance(c, LoadAdapter)), None)
        if not isinstance(oldest, kind):
            return None
        self._pending.remove(oldest)
        return oldest

    def _answered_adapter(self, adapter_id: AdapterId) -> LoadAdapter | None:
        """Take out the oldest unanswered load of an adapter."""
        loads = (c for c in self._pending if isinstance(c, LoadAdapter))
        oldest = next((c for c in loads if c.adapter_id == adapter_id), None)
        if oldest is not None:
            self._pending.remove(oldest)
        return oldest

    def _amend(self, request_id: RequestId, **changes: object) -> None:
        if request_id in self._open:
            entry = self._open[request_id]
            entry.request = dataclasses.replace(entry.request, **changes)  # type: ignore[arg-type]

    def _end(self, entry: OpenRequest, error: EngineStopped) -> Event:
        request_id = entry.request.request_id
        self.forget(request_id)
        if entry.is_aborted:
            stats = GenerationStats(num_completion_tokens=len(entry.token_ids))
            return Finished(request_id, FinishReason.ABORT, stats)
        return Failed(request_id, ErrorInfo.of(error))
