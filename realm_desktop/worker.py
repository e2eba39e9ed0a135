"""The window's end of the engine: a thread that keeps it alive, and the client that talks to it.

`EngineWorker` owns the engine's handle, the near end of the channel and the ledger. It restarts an engine
that died or fell silent and resubmits what was open. `LocalEngineClient` is its face in the GUI thread.
Knows nothing of conversations or widgets, and never imports torch.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from enum import Enum
from multiprocessing.connection import wait
from typing import Any

from PySide6.QtCore import QThread

from realm_desktop.channel import Mailbox
from realm_desktop.client import EventRouter, Listener
from realm_desktop.errors import EngineStopped, RequestError
from realm_desktop.events import (
    EngineDown,
    EngineRestarted,
    ErrorInfo,
    Event,
    Failed,
    Heartbeat,
)
from realm_desktop.launcher import EngineHandle, describe_exit
from realm_desktop.ledger import Ledger
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
    Shutdown,
    Speculation,
    UnloadAdapter,
    UnloadModel,
    WorkspaceId,
)
from realm_desktop.watchdog import Watchdog, WorkerLimits

logger = logging.getLogger(__name__)

StartEngine = Callable[[], EngineHandle]
Deliver = Callable[[Sequence[Event]], None]


class Control(Enum):
    """What the GUI thread asks of the worker itself."""

    RESTART = "restart"
    STOP = "stop"


class EngineWorker(QThread):
    """The thread that owns the engine; lives as long as the app.

    Invariant: every request that was posted ends in exactly one `Finished` or `Failed`.

    Args:
        start_engine: Starts an engine, such as `launcher.start_process`; called in this thread.
        deliver, on_ended: Take events, and at last the end; called in this thread.
        limits: How long to be patient.
    """

    def __init__(
        self,
        start_engine: StartEngine,
        deliver: Deliver,
        on_ended: Callable[[], None],
        limits: WorkerLimits | None = None,
    ) -> None:
        super().__init__()
        self._start_engine = start_engine
        self._deliver = deliver
        self._on_ended = on_ended
        self._limits = limits or WorkerLimits()
        self._outbox: Mailbox[Command | Control] = Mailbox()
        self._ledger = Ledger()
        self._engine: EngineHandle | None = None
        self._watchdog: Watchdog | None = None
        self._deaths: deque[float] = deque()
        self._num_restarts = 0
        self._is_stopping = False

    def post(self, order: Command | Control) -> bool:
        """Queue a command or order from any thread, without waiting; False if the worker ended."""
        return self._outbox.put(order)

    def run(self) -> None:
        """The thread: until `Control.STOP` was posted."""
        try:
            self._bring_up()
            while not self._is_stopping:
                self._turn()
        except Exception:  # the border of the thread
            logger.exception("the engine worker failed")
            self._deliver([EngineDown("An internal error; the log has the details.")])
        finally:
            try:
                self._shut_down()
            finally:
                self._on_ended()

    def _turn(self) -> None:
        """Wait for something to do and do it."""
        engine = self._engine
        waitables: list[Any] = [self._outbox.waitable]
        if engine is not None:
            waitables += [engine.channel.waitable, engine.sentinel]
        ready = wait([waitable for waitable in waitables if waitable is not None])
        while (order := self._outbox.take()) is not None:
            self._obey(order)
        if engine is not None and engine.channel.poll(0):
            try:
                self._read(engine)
            except EngineStopped as error:
                self._bury(engine, error)
        elif engine is not None and engine.sentinel in ready:  # and it has nothing left to say
            self._bury(engine, EngineStopped("The connection to the engine ended."))

    def _read(self, engine: EngineHandle) -> None:
        self._take_events(engine)
        if self._watchdog is not None:
            self._watchdog.feed(self._limits.heartbeat_s)

    def _take_events(self, engine: EngineHandle) -> None:
        events = [event for event in engine.channel.receive() if isinstance(event, Event)]
        for event in events:
            self._ledger.observe(event)
        self._report([event for event in events if not isinstance(event, Heartbeat)])

    def _obey(self, order: Command | Control) -> None:
        if order is Control.STOP:
            self._is_stopping = True
        elif order is Control.RESTART:
            if self._engine is None:
                self._deaths.clear()
                self._resurrect("Started again by the user.")
        elif not isinstance(order, Control):
            self._ledger.record(order)
            if self._engine is None:
                down = "The engine is stopped after repeated crashes."
                self._refuse(order, EngineStopped(down, advice="Start the engine and send again."))
            else:
                self._send(self._engine, order)

    def _send(self, engine: EngineHandle, command: Command) -> None:
        try:
            engine.channel.send([command])
        except RequestError as error:
            logger.warning("%s cannot be sent: %s", type(command).__name__, error)
            self._ledger.withdraw(command)
            self._refuse(command, error)
        except EngineStopped:
            logger.debug("the engine is gone; the next read says so")

    def _refuse(self, command: Command, error: EngineStopped | RequestError) -> None:
        """Answer a command that reaches no engine; a running one keeps its model."""
        self._report(self._ledger.refuse(command, error, is_down=self._engine is None))

    def _bring_up(self) -> None:
        """Start an engine; one that cannot even start counts as dead, up to the limit."""
        while self._engine is None:
            try:
                engine = self._start_engine()
            except EngineStopped as error:
                logger.exception("the engine cannot be started")
                if self._count_death(error):
                    return
                continue
            self._engine = engine
            self._watchdog = Watchdog(self._limits.start_s, engine.kill)

    def _resurrect(self, reason: str) -> None:
        """Start a new engine and tell it everything that the old one knew."""
        self._bring_up()
        if self._engine is None:
            return
        self._num_restarts += 1
        self._report([EngineRestarted(reason, self._ledger.num_open, self._num_restarts)])
        for command in self._ledger.replay():
            self._send(self._engine, command)

    def _bury(self, engine: EngineHandle, error: EngineStopped) -> None:
        """An engine died, or is not to be trusted further: end it, and start another one."""
        watchdog = self._watchdog
        is_silent = watchdog is not None and watchdog.has_fired
        # The pipe breaks a moment before the process is gone, and its exit code tells more.
        ended_itself = self._release(engine, patience_s=0.0 if is_silent else 0.2)
        reason = error.message
        if watchdog is not None and is_silent:
            reason = f"The engine gave no sign of life for {watchdog.limit_s:g} seconds."
        elif ended_itself and engine.exit_code:
            reason = describe_exit(engine.exit_code)
        logger.error("the engine died: %s", reason)
        if not self._count_death(EngineStopped(reason, advice="Send the message again.")):
            self._resurrect(reason)

    def _count_death(self, error: EngineStopped) -> bool:
        """Note a death; True if it was one too many and the engine stays down."""
        now = time.monotonic()
        self._deaths.append(now)
        while now - self._deaths[0] > self._limits.deaths_window_s:
            self._deaths.popleft()
        self._report(self._ledger.bury(error))
        is_down = len(self._deaths) >= self._limits.max_deaths
        if is_down:
            self._report([*self._ledger.fail_all(error), EngineDown(error.message)])
        return is_down

    def _release(self, engine: EngineHandle, patience_s: float) -> bool:
        """End an engine for good; True if it ended by itself within `patience_s`."""
        if self._watchdog is not None:
            self._watchdog.stop()
        ended_itself = engine.join(patience_s)
        if not ended_itself:
            engine.kill()
            engine.join(self._limits.shutdown_s)
        engine.channel.close()
        self._engine = self._watchdog = None
        return ended_itself

    def _shut_down(self) -> None:
        """Ask the engine to end, wait a moment, end it; then let no reader wait for ever."""
        # First, so that nothing is posted behind the last look into it.
        self._outbox.close()
        if self._engine is not None:
            self._send(self._engine, Shutdown())
            self._drain(self._engine)
            self._release(self._engine, patience_s=0.1)
        error = EngineStopped("The engine was shut down.")
        self._report(self._ledger.fail_all(error))
        while (order := self._outbox.take()) is not None:
            if not isinstance(order, Control):
                self._refuse(order, error)

    def _drain(self, engine: EngineHandle) -> None:
        """Take what the engine still says, so that it is not held up writing."""
        deadline = time.monotonic() + self._limits.shutdown_s
        if self._watchdog is not None:
            self._watchdog.feed(self._limits.shutdown_s)
        try:
            while (left_s := deadline - time.monotonic()) > 0 and engine.channel.poll(left_s):
                self._take_events(engine)
        except EngineStopped:
            logger.debug("the engine hung up")

    def _report(self, events: Sequence[Event]) -> None:
        if events:
            self._deliver(events)


class LocalEngineClient:
    """The engine of this machine as `EngineClient`; lives in the thread of the event loop.

    Args:
        start_engine: Starts an engine, such as `launcher.start_process`.
        loop: The event loop that events are delivered in.
        limits: How long to be patient.
    """

    def __init__(
        self,
        start_engine: StartEngine,
        loop: asyncio.AbstractEventLoop,
        limits: WorkerLimits | None = None,
    ) -> None:
        self._loop = loop
        self._router = EventRouter()
        self._inbox: list[Event] = []
        self._lock = threading.Lock()
        self._is_wake_pending = False
        self._ended = asyncio.Event()
        self._worker = EngineWorker(start_engine, self._put, self._on_ended, limits)

    def start(self) -> None:
        """Start the worker and with it the engine; commands may be given before."""
        self._worker.start()

    async def close(self) -> None:
        """End the engine; requests that are still open fail. May be called twice."""
        self._worker.post(Control.STOP)
        if self._worker.isRunning():
            await self._ended.wait()
        self._worker.wait()
        # What it said last may not have woken the loop yet; readers wait for their ends.
        self._drain()

    def generate(self, request: GenerateRequest) -> AsyncGenerator[Event, None]:
        """See `EngineClient`."""
        events = self._router.open(request.request_id, self._abort)
        if not self._worker.post(Generate(request)):
            error = ErrorInfo.of(EngineStopped("The engine was shut down."))
            self._router.deliver([Failed(request.request_id, error)])
        return events

    def abort(self, request_id: RequestId) -> None:
        """See `EngineClient`."""
        self._router.mute(request_id)
        self._abort(request_id)

    def load(self, command: LoadModel) -> None:
        """See `EngineClient`."""
        self._worker.post(command)

    def unload(self) -> None:
        """See `EngineClient`."""
        self._worker.post(UnloadModel())

    def load_adapter(self, command: LoadAdapter) -> None:
        """See `EngineClient`."""
        self._worker.post(command)

    def unload_adapter(self, adapter_id: AdapterId) -> None:
        """See `EngineClient`."""
        self._worker.post(UnloadAdapter(adapter_id))

    def set_priority(self, request_id: RequestId, priority: Priority) -> None:
        """See `EngineClient`."""
        self._worker.post(SetPriority(request_id, priority))

    def set_speculation(self, request_id: RequestId, speculation: Speculation) -> None:
        """See `EngineClient`."""
        self._worker.post(SetSpeculation(request_id, speculation))

    def set_parked(self, request_id: RequestId, *, is_parked: bool) -> None:
        """See `EngineClient`."""
        self._worker.post(SetParked(request_id, is_parked))

    def set_workspace_weight(self, workspace_id: WorkspaceId, weight: float) -> None:
        """See `EngineClient`."""
        self._worker.post(SetWorkspaceWeight(workspace_id, weight))

    def count_tokens(self, command: CountTokens) -> None:
        """See `EngineClient`."""
        self._worker.post(command)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """See `EngineClient`."""
        return self._router.subscribe(listener)

    def restart(self) -> None:
        """See `EngineClient`."""
        self._worker.post(Control.RESTART)

    def _abort(self, request_id: RequestId) -> None:
        self._worker.post(Abort(request_id))

    def _put(self, events: Sequence[Event]) -> None:
        """Worker thread: hand over events, waking the loop only if no wake-up is on its way."""
        with self._lock:
            self._inbox.extend(events)
            needs_wake = not self._is_wake_pending
            self._is_wake_pending = True
        if needs_wake:
            self._wake(self._drain)

    def _on_ended(self) -> None:
        """Worker thread: its last words."""
        self._wake(self._ended.set)

    def _wake(self, callback: Callable[[], None]) -> None:
        try:
            self._loop.call_soon_threadsafe(callback)
        except RuntimeError:
            logger.debug("the event loop is closed; nobody waits for this")

    def _drain(self) -> None:
        with self._lock:
            events, self._inbox = self._inbox, []
            self._is_wake_pending = False
        self._router.deliver(events)
