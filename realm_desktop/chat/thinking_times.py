"""How long replies thought before they answered, as far as this run of the app saw it.

Belongs to the GUI thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from realm_desktop.store.records import MessageId
from realm_desktop.thinking import ThinkingScanner


@dataclass(slots=True)
class _Thought:
    """What is known of one reply.

    Attributes:
        begun_s: When its first text came; None while it waits or after its thought ended.
        seconds: Of all its earlier stretches.
        is_known: Whether it was watched from its first text on.
        num_characters: Of its text so far.
    """

    scanner: ThinkingScanner = field(default_factory=ThinkingScanner)
    begun_s: float | None = None
    seconds: float = 0.0
    is_known: bool = True
    num_characters: int = 0


class ThinkingTimes:
    """The times of one chat.

    Args:
        clock: Seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._thoughts: dict[MessageId, _Thought] = {}

    def begin(self, message_id: MessageId, text: str) -> None:
        """A reply is written, or goes on behind this text."""
        known = self._thoughts.get(message_id)
        if known is not None and known.num_characters == len(text):
            return
        # Of a reply that goes on from an earlier token, nobody knows when that came.
        thought = _Thought(is_known=not text, num_characters=len(text))
        thought.scanner.feed(text)
        self._thoughts[message_id] = thought

    def add(self, message_id: MessageId, piece: str) -> None:
        """More text of a reply came."""
        thought = self._thoughts.get(message_id)
        if thought is None:
            return
        thought.num_characters += len(piece)
        if thought.scanner.has_ended:
            return
        if thought.begun_s is None:
            thought.begun_s = self._clock()
        if thought.scanner.feed(piece):
            self.end(message_id)

    def end(self, message_id: MessageId) -> None:
        """The thought ended, or its reply did."""
        thought = self._thoughts.get(message_id)
        if thought is not None and thought.begun_s is not None:
            thought.seconds += self._clock() - thought.begun_s
            thought.begun_s = None

    def seconds_of(self, message_id: MessageId) -> float | None:
        """How long a reply thought so far; None if that is not known."""
        thought = self._thoughts.get(message_id)
        if thought is None or not thought.is_known:
            return None
        running_s = 0.0 if thought.begun_s is None else self._clock() - thought.begun_s
        return thought.seconds + running_s
