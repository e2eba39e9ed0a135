"""What one rendering of a chat template may cost, counted before memory is taken.

Strings and containers that a template makes are charged as they are made, so that the sum bounds the
memory at every moment. Containers also have a weight: their size as if every shared part were
copied, which is what printing, comparing and hashing them costs. Belongs to the render thread.
"""

from __future__ import annotations

import sys
from collections.abc import ItemsView, Iterable, KeysView, Mapping, ValuesView

MAX_GROWTH_BYTES = 64 << 20
MAX_WEIGHT = 16 << 20
MAX_DEPTH = 100
MAX_TEXT_CHARACTERS = 8 << 20
MAX_INTEGER_BITS = 4096

_ELEMENT_BYTES = 8
_CONTAINER_BYTES = 64


class LimitReached(Exception):
    """A template broke a limit.

    Args:
        limit: "memory", "output", "nesting", "size" or "time".
        message: What was found and what is allowed.
    """

    def __init__(self, limit: str, message: str) -> None:
        super().__init__(message)
        self.limit = limit


class RenderBudget:
    """Counts what a rendering takes.

    Args:
        max_output_characters: Longest result.
    """

    def __init__(self, max_output_characters: int) -> None:
        self._max_output_characters = max_output_characters
        self._num_output_characters = 0
        self._used_bytes = 0
        # Keeps the containers alive, so that an id is never reused.
        self._weights: dict[int, tuple[object, int, int]] = {}

    def allow(self, num_bytes: int) -> None:
        """Refuse an operation whose result would not fit any more; charges nothing."""
        if self._used_bytes + num_bytes > MAX_GROWTH_BYTES:
            raise LimitReached("memory", f"it needs more than {MAX_GROWTH_BYTES >> 20} MiB")

    def charge(self, num_bytes: int) -> None:
        """Count memory that was taken."""
        self.allow(num_bytes)
        self._used_bytes += num_bytes

    def output(self, text: str) -> None:
        """Count a piece of the result."""
        self.charge(sys.getsizeof(text))
        self._num_output_characters += len(text)
        if self._num_output_characters > self._max_output_characters:
            raise LimitReached(
                "output", f"its text is longer than {self._max_output_characters:,} characters"
            )

    def keep(self, value: object) -> object:
        """Count a value that the template made, and refuse one that is too heavy."""
        if isinstance(value, str):
            self.charge(sys.getsizeof(value))
            if len(value) > MAX_TEXT_CHARACTERS:
                raise LimitReached("memory", f"a text is longer than {MAX_TEXT_CHARACTERS:,}")
        elif isinstance(value, (list, tuple, dict, set)):
            self.charge(_CONTAINER_BYTES + 2 * _ELEMENT_BYTES * len(value))
            self.weigh(value)
        return value

    def weigh(self, value: object) -> tuple[int, int]:
        """Weight and nesting depth of a value.

        Containers are weighed once: templates cannot change them. Cost of the first time: one
        visit per element.
        """
        if isinstance(value, str):
            return len(value) + _ELEMENT_BYTES, 0
        if isinstance(value, int):
            return _ELEMENT_BYTES + value.bit_length() // 3, 0
        if not isinstance(value, (list, tuple, dict, set, KeysView, ValuesView, ItemsView)):
            return _CONTAINER_BYTES, 0
        known = self._weights.get(id(value))
        if known is None:
            known = (value, *self._sum(_children(value)))
            self._weights[id(value)] = known
        return known[1], known[2]

    def _sum(self, children: Iterable[object]) -> tuple[int, int]:
        weight, depth = _CONTAINER_BYTES, 0
        for child in children:
            child_weight, child_depth = self.weigh(child)
            weight += child_weight + _ELEMENT_BYTES
            depth = max(depth, child_depth)
            if weight > MAX_WEIGHT:
                raise LimitReached("memory", f"a list or object is larger than {MAX_WEIGHT:,}")
            if depth >= MAX_DEPTH:
                raise LimitReached("nesting", f"a value is nested more than {MAX_DEPTH} deep")
        return weight, depth + 1


def text_bytes(text: str, num_characters: int | None = None) -> int:
    """Bytes of a string like this one, of its own or of another length."""
    length = len(text) if num_characters is None else num_characters
    return length if text.isascii() else 4 * length


def check_integer(value: object) -> None:
    """Refuse a number so long that computing with it would take noticeable time."""
    if isinstance(value, int) and value.bit_length() > MAX_INTEGER_BITS:
        raise LimitReached("size", f"a number has more than {MAX_INTEGER_BITS} bits")


def _children(value: Iterable[object]) -> Iterable[object]:
    if isinstance(value, Mapping):
        return (part for pair in value.items() for part in pair)
    return value
