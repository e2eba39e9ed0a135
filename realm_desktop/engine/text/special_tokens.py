"""Finds tokens by their spelling before the tokenizer's algorithm sees the text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping


class SpecialTokens:
    """Cuts a text at the tokens it spells out: the leftmost first, of these the longest.

    Args:
        ids: Token id by spelling; empty spellings are ignored.
        swallowing_ids: Tokens that take the white space behind them along.
    """

    def __init__(
        self, ids: Mapping[str, int], swallowing_ids: frozenset[int] = frozenset()
    ) -> None:
        self._swallowing_ids = swallowing_ids
        self._by_start: dict[str, list[tuple[str, int]]] = {}
        for text, token_id in ids.items():
            if text:
                self._by_start.setdefault(text[0], []).append((text, token_id))
        for candidates in self._by_start.values():
            candidates.sort(key=lambda candidate: -len(candidate[0]))
        starts = "".join(re.escape(start) for start in self._by_start)
        self._start = re.compile(f"[{starts}]") if starts else None

    def split(self, text: str) -> Iterator[str | int]:
        """Stretches of text and token ids in order; no empty stretch."""
        done = position = 0
        while (found := self._find(text, position)) is not None:
            position, match = found
            if match is None:
                position += 1
                continue
            if position > done:
                yield text[done:position]
            yield match[1]
            position += len(match[0])
            if match[1] in self._swallowing_ids:
                position = _end_of_space(text, position)
            done = position
        if done < len(text):
            yield text[done:]

    def _find(self, text: str, position: int) -> tuple[int, tuple[str, int] | None] | None:
        """The next place where a token may start, and the token if there is one."""
        start = self._start.search(text, position) if self._start is not None else None
        if start is None:
            return None
        place = start.start()
        for candidate in self._by_start[text[place]]:
            if text.startswith(candidate[0], place):
                return place, candidate
        return place, None


def _end_of_space(text: str, position: int) -> int:
    while position < len(text) and text[position].isspace():
        position += 1
    return position
