"""A window with a chat and its right panel open."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TypeVar

from realm_desktop.events import ModelLoaded
from realm_desktop.store.records import Conversation
from realm_desktop.ui.panel_commands import PanelCommands
from realm_desktop.ui.panels.panel_pages import SettingsPage
from realm_desktop.ui.panels.right_panel import PanelPage, RightPanel, page_of
from realm_desktop.ui.theme import Theme
from tests.support.fake_client import make_model_info
from tests.support.windows import OpenWindow, open_window, until

HOT = "sampling.temperature"

PageT = TypeVar("PageT", bound=SettingsPage)


def shown_page(panel: RightPanel, kind: type[PageT]) -> PageT:
    """The page of a class, which was shown before."""
    page = panel.made(kind)
    assert page is not None
    return page


def edit_in(panel: RightPanel, key: str, value: object) -> None:
    """Change a setting as its control tells it, whichever page is shown."""
    before, name = panel.page, page_of(key)
    assert name is not None
    panel.show_page(name)
    page = panel.pages[name]
    assert isinstance(page, SettingsPage)
    page.form.rows[key].editor.changed.emit(value)
    panel.show_page(before)


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

    def page(self, kind: type[PageT]) -> PageT:
        """The page of a class, which was shown before."""
        return shown_page(self.panel, kind)

    def edit(self, key: str, value: object) -> None:
        """As a control of the panel tells it, whichever page is shown."""
        edit_in(self.panel, key, value)

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
