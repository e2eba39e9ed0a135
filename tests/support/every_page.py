"""Shows everything the window has, page by page and dialog by dialog."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from PySide6.QtWidgets import QApplication, QWidget

from realm_desktop.paths import Paths
from realm_desktop.ui.actions import ActionName
from realm_desktop.ui.exchange_commands import ExchangeCommands
from realm_desktop.ui.palette_commands import PaletteCommands
from realm_desktop.ui.storage_commands import StorageCommands
from realm_desktop.ui.theme import Theme
from tests.support.stores import database_path
from tests.support.windows import OpenWindow, until

_STEPS: Final[tuple[ActionName, ...]] = (
    "show-models",
    "discover-models",
    "show-adapters",
    "show-downloads",
    "show-chats",
    "toggle-dock",
    "show-performance",
    "show-log-page",
    "settings",
    "shortcuts",
    "workspace-settings",
    "network",
    "storage",
    "about",
    "import-adapter",
    "palette",
    "choose-model",
    "compare",
)


def serve_all(opened: OpenWindow, theme: Theme) -> None:
    """Connect what the app connects besides the window itself."""
    data_dir = database_path(opened.settings.path.parent).parent
    paths = Paths(data_dir, data_dir / "cache")
    ExchangeCommands(opened.library, opened.store, theme, opened.window)
    StorageCommands(opened.library, opened.store.database, paths, theme, opened.window)
    PaletteCommands(opened.library, opened.settings, theme, opened.window)


async def every_page(
    opened: OpenWindow, conversation_id: str, *, are_dialogs_kept: bool = False
) -> AsyncIterator[str]:
    """Yield the name of what is shown: the window with a chat, its panels, pages and dialogs.

    Args:
        opened: Everything of it must be served.
        conversation_id: A chat to show.
        are_dialogs_kept: Dialogs stay open behind the ones that follow.
    """
    window = opened.window
    window.chats.open(conversation_id)
    await until(lambda: window.parts.tabs.current_session is not None)
    yield "chat"
    window.commands.set_panel_visible(is_visible=True)
    for page in window.parts.panel.titles:
        window.parts.panel.show_page(page)
        await asyncio.sleep(0)
        yield f"panel {page}"
    for name in _STEPS:
        window.commands.actions[name].trigger()
        await asyncio.sleep(0)
        yield name
        if not are_dialogs_kept:
            close_dialogs(window)


def close_dialogs(window: QWidget) -> None:
    """Close what stands over a window."""
    for widget in QApplication.topLevelWidgets():
        if widget is not window and widget.isVisible():
            widget.close()
