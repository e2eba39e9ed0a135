"""Tokens across which DRY counts no repetition, found by their text.

One per loaded model; belongs to the intake thread.
"""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray

from realm_desktop.engine.text.tokenizer import Tokenizer

_MAX_CACHED = 8


class SequenceBreakers:
    """Token ids of sequence breakers.

    Args:
        tokenizer: Of the loaded model.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._cache: OrderedDict[tuple[str, ...], NDArray[np.int32]] = OrderedDict()

    def ids(self, breakers: tuple[str, ...]) -> NDArray[np.int32]:
        """Every token that contains one of the texts; control tokens count by their spelling.

        The first call for a set of texts looks at the whole vocabulary, 40 ms for 150,000 tokens.
        """
        if breakers not in self._cache:
            self._cache[breakers] = self._find([text.encode() for text in breakers])
            if len(self._cache) > _MAX_CACHED:
                self._cache.popitem(last=False)
        self._cache.move_to_end(breakers)
        return self._cache[breakers]

    def _find(self, breakers: list[bytes]) -> NDArray[np.int32]:
        found = [
            token_id
            for token_id in range(self._tokenizer.vocabulary_size)
            if any(breaker in self._spelling(token_id) for breaker in breakers)
        ]
        return np.array(found, np.int32)

    def _spelling(self, token_id: int) -> bytes:
        if self._tokenizer.is_special(token_id):
            return self._tokenizer.token_text(token_id).encode("utf-8", "replace")
        return self._tokenizer.token_bytes(token_id)
