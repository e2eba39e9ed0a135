"""A window with a chat and its right panel open."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from realm_desktop.events import ModelLoaded
from realm_desktop.store.records import Conversation
from realm_desktop.ui.panel_commands import PanelCommands
from realm_desktop.ui.panels.right_panel import PanelPage, RightPanel
from realm_desktop.ui.theme import Theme
from tests.support.fake_client import make_model_info
from tests.support.windows import OpenWindow, open_window, until

HOT = "sampling.temperature"


class Panel:
    """A window with a chat and its panel."""

    def __init__(self, opened: OpenWindow) -> None:
        self.opened = opened
        self.commands: PanelCommands = opened.window.panels
        self.panel: RightPanel = opened.window.parts.panel

    @property
    def chat(self) -> Conversation:
        """As stored."""
        session = self.commands.session
        assert session is not None
        return session.conversation

    def edit(self, key: str, value: object) -> None:
        """As a control of the panel tells it."""
        for page in self.panel.settings_pages:
            if key in page.form.rows:
                page.form.rows[key].editor.changed.emit(value)

    async def saved(self) -> None:
        """Wait until nothing is on its way to the disk."""
        await until(lambda: not self.commands._saving)


@contextlib.asynccontextmanager
async def open_panel(
    folder: Path, theme: Theme, page: PanelPage = "sampling"
) -> AsyncIterator[Panel]:
    """A window with one new chat and the panel open."""
    async with open_window(folder, theme) as opened:
        opened.client.emit(ModelLoaded(make_model_info()))
        opened.window.chats.new_chat()
        await until(lambda: opened.window.parts.tabs.current_session is not None)
        opened.window.commands.set_panel_visible(is_visible=True)
        opened.window.parts.panel.show_page(page)
        yield Panel(opened)
