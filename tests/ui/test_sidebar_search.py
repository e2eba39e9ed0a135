"""Tests of the sidebar's filter, of what a search found, and of long lists."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from realm_desktop.store.records import Conversation, ConversationId, MessageId
from realm_desktop.store.search import SearchHit
from realm_desktop.ui.sidebar import Sidebar
from realm_desktop.ui.sidebar_model import NUM_FETCHED
from realm_desktop.ui.sidebar_rows import RowKind
from tests.support.sidebars import (
    click_row,
    make_chat,
    make_workspace,
    row_texts,
    view_action,
)
from tests.support.widgets import press


def _hit(title: str, message_id: str = "m1") -> SearchHit:
    return SearchHit(ConversationId(title), MessageId(message_id), title, f"about {title}")


def test_filter_shows_matching_titles_while_typing(sidebar: Sidebar) -> None:
    sidebar.filter_field.setText("tid")
    assert row_texts(sidebar) == ["Tides"]

    press(sidebar.filter_field, Qt.Key.Key_Escape)

    assert row_texts(sidebar) == ["Bread", "Tides"]


def test_arrow_down_goes_from_the_filter_to_the_list(sidebar: Sidebar, qtbot: QtBot) -> None:
    sidebar.activateWindow()
    sidebar.filter_field.setFocus()

    press(sidebar.filter_field, Qt.Key.Key_Down)

    qtbot.waitUntil(sidebar.list.hasFocus)


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
    found = row_texts(sidebar), row_texts(sidebar, RowKind.HIT)

    sidebar.filter_field.setText("salty")

    assert (found, row_texts(sidebar)) == ((["Bread"], ["about Bread"]), [])


def test_click_on_a_found_message_opens_its_chat_there(sidebar: Sidebar, qtbot: QtBot) -> None:
    sidebar.filter_field.setText("salt")
    sidebar.show_found("salt", [_hit("Bread", "m7")])

    with qtbot.waitSignal(sidebar.message_opened) as told:
        click_row(sidebar, "hit:m7")

    assert told.args == ["Bread", "m7"]


def test_answer_to_an_older_search_is_ignored(sidebar: Sidebar) -> None:
    sidebar.filter_field.setText("pepper")

    sidebar.show_found("salt", [_hit("Bread")])

    assert row_texts(sidebar) == []


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


def test_filter_and_grouping_survive_new_content(sidebar: Sidebar) -> None:
    view_action(sidebar, "Group by date").trigger()

    sidebar.set_content((make_workspace(),), (make_chat("Salt"),))

    assert sidebar.grouping == "date"
    assert row_texts(sidebar, RowKind.WORKSPACE) == []


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
