"""The engine's loop: commands in, one step, events out.

Runs in the engine process's main thread, or in a plain thread for tests and the command line; it
cannot tell what is behind its channel. A command that fails becomes an event, never an exception.
"""

from __future__ import annotations

import logging
import os
import time
from collections import defaultdict, deque
from dataclasses import replace

import torch

import realm_desktop
from realm_desktop.channel import Channel
from realm_desktop.engine.adapter_traffic import AdapterTraffic
from realm_desktop.engine.device import choose_compute_dtype, choose_device
from realm_desktop.engine.engine import Engine
from realm_desktop.engine.intake import Intake, RefusedRequest
from realm_desktop.engine.kernels.library import describe_kernels
from realm_desktop.engine.options import EngineOptions
from realm_desktop.engine.sequence import AdapterKey
from realm_desktop.engine_stats import GenerationStats
from realm_desktop.errors import EngineStopped, NoModel, RealmError, contained
from realm_desktop.events import (
    EngineReady,
    ErrorInfo,
    Event,
    Failed,
    Finished,
    FinishReason,
    Heartbeat,
    LoadFailed,
    LoadProgress,
    ModelLoaded,
    ModelUnloaded,
)
from realm_desktop.protocol import (
    Abort,
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
    Shutdown,
    Speculation,
    UnloadAdapter,
    UnloadModel,
)

logger = logging.getLogger(__name__)

HEARTBEAT_S = 1.0
INTAKE_POLL_S = 0.002
"""While a request is being tokenized, and nothing else runs, look for it this often."""
STATS_INTERVAL_S = 0.1
PROGRESS_INTERVAL_S = 0.05


class _LoadSuperseded(Exception):
    """A newer command makes the running load pointless."""


def serve(channel: Channel, options: EngineOptions | None = None) -> None:
    """Serve commands until Shutdown or the end of the connection.

    Args:
        channel: Commands come from it, events go to it.
        options: Defaults for models that are loaded.
    """
    service = Service(channel, Engine(options))
    try:
        service.run()
    except EngineStopped:
        logger.info("the client closed the connection")
    finally:
        service.close()


