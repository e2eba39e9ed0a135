"""What callers of an engine see, wherever the engine runs.

`EngineClient` is the one interface that `chat`, `ui` and later `server` use. `EventRouter` is the part
every client shares: one asyncio queue per open request, listeners for everything else.
Knows nothing of processes, threads or Qt. Everything here belongs to the thread of the event loop.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Iterable
from typing import Protocol

from realm_desktop.errors import RequestError
from realm_desktop.events import (
    Event,
    Failed,
    Finished,
    Parked,
    PromptProgress,
    Queued,
    Started,
    TextDelta,
)
from realm_desktop.protocol import (
    AdapterId,
    CountTokens,
    GenerateRequest,
    LoadAdapter,
    LoadModel,
    Priority,
    RequestId,
    Speculation,
    WorkspaceId,
)

logger = logging.getLogger(__name__)

Listener = Callable[[Event], None]
RequestEvent = Queued | Parked | Started | PromptProgress | TextDelta | Finished | Failed


class EngineClient(Protocol):
    """An engine as its callers see it. No method waits: commands are queued, answers are events."""

    def generate(self, request: GenerateRequest) -> AsyncGenerator[Event, None]:
        """The events of one request, submitted by this call; ends after `Finished` or `Failed`.

        Closing the generator early (`aclose`, or cancelling the task that iterates it) aborts the
        request.

        Raises:
            RequestError: A request with this id is open already.
        """
        ...

    def abort(self, request_id: RequestId) -> None:
        """End a request; its generator yields no further text, then `Finished`."""
        ...

    def load(self, command: LoadModel) -> None:
        """Load a model in place of the one that is loaded."""
        ...

    def unload(self) -> None:
        """Give the model's memory back."""
        ...

    def load_adapter(self, command: LoadAdapter) -> None:
        """Load an adapter under an id."""
        ...

    def unload_adapter(self, adapter_id: AdapterId) -> None:
        """Forget an adapter."""
        ...

    def set_priority(self, request_id: RequestId, priority: Priority) -> None:
        """Change the priority class of an open request."""
        ...

    def set_speculation(self, request_id: RequestId, speculation: Speculation) -> None:
        """Change how an open request drafts."""
        ...

    def set_parked(self, request_id: RequestId, *, is_parked: bool) -> None:
        """Pause an open request, or let it go on."""
        ...

    def set_workspace_weight(self, workspace_id: WorkspaceId, weight: float) -> None:
        """Change a workspace's share of the engine, above 0 and at most 1000."""
        ...

    def count_tokens(self, command: CountTokens) -> None:
        """Count the tokens of a text; the answer is a `TokensCounted` event."""
        ...

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with every event that belongs to no request; returns the way to stop."""
        ...

    def restart(self) -> None:
        """Start the engine again after `EngineDown`; does nothing while it runs."""
        ...


class EventRouter:
    """Hands each event to its request's queue, and those without a request to the listeners.

    Owned by one client, in the thread of the event loop. A request is open from `open` until its
    `Finished` or `Failed` was delivered or its generator was closed.
    """

    def __init__(self) -> None:
        self._queues: dict[RequestId, asyncio.Queue[RequestEvent]] = {}
        self._aborted: set[RequestId] = set()
        self._listeners: list[Listener] = []

    def open(
        self, request_id: RequestId, on_closed_early: Callable[[RequestId], None]
    ) -> AsyncGenerator[Event, None]:
        """The events of a request to come; `on_closed_early` is called if its reader leaves first.

        Raises:
            RequestError: A request with this id is open already.
        """
        if request_id in self._queues:
            raise RequestError(
                f"a request with the id {request_id!r} is open already", field="request_id"
            )
        queue: asyncio.Queue[RequestEvent] = asyncio.Queue()
        self._queues[request_id] = queue
        return self._read(request_id, queue, on_closed_early)

    def is_open(self, request_id: RequestId) -> bool:
        """Whether events of this request are still expected."""
        return request_id in self._queues

    def mute(self, request_id: RequestId) -> None:
        """Drop all of an open request but its end, unread events too: nobody wants them any more."""
        if request_id in self._queues:
            self._aborted.add(request_id)
            queue = self._queues[request_id]
            while not queue.empty():
                queue.get_nowait()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with every event of no request until the returned function is called."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def deliver(self, events: Iterable[Event]) -> None:
        """Hand out events in their order; those of closed requests are dropped."""
        for event in events:
            if isinstance(event, RequestEvent):
                self._deliver_to_request(event)
            else:
                self._deliver_to_listeners(event)

    def _deliver_to_request(self, event: RequestEvent) -> None:
        queue = self._queues.get(event.request_id)
        is_end = isinstance(event, Finished | Failed)
        if queue is not None and (is_end or event.request_id not in self._aborted):
            queue.put_nowait(event)
        if is_end:
            self._forget(event.request_id)

    def _deliver_to_listeners(self, event: Event) -> None:
        for listener in tuple(self._listeners):
            try:
                listener(event)
            except Exception:  # one listener's fault must not keep events from the others
                logger.exception("a listener failed on %s", type(event).__name__)

    def _forget(self, request_id: RequestId) -> None:
        self._queues.pop(request_id, None)
        self._aborted.discard(request_id)

    async def _read(
        self,
        request_id: RequestId,
        queue: asyncio.Queue[RequestEvent],
        on_closed_early: Callable[[RequestId], None],
    ) -> AsyncGenerator[Event, None]:
        try:
            while True:
                event = await queue.get()
                yield event
                if isinstance(event, Finished | Failed):
                    return
        finally:
            # The id may belong to a later request by now; only our own queue counts.
            if self._queues.get(request_id) is queue:
                self._forget(request_id)
                on_closed_early(request_id)
