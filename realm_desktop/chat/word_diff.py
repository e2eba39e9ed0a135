"""Which words of a text differ from another text; bounded, so that no text takes long.

Texts are compared word by word: a word is what stands between spaces, and spaces belong to the word
before them. They are compared in windows, from one stretch of words that both have to the next: a
text that grows is compared again only from the last of these on. Knows nothing of where the texts come
from. Meant for another thread, one window a call.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from enum import StrEnum
from typing import NamedTuple

MAX_PAIRS = 40_000
"""Most pairs of equal words that are compared: about 1,700 words of prose on either side.

The time grows with the pairs, and in texts that repeat themselves with their square: this many took
0.1 s at worst (2-core Zen 4), where 1,500 words of two kinds without a bound took 17 s.
"""

_WORD = re.compile(r"\s*(\w+|[^\w\s]+)")

_WINDOW_WORDS = 160
"""A window of prose takes some milliseconds: whoever waits for the interpreter waits no longer.

Six lanes that grew to 2,000 words each took 0.8 s of it altogether (2-core Zen 4), 2.0 s where every
update began anew.
"""

_ANCHOR_WORDS = 8
"""So many equal words in a row hardly stand in two texts by chance."""

_MARGIN_SHARE = 0.25
"""What is this near to the end of a window may belong to words behind it."""

_ISLAND_WORDS = 2
_SEA_PER_WORD = 4
"""Kept words between changes count as changed too if the changes are this many times longer."""

_Opcode = tuple[str, int, int, int, int]


class DiffKind(StrEnum):
    """What became of a stretch of text."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


class DiffPiece(NamedTuple):
    """A stretch of text of one kind; spaces and line ends included."""

    kind: DiffKind
    text: str


class WordDiff:
    """The diff of two texts, either of which may grow; one thread at a time."""

    def __init__(self) -> None:
        self._old: list[str] = []
        self._new: list[str] = []
        # Words alone, so that a wider space or a new line is no other word.
        self._bare_old: list[str] = []
        self._bare_new: list[str] = []
        # Up to the last anchor, and behind it: only the first survive a longer text.
        self._settled: list[_Opcode] = []
        self._rest: list[_Opcode] = []
        self._window = _WINDOW_WORDS
        self._is_base_open = self._is_text_open = False

    def take(
        self, base: str, text: str, *, is_base_open: bool = False, is_text_open: bool = False
    ) -> None:
        """Take texts; `step` compares them.

        Args:
            base: What is compared with.
            text: What is shown.
            is_base_open: More of `base` may come: what `text` has behind its end counts as kept.
            is_text_open: More of `text` may come: the rest of `base` does not count as removed.
        """
        self._is_base_open, self._is_text_open = is_base_open, is_text_open
        self._old, self._new = _words(base), _words(text)
        bare_old = [word.strip() for word in self._old]
        bare_new = [word.strip() for word in self._new]
        i, j = self._place
        if bare_old[:i] != self._bare_old[:i] or bare_new[:j] != self._bare_new[:j]:
            self._settled = []
        self._bare_old, self._bare_new = bare_old, bare_new
        self._rest = []
        self._window = _WINDOW_WORDS

    def step(self) -> bool:
        """Compare one window; returns whether there is more to compare."""
        i, j = self._place
        old, new = self._bare_old[i:], self._bare_new[j:]
        same = _num_same(old, new)
        window_end = same + self._window
        end = same + _num_affordable(old[same:window_end], new[same:window_end])
        steps = list(_opcodes(old[:end], new[:end], same))
        if end >= len(old) and end >= len(new):
            self._rest = [_shifted(step, i, j) for step in steps]
            return False
        limit = same + (end - same) * (1 - _MARGIN_SHARE)
        settled = _until_anchor(steps, limit)
        if settled:
            self._settled += [_shifted(step, i, j) for step in settled]
            self._window = _WINDOW_WORDS
            return True
        if end == window_end:
            self._window *= 2
            return True
        # Too much to compare: what is beyond the bound is one step.
        steps.append(("replace", min(end, len(old)), len(old), min(end, len(new)), len(new)))
        self._rest = [_shifted(step, i, j) for step in steps]
        return False

    def pieces(self) -> tuple[DiffPiece, ...]:
        """How the text came of the base: kept and added pieces are it, kept and removed ones the base."""
        is_open = self._is_base_open or self._is_text_open
        steps = _without_islands([*self._settled, *self._rest], is_open=is_open)
        return tuple(_joined(list(self._pieces(steps))))

    @property
    def _place(self) -> tuple[int, int]:
        """How many words of both texts are settled."""
        return (self._settled[-1][2], self._settled[-1][4]) if self._settled else (0, 0)

    def _pieces(self, steps: Iterable[_Opcode]) -> Iterator[DiffPiece]:
        old, new = self._old, self._new
        for tag, old_start, old_end, new_start, new_end in steps:
            removed, added = "".join(old[old_start:old_end]), "".join(new[new_start:new_end])
            is_end = old_end == len(old) and new_end == len(new)
            if tag == "equal":
                yield DiffPiece(DiffKind.SAME, added)
                continue
            if removed and not (is_end and self._is_text_open):
                yield DiffPiece(DiffKind.REMOVED, removed)
            if added:
                is_unknown = is_end and self._is_base_open and not removed
                yield DiffPiece(DiffKind.SAME if is_unknown else DiffKind.ADDED, added)


