"""The replies of one chat that are being generated: one, or one for each lane of a comparison.

All of them answer the same message. Belongs to the GUI thread.
"""

from __future__ import annotations

from typing import Final

from realm_desktop.chat.request_builder import RequestBasis, build_request
from realm_desktop.chat.running_reply import ReplyContext, RunningReply
from realm_desktop.chat.session_state import SessionState
from realm_desktop.protocol import Priority, RequestId, Speculation
from realm_desktop.store.records import Message, MessageId

_RANKS: Final = (
    SessionState.STOPPING,
    SessionState.PARKED,
    SessionState.QUEUED,
    SessionState.RESTARTING,
    SessionState.PREFILL,
    SessionState.DECODE,
)
"""A chat shows what the furthest of its replies does; it stops only when all of them stop."""


class RunningReplies:
    """Starts replies and speaks to all of them at once. False while none runs.

    Args:
        context: Of the session.

    Attributes:
        traces: What the replies tell of their tokens.
        thinking: How long they thought.
    """

    def __init__(self, context: ReplyContext) -> None:
        self._context = context
        self.traces = context.traces
        self.thinking = context.thinking
        self._replies: dict[MessageId, RunningReply] = {}

    def __bool__(self) -> bool:
        """Whether any reply runs."""
        return bool(self._replies)

    @property
    def furthest(self) -> RunningReply | None:
        """The reply whose state stands for all; None while none runs."""
        replies = self._replies.values()
        return max(replies, key=lambda reply: _RANKS.index(reply.state), default=None)

    @property
    def parent_id(self) -> MessageId | None:
        """The message they answer; None while none runs."""
        message_id = next(iter(self._replies), None)
        return None if message_id is None else self._context.transcript.get(message_id).parent_id

    def get(self, message_id: MessageId) -> RunningReply | None:
        """The reply that writes this message, if it runs."""
        return self._replies.get(message_id)

    def find(self, request_id: RequestId) -> RunningReply | None:
        """The reply of a request; None if it is not one of these."""
        replies = self._replies.values()
        return next((reply for reply in replies if reply.request.request_id == request_id), None)

    def start(
        self,
        basis: RequestBasis,
        reply: Message,
        token_ids: tuple[int, ...],
    ) -> RunningReply:
        """Ask the engine for a reply that is stored and in the transcript already.

        Args:
            basis: Of the session.
            reply: The open message.
            token_ids: Its tokens so far.
        """
        transcript = self._context.transcript
        branch = transcript.branch_to(reply.parent_id)
        versions = transcript.other_replies(reply.message_id)
        request = build_request(basis, branch, reply, token_ids, versions)
        running = RunningReply(self._context, reply.message_id, request)
        self._replies[reply.message_id] = running
        self._context.on_changed()
        return running

    def forget(self, message_id: MessageId) -> None:
        """A reply ended."""
        self._replies.pop(message_id, None)

    def stop(self) -> None:
        """End all; the text so far of each stays."""
        for reply in tuple(self._replies.values()):
            reply.stop()

    def set_priority(self, priority: Priority) -> None:
        """Let them go before others, or behind them."""
        for reply in self._replies.values():
            reply.set_priority(priority)

    def set_speculation(self, speculation: Speculation) -> None:
        """Let them draft in another way, at once."""
        for reply in self._replies.values():
            if reply.request.speculation != speculation:
                reply.set_speculation(speculation)

    @property
    def are_parked(self) -> bool:
        """Whether there are any, and the user paused all of them."""
        replies = self._replies.values()
        return bool(replies) and all(reply.request.is_parked for reply in replies)

    def set_parked(self, *, are_parked: bool) -> None:
        """Pause them, or let them go on."""
        for reply in self._replies.values():
            reply.set_parked(is_parked=are_parked)

    def mark_restarting(self, num_restarts: int) -> None:
        """The engine died; the worker asked for all of them again."""
        for reply in self._replies.values():
            reply.mark_restarting(num_restarts)

    async def interrupt(self) -> None:
        """End all without an answer: what there is of each is stored as interrupted."""
        while self._replies:
            _, reply = self._replies.popitem()
            await reply.interrupt()
