"""Which words of a text differ from another text; bounded, so that no text takes long.

Texts are compared word by word: a word is what stands between spaces, and spaces belong to the word
before them. Knows nothing of where the texts come from. Pure functions, meant for another thread.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from enum import StrEnum
from typing import NamedTuple

MAX_PAIRS = 40_000
"""Most pairs of equal words that are compared: about 1,700 words of prose on either side.

The time grows with the pairs, and in texts that repeat themselves with their square: this many took
0.1 s at worst (2-core Zen 4), where 1,500 words of two kinds without a bound took 17 s.
"""

_WORD = re.compile(r"\s*(\w+|[^\w\s]+)")


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


def word_diff(
    base: str, text: str, *, is_base_open: bool = False, is_text_open: bool = False
) -> tuple[DiffPiece, ...]:
    """How `text` came of `base`: kept and added pieces are `text`, kept and removed ones `base`.

    Args:
        base: What is compared with.
        text: What is shown.
        is_base_open: More of `base` may come, so that what `text` has behind its end counts as kept.
        is_text_open: More of `text` may come, so that the rest of `base` does not count as removed.
    """
    old, new = _words(base), _words(text)
    opcodes = _without_islands(list(_opcodes(old, new)), is_open=is_base_open or is_text_open)
    pieces: list[DiffPiece] = []
    for tag, old_start, old_end, new_start, new_end in opcodes:
        removed, added = "".join(old[old_start:old_end]), "".join(new[new_start:new_end])
        is_end = old_end == len(old) and new_end == len(new)
        if tag == "equal":
            pieces.append(DiffPiece(DiffKind.SAME, added))
            continue
        if removed and not (is_end and is_text_open):
            pieces.append(DiffPiece(DiffKind.REMOVED, removed))
        if added:
            is_unknown = is_end and is_base_open and not removed
            pieces.append(DiffPiece(DiffKind.SAME if is_unknown else DiffKind.ADDED, added))
    return tuple(_joined(pieces))


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


def _opcodes(old: Sequence[str], new: Sequence[str]) -> Iterator[_Opcode]:
    """The steps from one list of words to the other; what is beyond the bound is one step."""
    # Words alone, so that a wider space or a new line is no other word.
    bare_old, bare_new = [word.strip() for word in old], [word.strip() for word in new]
    same = _num_same(bare_old, bare_new)
    if same:
        yield ("equal", 0, same, 0, same)
    end = same + _num_affordable(bare_old[same:], bare_new[same:])
    # The heuristic (autojunk) takes frequent words for noise and makes a diff of prose unreadable.
    matcher = SequenceMatcher(None, bare_old[same:end], bare_new[same:end], autojunk=False)
    for tag, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        yield (tag, old_start + same, old_end + same, new_start + same, new_end + same)
    if end < len(old) or end < len(new):
        yield ("replace", min(end, len(old)), len(old), min(end, len(new)), len(new))


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
