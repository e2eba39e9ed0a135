"""Commands that name adapters: in order for each adapter, beside the steps of everyone else.

Loads go through the reading thread and come in piece by piece; a request that names an adapter on its
way waits for it, one that names an adapter without ranks brings it back first. Runs on the engine
thread.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from realm_desktop.engine.engine import Engine
from realm_desktop.engine.lora.gate import AdapterCommand, AdapterGate
from realm_desktop.engine.lora.loads import AdapterLoads, Arrival
from realm_desktop.engine.lora.reading import AdapterReader
from realm_desktop.engine.sequence import AdapterKey
from realm_desktop.errors import RealmError
from realm_desktop.events import AdapterFailed, AdapterLoaded, ErrorInfo, Event, Failed
from realm_desktop.protocol import (
    Generate,
    GenerateRequest,
    LoadAdapter,
    RequestId,
    UnloadAdapter,
)

logger = logging.getLogger(__name__)

Submit = Callable[[GenerateRequest, AdapterKey], None]
"""Takes a request whose adapters are in their ranks, and the mix it holds from now on."""

Emit = Callable[[Event], None]


class AdapterTraffic:
    """The way of every command that may name an adapter.

    Args:
        engine: Has the adapters.
        submit: Where requests go on.
        emit: Where events go.
    """

    def __init__(self, engine: Engine, submit: Submit, emit: Emit) -> None:
        self._engine = engine
        self._submit = submit
        self._emit = emit
        self._reader = AdapterReader()
        self._loads = AdapterLoads(self._reader)
        self._gate = AdapterGate()

    @property
    def is_busy(self) -> bool:
        """Whether an adapter is on its way or a command waits for one."""
        return self._loads.is_busy or self._gate.is_busy

    @property
    def is_placing(self) -> bool:
        """Whether `advance` has something to do now."""
        return self._loads.is_placing

    def handle(self, command: AdapterCommand) -> None:
        """Do what a command says, now or once it need not wait any more."""
        if self._gate.blocks(command):
            self._gate.hold(command)
            return
        match command:
            case Generate(request):
                self._generate(request)
            case LoadAdapter():
                self._load(command)
            case UnloadAdapter(adapter_id):
                self._engine.unload_adapter(adapter_id)

    def advance(self, *, can_wait: bool) -> None:
        """Bring adapters a piece further, and let go on what waited for them.

        Args:
            can_wait: Whether requests that run now may end and make room.
        """
        for arrival in self._loads.advance(can_wait=can_wait):
            self._gate.end(arrival.adapter_id)
            self._tell(arrival)
            returned = self._gate.take_returned()
            if returned is not None:
                self._generate(returned)
            self._gate.release(self.handle)

    def drop(self, request_id: RequestId) -> bool:
        """Forget a request that waits for an adapter; whether there was one."""
        was_waiting = self._gate.drop(request_id)
        if was_waiting and self._gate.returning is None and self._engine.info is not None:
            self._engine.adapters.pin(())
        return was_waiting

    def close(self) -> None:
        """End the reading thread."""
        self._reader.close()

    def _load(self, command: LoadAdapter) -> None:
        try:
            known = self._loads.load(self._engine.adapters, command)
        except RealmError as error:
            self._refuse(command, error)
            return
        if known is None:
            self._gate.begin([command.adapter_id])
        else:
            self._emit(AdapterLoaded(known))

    def _generate(self, request: GenerateRequest) -> None:
        if not request.adapters or self._engine.info is None:
            self._submit(request, ())
            return
        adapters = self._engine.adapters
        try:
            absent = adapters.absent(request.adapters)
            if not absent:
                key = adapters.hold(request.adapters)
                # From here on the request itself holds them.
                adapters.pin(())
                self._submit(request, key)
            # One mix comes back at a time: there is one set of pins.
            elif self._gate.returning is not None:
                self._gate.hold(Generate(request))
            else:
                self._loads.bring_back(adapters, absent)
                adapters.pin(use.adapter_id for use in request.adapters)
                self._gate.begin(absent)
                self._gate.returning = request
        except RealmError as error:
            self._emit(Failed(request.request_id, ErrorInfo.of(error)))

    def _tell(self, arrival: Arrival) -> None:
        result, command = arrival.result, arrival.command
        if command is None:
            if isinstance(result, Exception):
                self._fail_returning(result)
        elif isinstance(result, Exception):
            self._refuse(command, result)
        elif result is not None:
            self._emit(AdapterLoaded(result))

    def _fail_returning(self, error: Exception) -> None:
        """The request that an adapter should have come back for cannot run."""
        logger.warning("an adapter could not be brought back: %s", error)
        request, self._gate.returning = self._gate.returning, None
        self._engine.adapters.pin(())
        if request is not None:
            self._emit(Failed(request.request_id, ErrorInfo.of(error)))

    def _refuse(self, command: LoadAdapter, error: Exception) -> None:
        if isinstance(error, RealmError):
            logger.warning("adapter %s refused: %s", command.adapter_id, error.message)
        else:
            logger.error("adapter %s failed", command.adapter_id, exc_info=error)
        self._emit(AdapterFailed(command.adapter_id, ErrorInfo.of(error)))
