"""A comparison over a chat with a fake engine: asked, answered, looked at; no window."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from realm_desktop.chat.comparison import Comparison
from realm_desktop.chat.lanes import LaneSettings
from realm_desktop.events import ErrorInfo
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.records import Message
from tests.support.chats import Chat, with_chat
from tests.support.fake_client import reply_events

HOT = LaneSettings(temperature=1.5)

BROKEN = ErrorInfo("OutOfMemory", "needed 9 GB, free 7 GB", "Load with less context.")


def with_lanes(
    folder: Path, work: Callable[[Chat, Comparison], Awaitable[None]], *, has_model: bool = True
) -> None:
    """Run `work` with a comparison of base and a hot lane over a new chat."""

    async def run(chat: Chat) -> None:
        comparison = Comparison(chat.session)
        comparison.change_lane(comparison.lanes[1].lane_id, HOT)
        await work(chat, comparison)
        comparison.close()

    with_chat(folder, run, has_model=has_model)


async def ask_lanes(comparison: Comparison, text: str = "Why?") -> None:
    """Send a prompt to every lane."""
    await comparison.send(text)
    await comparison.run()


def answer_lane(chat: Chat, number: int, *pieces: str) -> None:
    """Answer one of the requests, counted from the first."""
    chat.client.emit(*reply_events(chat.client.requests[number], pieces))


async def answer_all(chat: Chat, first: int = 0) -> None:
    """Answer every request from the `first` on, and wait for the end."""
    for number in range(first, len(chat.client.requests)):
        answer_lane(chat, number, f"reply {number}")
    await chat.idle()


async def only_messages(store: ConversationStore) -> list[Message]:
    """Those of the one conversation there is."""
    (conversation,) = await store.conversations()
    return await store.messages(conversation.conversation_id)


def lane_replies(comparison: Comparison) -> list[Message]:
    """The replies of the lanes that have one."""
    return [reply for lane in comparison.lanes if (reply := comparison.reply(lane)) is not None]
