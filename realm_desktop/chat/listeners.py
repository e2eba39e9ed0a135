"""Functions that want to hear of changes. Belongs to the thread of the object that has it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, ParamSpec

_ArgumentsP = ParamSpec("_ArgumentsP")


class Listeners(Generic[_ArgumentsP]):
    """An ordered list of listeners; one may leave, or come, while they are called."""

    def __init__(self) -> None:
        self._listeners: list[Callable[_ArgumentsP, None]] = []

    def add(self, listener: Callable[_ArgumentsP, None]) -> Callable[[], None]:
        """Add a listener; returns the function that removes it, harmless the second time."""
        self._listeners.append(listener)

        def remove() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return remove

    def notify(self, *args: _ArgumentsP.args, **kwargs: _ArgumentsP.kwargs) -> None:
        """Call every listener, in the order they came."""
        for listener in tuple(self._listeners):
            listener(*args, **kwargs)
