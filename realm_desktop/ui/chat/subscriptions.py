"""Ends the subscriptions of a Qt object when it is destroyed.

A session outlives the tab that shows it; a call into a deleted object would raise. GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject


class Subscriptions:
    """The unsubscribe functions of one Qt object; each is called once, at its end or earlier."""

    def __init__(self, owner: QObject, *unsubscribes: Callable[[], None]) -> None:
        self._unsubscribes = list(unsubscribes)
        owner.destroyed.connect(self.close)

    def close(self) -> None:
        """Unsubscribe now."""
        while self._unsubscribes:
            self._unsubscribes.pop()()
