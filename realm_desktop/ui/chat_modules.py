"""Imports everything about messages before the first chat is shown, with turns of the loop in between.

With them the first paint took 780 ms of CPU time, without them it takes 655 (two busy cores). Not in
another thread: classes of Qt's binding are completed when they are first used, which two threads must
not do at once.
"""

from __future__ import annotations

import asyncio
import importlib
from typing import Final

_MODULES: Final = (
    "markdown_it",
    "realm_desktop.ui.chat.markdown",
    "realm_desktop.ui.chat.highlight",
    "realm_desktop.ui.chat.message_document",
    "realm_desktop.ui.chat.message_item",
    "realm_desktop.ui.chat.transcript_view",
    "realm_desktop.ui.chat.chat_find",
    "realm_desktop.ui.chat.compare_view",
    "realm_desktop.ui.chat.composer",
    "realm_desktop.ui.chat.chat_tab",
)
"""Each needs those before it, and 2 to 19 ms."""


async def import_chats() -> None:
    """Import all; a chat that is opened meanwhile imports the rest at once."""
    for name in _MODULES:
        importlib.import_module(name)
        await asyncio.sleep(0)
