"""The window from right to left: every part stands on the other side."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget

from realm_desktop.ui.chat.chat_tab import ChatTab
from realm_desktop.ui.theme import Theme
from tests.support.stores import make_conversation
from tests.support.windows import OpenWindow, open_window, until


def _left(widget: QWidget, window: QWidget) -> int:
    return widget.mapTo(window, QPoint(0, 0)).x()


async def _open(opened: OpenWindow) -> ChatTab:
    opened.window.resize(1280, 800)
    opened.window.chats.open("c1")
    tabs = opened.window.parts.tabs
    await until(lambda: isinstance(tabs.current.current_page, ChatTab))
    opened.window.grab()  # settles what is still to be laid out
    assert isinstance(tabs.current.current_page, ChatTab)
    return tabs.current.current_page


@pytest.mark.asyncio_qt
@pytest.mark.usefixtures("mirrored")
async def test_rail_and_sidebar_stand_at_the_right(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, make_conversation("c1", "Tides")) as opened:
        await _open(opened)
        parts, window = opened.window.parts, opened.window

        lefts = [_left(part, window) for part in (parts.tabs, parts.sidebar, parts.rail)]

        assert lefts == sorted(lefts)
        assert lefts[2] + parts.rail.width() == window.width()


@pytest.mark.asyncio_qt
@pytest.mark.usefixtures("mirrored")
async def test_parts_of_the_composer_change_sides(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, make_conversation("c1", "Tides")) as opened:
        composer = (await _open(opened)).composer

        assert _left(composer.button, composer) < _left(composer.attach_button, composer)


@pytest.mark.asyncio_qt
@pytest.mark.usefixtures("mirrored")
async def test_messages_and_composer_share_a_column(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, make_conversation("c1", "Tides")) as opened:
        tab = await _open(opened)
        view = tab.view
        column = view._column_rect().translated(view.viewport().pos())

        assert abs(column.center().x() - view.rect().center().x()) <= 1


@pytest.mark.asyncio_qt
@pytest.mark.usefixtures("mirrored")
async def test_tabs_begin_at_the_right(tmp_path: Path, theme: Theme) -> None:
    chats = [make_conversation("c1", "Tides"), make_conversation("c2", "Verbs")]
    async with open_window(tmp_path, theme, *chats) as opened:
        await _open(opened)
        opened.window.chats.open("c2")
        strip = opened.window.parts.tabs.strip
        await until(lambda: strip.count() == 2)

        assert strip.tabRect(0).left() > strip.tabRect(1).left()
