"""Tests of what the window does to find words in a chat."""

from __future__ import annotations

from pathlib import Path

import pytest

from realm_desktop.events import ModelLoaded
from realm_desktop.ui.actions import ActionName, menu_title
from realm_desktop.ui.chat.chat_tab import ChatTab
from realm_desktop.ui.theme import Theme
from tests.support.fake_client import make_model_info
from tests.support.widgets import click
from tests.support.windows import OpenWindow, open_window, until

pytestmark = pytest.mark.asyncio_qt


async def _new_chat(opened: OpenWindow) -> ChatTab:
    """An empty chat in front, with a model loaded."""
    opened.client.emit(ModelLoaded(make_model_info()))
    opened.window.chats.new_chat()
    tabs = opened.window.parts.tabs
    await until(lambda: isinstance(tabs.current.current_page, ChatTab))
    page = tabs.current.current_page
    assert isinstance(page, ChatTab)
    return page


async def test_action_opens_the_search_of_the_chat_in_front(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        action = opened.window.commands.actions["find-in-chat"]
        assert not action.isEnabled()
        page = await _new_chat(opened)
        await until(action.isEnabled)
        action.trigger()

        assert page.finder.is_open


@pytest.mark.parametrize("name", ["find-next", "find-previous"])
async def test_steps_open_the_search_too(tmp_path: Path, theme: Theme, name: ActionName) -> None:
    async with open_window(tmp_path, theme) as opened:
        page = await _new_chat(opened)
        action = opened.window.commands.actions[name]
        await until(action.isEnabled)
        action.trigger()

        assert page.finder.is_open


async def test_button_of_the_header_opens_the_search(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        page = await _new_chat(opened)
        click(opened.window.parts.tabs.header.find_button)

        assert page.finder.is_open


async def test_comparison_is_left_for_the_search(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        page = await _new_chat(opened)
        page.enter_compare()
        page.find_words()

        assert page.compare is None
        assert page.finder.is_open


async def test_comparing_closes_the_search(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        page = await _new_chat(opened)
        page.find_words()
        page.enter_compare()

        assert not page.finder.is_open


async def test_actions_stand_in_the_edit_menu() -> None:
    assert menu_title("find-in-chat") == menu_title("find-next") == "Edit"
