"""The main window over a real store and a fake engine."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtGui import QCloseEvent

from realm_desktop.chat.chat_library import ChatLibrary
from realm_desktop.library.sources import Sources, make_sources
from realm_desktop.paths import find_paths
from realm_desktop.settings import Environment, SettingsFile
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.records import Conversation
from realm_desktop.ui.main_window import MainWindow
from realm_desktop.ui.theme import Theme
from tests.support.fake_client import FakeEngineClient
from tests.support.stores import open_store

LIMIT_S = 5.0


@dataclass(frozen=True, slots=True)
class OpenWindow:
    """A window and what it stands on."""

    window: MainWindow
    library: ChatLibrary
    store: ConversationStore
    client: FakeEngineClient
    settings: SettingsFile
    sources: Sources


@contextlib.asynccontextmanager
async def open_window(
    folder: Path,
    theme: Theme,
    *conversations: Conversation,
    starter_path: Path | None = None,
) -> AsyncIterator[OpenWindow]:
    """A shown window whose library holds these conversations; closed as the app closes it."""
    async with open_store(folder) as store:
        for conversation in conversations:
            await store.save_conversation(conversation)
        client = FakeEngineClient()
        library = ChatLibrary(client, store, app_values=lambda: settings.current.defaults)
        settings = SettingsFile(folder / "settings.json")
        network = settings.current.network
        # Nothing of the machine that runs the test: its home is an empty folder.
        environment = Environment(ollama_dir=folder / "ollama")
        sources = make_sources(find_paths(folder), network, environment, home=folder / "home")
        window = MainWindow(
            library,
            client,
            settings,
            theme,
            sources=sources,
            starter_path=starter_path,
            logs_dir=folder,
            presets_dir=folder / "presets",
        )
        window.show()
        await library.load()
        await window.open_last()
        try:
            yield OpenWindow(window, library, store, client, settings, sources)
        finally:
            window.close()
            await window.finish_work(LIMIT_S)
            await sources.downloads.close()
            await library.close()
            window.deleteLater()
            await asyncio.sleep(0)


class _UserCloseEvent(QCloseEvent):
    """As the window system sends it; Qt lets nobody else make one."""

    def spontaneous(self) -> bool:
        return True


def close_as_user(window: MainWindow) -> bool:
    """Close the window as a user does; whether that ends the app."""
    event = _UserCloseEvent()
    window.closeEvent(event)
    return event.isAccepted()


async def until(condition: Callable[[], bool]) -> None:
    """Let the event loop run until `condition` holds.

    Raises:
        TimeoutError: It did not within 5 s.
    """
    async with asyncio.timeout(LIMIT_S):
        while not condition():  # noqa: ASYNC110  # conditions of many objects, without an event of their own
            await asyncio.sleep(0.005)
