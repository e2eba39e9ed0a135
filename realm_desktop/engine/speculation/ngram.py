"""Drafts without a model: what followed the last three (then two) tokens before.

Looks in the sequence itself, in the texts that its request names (other versions of the reply, a
document), and in replies that ended lately in the same workspace and begin with the same tokens, so
that regenerating or editing accepts long runs. O(1) per token. Engine thread.
"""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Iterator

from realm_desktop.engine.sequence import Sequence
from realm_desktop.engine.speculation.drafter import DraftOrder

LONG, SHORT = 3, 2
"""Tokens of the two contexts that are looked up, the longer one first."""

MAX_INDEXED_PER_CALL = 2048
"""A pasted prompt is indexed over several steps (2,048 tokens cost about 1 ms)."""

MAX_INDEXED_TOKENS = 65_536
"""An index takes about 200 bytes per token; a longer text is not indexed to its end."""

MAX_SIBLINGS = 16
"""Ended sequences that are kept, over all workspaces."""

NUM_SHARED_TOKENS = 16
"""Sequences that begin with the same tokens, this many, are branches of one conversation."""

_ID_BITS = 21
_SHORT_MASK = (1 << SHORT * _ID_BITS) - 1
_LONG_MASK = (1 << LONG * _ID_BITS) - 1

SiblingKey = tuple[str, bytes]
"""Workspace and first tokens: what branches and later turns of a conversation share."""


class NgramIndex:
    """Where each run of three and of two tokens occurred last, and what followed it."""

    def __init__(self) -> None:
        self._tokens: array[int] = array("i")
        self._long: dict[int, int] = {}
        self._short: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._tokens)

    def extend(self, tokens: array[int]) -> None:
        """Index further tokens of the same text; ids are below 2**21."""
        first = len(self._tokens)
        self._tokens.extend(tokens)
        # One key rolls along: a slice and a key for every run made up 1 % of a decode step.
        key = _key(self._tokens[max(first - LONG, 0) : first])
        for place in range(first, len(self._tokens)):
            # A run is entered once the token behind it is known, so it never finds itself.
            if place >= LONG:
                self._long[key] = place
            if place >= SHORT:
                self._short[key & _SHORT_MASK] = place
            key = ((key << _ID_BITS) | self._tokens[place]) & _LONG_MASK

    def find(self, context: array[int], size: int) -> int | None:
        """The place behind the last earlier occurrence of the last `size` tokens of `context`."""
        if len(context) < size:
            return None
        table = self._long if size == LONG else self._short
        return table.get(_key(context[-size:]))

    def continuation(self, place: int, count: int) -> list[int]:
        """`count` tokens from a place on; behind the end of the text they repeat from there."""
        found = self._tokens[place : place + count].tolist()
        period = len(self._tokens) - place
        while len(found) < count:
            found.append(found[-period])
        return found


class NgramDrafter:
    """One index per open sequence, those of its corpus, and those of sequences that ended lately."""

    def __init__(self) -> None:
        self._indices: dict[Sequence, NgramIndex] = {}
        self._corpora: dict[Sequence, list[NgramIndex]] = {}
        self._siblings: OrderedDict[NgramIndex, SiblingKey] = OrderedDict()

    def observe(self, sequence: Sequence) -> None:
        """See `Drafter.observe`."""
        index = self._indices.setdefault(sequence, NgramIndex())
        num_left = MAX_INDEXED_PER_CALL - _index_more(index, sequence.tokens, MAX_INDEXED_PER_CALL)
        if not sequence.draft_corpus:
            return
        corpus = self._corpora.setdefault(sequence, [NgramIndex() for _ in sequence.draft_corpus])
        for index, text in zip(corpus, sequence.draft_corpus, strict=True):
            num_left -= _index_more(index, text, num_left)

    def propose(self, orders: list[DraftOrder]) -> list[list[int]]:
        """See `Drafter.propose`; a sequence whose last tokens are new gets no draft."""
        return [self._draft(order) for order in orders]

    def forget(self, sequence: Sequence) -> None:
        """Keep the index of an ended sequence for its siblings."""
        self._corpora.pop(sequence, None)
        index = self._indices.pop(sequence, None)
        if index is None or len(sequence.tokens) < NUM_SHARED_TOKENS:
            return
        self._siblings[index] = sibling_key(sequence)
        if len(self._siblings) > MAX_SIBLINGS:
            self._siblings.popitem(last=False)

    def _draft(self, order: DraftOrder) -> list[int]:
        for index, size in self._places(order.sequence):
            place = index.find(order.sequence.tokens, size)
            if place is not None:
                return index.continuation(place, order.max_tokens)
        return []

    def _places(self, sequence: Sequence) -> Iterator[tuple[NgramIndex, int]]:
        """Where to look, best first: long contexts before short ones, own text before others'."""
        own = self._indices.get(sequence)
        if own is not None:
            yield own, LONG
        for index in self._corpora.get(sequence, ()):
            yield index, LONG
        key = sibling_key(sequence) if self._siblings else None
        for index, other in reversed(self._siblings.items()):
            if other == key:
                yield index, LONG
        if own is not None:
            yield own, SHORT


def _index_more(index: NgramIndex, tokens: array[int], limit: int) -> int:
    """Index up to `limit` further tokens of a text; how many."""
    first = len(index)
    end = min(len(tokens), first + limit, MAX_INDEXED_TOKENS)
    if end <= first:
        return 0
    index.extend(tokens[first:end])
    return end - first


def sibling_key(sequence: Sequence) -> SiblingKey:
    """What the sequence shares with its siblings."""
    return sequence.workspace_id, sequence.tokens[:NUM_SHARED_TOKENS].tobytes()


def _key(ids: array[int]) -> int:
    """One number for a run of ids."""
    key = 0
    for token_id in ids:
        key = (key << _ID_BITS) | token_id
    return key
