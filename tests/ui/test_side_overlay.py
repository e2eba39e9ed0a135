"""Tests of sides that float over the centre of a narrow window."""

from __future__ import annotations

from pathlib import Path

import pytest

from realm_desktop.ui.theme import Theme
from tests.support.panes import make_chats
from tests.support.windows import open_window, until


@pytest.mark.asyncio_qt
async def test_sidebar_floats_over_the_chat_below_900_px(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        parts = opened.window.parts
        opened.window.resize(880, 600)
        width = parts.centre.width()

        opened.window.commands.actions["toggle-sidebar"].trigger()

        assert parts.sidebar.isVisible()
        assert parts.centre.width() == width
        assert parts.sidebar.geometry().left() == parts.splitter.geometry().left()
        assert parts.sidebar.height() == parts.splitter.height()


@pytest.mark.asyncio_qt
async def test_floating_sidebar_goes_when_a_chat_is_opened(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, *make_chats("a")) as opened:
        parts = opened.window.parts
        opened.window.resize(880, 600)
        opened.window.commands.actions["toggle-sidebar"].trigger()

        parts.sidebar.chat_opened.emit("a")

        assert parts.sidebar.isHidden()
        await until(lambda: bool(parts.tabs.sessions))


@pytest.mark.asyncio_qt
async def test_panel_floats_at_the_right_below_1100_px(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        parts = opened.window.parts
        opened.window.resize(1090, 600)
        width = parts.centre.width()

        opened.window.commands.toggle_panel()

        assert parts.panel.isVisible()
        assert parts.centre.width() == width
        assert parts.panel.geometry().right() == parts.splitter.geometry().right()


@pytest.mark.asyncio_qt
async def test_sides_stand_beside_the_chat_again_in_a_wide_window(
    tmp_path: Path, theme: Theme
) -> None:
    async with open_window(tmp_path, theme) as opened:
        parts = opened.window.parts
        opened.window.commands.toggle_panel()
        opened.window.resize(880, 600)

        opened.window.resize(1400, 700)

        places = [parts.splitter.indexOf(w) for w in (parts.sidebar, parts.centre, parts.panel)]
        assert places == [0, 1, 2]
        assert parts.sidebar.property("surface") == "sidebar"


@pytest.mark.asyncio_qt
async def test_width_of_the_sidebar_outlives_a_narrow_window(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        width = opened.window.parts.sidebar.width()
        opened.window.resize(880, 600)

        opened.window.close()

        memory = opened.settings.current.windows[0]
        assert abs(memory.sidebar_width - width) <= 1
        assert memory.is_sidebar_visible
