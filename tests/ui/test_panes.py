"""Tests of panes and detached windows."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent

from realm_desktop.events import ModelLoaded
from realm_desktop.store.records import ConversationId
from realm_desktop.ui.drop_zones import tab_data
from realm_desktop.ui.panes import Panes
from realm_desktop.ui.tab_area import TabArea
from realm_desktop.ui.theme import Theme
from tests.support.chat_views import long_chat
from tests.support.fake_client import make_model_info
from tests.support.panes import make_chats, open_tabs, titles
from tests.support.widgets import click
from tests.support.windows import open_window, until


def _drop(pane: TabArea, name: str, x: float, y: float) -> bool:
    """Drop a tab on a pane at shares of its size; whether it was taken."""
    place = QPointF(pane.width() * x, pane.height() * y)
    data = tab_data(ConversationId(name))
    button, modifier = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    move = Qt.DropAction.MoveAction
    enter = QDragEnterEvent(place.toPoint(), move, data, button, modifier)
    pane.dragEnterEvent(enter)
    if not enter.isAccepted():
        return False
    event = QDropEvent(place, move, data, button, modifier)
    pane.dropEvent(event)
    return event.isAccepted()


@pytest.mark.asyncio_qt
async def test_split_moves_the_shown_chat_beside_the_others(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, *make_chats("a", "b")) as opened:
        tabs = await open_tabs(opened, "a", "b")

        assert tabs.split_current("right")

        assert titles(tabs) == [["a"], ["b"]]
        assert tabs.current is tabs.panes[1]
        assert tabs.current_session is not None


@pytest.mark.asyncio_qt
async def test_split_of_a_single_chat_opens_an_empty_pane(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, *make_chats("a")) as opened:
        tabs = await open_tabs(opened, "a")

        tabs.split_current("down")

        assert titles(tabs) == [["a"], []]
        assert len(tabs.columns) == 1
        tabs.close_tab(-1)
        assert titles(tabs) == [["a"]]


@pytest.mark.asyncio_qt
async def test_there_are_four_panes_at_most(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        tabs = opened.window.parts.tabs

        made = [tabs.split_current(zone) for zone in ("right", "down", "right", "left")]

        assert made == [True, True, True, False]
        opened.window.commands.actions["split-right"].trigger()
        assert "four panes" in tabs.notice.text


@pytest.mark.asyncio_qt
async def test_pane_goes_with_its_last_tab(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, *make_chats("a", "b")) as opened:
        tabs = await open_tabs(opened, "a", "b")
        tabs.split_current("right")

        tabs.close_tab(0)

        assert titles(tabs) == [["a"]]
        assert tabs.current is tabs.panes[0]
        assert len(tabs.columns) == 1


@pytest.mark.asyncio_qt
@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [
        (0.5, 0.5, [["a", "c"], ["b"]]),
        (0.95, 0.5, [["a"], ["c"], ["b"]]),
        (0.05, 0.5, [["c"], ["a"], ["b"]]),
        (0.5, 0.95, [["a"], ["c"], ["b"]]),
        (0.5, 0.05, [["c"], ["a"], ["b"]]),
    ],
)
async def test_tab_dropped_on_a_pane_moves_there_or_splits_it(
    tmp_path: Path, theme: Theme, x: float, y: float, expected: list[list[str]]
) -> None:
    async with open_window(tmp_path, theme, *make_chats("a", "b", "c")) as opened:
        tabs = await open_tabs(opened, "a", "b")
        tabs.split_current("right")
        await open_tabs(opened, "c")

        assert _drop(tabs.panes[0], "c", x, y)

        assert titles(tabs) == expected


@pytest.mark.asyncio_qt
async def test_only_tab_dropped_on_its_own_pane_stays(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, *make_chats("a")) as opened:
        tabs = await open_tabs(opened, "a")

        _drop(tabs.panes[0], "a", 0.95, 0.5)

        assert titles(tabs) == [["a"]]


@pytest.mark.asyncio_qt
async def test_moved_tab_keeps_what_is_typed_and_read(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, *make_chats("c1", "b")) as opened:
        for message in long_chat(30):
            await opened.store.add_message(message)
        tabs = await open_tabs(opened, "b", "c1")
        page = tabs.page_of(ConversationId("c1"))
        assert page is not None
        page.composer.set_text("not sent yet")
        page.view.verticalScrollBar().setValue(300)

        tabs.split_current("right")

        assert tabs.page_of(ConversationId("c1")) is page
        assert page.composer.text == "not sent yet"
        assert page.view.place is not None


@pytest.mark.asyncio_qt
async def test_f6_goes_round_the_panes(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, *make_chats("a", "b")) as opened:
        tabs = await open_tabs(opened, "a", "b")
        tabs.split_current("right")
        places = []

        for _ in range(2):
            opened.window.commands.actions["next-pane"].trigger()
            places.append(tabs.panes.index(tabs.current))

        assert places == [0, 1]


@pytest.mark.asyncio_qt
async def test_pane_with_the_focus_is_the_current_one(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, *make_chats("a", "b")) as opened:
        opened.window.activateWindow()
        tabs = await open_tabs(opened, "a", "b")
        tabs.split_current("right")

        tabs.panes[0].current_page.setFocus()

        await until(lambda: tabs.current is tabs.panes[0])
        await until(lambda: opened.window.windowTitle() == "a")


@pytest.mark.asyncio_qt
async def test_split_button_splits_the_pane_it_stands_in(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, *make_chats("a", "b", "c")) as opened:
        tabs = await open_tabs(opened, "a", "b", "c")
        tabs.split_current("right")
        left = tabs.panes[0]
        left.header.resize(800, 40)

        # A press on it leaves the focus where it is, in the right pane.
        click(left.header.split_button)

        assert titles(tabs) == [["a"], ["b"], ["c"]]


@pytest.mark.asyncio_qt
async def test_chat_is_shown_where_its_tab_is(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, *make_chats("a", "b")) as opened:
        tabs = await open_tabs(opened, "a", "b")
        tabs.split_current("right")

        await open_tabs(opened, "a")

        assert titles(tabs) == [["a"], ["b"]]
        assert tabs.current is tabs.panes[0]


@pytest.mark.asyncio_qt
async def test_detached_chat_has_a_window_with_its_title(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, *make_chats("a", "b")) as opened:
        tabs = await open_tabs(opened, "a", "b")

        opened.window.commands.actions["detach-tab"].trigger()

        (window,) = tabs.windows
        await until(lambda: window.windowTitle() == "b")
        assert window.isVisible()
        assert titles(tabs) == [["a"], ["b"]]
        assert set(opened.window.actions()) <= set(window.actions())


@pytest.mark.asyncio_qt
@pytest.mark.parametrize("way", ["close", "action"])
async def test_detached_tabs_come_back(tmp_path: Path, theme: Theme, way: str) -> None:
    async with open_window(tmp_path, theme, *make_chats("a", "b")) as opened:
        tabs = await open_tabs(opened, "a", "b")
        window = tabs.detach(ConversationId("b"))
        assert window is not None

        if way == "close":
            window.close()
        else:
            opened.window.commands.actions["attach-tab"].trigger()

        assert titles(tabs) == [["a", "b"]]
        assert not tabs.windows


@pytest.mark.asyncio_qt
async def test_window_goes_with_its_last_tab(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, *make_chats("a", "b")) as opened:
        tabs = await open_tabs(opened, "a", "b")
        window = tabs.detach(ConversationId("b"))
        assert window is not None

        window.pane.close_tab(0)

        assert (titles(tabs), list(tabs.windows)) == ([["a"]], [])
        assert tabs.take_closed() is not None


@pytest.mark.asyncio_qt
async def test_main_window_takes_detached_ones_along(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, *make_chats("a")) as opened:
        tabs = await open_tabs(opened, "a")
        window = tabs.detach(ConversationId("a"))
        assert window is not None

        opened.window.close()

        assert not window.isVisible()
        assert opened.settings.current.windows[1].open_tabs == ("a",)


@pytest.mark.asyncio_qt
async def test_reply_goes_on_while_its_tab_moves_and_closes(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, *make_chats("a", "b")) as opened:
        opened.client.emit(ModelLoaded(make_model_info()))
        tabs = await open_tabs(opened, "a", "b")
        session = tabs.sessions[1]
        await session.send("Why?")
        await until(lambda: bool(opened.client.requests))

        tabs.split_current("right")
        tabs.close_tab(0)

        assert session.is_busy
        background = opened.window.parts.status.background
        await until(lambda: not background.isHidden())
        opened.client.reply("Because.")
        await until(lambda: not session.is_busy)


@pytest.mark.asyncio_qt
async def test_tooltip_of_a_tab_names_workspace_and_model(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, *make_chats("a")) as opened:
        opened.client.emit(ModelLoaded(make_model_info()))
        tabs: Panes = await open_tabs(opened, "a")

        await until(lambda: "\n" in tabs.strip.tabToolTip(0))

        assert tabs.strip.tabToolTip(0).split("\n") == ["a", "General · Tiny"]


@pytest.mark.asyncio_qt
@pytest.mark.usefixtures("mirrored")
async def test_tab_dropped_on_an_edge_stays_there_in_a_mirrored_window(
    tmp_path: Path, theme: Theme
) -> None:
    async with open_window(tmp_path, theme, *make_chats("a", "b")) as opened:
        tabs = await open_tabs(opened, "a", "b")

        tabs.split_current("right")
        opened.window.grab()
        by_title = {names[0]: pane for names, pane in zip(titles(tabs), tabs.panes, strict=True)}

        left, right = (by_title[t].mapTo(opened.window, QPoint(0, 0)).x() for t in ("a", "b"))
        assert left < right
