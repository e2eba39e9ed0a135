"""Tests of the window of a detached pane."""

from __future__ import annotations

from pathlib import Path

import pytest

from realm_desktop.store.records import ConversationId
from realm_desktop.ui.theme import Theme
from tests.support.panes import make_chats, open_tabs
from tests.support.windows import open_window


@pytest.mark.asyncio_qt
async def test_closing_is_told_before_the_window_goes(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, *make_chats("a")) as opened:
        tabs = await open_tabs(opened, "a")
        window = tabs.detach(ConversationId("a"))
        assert window is not None
        told: list[object] = []
        window.closing.connect(told.append)

        window.close()

        assert told == [window]


@pytest.mark.asyncio_qt
async def test_keys_of_the_main_window_work_in_it(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, *make_chats("a")) as opened:
        tabs = await open_tabs(opened, "a")
        window = tabs.detach(ConversationId("a"))
        assert window is not None

        opened.window.commands.actions["close-tab"].trigger()

        assert not tabs.windows
        assert tabs.sessions == []
