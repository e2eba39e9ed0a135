"""A chat over a real store and a fake engine, and a way to wait for what it does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from realm_desktop.chat.chat_library import ChatLibrary
from realm_desktop.chat.session import ChatSession, SessionState
from realm_desktop.client import EngineClient
from realm_desktop.events import ModelLoaded, TextDelta
from realm_desktop.protocol import RequestId
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.records import Message
from tests.support.fake_client import FakeEngineClient, make_model_info
from tests.support.stores import open_store

LIMIT_S = 10.0


@dataclass(frozen=True)
class Chat:
    """One open chat with everything around it."""

    client: FakeEngineClient
    store: ConversationStore
    library: ChatLibrary
    session: ChatSession

    @property
    def request_id(self) -> RequestId:
        """The latest request."""
        return self.client.requests[-1].request_id

    @property
    def state(self) -> SessionState:
        """What the chat does now."""
        return self.session.state

    @property
    def queued_texts(self) -> tuple[str, ...]:
        """What waits behind the running reply."""
        return self.session.conversation.queued_texts

    @property
    def texts(self) -> list[str]:
        """Contents of the visible branch."""
        return [message.content for message in self.session.transcript.messages]

    @property
    def last(self) -> Message:
        """The last visible message."""
        return self.session.transcript.messages[-1]

    def stream(self, text: str, *token_ids: int) -> None:
        """Send one piece of the latest reply."""
        self.client.emit(TextDelta(self.request_id, text, token_ids))

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until the condition holds; it is looked at after every change."""
        changed = asyncio.Event()
        unsubscribes = [
            self.session.subscribe(changed.set),
            self.session.transcript.subscribe(lambda _: changed.set()),
            self.library.subscribe(changed.set),
            self.library.adapters.subscribe(changed.set),
            self.library.models.subscribe(changed.set),
        ]
        async with asyncio.timeout(LIMIT_S):
            while not condition():
                changed.clear()
                await changed.wait()
        for unsubscribe in unsubscribes:
            unsubscribe()

    async def idle(self) -> None:
        """Wait until nothing runs any more."""
        await self.until(lambda: not self.session.is_busy)

    async def exchange(self, text: str, *pieces: str) -> None:
        """Send a message and have it answered."""
        await self.session.send(text)
        self.client.reply(*pieces)
        await self.idle()

    async def stored(self) -> list[Message]:
        """The messages as the disk has them."""
        return await self.store.messages(self.session.conversation.conversation_id)


def with_chat(
    folder: Path,
    work: Callable[[Chat], Awaitable[None]],
    *,
    has_model: bool = True,
    client: FakeEngineClient | None = None,
) -> None:
    """Run `work` with a new conversation; everything is closed behind it."""

    async def run() -> None:
        used = client or FakeEngineClient()
        async with open_store(folder) as store, asyncio.timeout(LIMIT_S):
            library = ChatLibrary(_as_client(used), store)
            await library.load()
            if has_model:
                used.emit(ModelLoaded(make_model_info()))
            session = await library.new_conversation()
            await work(Chat(used, store, library, session))
            await library.close()

    asyncio.run(run())


def _as_client(client: FakeEngineClient) -> EngineClient:
    """Checked by the type checker: the fake has every method of the interface."""
    return client
