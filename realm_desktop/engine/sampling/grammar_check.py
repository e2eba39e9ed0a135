"""Tries grammars in a process of its own, which can be ended when one takes too long.

A schema of a few bytes can keep the compiler busy for ever or fill the memory, and native code
cannot be interrupted inside the engine. This module is that process: it reads one JSON request per
line and answers each with one line. It imports the standard library and llguidance alone.
"""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

from llguidance import LLMatcher, LLParserLimits, LLTokenizer, TokenizerWrapper

_STACK_BYTES = 2**20
"""Smaller than the stack of any engine thread: what compiles here does not overflow there."""

_MEMORY_BYTES = 4 * 2**30
_WHITESPACE = r"[\x20\x0A\x0D\x09]{1,64}"
"""Enough to indent; without a bound small models write spaces for ever."""

_ORPHAN_S = 30
"""A compilation that nobody ended is ended by the system, where it has such a timer."""


class GrammarKind(StrEnum):
    """The forms a grammar comes in; the names of the request's fields."""

    JSON_SCHEMA = "json_schema"
    REGEX = "regex"
    GRAMMAR = "grammar"


_COMPILERS: Mapping[GrammarKind, Callable[[str], str]] = {
    GrammarKind.JSON_SCHEMA: lambda text: LLMatcher.grammar_from_json_schema(
        text,
        overrides={
            "lenient": False,
            "coerce_one_of": False,
            "whitespace_pattern": _WHITESPACE,
        },
    ),
    GrammarKind.REGEX: LLMatcher.grammar_from_regex,
    GrammarKind.GRAMMAR: LLMatcher.grammar_from_lark,
}


def new_matcher(tokenizer: LLTokenizer, kind: GrammarKind, text: str) -> LLMatcher:
    """A matcher at the start of a grammar; its `get_error` tells whether the grammar is sound."""
    limits = LLParserLimits(
        max_lexer_states=50_000,  # 1 to 2 kB each
        max_grammar_size=100_000,
        precompute_large_lexemes=False,
        verbose_errors=False,
    )
    return LLMatcher(tokenizer, _COMPILERS[kind](text), log_level=0, limits=limits)


def first_error(kind: GrammarKind, text: str, special_tokens: Sequence[str] = ()) -> str:
    """Why a grammar cannot be used, or "": compiles it and asks for its first tokens.

    Args:
        kind: Its form.
        text: The grammar itself.
        special_tokens: Spellings of control tokens that it may name.
    """
    tokenizer = LLTokenizer(TokenizerWrapper(_Bytes(special_tokens)), slices=[])
    try:
        matcher = new_matcher(tokenizer, kind, text)
        if not matcher.is_error():
            matcher.compute_bitmask()
        return matcher.get_error()
    except ValueError as error:
        return str(error)


class _Bytes:
    """A tokenizer whose tokens are the bytes, one that ends a text, and special ones."""

    eos_token_id = 256
    bos_token_id = None

    def __init__(self, special_tokens: Sequence[str]) -> None:
        special = [b"<end of text>", *(token.encode() for token in special_tokens)]
        self.tokens = [*(bytes([value]) for value in range(256)), *special]
        self.special_token_ids = list(range(256, len(self.tokens)))

    def __call__(self, text: str | bytes) -> list[int]:
        return list(text.encode() if isinstance(text, str) else text)


def main() -> None:
    """Answer requests until the input ends."""
    _limit_memory()
    threading.stack_size(_STACK_BYTES)
    thread = threading.Thread(target=_answer, name="grammar-check")
    thread.start()
    thread.join()


def _answer() -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        kind, text, special_tokens = json.loads(line)
        _set_timer(_ORPHAN_S)
        error = first_error(GrammarKind(kind), text, special_tokens)
        _set_timer(0)
        sys.stdout.write(json.dumps(error) + "\n")
        sys.stdout.flush()


def _set_timer(seconds: float) -> None:
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _limit_memory() -> None:
    if sys.platform != "win32":
        # Absent on Windows, where the compiler's own limits must do.
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))


if __name__ == "__main__":
    main()
