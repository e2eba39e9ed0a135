"""Checks a chat template before it is parsed: size, number of parts, nesting.

Jinja's parser, Python's compiler and both their visitors recurse, so nesting is counted on the flat
stream of lexer tokens.
"""

from __future__ import annotations

from collections.abc import Iterable

from realm_desktop.engine.text.render_budget import LimitReached

MAX_TEMPLATE_BYTES = 1 << 20
MAX_NESTING = 256
MAX_PARTS = 50_000

_OPENING_TAGS = frozenset(
    ["if", "for", "macro", "call", "filter", "block", "with", "generation", "set"]
)
_CHAINING_NAMES = frozenset(["not", "and", "or", "if", "else", "is", "in"])
_CHAINING_SIGN_LIST = "| . + - * / // % ** == != < > <= >="
_CHAINING_SIGNS = frozenset(_CHAINING_SIGN_LIST.split())


def check_size(source: str) -> None:
    """Refuse a template of more than 1 MB."""
    num_bytes = len(source.encode("utf-8", "replace"))
    if num_bytes > MAX_TEMPLATE_BYTES:
        raise LimitReached(
            "size", f"it has {num_bytes:,} bytes; {MAX_TEMPLATE_BYTES:,} are allowed"
        )


def check_nesting(tokens: Iterable[tuple[int, str, str]]) -> None:
    """Refuse a template that is nested too deep or has too many parts.

    Args:
        tokens: Line, type and text of each token, from `Environment.lex`.
    """
    counter = _NestingCounter()
    num_parts = 0
    for _, kind, text in tokens:
        if kind in ("whitespace", "data", "comment"):
            continue
        num_parts += 1
        if num_parts > MAX_PARTS:
            raise LimitReached("size", f"it has more than {MAX_PARTS:,} parts")
        counter.feed(kind, text)


class _NestingCounter:
    """How deep the parser would be: open tags, brackets and chains of operators.

    A chain such as `a.b.c` or `a + b + c` nests one level per link; a comma ends it.
    """

    def __init__(self) -> None:
        self._tags: list[int] = []
        self._chains: list[int] = []
        self._tag_names: list[str] = []
        self._has_equals = False

    def feed(self, kind: str, text: str) -> None:
        """Take one token."""
        if kind in ("block_begin", "variable_begin"):
            self._chains, self._tag_names, self._has_equals = [0], [], False
        elif kind == "block_end":
            self._end_tag()
            self._chains = []
        elif kind == "variable_end":
            self._chains = []
        elif self._chains:
            self._inside(kind, text)
        if sum(self._tags) + sum(self._chains) + len(self._chains) > MAX_NESTING:
            raise LimitReached("nesting", f"it is nested more than {MAX_NESTING} deep")

    def _inside(self, kind: str, text: str) -> None:
        if kind == "name":
            if len(self._tag_names) < 1:
                self._tag_names.append(text)
            self._chains[-1] += text in _CHAINING_NAMES
        elif text in ("(", "[", "{"):
            self._chains[-1] += 1
            self._chains.append(0)
        elif text in (")", "]", "}") and len(self._chains) > 1:
            self._chains.pop()
        elif text == ",":
            self._chains[-1] = 0
        elif text in _CHAINING_SIGNS:
            self._chains[-1] += 1
        elif text == "=" and len(self._chains) == 1:
            self._has_equals = True

    def _end_tag(self) -> None:
        name = self._tag_names[0] if self._tag_names else ""
        if name in _OPENING_TAGS and not (name == "set" and self._has_equals):
            self._tags.append(1)
        elif name == "elif" and self._tags:
            self._tags[-1] += 1
        elif name.startswith("end") and self._tags:
            self._tags.pop()
