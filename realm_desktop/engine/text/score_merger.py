"""SentencePiece's BPE: merge the neighbouring pair whose union scores best, the leftmost first.

Gives the ids of llama.cpp's SPM tokenizer (src/llama-vocab.cpp, `llm_tokenizer_spm_session`). The
tokenizers library cannot: it ranks pairs, here pairs with the same union share one rank and their
position decides. Used by the intake thread.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Mapping, Sequence

from realm_desktop.engine.text.vocabulary import SPACE_MARK

_WORD = re.compile(f"{SPACE_MARK}+[^{SPACE_MARK}]*|[^{SPACE_MARK}]+")
_MAX_CACHED_WORDS = 32_768
_MAX_CACHED_LENGTH = 32


class ScoreMerger:
    """Merges characters to tokens by score; bytes stand in for what has no token.

    Args:
        ids: Token id by spelling, of the tokens that merging may produce.
        scores: Score by token id; the higher one merges first.
        byte_ids: Token id of each byte, where the vocabulary has one.
        unknown_id: Stands for a byte without token; None leaves it out.
    """

    def __init__(
        self,
        ids: Mapping[str, int],
        scores: Sequence[float],
        byte_ids: Mapping[int, int],
        unknown_id: int | None,
    ) -> None:
        self._ids = ids
        self._scores = scores
        self._byte_ids = byte_ids
        self._unknown_id = unknown_id
        # No token continues across a space in usual vocabularies; then words merge independently.
        self._has_words = not any(SPACE_MARK in text.lstrip(SPACE_MARK) for text in ids)
        self._cache: dict[str, list[int]] = {}

    def encode(self, text: str) -> list[int]:
        """Token ids of a text whose spaces are already visible ones."""
        if not self._has_words:
            return self._merge(text)
        ids: list[int] = []
        for word in _WORD.findall(text):
            ids.extend(self._word(word))
        return ids

    def _word(self, word: str) -> list[int]:
        found = self._cache.get(word)
        if found is None:
            found = self._merge(word)
            if len(word) <= _MAX_CACHED_LENGTH:
                if len(self._cache) >= _MAX_CACHED_WORDS:
                    self._cache.clear()
                self._cache[word] = found
        return found

    def _merge(self, text: str) -> list[int]:
        parts = list(text)
        before = list(range(-1, len(parts) - 1))
        after = [*range(1, len(parts)), -1] if parts else []
        pairs: list[tuple[float, int, int, str]] = []

        def add(left: int, right: int) -> None:
            if left < 0 or right < 0:
                return
            union = parts[left] + parts[right]
            token_id = self._ids.get(union)
            if token_id is not None:
                heapq.heappush(pairs, (-self._scores[token_id], left, right, union))

        for index in range(len(parts) - 1):
            add(index, index + 1)
        while pairs:
            _, left, right, union = heapq.heappop(pairs)
            # A pair is out of date if one of its halves was merged away or grew meanwhile.
            if not parts[left] or not parts[right] or parts[left] + parts[right] != union:
                continue
            parts[left], parts[right] = union, ""
            after[left] = after[right]
            if after[right] >= 0:
                before[after[right]] = left
            add(before[left], left)
            add(left, after[left])
        return [token_id for part in parts if part for token_id in self._part_ids(part)]

    def _part_ids(self, part: str) -> list[int]:
        token_id = self._ids.get(part)
        if token_id is not None:
            return [token_id]
        found = (self._byte_ids.get(byte, self._unknown_id) for byte in part.encode())
        return [token_id for token_id in found if token_id is not None]
