"""The algorithms behind a tokenizer, one class per kind, all with the same `encode`.

Text in, token ids out; BOS, EOS and the checks of ids are the tokenizer's part. Used by the intake
thread; an encoder is not shared between threads.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import tokenizers

from realm_desktop.engine.text.gguf_vocabulary import GgufTokens
from realm_desktop.engine.text.score_merger import ScoreMerger
from realm_desktop.engine.text.special_tokens import SpecialTokens
from realm_desktop.engine.text.vocabulary import (
    SPACE_MARK,
    SpacePrefix,
    TokenKind,
    Vocabulary,
    byte_token_value,
)
from realm_desktop.errors import RequestError


class Encoder(Protocol):
    """Text to token ids, without BOS and EOS."""

    def encode(self, text: str, *, parse_special: bool) -> list[int]:
        """Token ids; control tokens are recognized by their spelling if `parse_special`."""


class PartEncoder:
    """Any algorithm of the tokenizers library, applied to the text between special tokens.

    Args:
        pipeline: The library's tokenizer, without special tokens.
        vocabulary: The roles of the tokens.
        spellings: How the text spells each token; the file's own spelling if None.
    """

    def __init__(
        self,
        pipeline: tokenizers.Tokenizer,
        vocabulary: Vocabulary,
        spellings: Sequence[str] | None = None,
    ) -> None:
        self._pipeline = pipeline
        self._special = _SpecialPair(vocabulary, spellings or vocabulary.texts)

    def encode(self, text: str, *, parse_special: bool) -> list[int]:
        """Token ids; control tokens are recognized by their spelling if `parse_special`."""
        ids: list[int] = []
        for part in self._special.choose(parse_special).split(text):
            if isinstance(part, int):
                ids.append(part)
            else:
                ids.extend(_library_ids(self._pipeline, part))
        return ids


class SentencePieceEncoder:
    """SentencePiece BPE of a GGUF file ("llama"), with byte fallback and space prefix.

    Args:
        tokens: The checked arrays of the file.
        vocabulary: Their roles.
    """

    def __init__(self, tokens: GgufTokens, vocabulary: Vocabulary) -> None:
        # A control token must not arise from text that only spells it.
        excluded = (TokenKind.CONTROL, TokenKind.UNKNOWN, TokenKind.BYTE)
        ids = {
            text: index
            for index, (text, kind) in enumerate(zip(tokens.texts, tokens.kinds, strict=True))
            if kind not in excluded
        }
        byte_ids: dict[int, int] = {}
        for index, (text, kind) in enumerate(zip(tokens.texts, tokens.kinds, strict=True)):
            value = byte_token_value(text) if kind is TokenKind.BYTE else None
            if value is not None:
                byte_ids[value] = index
        scores = tokens.scores or [0.0] * len(tokens.texts)
        self._merger = ScoreMerger(ids, scores, byte_ids, vocabulary.unknown_id)
        self._has_prefix = vocabulary.space_prefix is SpacePrefix.EACH
        spellings = [text.replace(SPACE_MARK, " ") for text in tokens.texts]
        self._special = _SpecialPair(vocabulary, spellings)

    def encode(self, text: str, *, parse_special: bool) -> list[int]:
        """Token ids; control tokens are recognized by their spelling if `parse_special`."""
        ids: list[int] = []
        prefix = SPACE_MARK if self._has_prefix else ""
        for part in self._special.choose(parse_special).split(text):
            if isinstance(part, int):
                ids.append(part)
            else:
                ids.extend(self._merger.encode(prefix + part.replace(" ", SPACE_MARK)))
        return ids


class LibraryEncoder:
    """Whatever a tokenizer.json describes, run by the tokenizers library."""

    def __init__(self, tokenizer: tokenizers.Tokenizer) -> None:
        self._tokenizer = tokenizer

    def encode(self, text: str, *, parse_special: bool) -> list[int]:
        """Token ids; control tokens are recognized by their spelling if `parse_special`."""
        # The library means: as ordinary text.
        self._tokenizer.encode_special_tokens = not parse_special
        return _library_ids(self._tokenizer, text)


def _library_ids(tokenizer: tokenizers.Tokenizer, text: str) -> list[int]:
    """Token ids by the library.

    Raises:
        RequestError: The library gave up, as on a word expression that backtracks without end.
    """
    try:
        ids: list[int] = tokenizer.encode(text, add_special_tokens=False).ids
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of the library is no Exception
        raise RequestError(
            f"the model's tokenizer failed on this text: {error!s:.200}",
            advice="Choose another model.",
            field="text",
        ) from error
    return ids


class _SpecialPair:
    """The tokens matched by spelling: with control tokens, and without."""

    def __init__(self, vocabulary: Vocabulary, spellings: Sequence[str]) -> None:
        always, control = vocabulary.matched_ids, vocabulary.control_ids
        swallowing = vocabulary.swallowing_ids
        self._without, self._with = (
            # In order: of tokens that are spelled alike the last one is meant.
            SpecialTokens({spellings[index]: index for index in sorted(ids)}, swallowing)
            for ids in (always, always | control)
        )

    def choose(self, parse_special: bool) -> SpecialTokens:
        """The set to use."""
        return self._with if parse_special else self._without
