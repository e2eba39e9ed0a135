"""Tests of the tabs and the chat they show."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from realm_desktop.events import ModelLoaded
from realm_desktop.store.records import ConversationId
from realm_desktop.ui.closed_tabs import ClosedTab
from realm_desktop.ui.panes import Panes
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.state_glyph import Glyph
from tests.support.fake_client import make_model_info
from tests.support.panes import make_chats
from tests.support.stores import make_conversation
from tests.support.widgets import child, click
from tests.support.windows import OpenWindow, open_window, until


async def _open(opened: OpenWindow, *names: str) -> Panes:
    """Show these chats in tabs; returns the panes."""
    tabs = opened.window.parts.tabs
    for name in names:
        tabs.show_session(await opened.library.open(ConversationId(name)))
    return tabs


def _titles(tabs: Panes) -> list[str]:
    return [session.conversation.title for session in tabs.sessions]


@pytest.mark.asyncio_qt
async def test_tabs_stand_in_the_order_they_were_opened(tmp_path: Path, theme: Theme) -> None:
    chats = [make_conversation(name, name) for name in ("a", "b", "c")]
    async with open_window(tmp_path, theme, *chats) as opened:
        tabs = await _open(opened, "b", "a", "c")

        assert _titles(tabs) == ["b", "a", "c"]
        assert tabs.strip.count() == 3


@pytest.mark.asyncio_qt
async def test_shown_chat_is_the_one_opened_last(tmp_path: Path, theme: Theme) -> None:
    chats = [make_conversation(name, name) for name in ("a", "b")]
    async with open_window(tmp_path, theme, *chats) as opened:
        tabs = await _open(opened, "a", "b", "a")

        session = tabs.current_session
        assert session is not None
        assert session.conversation.title == "a"
        assert tabs.header.title.text == "a"


@pytest.mark.asyncio_qt
async def test_closing_the_last_tab_shows_the_empty_page(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, make_conversation("a", "a")) as opened:
        tabs = await _open(opened, "a")

        tabs.close_tab(0)

        assert tabs.current.current_page is tabs.empty
        assert tabs.current_session is None
        assert tabs.strip.isHidden()


@pytest.mark.asyncio_qt
async def test_closed_tab_is_told(tmp_path: Path, theme: Theme, qtbot: QtBot) -> None:
    async with open_window(tmp_path, theme, make_conversation("a", "a")) as opened:
        tabs = await _open(opened, "a")
        told: list[str] = []
        tabs.tab_closed.connect(told.append)

        tabs.close_tab(0)

        assert told == ["a"]


@pytest.mark.asyncio_qt
@pytest.mark.parametrize("index", [-1, 1, 7])
async def test_closing_a_tab_that_is_not_there_does_nothing(
    tmp_path: Path, theme: Theme, index: int
) -> None:
    async with open_window(tmp_path, theme, make_conversation("a", "a")) as opened:
        tabs = await _open(opened, "a")

        tabs.close_tab(index)

        assert _titles(tabs) == ["a"]


@pytest.mark.asyncio_qt
async def test_tabs_are_reopened_the_last_closed_first(tmp_path: Path, theme: Theme) -> None:
    chats = [make_conversation(name, name) for name in ("a", "b")]
    async with open_window(tmp_path, theme, *chats) as opened:
        tabs = await _open(opened, "a", "b")
        tabs.close_tab(0)
        tabs.close_tab(0)

        assert [tabs.take_closed() for _ in range(3)] == [
            ClosedTab(ConversationId("b")),
            ClosedTab(ConversationId("a")),
            None,
        ]


@pytest.mark.asyncio_qt
async def test_tab_that_is_open_again_is_not_reopened(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, make_conversation("a", "a")) as opened:
        tabs = await _open(opened, "a")
        tabs.close_tab(0)
        await until(lambda: opened.window.tasks.num_running == 0)
        await _open(opened, "a")

        assert tabs.take_closed() is None


@pytest.mark.asyncio_qt
async def test_deleted_chat_is_not_reopened(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, make_conversation("a", "a")) as opened:
        tabs = await _open(opened, "a")

        tabs.forget(ConversationId("a"))

        assert _titles(tabs) == []
        assert tabs.take_closed() is None


@pytest.mark.asyncio_qt
async def test_tab_and_header_follow_a_new_title(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, make_conversation("a", "a")) as opened:
        tabs = await _open(opened, "a")

        await tabs.sessions[0].saved.change(lambda old: replace(old, title="Tide gauges"))
        await until(lambda: tabs.strip.tabText(0) == "Tide gauges")

        assert tabs.header.title.text == "Tide gauges"


@pytest.mark.asyncio_qt
async def test_tab_of_an_unseen_reply_has_a_dot(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, *make_chats("a", "b")) as opened:
        tabs = await _open(opened, "a", "b")
        await tabs.sessions[0].saved.change(lambda old: replace(old, is_unseen=True))

        await until(lambda: tabs.strip.state_of(0).glyph is Glyph.UNSEEN)
        assert tabs.strip.state_of(1).glyph is Glyph.NONE


@pytest.mark.asyncio_qt
async def test_header_shows_the_tokens_of_the_last_reply(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, make_conversation("a", "a")) as opened:
        opened.client.emit(ModelLoaded(make_model_info()))
        tabs = await _open(opened, "a")
        await tabs.sessions[0].send("Why?")
        await until(lambda: bool(opened.client.requests))

        opened.client.reply("Be", "cause")

        await until(lambda: tabs.header.meter.figures.startswith("7 /"))


@pytest.mark.asyncio_qt
async def test_opened_chat_takes_the_focus(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, make_conversation("a", "a")) as opened:
        opened.window.activateWindow()
        tabs = await _open(opened, "a")

        await until(child(tabs, QPlainTextEdit).hasFocus)


@pytest.mark.asyncio_qt
async def test_restored_chat_leaves_the_focus_alone(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, make_conversation("a", "a")) as opened:
        field = opened.window.parts.sidebar.filter_field
        field.setFocus(Qt.FocusReason.OtherFocusReason)
        session = await opened.library.open(ConversationId("a"))

        opened.window.parts.tabs.show_session(session, is_focused=False)

        assert opened.window.focusWidget() is field


@pytest.mark.asyncio_qt
async def test_plus_and_the_empty_page_ask_for_a_chat(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        tabs = opened.window.parts.tabs
        click(tabs.current.plus_button)
        await until(lambda: len(tabs.sessions) == 1)
        tabs.close_tab(0)
        await until(lambda: opened.window.tasks.num_running == 0)

        click(tabs.empty.button)

        await until(lambda: len(tabs.sessions) == 1)


@pytest.mark.asyncio_qt
async def test_empty_page_offers_four_suggestions(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        buttons = opened.window.parts.tabs.empty.findChildren(QPushButton)
        offered = [button for button in buttons if button.accessibleName().startswith("Ask: ")]

        assert len(offered) == 4


@pytest.mark.asyncio_qt
async def test_chat_behind_another_tab_is_not_the_focused_one(tmp_path: Path, theme: Theme) -> None:
    chats = [make_conversation(name, name) for name in ("a", "b")]
    async with open_window(tmp_path, theme, *chats) as opened:
        opened.client.emit(ModelLoaded(make_model_info()))
        tabs = await _open(opened, "a", "b")
        opened.window.activateWindow()
        await tabs.sessions[0].send("Why?")
        await until(lambda: bool(opened.client.requests))

        opened.client.reply("Because.")

        await until(lambda: tabs.sessions[0].conversation.is_unseen)
        tabs.strip.setCurrentIndex(0)
        await until(lambda: not tabs.sessions[0].conversation.is_unseen)