class Service:
    """One engine behind one channel.

    Args:
        channel: Commands come from it, events go to it.
        engine: Driven by this loop alone.
    """

    def __init__(self, channel: Channel, engine: Engine) -> None:
        self._channel = channel
        self._engine = engine
        self._intake = Intake(engine.prepare, engine.count_tokens)
        self._adapters = AdapterTraffic(engine, self._submit, lambda e: self._events.append(e))
        # The mix held for each request that is being tokenized, in the order of submission.
        self._adapter_keys: defaultdict[RequestId, deque[AdapterKey]] = defaultdict(deque)
        self._commands: deque[Command] = deque()
        # What was said about requests that are still being tokenized.
        self._aborted: set[RequestId] = set()
        self._amended: dict[RequestId, dict[str, Priority | Speculation | bool]] = {}
        self._events: list[Event] = []
        self._stats_due_s = 0.0
        self._was_at_work = False
        self._beat_due_s = 0.0
        self._is_open = True

    def run(self) -> None:
        """Loop: drain commands, one step, send all its events as one message."""
        self._send(_ready(self._engine.stats().resident_bytes))
        while self._is_open:
            self._wait()
            self._drain()
            while self._commands and self._is_open:
                self._handle(self._commands.popleft())
            self._take_prepared()
            self._adapters.advance(can_wait=self._engine.has_work)
            if self._engine.has_work:
                self._events += self._engine.step(self._should_stop)
            self._flush()

    def close(self) -> None:
        """End the threads beside this one."""
        self._intake.close()
        self._adapters.close()
        self._engine.close()

    def _wait(self) -> None:
        """Block while there is nothing to do; a heartbeat a second shows that we live."""
        if self._engine.has_work or self._commands or self._adapters.is_placing:
            return
        if self._is_preparing:
            self._channel.poll(INTAKE_POLL_S)
            self._beat()
        elif not self._channel.poll(HEARTBEAT_S):
            self._events.append(Heartbeat(time.monotonic()))
            self._stats_due_s = 0.0

    def _drain(self) -> None:
        while self._channel.poll(0):
            self._commands.extend(self._channel.receive())  # type: ignore[arg-type]  # we are the engine's end

    def _should_stop(self) -> bool:
        """Whether a command arrived that a long step should not delay; shows that we live."""
        try:
            self._drain()
            self._beat()
        except EngineStopped:  # must not pass through the step, which would blame a request
            self._is_open = False
            return True
        return any(isinstance(c, Abort | Shutdown | UnloadModel) for c in self._commands)

    def _beat(self) -> None:
        """A sign of life once a second, however long a step or a prompt takes."""
        now_s = time.monotonic()
        if now_s >= self._beat_due_s:
            self._beat_due_s = now_s + HEARTBEAT_S
            self._send(Heartbeat(now_s))

    def _handle(self, command: Command) -> None:
        match command:
            case Generate() | LoadAdapter() | UnloadAdapter():
                self._adapters.handle(command)
            case Abort(request_id):
                self._abort(request_id)
            case LoadModel():
                self._load(command)
            case UnloadModel():
                self._settle()
                self._events += [*self._engine.unload(), ModelUnloaded()]
            case SetPriority(request_id, priority):
                if not self._engine.set_priority(request_id, priority):
                    self._amend(request_id, priority=priority)
            case SetSpeculation(request_id, speculation):
                if not self._engine.set_speculation(request_id, speculation):
                    self._amend(request_id, speculation=speculation)
            case SetParked(request_id, is_parked):
                self._park(request_id, is_parked=is_parked)
            case CountTokens():
                self._intake.submit(command)
            case SetWorkspaceWeight(workspace_id, weight):
                self._engine.set_workspace_weight(workspace_id, weight)
            case Shutdown():
                self._events += self._engine.abort_all()
                self._is_open = False

    @property
    def _is_preparing(self) -> bool:
        """Whether a request or an adapter is on its way."""
        return self._intake.is_busy or self._adapters.is_busy

    def _submit(self, request: GenerateRequest, adapter_key: AdapterKey) -> None:
        self._adapter_keys[request.request_id].append(adapter_key)
        self._intake.submit(request)

    def _abort(self, request_id: RequestId) -> None:
        ended = self._engine.abort(request_id)
        if not ended and self._adapters.drop(request_id):
            ended = [Finished(request_id, FinishReason.ABORT, GenerationStats())]
        if not ended and self._intake.is_busy:
            self._aborted.add(request_id)  # it is still being tokenized
        self._events += ended

    def _park(self, request_id: RequestId, *, is_parked: bool) -> None:
        told = self._engine.set_parked(request_id, is_parked=is_parked)
        if told is None:
            self._amend(request_id, is_parked=is_parked)
            return
        self._events += told
        # Without work no step follows that would carry the new figures.
        self._stats_due_s = 0.0

    def _amend(self, request_id: RequestId, **change: Priority | Speculation | bool) -> None:
        """Keep a change for a request that may still be on its way."""
        if self._is_preparing:
            self._amended.setdefault(request_id, {}).update(change)

    def _take_prepared(self) -> None:
        """Hand tokenized requests to the engine, and counts to whoever asked."""
        self._events += self._intake.counts()
        for result in self._intake.results():
            request_id = result.request.request_id
            amended = self._amended.pop(request_id, {})
            adapter_key = self._taken_key(request_id)
            if request_id in self._aborted:
                self._aborted.discard(request_id)
                self._events.append(Finished(request_id, FinishReason.ABORT, GenerationStats()))
            elif isinstance(result, RefusedRequest):
                self._events.append(Failed(request_id, ErrorInfo.of(result.error)))
            elif self._engine.info is None:
                self._events.append(Failed(request_id, ErrorInfo.of(NoModel("no model is loaded"))))
            else:
                request = replace(result.request, **amended)  # type: ignore[arg-type]  # by name
                self._events += self._engine.add(result._replace(request=request), adapter_key)
                continue
            self._engine.release_adapters(adapter_key)
        if not self._intake.is_busy:
            self._aborted.clear()
        if not self._is_preparing:
            self._amended.clear()

    def _taken_key(self, request_id: RequestId) -> AdapterKey:
        """The mix held for the oldest request of this id that was tokenized."""
        keys = self._adapter_keys[request_id]
        key = keys.popleft()
        if not keys:
            del self._adapter_keys[request_id]
        return key

    def _load(self, command: LoadModel) -> None:
        """Load a model; its requests end, a newer command ends the load."""
        self._settle()
        self._events += self._engine.abort_all()
        self._flush()
        last_s = 0.0

        def report(phase: str, fraction: float) -> None:
            nonlocal last_s
            self._drain()
            if any(isinstance(c, LoadModel | UnloadModel | Shutdown) for c in self._commands):
                raise _LoadSuperseded
            now_s = time.monotonic()
            if now_s - last_s >= PROGRESS_INTERVAL_S:
                last_s = now_s
                self._send(LoadProgress(command.path, phase, fraction))

        try:
            info = self._engine.load(command, report)
        except _LoadSuperseded:
            logger.info("load of %s ended by a newer command", command.path)
            error = ErrorInfo("LoadAborted", "The load was stopped.")
        except RealmError as failure:
            logger.warning("load of %s refused: %s", command.path, failure.message)
            error = ErrorInfo.of(failure)
        except BaseException as failure:  # the wall around loading: any fault becomes one event
            logger.exception("load of %s failed", command.path)
            error = ErrorInfo.of(contained(failure))
        else:
            self._events.append(ModelLoaded(info))
            return
        self._events.append(LoadFailed(command.path, error, self._engine.info is None))

    def _settle(self) -> None:
        """Let requests and adapters on their way arrive while what they were made for is there."""
        while self._is_preparing:
            self._take_prepared()
            self._adapters.advance(can_wait=False)
            self._beat()
            time.sleep(INTAKE_POLL_S)

    def _flush(self) -> None:
        now_s = time.monotonic()
        has_work = self._engine.has_work
        # The last reply ended: without work nothing would take its figures back for a second.
        has_ended = self._was_at_work and not has_work
        self._was_at_work = has_work or (has_ended and not self._events)
        if self._events and (now_s >= self._stats_due_s or has_ended):
            self._stats_due_s = now_s + STATS_INTERVAL_S
            self._events.append(self._engine.stats())
        if self._events:
            self._beat_due_s = now_s + HEARTBEAT_S
            self._channel.send(self._events)
            self._events = []

    def _send(self, event: Event) -> None:
        self._channel.send([event])


def _ready(resident_bytes: int) -> EngineReady:
    device, note = choose_device("auto", is_required=False)
    return EngineReady(
        engine_version=realm_desktop.__version__,
        torch_version=str(torch.__version__),  # a subclass of str, which the channel refuses
        device=str(device),
        num_threads=torch.get_num_threads(),
        process_id=os.getpid(),
        value_bytes=choose_compute_dtype("auto", device, are_weights_float32=False).itemsize,
        has_kernels=describe_kernels()[0] is not None,
        device_note=note,
        resident_bytes=resident_bytes,
    )
