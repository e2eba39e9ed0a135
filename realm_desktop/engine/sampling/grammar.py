"""Grammars: which tokens may follow, per sequence.

`GrammarCompiler` makes them in the intake thread; a `Grammar` belongs to the engine thread from
then on. The work is done by llguidance; a grammar is tried in another process first.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from functools import cached_property

import numpy as np
from llguidance import LLMatcher, LLTokenizer
from numpy.typing import NDArray

from realm_desktop.engine.sampling.grammar_check import GrammarKind, new_matcher
from realm_desktop.engine.sampling.grammar_guard import GrammarGuard
from realm_desktop.engine.sampling.json_schema import checked_schema, keyword_paths
from realm_desktop.engine.sampling.token_table import build_token_table
from realm_desktop.engine.text.tokenizer import Tokenizer
from realm_desktop.errors import InvalidGrammar
from realm_desktop.protocol import GenerateRequest

MAX_GRAMMAR_BYTES = 256 * 1024
_MAX_CACHED = 32
_MAX_ERROR_CHARACTERS = 300
_NAMES: Mapping[GrammarKind, str] = {
    GrammarKind.JSON_SCHEMA: "the JSON Schema",
    GrammarKind.REGEX: "the regular expression",
    GrammarKind.GRAMMAR: "the grammar",
}
_BLAMED_KEYWORDS: Mapping[str, tuple[str, ...]] = {
    # What llguidance's message says, and the keywords it means.
    "oneOf": ("oneOf",),
    "patternProperty": ("patternProperties",),
    **{name: (name,) for name in ("minProperties", "maxProperties", "minItems", "maxItems")},
    **{name: (name,) for name in ("minLength", "maxLength", "multipleOf")},
    "range": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    "not present in a registry": ("$schema", "$ref"),
    "regex": ("pattern",),
}


class Grammar:
    """What one sequence may still say.

    Invariant: the matcher has taken all tokens of the completion but none of a draft.

    Args:
        matcher: At the start of the grammar.
        vocabulary_size: Width of the masks.
        num_prompt_tokens: Tokens before the grammar begins.
        first_mask: Tokens that may come first besides what the grammar says; None allows all.
    """

    def __init__(
        self,
        matcher: LLMatcher,
        vocabulary_size: int,
        num_prompt_tokens: int,
        first_mask: NDArray[np.bool_] | None = None,
    ) -> None:
        self._matcher = matcher
        self._vocabulary_size = vocabulary_size
        self._num_prompt_tokens = num_prompt_tokens
        self._num_taken = 0
        self._first_mask = first_mask

    @property
    def is_ended(self) -> bool:
        """Whether the text is complete: nothing may follow."""
        return bool(self._matcher.is_stopped())

    def commit(self, token_ids: Iterable[int]) -> None:
        """Take tokens of the completion for good; those behind the end of the grammar are ignored.

        Raises:
            InvalidGrammar: A token is not allowed.
        """
        for token_id in token_ids:
            if self.is_ended:
                return
            if not self._matcher.consume_token(token_id):
                raise _fault(f"token {token_id} contradicts the grammar", self._matcher)
            self._num_taken += 1

    def mask(self, seen: NDArray[np.int32], width: int) -> NDArray[np.bool_]:
        """Which tokens may follow `seen`: bool [width]; the state stays as it is.

        Args:
            seen: Prompt, completion and drafts before the row.
            width: Length of the row of logits, at least the vocabulary's size.

        Raises:
            InvalidGrammar: No token may follow, or the grammar has become too complex.
        """
        drafts = seen[self._num_prompt_tokens + self._num_taken :].tolist()
        num_drafts = self._matcher.try_consume_tokens(drafts) if drafts else 0
        is_behind_end = num_drafts < len(drafts) and self._matcher.is_stopped()
        bits = np.frombuffer(self._matcher.compute_bitmask(), np.uint8)
        if num_drafts:
            self._matcher.rollback(num_drafts)
        if self._matcher.is_error():
            raise _fault("the grammar cannot be followed", self._matcher)
        if is_behind_end:  # what is chosen there is dropped with the end
            return np.ones(width, np.bool_)
        mask = np.zeros(width, np.bool_)
        size = min(width, self._vocabulary_size)
        mask[:size] = np.unpackbits(bits, bitorder="little")[:size]
        if self._first_mask is not None and len(seen) == self._num_prompt_tokens:
            mask[:size] &= self._first_mask[:size]
        if num_drafts < len(drafts) or not mask.any():
            raise _fault("no token of this model can go on with the grammar", self._matcher)
        return mask


class GrammarCompiler:
    """Grammars for the tokens of one model.

    Args:
        tokenizer: Of the loaded model.
        guard: Tries each new grammar.
    """

    def __init__(self, tokenizer: Tokenizer, guard: GrammarGuard | None = None) -> None:
        self._tokenizer = tokenizer
        self._guard = guard or GrammarGuard()
        self._tokens: LLTokenizer | None = None
        self._cache: OrderedDict[tuple[GrammarKind, str], LLMatcher | InvalidGrammar] = (
            OrderedDict()
        )

    def compile(
        self, request: GenerateRequest, num_prompt_tokens: int, *, drops_space: bool
    ) -> Grammar | None:
        """The grammar of a request with its committed tokens taken, or None if it has none.

        Args:
            request: At most one of its three forms is set.
            num_prompt_tokens: Length of the prompt.
            drops_space: Whether a space in front of the reply is no text.

        Raises:
            InvalidGrammar: It cannot be compiled within the limits, or the committed tokens
                contradict it.
        """
        found = _form_of(request)
        if found is None:
            return None
        matcher = self._matcher(*found).deep_copy()
        first_mask = self._without_space if drops_space else None
        size = self._tokenizer.vocabulary_size
        grammar = Grammar(matcher, size, num_prompt_tokens, first_mask)
        grammar.commit(request.committed_token_ids)
        return grammar

    def _matcher(self, kind: GrammarKind, text: str) -> LLMatcher:
        """The matcher at the start of a grammar, kept for the next request; refusals are too."""
        if len(text.encode("utf-8", "replace")) > MAX_GRAMMAR_BYTES:
            raise InvalidGrammar(
                f"{_NAMES[kind]} is larger than {MAX_GRAMMAR_BYTES // 1024} KB",
                advice="Shorten it.",
                field=kind.value,
            )
        if (kind, text) not in self._cache:
            try:
                self._cache[kind, text] = self._new_matcher(kind, text)
            except InvalidGrammar as error:
                self._cache[kind, text] = error
            if len(self._cache) > _MAX_CACHED:
                self._cache.popitem(last=False)
        self._cache.move_to_end((kind, text))
        found = self._cache[kind, text]
        if isinstance(found, InvalidGrammar):
            raise InvalidGrammar(found.message, advice=found.advice, field=found.field)
        return found

    def _new_matcher(self, kind: GrammarKind, text: str) -> LLMatcher:
        if kind is GrammarKind.JSON_SCHEMA:
            text = checked_schema(text)
        error = self._guard.first_error(kind, text, self._special_tokens(kind))
        if error:
            raise _refusal(kind, text, error)
        if self._tokens is None:
            self._tokens = build_token_table(self._tokenizer)
        matcher = new_matcher(self._tokens, kind, text)
        if matcher.is_error():
            raise _refusal(kind, text, matcher.get_error())
        return matcher

    def _special_tokens(self, kind: GrammarKind) -> list[str]:
        """Spellings of the control tokens, for the one form that can name them."""
        if kind is not GrammarKind.GRAMMAR:
            return []
        tokenizer = self._tokenizer
        ids = range(tokenizer.vocabulary_size)
        return [tokenizer.token_text(index) for index in ids if tokenizer.is_special(index)]

    @cached_property
    def _without_space(self) -> NDArray[np.bool_]:
        """Tokens that do not begin with a space: bool [vocabulary]; read only."""
        # Kept, because every token of the vocabulary is looked at.
        tokenizer = self._tokenizer
        starts = [
            tokenizer.token_bytes(token_id).startswith(b" ")
            for token_id in range(tokenizer.vocabulary_size)
        ]
        return ~np.array(starts, np.bool_)


def _form_of(request: GenerateRequest) -> tuple[GrammarKind, str] | None:
    for kind in GrammarKind:
        text: str | None = getattr(request, kind)
        if text is not None:
            return kind, text
    return None


def _refusal(kind: GrammarKind, text: str, error: str) -> InvalidGrammar:
    place = ""
    if kind is GrammarKind.JSON_SCHEMA:
        blamed = next((words for said, words in _BLAMED_KEYWORDS.items() if said in error), ())
        paths = [path for keyword in blamed for path in keyword_paths(text, keyword)]
        place = f" (see {', '.join(paths[:3])})" if paths else ""
    # The advice to switch on an option of the library is none to a user.
    reason = " ".join(error.split(" Enable '")[0].split())[:_MAX_ERROR_CHARACTERS]
    return InvalidGrammar(
        f"{_NAMES[kind]} cannot be used: {reason}{place}", advice="Simplify it.", field=kind.value
    )


def _fault(message: str, matcher: LLMatcher) -> InvalidGrammar:
    reason = " ".join(matcher.get_error().split())[:_MAX_ERROR_CHARACTERS]
    return InvalidGrammar(f"{message}: {reason}" if reason else message, field="grammar")
