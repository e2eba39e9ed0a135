"""Our tokenizer in the shape that llguidance asks for.

Built in the intake thread when a model meets its first grammar.
"""

from __future__ import annotations

from llguidance import LLTokenizer, TokenizerWrapper

from realm_desktop.engine.text.tokenizer import Tokenizer

_FRONT = "\n"
"""Stands in front of a text while it is encoded, so that no space is added to the text itself."""


def build_token_table(tokenizer: Tokenizer) -> LLTokenizer:
    """A model's tokens for llguidance; takes about a second for 150,000 tokens."""
    table = TokenTable(tokenizer)
    return LLTokenizer(
        TokenizerWrapper(table), eos_token=sorted(tokenizer.end_ids) or [table.eos_token_id]
    )


class TokenTable:
    """Bytes of every token, and an encoder that adds nothing to a text.

    A model without an end token gets one behind its vocabulary, which no mask shows.

    Args:
        tokenizer: Of the loaded model.
    """

    bos_token_id = None

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        size = tokenizer.vocabulary_size
        special = [token_id for token_id in range(size) if tokenizer.is_special(token_id)]
        self.tokens = [tokenizer.token_bytes(token_id) for token_id in range(size)]
        # Of several tokens with the same bytes the first stands for them.
        self._ids = {piece: size - 1 - i for i, piece in enumerate(reversed(self.tokens)) if piece}
        self._longest = max(map(len, self._ids), default=0)
        for token_id in special:
            self.tokens[token_id] = tokenizer.token_text(token_id).encode("utf-8", "replace")
        self.eos_token_id = min(tokenizer.end_ids, default=size)
        if not tokenizer.end_ids:
            self.tokens.append(b"<no end of text>")
            special.append(size)
        self.special_token_ids = special

    def __call__(self, text: str | bytes) -> list[int]:
        """Token ids whose bytes are exactly the text's.

        SentencePiece models would put a space in front, and llguidance counts on the bytes.
        """
        data = text.encode() if isinstance(text, str) else text
        spelled = _FRONT + data.decode("utf-8", "replace")
        ids = self._tokenizer.encode(spelled, add_special=False, parse_special=False)
        num_bytes, start = 0, len(ids)
        while start and num_bytes < len(data):
            start -= 1
            num_bytes += len(self._tokenizer.token_bytes(ids[start]))
        pieces = b"".join(self._tokenizer.token_bytes(token_id) for token_id in ids[start:])
        return ids[start:] if pieces == data else self._longest_matches(data)

    def _longest_matches(self, data: bytes) -> list[int]:
        """Tokens for bytes that the tokenizer itself would not write so; a gap ends them."""
        ids: list[int] = []
        while data:
            lengths = range(min(self._longest, len(data)), 0, -1)
            length = next((length for length in lengths if data[:length] in self._ids), 0)
            if not length:
                break
            ids.append(self._ids[data[:length]])
            data = data[length:]
        return ids
