"""Tests that the whole window can be used by keyboard and heard: names, order and sight of the focus."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QWidget

from realm_desktop.ui.focus_order import tab_stops
from realm_desktop.ui.theme import Theme
from tests.support.every_page import every_page, serve_all
from tests.support.stores import make_conversation
from tests.support.widgets import press
from tests.support.windows import OpenWindow, open_window, until


def _nameless() -> set[str]:
    """The visible widgets that can have the focus and have no name to be heard by."""
    found = set()
    for widget in QApplication.allWidgets():
        can_focus = widget.focusPolicy() is not Qt.FocusPolicy.NoFocus
        # A proxy speaks for the widget that has it.
        if not widget.isVisible() or not can_focus or widget.focusProxy() is not None:
            continue
        interface = QAccessible.queryAccessibleInterface(widget)
        if not interface.text(QAccessible.Text.Name):
            parent = widget.parentWidget()
            found.add(f"{type(widget).__name__} in {type(parent).__name__}")
    return found


@pytest.mark.asyncio_qt(limit_s=60)
async def test_whatever_can_have_the_focus_has_a_name(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, make_conversation("c1", "Tides")) as opened:
        serve_all(opened, theme)
        nameless = {
            page: found async for page in every_page(opened, "c1") if (found := _nameless())
        }

    assert nameless == {}


async def _open_chat(opened: OpenWindow) -> None:
    opened.window.resize(1500, 900)
    opened.window.chats.open("c1")
    await until(lambda: opened.window.parts.tabs.current_session is not None)
    opened.window.commands.set_panel_visible(is_visible=True)
    opened.window.commands.actions["toggle-dock"].trigger()


@pytest.mark.asyncio_qt
async def test_tab_goes_through_the_window_as_it_is_laid_out(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, make_conversation("c1", "Tides")) as opened:
        await _open_chat(opened)
        parts = opened.window.parts
        page = parts.tabs.current.current_page

        order = list(tab_stops(opened.window))

        areas: list[QWidget] = [parts.rail, parts.sidebar, parts.tabs.header, page]
        areas += [parts.panel, parts.dock, parts.status]
        places = [[n for n, stop in enumerate(order) if area.isAncestorOf(stop)] for area in areas]
        assert all(places)
        assert places == sorted(places)
        assert order.index(parts.sidebar.filter_field) < order.index(parts.sidebar.list)


@pytest.mark.asyncio_qt
async def test_tab_key_follows_that_order_and_comes_back(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, make_conversation("c1", "Tides")) as opened:
        await _open_chat(opened)
        window, sidebar = opened.window, opened.window.parts.sidebar
        sidebar.filter_field.setFocus()

        press(sidebar.filter_field, Qt.Key.Key_Tab)
        assert window.focusWidget() is sidebar.list
        press(sidebar.list, Qt.Key.Key_Backtab)

        assert window.focusWidget() is sidebar.filter_field


@pytest.mark.asyncio_qt(limit_s=60)
async def test_focus_is_seen_wherever_tab_stops(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, make_conversation("c1", "Tides")) as opened:
        await _open_chat(opened)
        window = opened.window
        window.activateWindow()
        await until(window.isActiveWindow)

        unseen = [stop for stop in tab_stops(window) if not _shows_focus(stop)]

    assert unseen == []


def _shows_focus(stop: QWidget) -> bool:
    """Whether a widget looks different with the keyboard's focus."""
    stop.clearFocus()
    before = stop.grab().toImage()
    stop.setFocus(Qt.FocusReason.TabFocusReason)
    return before != stop.grab().toImage()
