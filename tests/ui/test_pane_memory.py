"""Tests of panes, tabs and windows that come back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from realm_desktop.store.records import ConversationId
from realm_desktop.ui.chat.chat_tab import ChatTab
from realm_desktop.ui.pane_memory import detached, with_panes
from realm_desktop.ui.theme import Theme
from realm_desktop.window_settings import PaneSettings, WindowSettings
from tests.support.chat_views import long_chat
from tests.support.panes import make_chats, open_tabs, titles
from tests.support.windows import OpenWindow, open_window, until


async def _restore(opened: OpenWindow, *windows: WindowSettings) -> list[list[str]]:
    """Restore a layout; returns the titles of every pane."""
    opened.settings.put(replace(opened.settings.current, windows=windows))
    await opened.window.open_last()
    return titles(opened.window.parts.tabs)


@pytest.mark.asyncio_qt
async def test_tabs_come_back_without_those_that_are_gone(tmp_path: Path, theme: Theme) -> None:
    chats = make_chats("a", "b", "c")
    chats[1] = replace(chats[1], deleted_s=4e9)
    async with open_window(tmp_path, theme, *chats) as opened:
        memory = WindowSettings(open_tabs=("c", "b", "gone", "a"), current_tab=3)

        assert await _restore(opened, memory) == [["c", "a"]]

        session = opened.window.parts.tabs.current_session
        assert session is not None
        assert session.conversation.title == "a"


@pytest.mark.asyncio_qt
async def test_panes_come_back_in_their_columns(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, *make_chats("a", "b", "c")) as opened:
        memory = WindowSettings(
            open_tabs=("a",),
            more_panes=(PaneSettings(("b",), column=0), PaneSettings(("c",), column=1)),
            current_pane=2,
        )

        assert await _restore(opened, memory) == [["a"], ["b"], ["c"]]

        tabs = opened.window.parts.tabs
        assert [column.count() for column in tabs.columns] == [2, 1]
        assert tabs.current is tabs.panes[2]


@pytest.mark.asyncio_qt
async def test_layout_is_the_same_after_a_round(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, *make_chats("a", "b", "c")) as opened:
        tabs = await open_tabs(opened, "a", "b")
        tabs.split_current("right")
        await open_tabs(opened, "c")

        memory = with_panes(WindowSettings(), tabs)

        assert memory.open_tabs == ("a",)
        assert memory.more_panes == (PaneSettings(("b", "c"), 1, 1),)
        assert memory.current_pane == 1
        assert len(memory.column_widths) == 2


@pytest.mark.asyncio_qt
async def test_pane_without_any_chat_left_is_not_made(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, *make_chats("a")) as opened:
        memory = WindowSettings(
            open_tabs=("a",), more_panes=(PaneSettings(("gone",), column=1),), current_pane=1
        )

        assert await _restore(opened, memory) == [["a"]]


@pytest.mark.asyncio_qt
async def test_chat_in_two_panes_has_one_tab(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, *make_chats("a", "b")) as opened:
        memory = WindowSettings(
            open_tabs=("a", "a"), more_panes=(PaneSettings(("a", "b"), column=1),)
        )

        assert await _restore(opened, memory, WindowSettings(open_tabs=("b",))) == [["a"], ["b"]]


@pytest.mark.asyncio_qt
async def test_nonsense_in_the_record_gives_a_sound_window(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, *make_chats("a")) as opened:
        memory = WindowSettings(
            open_tabs=("a",),
            current_tab=99,
            more_panes=tuple(PaneSettings(("x",), 7, column) for column in (3, 0, 2, 1, 3)),
            current_pane=3,
            column_widths=(-5, 0),
            pane_heights=(1,),
            places={"a": (10**6, -9, 1e300)},
        )

        assert await _restore(opened, memory, *[memory] * 20) == [["a"]]


@pytest.mark.asyncio_qt
async def test_detached_window_comes_back_in_its_place(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, *make_chats("a", "b")) as opened:
        window = WindowSettings(geometry=(40, 50, 600, 500), open_tabs=("b",))

        assert await _restore(opened, WindowSettings(open_tabs=("a",)), window) == [["a"], ["b"]]

        (memory,) = detached(opened.window.parts.tabs)
        assert memory == replace(window, screen_geometries={})


async def _read_at_row_8(opened: OpenWindow) -> ChatTab:
    """Restore a long chat that was read at its ninth message."""
    for message in long_chat(30):
        await opened.store.add_message(message)
    memory = WindowSettings(open_tabs=("c1",), places={"c1": (8, -1, 12.0)})
    await _restore(opened, memory)
    page = opened.window.parts.tabs.page_of(ConversationId("c1"))
    assert page is not None
    await until(lambda: page.view.place is not None)
    return page


@pytest.mark.asyncio_qt
async def test_restored_tab_shows_what_was_read(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, *make_chats("c1")) as opened:
        page = await _read_at_row_8(opened)

        place = page.view.place
        assert place is not None
        assert place.row == 8


@pytest.mark.asyncio_qt
async def test_reopened_tab_shows_what_was_read(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, *make_chats("c1")) as opened:
        place = (await _read_at_row_8(opened)).view.place
        tabs = opened.window.parts.tabs

        tabs.close_tab(0)
        await until(lambda: opened.window.tasks.num_running == 0)
        opened.window.chats.reopen()

        await until(lambda: tabs.page_of(ConversationId("c1")) is not None)
        again = tabs.page_of(ConversationId("c1"))
        assert again is not None
        await until(lambda: again.view.place == place)


@pytest.mark.asyncio_qt
async def test_unsent_text_of_a_closed_tab_comes_back(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, *make_chats("a")) as opened:
        tabs = await open_tabs(opened, "a")
        page = tabs.page_of(ConversationId("a"))
        assert page is not None
        page.composer.set_text("not sent yet")

        tabs.close_tab(0)
        await until(lambda: opened.library.get(ConversationId("a")).unsent_text == "not sent yet")
        opened.window.chats.reopen()

        await until(lambda: tabs.page_of(ConversationId("a")) is not None)
        again = tabs.page_of(ConversationId("a"))
        assert again is not None
        assert again.composer.text == "not sent yet"
