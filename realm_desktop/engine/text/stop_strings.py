"""Ends a reply at its first stop string and holds back text that may begin one.

One per sequence; belongs to the engine thread.
"""

from __future__ import annotations


class StopStrings:
    """Filters streamed text.

    The stop string that completes first wins; of several that complete at the same character, the
    longest. How the text was cut into pieces makes no difference.

    Args:
        stops: Strings that end the reply; none of them is empty.
    """

    def __init__(self, stops: tuple[str, ...]) -> None:
        self._stops = stops
        self._held = ""
        self._is_stopped = False

    def push(self, text: str) -> tuple[str, bool]:
        """Text that is safe to show, and whether a stop string ended the reply."""
        if not self._stops:
            return text, False
        if self._is_stopped:
            return "", True
        buffer = self._held + text
        cut = self._first_stop(buffer)
        if cut is not None:
            self._held, self._is_stopped = "", True
            return buffer[:cut], True
        num_held = self._num_held(buffer)
        self._held = buffer[len(buffer) - num_held :]
        return buffer[: len(buffer) - num_held], False

    def flush(self) -> str:
        """The held text, once the reply has ended without a stop string."""
        held, self._held = self._held, ""
        return held

    def _first_stop(self, buffer: str) -> int | None:
        """Where the stop string that completes first begins."""
        found = [(buffer.find(stop), len(stop)) for stop in self._stops]
        ends = [(start + length, start) for start, length in found if start >= 0]
        return min(ends)[1] if ends else None

    def _num_held(self, buffer: str) -> int:
        """Length of the longest suffix that begins a stop string."""
        longest = max((len(stop) for stop in self._stops), default=1) - 1
        for length in range(min(longest, len(buffer)), 0, -1):
            if any(stop.startswith(buffer[-length:]) for stop in self._stops):
                return length
        return 0
