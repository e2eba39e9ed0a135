"""Tests of the sidebar."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from realm_desktop.store.records import ConversationId
from realm_desktop.ui.sidebar import MAX_WIDTH_PX, MIN_WIDTH_PX, Sidebar
from realm_desktop.ui.sidebar_delegate import SidebarDelegate
from realm_desktop.ui.sidebar_rows import RowKind
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.state_glyph import Glyph, GlyphState
from tests.support.pictures import has_colour
from tests.support.sidebars import (
    click_row,
    make_chat,
    make_folder,
    make_workspace,
    row_rect,
    row_texts,
    view_action,
)
from tests.support.widgets import click, press


def _menu(sidebar: Sidebar, key: str) -> dict[str, QAction]:
    row = sidebar.model.row_at(sidebar.model.index_of(key))
    assert row is not None
    return {action.text(): action for action in sidebar.menu_for(row).actions()}


def test_click_opens_a_chat(sidebar: Sidebar, qtbot: QtBot) -> None:
    with qtbot.waitSignal(sidebar.chat_opened) as told:
        click_row(sidebar, "conversation:Tides")

    assert told.args == ["Tides"]


def test_enter_opens_the_current_chat(sidebar: Sidebar, qtbot: QtBot) -> None:
    sidebar.list.setCurrentIndex(sidebar.model.index_of("conversation:Bread"))

    with qtbot.waitSignal(sidebar.chat_opened) as told:
        press(sidebar.list, Qt.Key.Key_Return)

    assert told.args == ["Bread"]


def test_click_on_a_workspace_folds_and_unfolds_it(sidebar: Sidebar) -> None:
    click_row(sidebar, "workspace:research")
    assert row_texts(sidebar) == ["Bread"]

    click_row(sidebar, "workspace:research")

    assert row_texts(sidebar) == ["Bread", "Tides"]


def test_arrow_keys_fold_and_unfold(sidebar: Sidebar) -> None:
    sidebar.list.setCurrentIndex(sidebar.model.index_of("workspace:research"))
    press(sidebar.list, Qt.Key.Key_Left)
    assert row_texts(sidebar) == ["Bread"]

    press(sidebar.list, Qt.Key.Key_Right)

    assert row_texts(sidebar) == ["Bread", "Tides"]


def test_press_on_the_dots_asks_for_the_menu(sidebar: Sidebar, qtbot: QtBot) -> None:
    delegate = sidebar.list.itemDelegate()
    assert isinstance(delegate, SidebarDelegate)
    dots = delegate.more_rect(row_rect(sidebar, "conversation:Bread"))
    sidebar.list.menu_requested.disconnect()  # a menu that is open would end the test's clicks

    with qtbot.waitSignal(sidebar.list.menu_requested), qtbot.assertNotEmitted(sidebar.chat_opened):
        click(sidebar.list.viewport(), dots.center())


@pytest.mark.parametrize(
    ("entry", "signal", "args"),
    [
        ("Open", "chat_opened", ["Bread"]),
        ("Pin", "chat_pinned", ["Bread", True]),
        ("Move to Trash", "chat_deleted", ["Bread"]),
    ],
)
def test_menu_of_a_chat_does_what_it_says(
    sidebar: Sidebar, qtbot: QtBot, entry: str, signal: str, args: list[Any]
) -> None:
    with qtbot.waitSignal(getattr(sidebar, signal)) as told:
        _menu(sidebar, "conversation:Bread")[entry].trigger()

    assert told.args == args


def test_pinned_chat_can_be_unpinned(sidebar: Sidebar, qtbot: QtBot) -> None:
    sidebar.set_content((make_workspace(),), (make_chat("Bread", is_pinned=True),))

    with qtbot.waitSignal(sidebar.chat_pinned) as told:
        _menu(sidebar, "conversation:Bread")["Unpin"].trigger()

    assert told.args == ["Bread", False]


def test_menu_of_a_workspace_opens_its_settings(sidebar: Sidebar, qtbot: QtBot) -> None:
    with qtbot.waitSignal(sidebar.workspace_settings_requested) as told:
        _menu(sidebar, "workspace:research")["Workspace settings…"].trigger()

    assert told.args == ["research"]


def test_general_workspace_cannot_be_deleted(sidebar: Sidebar) -> None:
    assert "Delete workspace…" in _menu(sidebar, "workspace:research")
    assert "Delete workspace…" not in _menu(sidebar, "workspace:general")


def test_new_chat_in_a_workspace_names_it(sidebar: Sidebar, qtbot: QtBot) -> None:
    with qtbot.waitSignal(sidebar.chat_requested) as told:
        _menu(sidebar, "workspace:research")["New chat here"].trigger()

    assert told.args == ["research"]


def test_buttons_ask_for_a_chat_and_a_workspace(sidebar: Sidebar, qtbot: QtBot) -> None:
    with qtbot.waitSignal(sidebar.chat_requested) as told:
        click(sidebar.new_chat_button)
    assert told.args == [""]

    with qtbot.waitSignal(sidebar.workspace_requested):
        view_action(sidebar, "New workspace…").trigger()

    with qtbot.waitSignal(sidebar.folder_requested) as told:
        click(sidebar.new_folder_button)
    assert told.args == ["", None]


def test_trash_lists_deleted_chats_and_restores_them(sidebar: Sidebar, qtbot: QtBot) -> None:
    click(sidebar.trash_button, QPoint(20, 15))
    assert row_texts(sidebar) == ["Old"]

    with qtbot.waitSignal(sidebar.chat_restored) as told:
        _menu(sidebar, "conversation:Old")["Restore"].trigger()

    assert told.args == ["Old"]


def test_trash_says_how_much_it_holds(sidebar: Sidebar) -> None:
    assert sidebar.trash_button.text() == "Trash (1)"

    sidebar.set_content((make_workspace(),), ())

    assert sidebar.trash_button.text() == "Trash"


def test_shown_chat_is_selected(sidebar: Sidebar) -> None:
    sidebar.set_current(ConversationId("Tides"))

    assert sidebar.list.currentIndex().data() == "Tides"


def test_shown_chat_stays_selected_when_rows_move(sidebar: Sidebar) -> None:
    sidebar.set_current(ConversationId("Tides"))

    moved = replace(make_chat("Tides", workspace_id="research"), is_pinned=True)
    sidebar.set_content((make_workspace(), make_workspace("research")), (make_chat("Bread"), moved))

    assert sidebar.list.currentIndex().data() == "Tides"


def test_nothing_is_selected_without_a_chat(sidebar: Sidebar) -> None:
    sidebar.set_current(ConversationId("Tides"))

    sidebar.set_current(None)

    assert sidebar.list.selectedIndexes() == []


def test_title_is_edited_in_its_row(sidebar: Sidebar, qtbot: QtBot) -> None:
    sidebar.edit_row("conversation:Tides")
    editor = sidebar.list.viewport().findChild(QLineEdit)
    assert isinstance(editor, QLineEdit)
    editor.setText("Tide gauges")

    with qtbot.waitSignal(sidebar.chat_renamed) as told:
        press(editor, Qt.Key.Key_Return)

    assert told.args == ["Tides", "Tide gauges"]


def test_title_of_a_folded_chat_can_be_edited(sidebar: Sidebar) -> None:
    click_row(sidebar, "workspace:research")

    sidebar.edit_row("conversation:Tides")

    assert sidebar.list.viewport().findChild(QLineEdit) is not None


def test_escape_keeps_the_old_title(sidebar: Sidebar, qtbot: QtBot) -> None:
    sidebar.edit_row("conversation:Tides")
    editor = sidebar.list.viewport().findChild(QLineEdit)
    assert isinstance(editor, QLineEdit)
    editor.setText("Tide gauges")

    with qtbot.assertNotEmitted(sidebar.chat_renamed):
        press(editor, Qt.Key.Key_Escape)


def test_state_of_a_chat_is_drawn_in_its_row(sidebar: Sidebar, theme: Theme) -> None:
    row = row_rect(sidebar, "conversation:Bread")
    assert not has_colour(sidebar.list.viewport(), theme.colour("danger"), row)

    sidebar.set_states({ConversationId("Bread"): GlyphState(Glyph.FAILED)})

    assert has_colour(sidebar.list.viewport(), theme.colour("danger"), row)


def test_selected_row_has_the_ground_of_the_design(sidebar: Sidebar, theme: Theme) -> None:
    sidebar.set_current(ConversationId("Bread"))

    row = row_rect(sidebar, "conversation:Bread")

    assert row.height() == 30
    assert has_colour(sidebar.list.viewport(), theme.colour("selected"), row)


def test_right_to_left_mirrors_the_rows(sidebar: Sidebar, theme: Theme) -> None:
    sidebar.set_states({ConversationId("Bread"): GlyphState(Glyph.FAILED)})
    sidebar.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    row = row_rect(sidebar, "conversation:Bread")
    left_half = row.adjusted(0, 0, -row.width() // 2, 0)

    assert has_colour(sidebar.list.viewport(), theme.colour("danger"), left_half)


def test_every_control_has_a_name(sidebar: Sidebar) -> None:
    assert sidebar.list.accessibleName()
    assert sidebar.filter_field.accessibleName()
    assert sidebar.new_folder_button.accessibleName()
    assert sidebar.view_button.accessibleName()
    assert sidebar.trash_button.accessibleName()


def test_rows_grow_with_the_zoom(sidebar: Sidebar, theme: Theme) -> None:
    theme.set_zoom(2.0)

    assert row_rect(sidebar, "conversation:Bread").height() == 60


def test_sidebar_keeps_room_for_its_words_at_any_zoom(sidebar: Sidebar, theme: Theme) -> None:
    theme.set_zoom(2.0)

    assert sidebar.minimumWidth() == 2 * MIN_WIDTH_PX
    assert sidebar.maximumWidth() == 2 * MAX_WIDTH_PX


def test_sidebar_takes_its_width_back_with_the_zoom(sidebar: Sidebar, theme: Theme) -> None:
    before = sidebar.minimumWidth()
    theme.set_zoom(2.0)
    theme.set_zoom(1.0)

    assert sidebar.minimumWidth() == before


def test_double_click_on_a_workspace_opens_its_settings(sidebar: Sidebar, qtbot: QtBot) -> None:
    place = row_rect(sidebar, "workspace:research").center() - QPoint(40, 0)

    with qtbot.waitSignal(sidebar.workspace_settings_requested) as told:
        QTest.mouseDClick(
            sidebar.list.viewport(),
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
            place,
        )

    assert told.args == ["research"]


def test_emptying_is_offered_while_the_trash_is_shown(sidebar: Sidebar, qtbot: QtBot) -> None:
    assert sidebar.empty_trash_button.isHidden()
    click(sidebar.trash_button, QPoint(20, 15))

    with qtbot.waitSignal(sidebar.trash_emptied):
        click(sidebar.empty_trash_button)


def test_name_of_a_folded_folder_can_be_edited(sidebar: Sidebar) -> None:
    folders = (make_folder("season"), make_folder("buoys", "season"))
    sidebar.set_content((make_workspace(),), (), folders)
    click_row(sidebar, "folder:season")
    assert row_texts(sidebar, RowKind.FOLDER) == ["Season"]

    sidebar.edit_row("folder:buoys")

    assert row_texts(sidebar, RowKind.FOLDER) == ["Season", "Buoys"]
    assert sidebar.list.viewport().findChild(QLineEdit) is not None
