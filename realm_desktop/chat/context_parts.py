"""What fills the context of a chat: the system prompt, the messages, their files, and what is free.

The engine counts; nothing here tokenizes. Belongs to the GUI thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from realm_desktop.chat.engine_status import EngineStatus
from realm_desktop.chat.request_builder import fenced, newest
from realm_desktop.chat.session import ChatSession
from realm_desktop.schema.requests import sampling_params
from realm_desktop.thinking import answer_of


@dataclass(frozen=True, slots=True)
class ContextParts:
    """Tokens of each part; together they are the context, unless the chat is longer than it.

    Attributes:
        num_marks: What the chat's template writes around the messages, as far as a reply told.
        num_reserved: Kept for the longest answer that the settings allow; 0 without a limit.
        num_total: The context of the loaded model.
    """

    num_system: int
    num_messages: int
    num_attachments: int
    num_marks: int
    num_reserved: int
    num_total: int

    @property
    def num_used(self) -> int:
        """What the next request brings along already."""
        return self.num_system + self.num_messages + self.num_attachments + self.num_marks

    @property
    def num_free(self) -> int:
        """Room that nobody has a claim on."""
        return max(0, self.num_total - self.num_used - self.num_reserved)


async def count_context(session: ChatSession) -> ContextParts | None:
    """Have the engine count the visible branch of a chat; None where it cannot.

    Messages that the last reply was made without are left out, and so is what replies before the last
    one thought: the next request does not hold them.
    """
    messages = session.transcript.messages
    last = messages[-1] if messages else None
    shown = newest(messages, last.num_left_out) if last is not None else ()
    texts = [
        answer_of(one.content) if one.role == "assistant" and one is not last else one.content
        for one in shown
    ]
    files = [fenced(attachment) for one in shown for attachment in one.attachments]
    settings, stats = session.settings, session.transcript.latest_stats
    counts = [
        await _count(session.engine, group)
        for group in ((settings["system.prompt"],), texts, files)
    ]
    model = session.engine.model
    if model is None or None in counts:
        return None
    num_system, num_messages, num_attachments = (count or 0 for count in counts)
    counted = num_system + num_messages + num_attachments
    measured = stats.num_prompt_tokens + stats.num_completion_tokens if stats else 0
    num_used = max(counted, measured)
    longest = sampling_params(settings).max_tokens or 0
    return ContextParts(
        num_system=num_system,
        num_messages=num_messages,
        num_attachments=num_attachments,
        num_marks=num_used - counted,
        num_reserved=min(longest, max(0, model.context_length - num_used)),
        num_total=model.context_length,
    )


async def _count(engine: EngineStatus, texts: Iterable[str]) -> int | None:
    """Tokens of all texts; None as soon as one cannot be counted."""
    # Each by itself: joined, the end of one and the start of the next could share a token.
    counts = await asyncio.gather(*(engine.count_tokens(text) for text in texts if text))
    return None if None in counts else sum(count or 0 for count in counts)
