"""Tests of what the window does to compare."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from realm_desktop.adapter_mix import AdapterMix, MixEntry
from realm_desktop.chat.lanes import LaneSettings
from realm_desktop.events import ModelLoaded
from realm_desktop.store.records import KnownAdapter
from realm_desktop.ui.chat.chat_tab import ChatTab
from realm_desktop.ui.theme import Theme
from tests.support.adapter_libraries import mix_of
from tests.support.fake_client import make_model_info
from tests.support.plain_adapters import write_adapter
from tests.support.widgets import click
from tests.support.windows import OpenWindow, open_window, until

pytestmark = pytest.mark.asyncio_qt


async def _new_chat(opened: OpenWindow) -> ChatTab:
    """An empty chat in front, with a model loaded."""
    opened.client.emit(ModelLoaded(make_model_info()))
    opened.window.chats.new_chat()
    tabs = opened.window.parts.tabs
    await until(lambda: isinstance(tabs.current.current_page, ChatTab))
    return _page(opened)


def _page(opened: OpenWindow) -> ChatTab:
    page = opened.window.parts.tabs.current.current_page
    assert isinstance(page, ChatTab)
    return page


async def _add(opened: OpenWindow, folder: Path) -> KnownAdapter:
    added = await opened.library.adapters.add([write_adapter(folder / "terse")])
    return added.adapters[0]


def _settings(opened: OpenWindow) -> list[LaneSettings]:
    compare = _page(opened).compare
    return [] if compare is None else [lane.settings for lane in compare.comparison.lanes]


async def test_action_opens_and_leaves_the_lanes(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        action = opened.window.commands.actions["compare"]
        assert not action.isEnabled()
        page = await _new_chat(opened)
        await until(action.isEnabled)
        action.trigger()
        is_open = page.compare is not None
        action.trigger()

        assert (is_open, page.compare) == (True, None)


async def test_button_of_the_header_opens_the_lanes_of_its_chat(
    tmp_path: Path, theme: Theme
) -> None:
    async with open_window(tmp_path, theme) as opened:
        page = await _new_chat(opened)
        opened.window.parts.tabs.header.compare_button.click()

        assert page.compare is not None


async def test_adapters_page_compares_the_chosen_adapter_with_the_base(
    tmp_path: Path, theme: Theme
) -> None:
    async with open_window(tmp_path, theme) as opened:
        await _new_chat(opened)
        adapter = await _add(opened, tmp_path)
        opened.window.commands.show_adapters()
        page = opened.window.parts.adapters_page
        await until(lambda: page.current_row is not None)
        click(page.details.compare_button)
        await until(lambda: bool(_settings(opened)))

        assert opened.window.parts.centre.currentWidget() is opened.window.parts.tabs
        mix = AdapterMix((MixEntry(adapter.adapter_id),))
        assert _settings(opened) == [LaneSettings(), LaneSettings(mix)]


async def test_adapter_in_use_is_compared_as_strong_as_it_is_used(
    tmp_path: Path, theme: Theme
) -> None:
    async with open_window(tmp_path, theme) as opened:
        await _new_chat(opened)
        adapter = await _add(opened, tmp_path)
        mix = mix_of(adapter, weight=0.4)
        general = opened.library.workspaces[0]
        await opened.library.update_workspace(replace(general, adapters=mix))
        opened.window.compare.compare_adapter(adapter.adapter_id)
        await until(lambda: bool(_settings(opened)))

        assert _settings(opened)[1] == LaneSettings(mix)


async def test_without_a_chat_the_lanes_stand_in_a_new_one(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        adapter = await _add(opened, tmp_path)
        opened.window.compare.compare_adapter(adapter.adapter_id)
        await until(lambda: isinstance(opened.window.parts.tabs.current.current_page, ChatTab))

        assert len(_settings(opened)) == 2
