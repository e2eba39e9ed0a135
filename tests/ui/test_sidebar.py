"""Tests of the sidebar."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from realm_desktop.store.records import Conversation, ConversationId, MessageId
from realm_desktop.store.search import SearchHit
from realm_desktop.ui.sidebar import MAX_WIDTH_PX, MIN_WIDTH_PX, Sidebar
from realm_desktop.ui.sidebar_delegate import SidebarDelegate
from realm_desktop.ui.sidebar_model import NUM_FETCHED
from realm_desktop.ui.sidebar_rows import RowKind
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.state_glyph import Glyph, GlyphState, SpinnerClock
from tests.support.pictures import has_colour
from tests.support.sidebars import make_chat, make_folder, make_workspace
from tests.support.widgets import click, press


@pytest.fixture
def sidebar(theme: Theme, qtbot: QtBot) -> Sidebar:
    sidebar = Sidebar(theme, SpinnerClock(theme))
    qtbot.addWidget(sidebar)
    sidebar.resize(264, 600)
    workspaces = (make_workspace(), make_workspace("research"))
    chats = (
        make_chat("Bread"),
        make_chat("Tides", workspace_id="research"),
        make_chat("Old", deleted_s=3.0),
    )
    sidebar.set_content(workspaces, chats)
    sidebar.show()
    return sidebar


def _texts(sidebar: Sidebar, kind: RowKind = RowKind.CONVERSATION) -> list[str]:
    return [row.text for row in sidebar.model.rows if row.kind is kind]


def _rect(sidebar: Sidebar, key: str) -> QRect:
    return sidebar.list.visualRect(sidebar.model.index_of(key))


def _click(sidebar: Sidebar, key: str) -> None:
    click(sidebar.list.viewport(), _rect(sidebar, key).center() - QPoint(40, 0))


def _menu(sidebar: Sidebar, key: str) -> dict[str, QAction]:
    row = sidebar.model.row_at(sidebar.model.index_of(key))
    assert row is not None
    return {action.text(): action for action in sidebar.menu_for(row).actions()}


def _view_action(sidebar: Sidebar, text: str) -> QAction:
    """An entry of the menu beside "New folder"."""
    found = [action for action in sidebar.view_button.menu().actions() if action.text() == text]
    return found[0]


def _hit(title: str, message_id: str = "m1") -> SearchHit:
    return SearchHit(ConversationId(title), MessageId(message_id), title, f"about {title}")


def test_click_opens_a_chat(sidebar: Sidebar, qtbot: QtBot) -> None:
    with qtbot.waitSignal(sidebar.chat_opened) as told:
        _click(sidebar, "conversation:Tides")

    assert told.args == ["Tides"]


def test_enter_opens_the_current_chat(sidebar: Sidebar, qtbot: QtBot) -> None:
    sidebar.list.setCurrentIndex(sidebar.model.index_of("conversation:Bread"))

    with qtbot.waitSignal(sidebar.chat_opened) as told:
        press(sidebar.list, Qt.Key.Key_Return)

    assert told.args == ["Bread"]


def test_click_on_a_workspace_folds_and_unfolds_it(sidebar: Sidebar) -> None:
    _click(sidebar, "workspace:research")
    assert _texts(sidebar) == ["Bread"]

    _click(sidebar, "workspace:research")

    assert _texts(sidebar) == ["Bread", "Tides"]


def test_arrow_keys_fold_and_unfold(sidebar: Sidebar) -> None:
    sidebar.list.setCurrentIndex(sidebar.model.index_of("workspace:research"))
    press(sidebar.list, Qt.Key.Key_Left)
    assert _texts(sidebar) == ["Bread"]

    press(sidebar.list, Qt.Key.Key_Right)

    assert _texts(sidebar) == ["Bread", "Tides"]


def test_press_on_the_dots_asks_for_the_menu(sidebar: Sidebar, qtbot: QtBot) -> None:
    delegate = sidebar.list.itemDelegate()
    assert isinstance(delegate, SidebarDelegate)
    dots = delegate.more_rect(_rect(sidebar, "conversation:Bread"))
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
        _view_action(sidebar, "New workspace…").trigger()

    with qtbot.waitSignal(sidebar.folder_requested) as told:
        click(sidebar.new_folder_button)
    assert told.args == ["", None]


def test_filter_shows_matching_titles_while_typing(sidebar: Sidebar) -> None:
    sidebar.filter_field.setText("tid")
    assert _texts(sidebar) == ["Tides"]

    press(sidebar.filter_field, Qt.Key.Key_Escape)

    assert _texts(sidebar) == ["Bread", "Tides"]


def test_arrow_down_goes_from_the_filter_to_the_list(sidebar: Sidebar, qtbot: QtBot) -> None:
    sidebar.activateWindow()
    sidebar.filter_field.setFocus()

    press(sidebar.filter_field, Qt.Key.Key_Down)

    qtbot.waitUntil(sidebar.list.hasFocus)


def test_trash_lists_deleted_chats_and_restores_them(sidebar: Sidebar, qtbot: QtBot) -> None:
    click(sidebar.trash_button, QPoint(20, 15))
    assert _texts(sidebar) == ["Old"]

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
    _click(sidebar, "workspace:research")

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
    row = _rect(sidebar, "conversation:Bread")
    assert not has_colour(sidebar.list.viewport(), theme.colour("danger"), row)

    sidebar.set_states({ConversationId("Bread"): GlyphState(Glyph.FAILED)})

    assert has_colour(sidebar.list.viewport(), theme.colour("danger"), row)


def test_selected_row_has_the_ground_of_the_design(sidebar: Sidebar, theme: Theme) -> None:
    sidebar.set_current(ConversationId("Bread"))

    row = _rect(sidebar, "conversation:Bread")

    assert row.height() == 30
    assert has_colour(sidebar.list.viewport(), theme.colour("selected"), row)


def test_right_to_left_mirrors_the_rows(sidebar: Sidebar, theme: Theme) -> None:
    sidebar.set_states({ConversationId("Bread"): GlyphState(Glyph.FAILED)})
    sidebar.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    row = _rect(sidebar, "conversation:Bread")
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

    assert _rect(sidebar, "conversation:Bread").height() == 60


def test_enter_in_the_filter_asks_for_the_contents(sidebar: Sidebar, qtbot: QtBot) -> None:
    sidebar.filter_field.setText(" salt ")

    with qtbot.waitSignal(sidebar.contents_requested) as told:
        press(sidebar.filter_field, Qt.Key.Key_Return)

    assert told.args == ["salt"]


def test_enter_in_an_empty_filter_asks_for_nothing(sidebar: Sidebar, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(sidebar.contents_requested):
        press(sidebar.filter_field, Qt.Key.Key_Return)


def test_found_messages_are_listed_until_the_filter_changes(sidebar: Sidebar) -> None:
    sidebar.filter_field.setText("salt")
    sidebar.show_found("salt", [_hit("Bread")])
    found = _texts(sidebar), _texts(sidebar, RowKind.HIT)

    sidebar.filter_field.setText("salty")

    assert (found, _texts(sidebar)) == ((["Bread"], ["about Bread"]), [])


def test_click_on_a_found_message_opens_its_chat_there(sidebar: Sidebar, qtbot: QtBot) -> None:
    sidebar.filter_field.setText("salt")
    sidebar.show_found("salt", [_hit("Bread", "m7")])

    with qtbot.waitSignal(sidebar.message_opened) as told:
        _click(sidebar, "hit:m7")

    assert told.args == ["Bread", "m7"]


def test_answer_to_an_older_search_is_ignored(sidebar: Sidebar) -> None:
    sidebar.filter_field.setText("pepper")

    sidebar.show_found("salt", [_hit("Bread")])

    assert _texts(sidebar) == []


def test_same_content_is_not_listed_again(
    sidebar: Sidebar, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = (make_workspace(),), (make_chat("Bread"),)
    sidebar.set_content(*content)
    listed: list[object] = []
    monkeypatch.setattr(sidebar.model, "set_rows", lambda rows, _seen: listed.append(rows))

    sidebar.set_content(*content)
    assert listed == []

    sidebar.set_content((make_workspace(),), (make_chat("Salt"),))
    assert len(listed) == 1


def test_sidebar_keeps_room_for_its_words_at_any_zoom(sidebar: Sidebar, theme: Theme) -> None:
    theme.set_zoom(2.0)

    assert sidebar.minimumWidth() == 2 * MIN_WIDTH_PX
    assert sidebar.maximumWidth() == 2 * MAX_WIDTH_PX


def test_sidebar_takes_its_width_back_with_the_zoom(sidebar: Sidebar, theme: Theme) -> None:
    before = sidebar.minimumWidth()
    theme.set_zoom(2.0)
    theme.set_zoom(1.0)

    assert sidebar.minimumWidth() == before


def test_filter_and_grouping_survive_new_content(sidebar: Sidebar) -> None:
    _view_action(sidebar, "Group by date").trigger()

    sidebar.set_content((make_workspace(),), (make_chat("Salt"),))

    assert sidebar.grouping == "date"
    assert _texts(sidebar, RowKind.WORKSPACE) == []


def test_double_click_on_a_workspace_opens_its_settings(sidebar: Sidebar, qtbot: QtBot) -> None:
    place = _rect(sidebar, "workspace:research").center() - QPoint(40, 0)

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
    _click(sidebar, "folder:season")
    assert _texts(sidebar, RowKind.FOLDER) == ["Season"]

    sidebar.edit_row("folder:buoys")

    assert _texts(sidebar, RowKind.FOLDER) == ["Season", "Buoys"]
    assert sidebar.list.viewport().findChild(QLineEdit) is not None


def _fill(sidebar: Sidebar, count: int) -> tuple[Conversation, ...]:
    chats = tuple(make_chat(f"chat {number}") for number in range(count))
    sidebar.set_content((make_workspace(),), chats)
    QApplication.processEvents()
    return chats


def test_redraw_lists_no_more_than_the_view_has_come_to(sidebar: Sidebar) -> None:
    chats = _fill(sidebar, 2_000)
    while sidebar.model.canFetchMore():
        sidebar.model.fetchMore()

    sidebar.set_content((make_workspace(),), (replace(chats[5], title="x"), *chats[6:]))

    assert len(sidebar.model.rows) == NUM_FETCHED


def test_view_that_was_scrolled_stays_where_it_is(sidebar: Sidebar) -> None:
    chats = _fill(sidebar, 900)
    sidebar.set_current(chats[0].conversation_id)
    bar = sidebar.list.verticalScrollBar()
    bar.setValue(bar.maximum())
    QApplication.processEvents()
    seen = sidebar.list.indexAt(QPoint(9, 9)).data()

    sidebar.set_content((make_workspace(),), (chats[-1], *chats[:-1]))
    QApplication.processEvents()

    # One row came above.
    assert sidebar.list.indexAt(QPoint(9, 9 + 30)).data() == seen
    assert sidebar.list.currentIndex().data() == "chat 0"


def test_shown_chat_is_marked_when_its_row_is_fetched(sidebar: Sidebar) -> None:
    chats = _fill(sidebar, 900)
    sidebar.set_current(chats[500].conversation_id)
    assert not sidebar.list.selectedIndexes()

    sidebar.model.reveal("conversation:chat 500")

    assert [index.data() for index in sidebar.list.selectedIndexes()] == ["chat 500"]
    assert sidebar.list.verticalScrollBar().value() == 0
