"""How well the words that someone types fit a name. Pure functions."""

from __future__ import annotations

import re
from typing import Final

FIT_STEP: Final = 20
"""Finds whose numbers differ by less are of the same kind."""

NO_FIT: Final = 1_000

_WORD: Final = re.compile(r"[^\W_]+")
_LATER_WORD: Final = 1
_NEXT_PIECE: Final = 2
"""More than a later word: one beginning says more than initials, wherever it stands."""

_INSIDE: Final = FIT_STEP
_IN_CONTEXT: Final = 3 * FIT_STEP
_MAX_LETTERS: Final = 100
"""More of a name or a query is not looked at: the work grows with the product of both."""


def fit(query: str, name: str, context: str = "") -> int:
    """How well a name fits a query; less is better, `NO_FIT` and more is not at all.

    Every word of the query must be found: as the beginning of a word of the name, as the beginnings
    of several (`exch` and `ec` both find "Export chat"), or anywhere inside. A name that begins with
    one of them goes before one where they begin later words. What is only in the context counts for
    less than everything in the name.

    Args:
        query: As it was typed.
        name: What is looked for.
        context: Where it stands, such as its menu.
    """
    names, contexts = _words(name), _words(context)
    all_typed = query.casefold()[:_MAX_LETTERS].split()
    total = 0 if names and any(map(names[0].startswith, all_typed)) else _LATER_WORD
    for typed in all_typed:
        in_name, in_context = _fit_word(typed, names, name), _fit_word(typed, contexts, context)
        total += min(in_name, _IN_CONTEXT + in_context)
    return total


def _fit_word(typed: str, words: tuple[str, ...], text: str) -> int:
    """Beginnings first, the fewer the better; then what stands inside, signs included."""
    num_pieces = _pieces("".join(_WORD.findall(typed)), words)
    if num_pieces:
        return _NEXT_PIECE * (num_pieces - 1)
    return _INSIDE if typed in text.casefold() else NO_FIT


def _pieces(word: str, words: tuple[str, ...]) -> int:
    """Of how many beginnings of following words `word` is made; 0 if it is not."""
    # least[n]: beginnings that make up the first n letters, with the words looked at so far.
    least = [0, *[NO_FIT] * len(word)]
    for candidate in words:
        # Backwards, so that a word is not used twice.
        for start in range(len(word) - 1, -1, -1):
            if least[start] == NO_FIT:
                continue
            for end in range(start + 1, min(len(word), start + len(candidate)) + 1):
                if word[start:end] != candidate[: end - start]:
                    break
                least[end] = min(least[end], least[start] + 1)
    return least[-1] if least[-1] < NO_FIT else 0


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(text[:_MAX_LETTERS].casefold()))
