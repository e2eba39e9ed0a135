"""Tests of the sidebar's list: keys, and rows dragged onto others."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from realm_desktop.store.records import FolderId
from realm_desktop.ui.sidebar import Sidebar
from realm_desktop.ui.sidebar_model import ROWS_MIME
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.state_glyph import SpinnerClock
from tests.support.sidebars import make_chat, make_folder, make_workspace
from tests.support.widgets import press


@pytest.fixture
def sidebar(theme: Theme, qtbot: QtBot) -> Sidebar:
    sidebar = Sidebar(theme, SpinnerClock(theme))
    qtbot.addWidget(sidebar)
    sidebar.resize(264, 600)
    workspaces = (make_workspace(), make_workspace("research"))
    chats = (make_chat("Bread"), make_chat("Tides", folder_id=FolderId("season")))
    sidebar.set_content(workspaces, chats, (make_folder("season"), make_folder("buoys")))
    sidebar.show()
    return sidebar


def _drop(sidebar: Sidebar, dragged: str, target: str, mime: str = ROWS_MIME) -> bool:
    """Drop a row on another; whether the list took it."""
    data = QMimeData()
    data.setData(mime, dragged.encode())
    place = sidebar.list.visualRect(sidebar.model.index_of(target)).center()
    event = QDropEvent(
        QPointF(place),
        Qt.DropAction.MoveAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    sidebar.list.dropEvent(event)
    return event.isAccepted()


@pytest.mark.parametrize(
    ("dragged", "target", "signal", "args"),
    [
        ("conversation:Bread", "folder:season", "chat_moved", ["Bread", "general", "season"]),
        ("conversation:Bread", "workspace:research", "chat_moved", ["Bread", "research", None]),
        ("conversation:Tides", "conversation:Bread", "chat_moved", ["Tides", "general", None]),
        ("folder:buoys", "folder:season", "folder_moved", ["buoys", "general", "season"]),
        ("folder:season", "workspace:research", "folder_moved", ["season", "research", None]),
    ],
)
def test_dropped_row_goes_where_it_was_dropped(
    sidebar: Sidebar, qtbot: QtBot, dragged: str, target: str, signal: str, args: list[Any]
) -> None:
    with qtbot.waitSignal(getattr(sidebar, signal)) as told:
        assert _drop(sidebar, dragged, target)

    assert told.args == args


def test_row_dropped_on_itself_stays(sidebar: Sidebar, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(sidebar.folder_moved), qtbot.assertNotEmitted(sidebar.chat_moved):
        _drop(sidebar, "folder:season", "folder:season")
        _drop(sidebar, "conversation:Bread", "conversation:Bread")


def test_something_else_cannot_be_dropped(sidebar: Sidebar) -> None:
    assert not _drop(sidebar, "file:///x", "folder:season", "text/uri-list")


def test_drag_of_rows_is_let_in(sidebar: Sidebar) -> None:
    accepted = []
    for mime in (ROWS_MIME, "text/plain"):
        data = QMimeData()
        data.setData(mime, b"conversation:Bread")
        event = QDragEnterEvent(
            sidebar.list.rect().center(),
            Qt.DropAction.MoveAction,
            data,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
        sidebar.list.dragEnterEvent(event)
        accepted.append(event.isAccepted())

    assert accepted == [True, False]


@pytest.mark.parametrize(
    ("row", "signal", "args"),
    [
        ("conversation:Bread", "chat_deleted", ["Bread"]),
        ("folder:season", "folder_deleted", ["season"]),
        ("workspace:research", "workspace_delete_requested", ["research"]),
    ],
)
def test_delete_key_deletes_what_is_current(
    sidebar: Sidebar, qtbot: QtBot, row: str, signal: str, args: list[Any]
) -> None:
    sidebar.list.setCurrentIndex(sidebar.model.index_of(row))

    with qtbot.waitSignal(getattr(sidebar, signal)) as told:
        press(sidebar.list, Qt.Key.Key_Delete)

    assert told.args == args


def test_delete_key_in_the_trash_asks_to_erase(sidebar: Sidebar, qtbot: QtBot) -> None:
    sidebar.set_content((make_workspace(),), (make_chat("Old", deleted_s=3.0),))
    sidebar.trash_button.setChecked(True)
    sidebar.list.setCurrentIndex(sidebar.model.index_of("conversation:Old"))

    with qtbot.waitSignal(sidebar.chat_erased) as told:
        press(sidebar.list, Qt.Key.Key_Delete)

    assert told.args == ["Old"]


def test_f2_edits_the_name_of_a_folder(sidebar: Sidebar) -> None:
    index = sidebar.model.index_of("folder:season")
    sidebar.list.setCurrentIndex(index)

    press(sidebar.list, Qt.Key.Key_F2)

    assert sidebar.list.viewport().findChild(QLineEdit) is not None


def test_arrow_keys_fold_a_folder(sidebar: Sidebar) -> None:
    sidebar.list.setCurrentIndex(sidebar.model.index_of("folder:season"))

    press(sidebar.list, Qt.Key.Key_Left)

    assert not sidebar.model.index_of("conversation:Tides").isValid()