def word_diff(
    base: str, text: str, *, is_base_open: bool = False, is_text_open: bool = False
) -> tuple[DiffPiece, ...]:
    """The whole diff of two texts, see `WordDiff`."""
    diff = WordDiff()
    diff.take(base, text, is_base_open=is_base_open, is_text_open=is_text_open)
    while diff.step():
        pass
    return diff.pieces()


def _words(text: str) -> list[str]:
    """Words and punctuation, each with the white space before it; together they are the text."""
    words: list[str] = []
    end = 0
    for match in _WORD.finditer(text):
        words.append(match.group())
        end = match.end()
    if end < len(text):
        words.append(text[end:])
    return words


def _without_islands(opcodes: Sequence[_Opcode], *, is_open: bool) -> list[_Opcode]:
    """The steps with a stray "the" between long changes made part of them: else nothing can be read."""
    kept: list[_Opcode] = []
    # While a text grows, nobody knows yet how long the change at its end will be.
    num_known = len(opcodes) - 1 if is_open else len(opcodes)
    for number, opcode in enumerate(opcodes):
        is_known = kept and number + 1 < num_known
        is_island = is_known and _is_island(kept[-1], opcode, opcodes[number + 1])
        is_behind_change = kept and "equal" not in (kept[-1][0], opcode[0])
        if is_island or is_behind_change:
            kept[-1] = _merged(kept[-1], opcode)
        else:
            kept.append(opcode)
    return kept


def _is_island(before: _Opcode, opcode: _Opcode, following: _Opcode) -> bool:
    size = _size(opcode)
    is_between = "equal" not in (before[0], following[0])
    sea = _size(before) + _size(following)
    return (
        opcode[0] == "equal"
        and is_between
        and size <= _ISLAND_WORDS
        and sea >= _SEA_PER_WORD * size
    )


def _size(opcode: _Opcode) -> int:
    """How many words a step is about."""
    return max(opcode[2] - opcode[1], opcode[4] - opcode[3])


def _merged(first: _Opcode, second: _Opcode) -> _Opcode:
    return ("replace", first[1], second[2], first[3], second[4])


def _opcodes(old: Sequence[str], new: Sequence[str], same: int) -> Iterator[_Opcode]:
    """The steps from one list of words to the other; both begin with `same` equal words."""
    if same:
        yield ("equal", 0, same, 0, same)
    # The heuristic (autojunk) takes frequent words for noise and makes a diff of prose unreadable.
    matcher = SequenceMatcher(None, old[same:], new[same:], autojunk=False)
    for step in matcher.get_opcodes():
        yield _shifted(step, same, same)


def _shifted(step: _Opcode, old_by: int, new_by: int) -> _Opcode:
    tag, old_start, old_end, new_start, new_end = step
    return (tag, old_start + old_by, old_end + old_by, new_start + new_by, new_end + new_by)


def _until_anchor(steps: Sequence[_Opcode], limit: float) -> list[_Opcode]:
    """The steps up to the middle of the last long stretch of equal words before a place; or none."""
    for number in range(len(steps) - 1, -1, -1):
        tag, old_start, old_end, new_start, new_end = steps[number]
        size = old_end - old_start
        if tag == "equal" and size >= _ANCHOR_WORDS and max(old_end, new_end) <= limit:
            # Both halves are too long to be islands.
            half = size // 2
            anchor = (tag, old_start, old_start + half, new_start, new_start + half)
            return [*steps[:number], anchor]
    return []


def _num_same(old: Sequence[str], new: Sequence[str]) -> int:
    """How many words both lists begin with; lanes with one seed often begin alike."""
    pairs = enumerate(zip(old, new, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(old), len(new)))


def _num_affordable(old: Sequence[str], new: Sequence[str]) -> int:
    """How many words of both lists can be compared."""
    num_words = max(len(old), len(new))
    while num_words:
        counts = Counter(new[:num_words])
        if sum(counts[word] for word in old[:num_words]) <= MAX_PAIRS:
            return num_words
        num_words = num_words * 3 // 4
    return 0


def _joined(pieces: Sequence[DiffPiece]) -> Iterator[DiffPiece]:
    """Neighbours of one kind as one piece."""
    for number, piece in enumerate(pieces):
        if number and pieces[number - 1].kind is piece.kind:
            continue
        end = number + 1
        while end < len(pieces) and pieces[end].kind is piece.kind:
            end += 1
        yield DiffPiece(piece.kind, "".join(same.text for same in pieces[number:end]))
