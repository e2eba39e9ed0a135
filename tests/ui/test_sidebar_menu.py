"""Tests of the menus of the sidebar's rows."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from realm_desktop.protocol import WorkspaceId
from realm_desktop.store.records import ConversationId, FolderId
from realm_desktop.ui.sidebar_menu import menu_for, places
from realm_desktop.ui.sidebar_rows import Row, RowKind
from realm_desktop.ui.sidebar_signals import SidebarSignals
from tests.support.sidebars import make_folder, make_workspace

TARGETS = tuple(
    places(
        (make_workspace(), make_workspace("research")),
        (make_folder("season"), make_folder("buoys", "season"), make_folder("lost", "gone")),
    )
)
CHAT = Row(RowKind.CONVERSATION, "conversation:c", "Tides", conversation_id=ConversationId("c"))
FOLDER = Row(
    RowKind.FOLDER, "folder:season", "Season", WorkspaceId("general"), folder_id=FolderId("season")
)

SPACE = Row(RowKind.WORKSPACE, "workspace:general", "General", WorkspaceId("general"))


@pytest.fixture
def signals(qtbot: QtBot) -> SidebarSignals:
    signals = SidebarSignals()
    qtbot.addWidget(signals)
    return signals


def _press(menu: QMenu, *path: str) -> None:
    """Choose an entry, through the menus inside the menu."""
    for action in menu.actions():
        if action.text() == path[0]:
            inner = action.menu()
            if isinstance(inner, QMenu):
                _press(inner, *path[1:])
            else:
                action.trigger()


def test_every_workspace_and_folder_is_a_place_to_move_to() -> None:
    assert [name for name, _, _ in TARGETS] == [
        "General",
        "    Season",
        "        Buoys",
        "    Lost",
        "Research",
    ]


@pytest.mark.parametrize(
    ("row", "path", "signal", "args"),
    [
        (CHAT, ("Duplicate",), "chat_duplicated", ["c"]),
        (CHAT, ("Branch",), "chat_branched", ["c"]),
        (CHAT, ("Rename",), "rename_requested", ["conversation:c"]),
        (CHAT, ("Move to…", "        Buoys"), "chat_moved", ["c", "general", "buoys"]),
        (CHAT, ("Move to…", "Research"), "chat_moved", ["c", "research", None]),
        (CHAT, ("Export…",), "chat_export_requested", ["c"]),
        (SPACE, ("Export chats…",), "workspace_export_requested", ["general"]),
        (FOLDER, ("Delete folder",), "folder_deleted", ["season"]),
        (FOLDER, ("New folder",), "folder_requested", ["general", "season"]),
        (FOLDER, ("Rename",), "rename_requested", ["folder:season"]),
        (FOLDER, ("Move to…", "Research"), "folder_moved", ["season", "research", None]),
    ],
)
def test_entry_does_what_it_says(
    signals: SidebarSignals,
    qtbot: QtBot,
    row: Row,
    path: tuple[str, ...],
    signal: str,
    args: list[Any],
) -> None:
    with qtbot.waitSignal(getattr(signals, signal)) as told:
        _press(menu_for(signals, row, TARGETS, is_trash=False), *path)

    assert told.args == args


def test_folder_cannot_be_moved_into_itself(signals: SidebarSignals, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(signals.folder_moved):
        _press(menu_for(signals, FOLDER, TARGETS, is_trash=False), "Move to…", "    Season")


def test_chat_in_the_trash_can_be_erased(signals: SidebarSignals, qtbot: QtBot) -> None:
    with qtbot.waitSignal(signals.chat_erased) as told:
        _press(menu_for(signals, CHAT, TARGETS, is_trash=True), "Delete for good…")

    assert told.args == ["c"]


def test_workspace_takes_new_folders(signals: SidebarSignals, qtbot: QtBot) -> None:
    row = Row(RowKind.WORKSPACE, "workspace:general", "General", WorkspaceId("general"))

    with qtbot.waitSignal(signals.folder_requested) as told:
        _press(menu_for(signals, row, TARGETS, is_trash=False), "New folder")

    assert told.args == ["general", None]


def test_label_has_no_menu(signals: SidebarSignals) -> None:
    row = Row(RowKind.LABEL, "label:pinned", "Pinned")

    assert menu_for(signals, row, TARGETS, is_trash=False).isEmpty()
