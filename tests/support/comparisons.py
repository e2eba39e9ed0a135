"""A chat in its tab with lanes open, over a real store and a fake engine."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt

from realm_desktop.chat.chat_library import ChatLibrary
from realm_desktop.chat.comparison import Comparison
from realm_desktop.chat.session import ChatSession
from realm_desktop.events import ModelLoaded, TextDelta
from realm_desktop.store.records import KnownAdapter
from realm_desktop.ui.chat.chat_tab import ChatTab
from realm_desktop.ui.chat.compare_lane import CompareLane
from realm_desktop.ui.chat.compare_view import CompareView
from realm_desktop.ui.theme import Theme
from tests.support.fake_client import FakeEngineClient, make_model_info, reply_events
from tests.support.plain_adapters import write_adapter
from tests.support.stores import open_store
from tests.support.widgets import press

LIMIT_S = 10.0


@dataclass(frozen=True)
class Lanes:
    """Hands for a test: what a user does and sees."""

    tab: ChatTab
    client: FakeEngineClient
    library: ChatLibrary
    adapter: KnownAdapter

    @property
    def session(self) -> ChatSession:
        """The chat that is compared."""
        return self.tab.session

    @property
    def view(self) -> CompareView:
        """The open comparison."""
        assert self.tab.compare is not None
        return self.tab.compare

    @property
    def comparison(self) -> Comparison:
        """What the view shows."""
        return self.view.comparison

    @property
    def widgets(self) -> list[CompareLane]:
        """The lanes from left to right, as they are now."""
        self.view.refresh()
        return self.view.lane_widgets()

    async def ask(self, text: str = "Why?") -> None:
        """Type a prompt and press Enter; returns once every lane is asked."""
        count = len(self.client.requests) + len(self.comparison.lanes)
        self.tab.composer.set_text(text)
        press(self.tab.composer.edit, Qt.Key.Key_Return)
        await until(lambda: len(self.client.requests) == count)

    def stream(self, number: int, text: str) -> None:
        """One piece of the reply to a request, counted from the first."""
        self.client.emit(TextDelta(self.client.requests[number].request_id, text, (1,)))

    async def answer(self, *texts: str) -> None:
        """Answer the latest requests, one text each, and wait until the chat is idle."""
        for request, text in zip(self.client.requests[-len(texts) :], texts, strict=True):
            self.client.emit(*reply_events(request, [text]))
        await until(lambda: not self.session.is_busy)
        self.view.refresh()


async def until(condition: Callable[[], object], limit_s: float = LIMIT_S) -> None:
    """Let the event loop run until something is so."""
    async with asyncio.timeout(limit_s):
        while not condition():  # noqa: ASYNC110  # whoever changes it
            await asyncio.sleep(0.002)


@contextlib.asynccontextmanager
async def open_lanes(folder: Path, theme: Theme, *, has_model: bool = True) -> AsyncIterator[Lanes]:
    """A new chat with a base lane and a lane of the adapter "terse", 900 by 600 px."""
    async with open_store(folder) as store:
        client = FakeEngineClient()
        library = ChatLibrary(client, store)
        await library.load()
        if has_model:
            client.emit(ModelLoaded(make_model_info()))
        (adapter,) = (await library.adapters.add([write_adapter(folder / "terse")])).adapters
        session = await library.new_conversation()
        tab = ChatTab(session, theme, engine=library.engine)
        tab.resize(900, 600)
        tab.show()
        tab.enter_compare()
        yield Lanes(tab, client, library, adapter)
        tab.close()
        await until(lambda: tab.num_tasks == 0)
        await library.close()
        # The task of a reply that just ended may still have its last step to go.
        await until(lambda: len(asyncio.all_tasks()) == 1)
        tab.deleteLater()
        await asyncio.sleep(0)
