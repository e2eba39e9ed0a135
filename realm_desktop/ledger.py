"""The ledger of open requests: all that a new engine must be told to go on where the old one died.

Keeps the loaded model, its adapters and weights of workspaces, and per open request what was asked and
the token ids committed so far. A value without threads: the engine worker owns it. Knows nothing of
processes or clocks.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from realm_desktop.engine_stats import GenerationStats
from realm_desktop.errors import EngineStopped, RequestError
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
    RequestId,
    SetParked,
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


@dataclass(slots=True, eq=False)
class AdapterLoad:
    """One load of an adapter: another one under the same id is another version of it.

    Attributes:
        version: State of the file that was read, as the engine names it; empty before that.
        is_unloaded: It was unloaded, perhaps before it was answered.
    """

    command: LoadAdapter
    version: str = ""
    is_unloaded: bool = False


@dataclass(slots=True)
class OpenRequest:
    """One request that has neither finished nor failed.

    Attributes:
        loads: For each adapter it names, the loads that it may have begun with: the last one counts
            that was not refused.
        versions: What its first token was chosen with; empty before that.
    """

    request: GenerateRequest
    loads: dict[AdapterId, list[AdapterLoad]] = field(default_factory=dict)
    versions: dict[AdapterId, str] = field(default_factory=dict)
    token_ids: list[int] = field(default_factory=list)
    num_deaths: int = 0
    is_aborted: bool = False

    def commit(self, token_ids: Iterable[int]) -> None:
        """Note tokens that came."""
        if not self.token_ids:
            self.versions = {name: loads[-1].version for name, loads in self.loads.items() if loads}
        self.token_ids.extend(token_ids)

    def resumed(self) -> GenerateRequest:
        """The request that goes on behind everything committed so far, or fails.

        It fails where the file of an adapter was written over: half a reply in another voice would
        be worse, and nobody would know.
        """
        committed = self.request.committed_token_ids + tuple(self.token_ids)
        adapters = tuple(
            dataclasses.replace(use, version=self.versions.get(use.adapter_id, ""))
            for use in self.request.adapters
        )
        return dataclasses.replace(self.request, committed_token_ids=committed, adapters=adapters)


class Ledger:
    """What is open, told by the commands sent and the events received."""

    def __init__(self) -> None:
        self._open: dict[RequestId, OpenRequest] = {}
        self._model: LoadModel | None = None
        # Not yet answered; the engine answers each, in order.
        self._pending: list[LoadModel | UnloadModel | AdapterLoad] = []
        self._num_load_deaths = 0
        # Of the model, as the engine has them: a refused reload leaves the earlier generation.
        self._adapters: dict[AdapterId, AdapterLoad] = {}
        self._weights: dict[WorkspaceId, SetWorkspaceWeight] = {}

    @property
    def num_open(self) -> int:
        """How many requests are open."""
        return len(self._open)

    def record(self, command: Command) -> None:
        """Note a command that goes to the engine."""
        match command:
            case Generate(request):
                loads = {use.adapter_id: self._loads(use.adapter_id) for use in request.adapters}
                self._open[request.request_id] = OpenRequest(request, loads)
            case Abort(request_id) if request_id in self._open:
                self._open[request_id].is_aborted = True
            case SetPriority(request_id, priority):
                self._amend(request_id, priority=priority)
            case SetSpeculation(request_id, speculation):
                self._amend(request_id, speculation=speculation)
            case SetParked(request_id, is_parked):
                self._amend(request_id, is_parked=is_parked)
            case SetWorkspaceWeight(workspace_id):
                self._weights[workspace_id] = command
            case _:
                self._record_files(command)

    def observe(self, event: Event) -> None:
        """Note an event that came from the engine."""
        match event:
            case TextDelta(request_id, _, token_ids) if request_id in self._open:
                self._open[request_id].commit(token_ids)
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
                load = self._answered_adapter(info.adapter_id)
                if load is not None:
                    load.version = info.version
                    if not load.is_unloaded:
                        self._adapters[info.adapter_id] = load
            case AdapterFailed(adapter_id):
                self._refused(self._answered_adapter(adapter_id))
            case _:
                pass

    def forget(self, request_id: RequestId) -> None:
        """Take a request out: it ended."""
        self._open.pop(request_id, None)

    def withdraw(self, command: Command) -> None:
        """Take out a command that could not be sent: the engine will never answer it."""
        if isinstance(command, Generate):
            self.forget(command.request.request_id)
        for known in self._pending:
            if isinstance(known, AdapterLoad) and known.command is command:
                self._refused(known)
        self._pending = [known for known in self._pending if _command(known) is not command]

    def refuse(
        self, command: Command, error: EngineStopped | RequestError, *, is_down: bool
    ) -> list[Event]:
        """The answer to a command that reaches no engine; nothing to commands that get none.

        Args:
            command: It was recorded.
            error: Why.
            is_down: No engine runs, so no model is loaded.
        """
        info = ErrorInfo.of(error)
        match command:
            case Generate(request):
                self.forget(request.request_id)
                return [Failed(request.request_id, info)]
            case LoadModel(path):
                return [LoadFailed(path, info, is_unloaded=is_down)]
            case LoadAdapter(adapter_id):
                return [AdapterFailed(adapter_id, info)]
            case CountTokens(count_id):
                return [TokensCounted(count_id, None)]
            case _:
                return []

    def bury(self, error: EngineStopped) -> list[Event]:
        """The engine died: count it, and end what must not be tried again.

        Returns:
            The ends of requests that are not resumed: aborted ones, and those open in two deaths.
        """
        ends: list[Event] = []
        changes = [c for c in self._pending if not isinstance(c, AdapterLoad)]
        latest = changes[-1] if changes else None
        if isinstance(latest, LoadModel):
            self._num_load_deaths += 1
            if self._num_load_deaths >= MAX_DEATHS:
                ends.append(LoadFailed(latest.path, ErrorInfo.of(error), is_unloaded=True))
                self._set_model(None)
                self._pending.clear()
        for entry in tuple(self._open.values()):
            # What computes nothing cannot be what the engine died of.
            entry.num_deaths += not entry.request.is_parked
            if entry.is_aborted or entry.num_deaths >= MAX_DEATHS:
                ends.append(self._end(entry, error))
        return ends

    def fail_all(self, error: EngineStopped) -> list[Event]:
        """End every open request: no engine will go on with them."""
        return [self._end(entry, error) for entry in tuple(self._open.values())]

    def replay(self) -> list[Command]:
        """The commands that bring a new engine to where the old one was, in order.

        Replies that began with an earlier version of an adapter are sent between its load and that
        of the next one; the engine keeps for each what was loaded when it came.
        """
        model, present = self._files()
        self._set_model(None)
        self._pending = [] if model is None else [model]
        commands: list[Command] = [*self._weights.values()]
        if model is None:
            return [*commands, *(Generate(entry.resumed()) for entry in self._open.values())]
        line = {name: deque(loads) for name, loads in self._versions(present).items()}
        commands += [model, *(self._load_again(loads.popleft()) for loads in line.values())]
        for entry in self._open.values():
            for name, loads in entry.loads.items():
                while loads and loads[-1] in line[name]:
                    commands.append(self._load_again(line[name].popleft()))
            commands.append(Generate(entry.resumed()))
        commands += [self._load_again(load) for loads in line.values() for load in loads]
        return commands + [self._unload(name) for name in line if name not in present]

    def _versions(
        self, present: dict[AdapterId, list[AdapterLoad]]
    ) -> dict[AdapterId, list[AdapterLoad]]:
        """Every load that is still needed, by adapter and in order: of open replies, then present."""
        needed: dict[AdapterId, list[AdapterLoad]] = {name: [] for name in present}
        for entry in self._open.values():
            for name, loads in entry.loads.items():
                known = needed.setdefault(name, []) if loads else []
                if loads and loads[-1] not in (*known, *present.get(name, ())):
                    known.append(loads[-1])
        return {name: [*loads, *present.get(name, ())] for name, loads in needed.items()}

    def _load_again(self, load: AdapterLoad) -> LoadAdapter:
        """Send a load to a new engine, which will answer it."""
        load.is_unloaded = False
        self._pending.append(load)
        return load.command

    def _unload(self, adapter_id: AdapterId) -> UnloadAdapter:
        """Take an adapter from requests to come, those on their way in too."""
        self._adapters.pop(adapter_id, None)
        for load in self._pending:
            if isinstance(load, AdapterLoad) and load.command.adapter_id == adapter_id:
                load.is_unloaded = True
        return UnloadAdapter(adapter_id)

    def _files(self) -> tuple[LoadModel | None, dict[AdapterId, list[AdapterLoad]]]:
        """The last model asked for and the adapters behind it, none of which a new engine has.

        An adapter that is loaded stays behind a newer version, which may be refused.
        """
        model = self._model
        present = {name: [load] for name, load in self._adapters.items()} if model else {}
        for command in self._pending:
            match command:
                case LoadModel():
                    model, present = command, {}
                case UnloadModel():
                    model, present = None, {}
                case AdapterLoad() if model is not None and not command.is_unloaded:
                    present.setdefault(command.command.adapter_id, []).append(command)
        return model, present

    def _loads(self, adapter_id: AdapterId) -> list[AdapterLoad]:
        """What a request that comes now may begin with, the latest load last."""
        return self._files()[1].get(adapter_id, [])

    def _refused(self, load: AdapterLoad | None) -> None:
        """No request begins with a load that failed; an earlier one stays."""
        for entry in self._open.values():
            for loads in entry.loads.values():
                if load in loads:
                    loads.remove(load)

    def _record_files(self, command: Command) -> None:
        match command:
            case LoadModel():
                self._pending.append(command)
                self._num_load_deaths = 0
            case UnloadModel():
                self._pending.append(command)
            case LoadAdapter():
                self._pending.append(AdapterLoad(command))
            case UnloadAdapter(adapter_id):
                self._unload(adapter_id)
            case _:
                pass

    def _set_model(self, model: LoadModel | None) -> None:
        """Another model, or none: the adapters of the old one went with it."""
        self._model = model
        self._adapters.clear()

    def _answered(self, kind: type[Change]) -> Change | None:
        """Take out the oldest unanswered change of the model, if it is of the kind answered."""
        oldest = next((c for c in self._pending if not isinstance(c, AdapterLoad)), None)
        if not isinstance(oldest, kind):
            return None
        self._pending.remove(oldest)
        return oldest

    def _answered_adapter(self, adapter_id: AdapterId) -> AdapterLoad | None:
        """Take out the oldest unanswered load of an adapter."""
        loads = (c for c in self._pending if isinstance(c, AdapterLoad))
        oldest = next((c for c in loads if c.command.adapter_id == adapter_id), None)
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


def _command(pending: LoadModel | UnloadModel | AdapterLoad) -> Command:
    return pending.command if isinstance(pending, AdapterLoad) else pending
