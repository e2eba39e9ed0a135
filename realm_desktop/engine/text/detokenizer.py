"""Token ids of a reply to text, piece by piece, never half a character.

One per sequence; belongs to the engine thread. Text that was streamed equals the decoded whole for
every way to cut the ids.
"""

from __future__ import annotations

import codecs
from collections.abc import Sequence

from realm_desktop.engine.text.tokenizer import Tokenizer
from realm_desktop.engine.text.vocabulary import SpacePrefix

_MAX_CHARACTER_BYTES = 4


class Detokenizer:
    """Text of a reply, in the order its tokens come.

    Invariant: what `push` and `flush` returned so far is the text of the tokens so far, less the
    bytes of a character that is not complete.

    Args:
        tokenizer: Of the loaded model.
        prompt_ids: What the reply continues. It is not emitted, but decides whether the first
            space is text, and its last bytes may begin a character that the reply completes.
    """

    def __init__(self, tokenizer: Tokenizer, prompt_ids: Sequence[int]) -> None:
        self._tokenizer = tokenizer
        self._vocabulary_size = tokenizer.vocabulary_size
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._drops_space = tokenizer.space_prefix is not SpacePrefix.NONE
        if tokenizer.space_prefix is SpacePrefix.FIRST:
            self._drops_space = all(tokenizer.is_special(token_id) for token_id in prompt_ids)
        # A character has at most 4 bytes, and a text token at least one.
        for token_id in prompt_ids[-_MAX_CHARACTER_BYTES:]:
            self._feed(token_id)

    @property
    def drops_space(self) -> bool:
        """Whether a space in front of the next token is no text."""
        return self._drops_space

    def push(self, token_ids: Sequence[int]) -> str:
        """The characters that these tokens complete; control tokens add none."""
        return "".join([self._feed(token_id) for token_id in token_ids])

    def flush(self) -> str:
        """U+FFFD for an incomplete character at the end of the reply, else nothing."""
        return self._decoder.decode(b"", final=True)

    def _feed(self, token_id: int) -> str:
        if token_id >= self._vocabulary_size:
            return ""  # a padding row of the network that no text leads to
        if self._tokenizer.is_special(token_id):
            each = self._tokenizer.space_prefix is SpacePrefix.EACH
            self._drops_space = self._drops_space or each
            return self._tokenizer.shown_text(token_id)
        piece = self._tokenizer.token_bytes(token_id)
        if self._drops_space:
            self._drops_space = not piece
            piece = piece.removeprefix(b" ")
        return self._decoder.decode(piece)
