"""What is known of the tokens of replies: how likely each was, and what else was likely there.

Kept in memory while a chat is open, for the latest replies. Belongs to the GUI thread.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from realm_desktop.events import TokenLogprob
from realm_desktop.store.records import Message, MessageId

MAX_TRACES: Final = 8
"""Of one chat: twenty alternatives of 4,000 tokens take some 20 MB."""

MAX_TOKENS: Final = 4000


@dataclass(slots=True)
class TokenTrace:
    """Tokens of one reply.

    Attributes:
        first: Place in the reply of the first entry; earlier tokens were not reported.
        entries: In the order of the reply.
        accepted: Places in `entries` of tokens that the draft had proposed.
    """

    first: int
    entries: list[TokenLogprob] = field(default_factory=list)
    accepted: set[int] = field(default_factory=set)


class TokenTraces:
    """The traces of a chat; the oldest goes when there are too many."""

    def __init__(self) -> None:
        self._traces: OrderedDict[MessageId, TokenTrace] = OrderedDict()

    def get(self, message_id: MessageId) -> TokenTrace | None:
        """The trace of a reply, if it is kept."""
        return self._traces.get(message_id)

    def of(self, message: Message) -> TokenTrace | None:
        """The trace of a message as it stands; None for one whose text was changed by hand."""
        return None if message.is_edited else self.get(message.message_id)

    def add(
        self,
        message_id: MessageId,
        before: Sequence[int],
        entries: Sequence[TokenLogprob],
        num_accepted: int = 0,
    ) -> None:
        """Take in tokens of a reply that has the tokens `before` already.

        The first `num_accepted` of them were proposed by the draft.
        """
        if not entries:
            return
        trace = self._traces.get(message_id)
        if trace is None or trace.first + len(trace.entries) != len(before):
            trace = self._traces[message_id] = TokenTrace(len(before))
            self._drop_old()
        if len(trace.entries) < MAX_TOKENS:
            # A step commits what it accepted first; the model's own token ends it.
            place = len(trace.entries)
            trace.accepted.update(range(place, place + num_accepted))
            trace.entries.extend(entries)

    def begin(self, message_id: MessageId, trace: TokenTrace) -> None:
        """Let a reply begin with tokens that are known from another one."""
        self._traces[message_id] = trace
        self._drop_old()

    def _drop_old(self) -> None:
        while len(self._traces) > MAX_TRACES:
            self._traces.popitem(last=False)


def with_alternative(trace: TokenTrace, place: int, token_id: int) -> TokenTrace:
    """The trace up to an entry, with one of its alternatives in place of the chosen token."""
    chosen = trace.entries[place]
    rank = [top_id for top_id, _ in chosen.top].index(token_id)
    taken = TokenLogprob(
        token_id, chosen.top[rank][1], chosen.top, chosen.top_texts[rank], chosen.top_texts
    )
    accepted = {one for one in trace.accepted if one < place}
    return TokenTrace(trace.first, [*trace.entries[:place], taken], accepted)
