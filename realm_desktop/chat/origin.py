"""What a reply was asked with, as short marks: enough to tell later that it would be asked otherwise now.

Pure functions; knows neither session nor engine.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import Final

from realm_desktop.protocol import ChatMessage, GenerateRequest
from realm_desktop.store.records import Message

MIXED: Final = "mixed"
"""The origin of a reply that was begun with one prompt and continued with another."""

_DIGEST_BYTES: Final = 8
"""A mark that two different texts share costs one missing note; nobody gains by making such texts."""


class Part(StrEnum):
    """What of a request can have changed since a reply."""

    INSTRUCTIONS = "instructions"
    MESSAGES = "messages"
    FORM = "form"
    TEMPLATE = "template"


_MARKED: Final = (Part.INSTRUCTIONS, Part.MESSAGES, Part.FORM)


def origin_of(request: GenerateRequest) -> str:
    """Marks of the system prompt, the other messages, and the form that the reply must have."""
    systems = [message for message in request.messages if message.role == "system"]
    others = [message for message in request.messages if message.role != "system"]
    forms = (request.json_schema, request.regex, request.grammar)
    form = [ChatMessage("system", text or "") for text in forms]
    return " ".join(_mark(part) for part in (systems, others, form))


def changes(old: Message, new: Message) -> list[Part]:
    """What another reply to the same message was asked with that is not as it was then.

    Empty where that is not known: replies of older versions of the app have no marks, and those of
    mixed origin none that count.
    """
    before, now = old.origin.split(), new.origin.split()
    if len(before) != len(_MARKED) or len(now) != len(_MARKED):
        return []
    found = [part for part, a, b in zip(_MARKED, before, now, strict=True) if a != b]
    if found or old.stats is None or new.stats is None:
        return found
    # The same words make another prompt where the chat template is another.
    is_same = old.stats.num_prompt_tokens == new.stats.num_prompt_tokens
    return [] if is_same else [Part.TEMPLATE]


def _mark(messages: list[ChatMessage]) -> str:
    digest = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    for message in messages:
        content = message.content.encode("utf-8", "surrogatepass")
        # With its length before it: the end of one text must not pass for the start of the next.
        digest.update(f"{message.role} {len(content)} ".encode())
        digest.update(content)
    return digest.hexdigest()
