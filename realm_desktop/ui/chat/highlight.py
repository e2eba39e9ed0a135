"""Colours of code, computed a slice at a time by pygments. Knows nothing of Qt; GUI thread.

Only lexers that come with pygments are used: looking a name up among plug-ins would read files.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from pygments.lexer import Lexer
from pygments.lexers import find_lexer_class, get_all_lexers
from pygments.token import Token, _TokenType

MAX_CODE = 64 * 1024
"""Longer code stays in one colour."""

MAX_LINE = 2_000
_MAX_STALL_S = 0.03
_MAX_NAME = 32

_COLOURS: tuple[tuple[_TokenType, str], ...] = (
    (Token.Keyword.Type, "syn-type"),
    (Token.Keyword, "syn-keyword"),
    (Token.Operator.Word, "syn-keyword"),
    (Token.Name.Tag, "syn-keyword"),
    (Token.Name.Function, "syn-function"),
    (Token.Name.Decorator, "syn-function"),
    (Token.Name.Attribute, "syn-function"),
    (Token.Name.Class, "syn-type"),
    (Token.Name.Exception, "syn-type"),
    (Token.Name.Builtin.Pseudo, "syn-keyword"),
    (Token.Name.Builtin, "syn-type"),
    (Token.String, "syn-string"),
    (Token.Number, "syn-number"),
    (Token.Comment.Preproc, "syn-keyword"),
    (Token.Comment, "syn-comment"),
    (Token.Generic.Deleted, "danger"),
    (Token.Generic.Inserted, "success"),
    (Token.Generic.Prompt, "syn-comment"),
    (Token.Generic.Heading, "syn-keyword"),
    (Token.Generic.Subheading, "syn-function"),
)


class Coloured(NamedTuple):
    """A stretch of code in the colour of a token; positions count characters."""

    start: int
    end: int
    token: str


class Highlighter:
    """Colours one piece of code step by step; belongs to its code box.

    Attributes:
        position: Everything before it is coloured.
        is_done: No colour is missing.
    """

    def __init__(self, text: str, language: str) -> None:
        self.position = 0
        self._pieces = _pieces(text, language)
        self.is_done = self._pieces is None

    def advance(self, budget_s: float) -> list[Coloured]:
        """The stretches found within a time; one lexer that stalls is given up."""
        found: list[Coloured] = []
        start_s = time.perf_counter()
        while not self.is_done and time.perf_counter() - start_s < budget_s:
            # The thread's own time: a busy machine is no fault of the lexer.
            before_s = time.thread_time()
            piece = next(self._pieces, None) if self._pieces is not None else None
            self.is_done = piece is None or time.thread_time() - before_s > _MAX_STALL_S
            if piece is None:
                break
            start, kind, value = piece
            self.position = start + len(value)
            token = _colour(kind)
            if token and value.strip():
                found.append(Coloured(start, self.position, token))
        return found


def _pieces(text: str, language: str) -> Iterator[tuple[int, _TokenType, str]] | None:
    lexer = _lexer(language.lower()) if len(language) <= _MAX_NAME else None
    has_long_line = any(len(line) > MAX_LINE for line in text.split("\n"))
    if lexer is None or len(text) > MAX_CODE or has_long_line:
        return None
    pieces: Iterator[tuple[int, _TokenType, str]] = iter(lexer.get_tokens_unprocessed(text))
    return pieces


@lru_cache(maxsize=64)
def _lexer(language: str) -> Lexer | None:
    """The lexer of a language name, or None."""
    name = _lexer_names().get(language)
    lexer_class = find_lexer_class(name) if name is not None else None
    return None if lexer_class is None else lexer_class()


@lru_cache(maxsize=1)
def _lexer_names() -> dict[str, str]:
    """Every alias of a lexer that comes with pygments."""
    return {alias: row[0] for row in get_all_lexers(plugins=False) for alias in row[1]}


@lru_cache(maxsize=512)
def _colour(kind: _TokenType) -> str:
    """The colour token of a kind of token; empty for plain text."""
    return next((token for parent, token in _COLOURS if kind in parent), "")
