"""Tests of what the window remembers beside its tabs: sides, dock, pages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from realm_desktop.settings import SettingsFile
from realm_desktop.ui.theme import Theme
from realm_desktop.window_settings import WindowSettings
from tests.support.windows import OpenWindow, open_window, until


def _write(folder: Path, **values: Any) -> None:
    """What the last start left."""
    file = SettingsFile(folder / "settings.json")
    file.put(replace(file.current, windows=(WindowSettings(**values),)))
    file.write_now()


def _memory(opened: OpenWindow) -> WindowSettings:
    return opened.settings.current.windows[0]


@pytest.mark.asyncio_qt
async def test_sides_have_their_last_widths(tmp_path: Path, theme: Theme) -> None:
    _write(tmp_path, sidebar_width=290, panel_width=400, is_right_panel_visible=True)
    async with open_window(tmp_path, theme) as opened:
        parts = opened.window.parts

        assert abs(parts.sidebar.width() - 290) <= 1
        assert abs(parts.panel.width() - 400) <= 1


@pytest.mark.asyncio_qt
async def test_panel_is_as_wide_as_before_after_a_larger_zoom(tmp_path: Path, theme: Theme) -> None:
    _write(tmp_path, sidebar_width=264, panel_width=330, is_right_panel_visible=True)
    async with open_window(tmp_path, theme) as opened:
        splitter = opened.window.parts.splitter
        opened.window.resize(1600, 900)
        before = splitter.sizes()[2]
        theme.set_zoom(2.0)
        opened.window.grab()  # settles what is still to be laid out
        is_wider = splitter.sizes()[2] > before
        theme.set_zoom(1.0)
        opened.window.grab()

        assert is_wider
        assert splitter.sizes()[2] == before


@pytest.mark.asyncio_qt
async def test_closed_panel_has_its_last_width_when_it_opens(tmp_path: Path, theme: Theme) -> None:
    _write(tmp_path, panel_width=400, panel_page="system")
    async with open_window(tmp_path, theme) as opened:
        parts = opened.window.parts
        is_made = "system" in parts.panel.pages
        opened.window.commands.toggle_panel()

        assert not is_made
        assert parts.panel.page == "system"
        assert abs(parts.panel.width() - 400) <= 1


@pytest.mark.asyncio_qt
async def test_dock_is_open_as_it_was(tmp_path: Path, theme: Theme) -> None:
    _write(tmp_path, is_dock_visible=True, dock_height=230, dock_page="log")
    async with open_window(tmp_path, theme) as opened:
        dock = opened.window.parts.dock

        assert dock.isVisible()
        assert dock.seen_page == "log"
        assert abs(dock.height() - 230) <= 2
        assert opened.window.commands.actions["toggle-dock"].isChecked()


@pytest.mark.asyncio_qt
async def test_look_of_now_is_taken_down(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        window = opened.window
        window.commands.set_panel_visible(is_visible=True)
        window.parts.panel.show_page("speculation")
        window.dock.show_page("performance")
        window.parts.splitter.setSizes([300, 552, 380])
        window.parts.splitter.splitterMoved.emit(0, 1)
        await until(lambda: window.parts.dock.height() > 200)
        widths = window.parts.sidebar.width(), window.parts.panel.width()
        window.close()
        memory = _memory(opened)

    assert (memory.sidebar_width, memory.panel_width) == widths == (300, 380)
    assert (memory.panel_page, memory.dock_page) == ("speculation", "performance")
    assert (memory.is_right_panel_visible, memory.is_dock_visible) == (True, True)
    assert memory.dock_height > 200


@pytest.mark.asyncio_qt
async def test_what_is_closed_keeps_its_size_in_the_record(tmp_path: Path, theme: Theme) -> None:
    _write(tmp_path, panel_width=400, dock_height=230)
    async with open_window(tmp_path, theme) as opened:
        opened.window.close()

        assert (_memory(opened).panel_width, _memory(opened).dock_height) == (400, 230)


@pytest.mark.asyncio_qt
async def test_dock_that_was_pulled_is_remembered_while_the_window_is_open(
    tmp_path: Path, theme: Theme
) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.window.dock.toggle()
        body = opened.window.parts.body
        body.setSizes([500, 240])
        body.splitterMoved.emit(0, 1)

        await until(lambda: abs(_memory(opened).dock_height - body.sizes()[1]) <= 1)
        assert _memory(opened).is_dock_visible


@pytest.mark.asyncio_qt
async def test_widths_outlive_a_window_that_was_narrow(tmp_path: Path, theme: Theme) -> None:
    _write(tmp_path, sidebar_width=290, panel_width=400, is_right_panel_visible=True)
    async with open_window(tmp_path, theme) as opened:
        for width in (1000, 800, 910, 1000, 1400):
            opened.window.resize(width, 700)
        parts = opened.window.parts

        assert abs(parts.sidebar.width() - 290) <= 1
        assert abs(parts.panel.width() - 400) <= 1


@pytest.mark.asyncio_qt
async def test_unknown_pages_are_as_designed(tmp_path: Path, theme: Theme) -> None:
    _write(tmp_path, panel_page="telepathy", dock_page="x", is_dock_visible=True)
    async with open_window(tmp_path, theme) as opened:
        parts = opened.window.parts

        assert (parts.panel.page, parts.dock.page) == ("adapters", "batch")


@pytest.mark.asyncio_qt
async def test_both_sides_have_their_design_beside_the_chats(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.window.commands.toggle_panel()
        parts = opened.window.parts

        # 1280 px; the widest page, which is not shown, must not take their room.
        assert (parts.sidebar.width(), parts.panel.width()) == (264, 320)


@pytest.mark.asyncio_qt
async def test_sidebar_groups_and_folds_as_it_did(tmp_path: Path, theme: Theme) -> None:
    _write(tmp_path, sidebar_grouping="date", folded=("workspace:general",))
    async with open_window(tmp_path, theme) as opened:
        sidebar = opened.window.parts.sidebar
        before = sidebar.grouping
        sidebar.set_grouping("workspace")

        assert before == "date"
        assert [row.is_expanded for row in sidebar.model.rows] == [False]
        await until(lambda: _memory(opened).sidebar_grouping == "workspace")
        assert _memory(opened).folded == ("workspace:general",)


@pytest.mark.asyncio_qt
async def test_hidden_page_bar_stays_hidden_until_it_is_wanted(
    tmp_path: Path, theme: Theme
) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.window.commands.actions["toggle-rail"].trigger()
        opened.window.close()
        assert not _memory(opened).is_rail_visible
        await opened.settings.write()
    async with open_window(tmp_path, theme) as opened:
        rail, action = opened.window.parts.rail, opened.window.commands.actions["toggle-rail"]
        was_hidden = rail.isHidden() and not action.isChecked()

        action.trigger()

        assert was_hidden
        assert rail.isVisible()
        assert action.isChecked()
