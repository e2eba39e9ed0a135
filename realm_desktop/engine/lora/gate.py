"""Which commands wait for which adapters.

A command that names an adapter on its way in waits behind it, and whatever names the same adapter
waits behind that command: for each adapter, commands take effect in the order they came. Everything
else passes. Knows no engine; owned by the engine thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from realm_desktop.protocol import (
    AdapterId,
    Generate,
    GenerateRequest,
    LoadAdapter,
    RequestId,
    UnloadAdapter,
)

AdapterCommand: TypeAlias = Generate | LoadAdapter | UnloadAdapter


class AdapterGate:
    """Commands held back, and the adapters they wait for.

    Attributes:
        returning: The request whose adapters are being brought back, if there is one.
    """

    def __init__(self) -> None:
        self.returning: GenerateRequest | None = None
        self._on_the_way: set[AdapterId] = set()
        self._held: list[AdapterCommand] = []

    @property
    def is_busy(self) -> bool:
        """Whether an adapter is on its way or a command waits."""
        return bool(self._on_the_way or self._held or self.returning)

    def blocks(self, command: AdapterCommand) -> bool:
        """Whether a command must wait now."""
        names = _names(command)
        if not names:
            return False
        waiting = (_names(held) for held in self._held)
        returning = _uses(self.returning) if self.returning else set()
        return not names.isdisjoint(self._on_the_way.union(returning, *waiting))

    def hold(self, command: AdapterCommand) -> None:
        """Keep a command back, behind those kept back already."""
        self._held.append(command)

    def begin(self, adapter_ids: Iterable[AdapterId]) -> None:
        """These adapters are on their way."""
        self._on_the_way.update(adapter_ids)

    def end(self, adapter_id: AdapterId) -> None:
        """An adapter has arrived, or never will."""
        self._on_the_way.discard(adapter_id)

    def take_returned(self) -> GenerateRequest | None:
        """The request whose last adapter is back; it is not the gate's any more."""
        request = self.returning
        if request is None or not self._on_the_way.isdisjoint(_uses(request)):
            return None
        self.returning = None
        return request

    def release(self, handle: Callable[[AdapterCommand], None]) -> None:
        """Hand over, in order, what need not wait any more; `handle` may hold it again."""
        waiting, self._held = self._held, []
        for command in waiting:
            if self.blocks(command):
                self._held.append(command)
            else:
                handle(command)

    def drop(self, request_id: RequestId) -> bool:
        """Forget a request that waits; whether there was one."""
        if self.returning is not None and self.returning.request_id == request_id:
            self.returning = None
            return True
        for index, command in enumerate(self._held):
            if isinstance(command, Generate) and command.request.request_id == request_id:
                del self._held[index]
                return True
        return False


def _names(command: AdapterCommand) -> set[AdapterId]:
    """The adapters a command is about."""
    return _uses(command.request) if isinstance(command, Generate) else {command.adapter_id}


def _uses(request: GenerateRequest) -> set[AdapterId]:
    return {use.adapter_id for use in request.adapters}
