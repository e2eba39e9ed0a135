"""Whether the replies of a chat are thought over first, and how that is changed.

Only some templates have a switch for it, see `ModelInfo.thinks_by_default`. Belongs to the GUI thread.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from realm_desktop.chat.session import ChatSession
from realm_desktop.schema.requests import thinking
from realm_desktop.schema.resolution import with_value, without_keys
from realm_desktop.schema.table import THINKING_KEY

_VALUES: Final = {True: "on", False: "off"}


def is_thinking(session: ChatSession) -> bool | None:
    """Whether the next reply is thought over; None if the loaded model cannot be told."""
    model = session.engine.model
    if model is None or model.thinks_by_default is None:
        return None
    wanted = thinking(session.settings)
    return model.thinks_by_default if wanted is None else wanted


async def choose_thinking(session: ChatSession, *, is_on: bool) -> None:
    """Let the next replies of a chat be thought over, or not.

    The chat keeps a value of its own only where the next scope has another one.

    Raises:
        StoreError: It could not be saved.
    """
    await session.saved.change(
        lambda old: replace(old, settings=without_keys(old.settings, THINKING_KEY))
    )
    if is_thinking(session) is not is_on:
        value = _VALUES[is_on]
        await session.saved.change(
            lambda old: replace(old, settings=with_value(old.settings, THINKING_KEY, value))
        )
