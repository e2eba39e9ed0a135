"""Tests of the rows of the sidebar."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import islice

import pytest

from realm_desktop.store.records import ConversationId, FolderId, MessageId
from realm_desktop.store.search import SearchHit
from realm_desktop.ui.sidebar_rows import (
    Row,
    RowKind,
    SidebarContent,
    SidebarRows,
    _period,
    keys_above,
)
from tests.support.sidebars import TODAY, make_chat, make_folder, make_workspace

GENERAL = make_workspace()
RESEARCH = make_workspace("research")
FOLDED = frozenset({"workspace:general"})


def chat_rows(content: SidebarContent, today: date) -> list[Row]:
    """All rows at once."""
    return list(SidebarRows().chat_rows(content, today))


def trash_rows(content: SidebarContent) -> list[Row]:
    """All rows at once."""
    return list(SidebarRows().trash_rows(content))


def _texts(rows: list[Row], *kinds: RowKind) -> list[str]:
    return [row.text for row in rows if not kinds or row.kind in kinds]


def test_workspace_is_followed_by_its_chats() -> None:
    content = SidebarContent((GENERAL,), (make_chat("Tides"),))

    assert _texts(chat_rows(content, TODAY)) == ["General", "Today", "Tides"]


def test_chats_stand_in_their_own_workspace() -> None:
    chats = (make_chat("Tides", workspace_id="research"), make_chat("Bread"))
    rows = chat_rows(SidebarContent((GENERAL, RESEARCH), chats), TODAY)

    assert _texts(rows, RowKind.WORKSPACE, RowKind.CONVERSATION) == [
        "General",
        "Bread",
        "Research",
        "Tides",
    ]


def test_chats_stay_in_the_order_of_the_library() -> None:
    content = SidebarContent((GENERAL,), (make_chat("new", 0), make_chat("old", 3)))

    assert _texts(chat_rows(content, TODAY), RowKind.CONVERSATION) == ["new", "old"]


@pytest.mark.parametrize(
    ("age_days", "label"),
    [
        (-1, "Today"),
        (0, "Today"),
        (1, "Yesterday"),
        (2, "Previous 7 days"),
        (7, "Previous 7 days"),
        (19, "November"),
        (60, "September"),
        (400, "October 2025"),
    ],
)
def test_chats_are_grouped_by_their_last_day(age_days: int, label: str) -> None:
    content = SidebarContent((GENERAL,), (make_chat("Tides", age_days),))

    assert _texts(chat_rows(content, TODAY), RowKind.LABEL) == [label]


def test_one_label_stands_above_all_chats_of_a_day() -> None:
    chats = tuple(make_chat(f"chat {number}") for number in range(3))

    rows = chat_rows(SidebarContent((GENERAL,), chats), TODAY)

    assert _texts(rows, RowKind.LABEL) == ["Today"]


def test_label_moves_on_at_midnight() -> None:
    content = SidebarContent((GENERAL,), (make_chat("Tides"),))

    rows = chat_rows(content, date(2026, 11, 21))

    assert _texts(rows, RowKind.LABEL) == ["Yesterday"]


def test_pinned_chats_stand_above_everything_and_nowhere_else() -> None:
    chats = (make_chat("Tides"), make_chat("Glossary", is_pinned=True))
    rows = chat_rows(SidebarContent((GENERAL,), chats), TODAY)

    assert _texts(rows) == ["Pinned", "Glossary", "General", "Today", "Tides"]


def test_count_of_a_workspace_includes_pinned_chats() -> None:
    chats = (make_chat("Tides"), make_chat("Glossary", is_pinned=True))
    rows = chat_rows(SidebarContent((GENERAL,), chats), TODAY)

    assert [row.count for row in rows if row.kind is RowKind.WORKSPACE] == [2]


def test_folded_workspace_hides_its_chats() -> None:
    content = SidebarContent((GENERAL,), (make_chat("Tides"),), collapsed=FOLDED)
    rows = chat_rows(content, TODAY)

    assert _texts(rows) == ["General"]
    assert not rows[0].is_expanded


def test_deleted_chats_are_listed_in_the_trash_only() -> None:
    chats = (make_chat("Tides"), make_chat("Bread", deleted_s=5.0))
    content = SidebarContent((GENERAL,), chats)

    assert _texts(chat_rows(content, TODAY), RowKind.CONVERSATION) == ["Tides"]
    assert _texts(trash_rows(content), RowKind.CONVERSATION) == ["Bread"]
    assert SidebarRows().order(content).deleted == [chats[1]]


def test_trash_lists_the_latest_deleted_first() -> None:
    chats = (make_chat("first", deleted_s=1.0), make_chat("second", deleted_s=2.0))

    rows = trash_rows(SidebarContent((GENERAL,), chats))

    assert _texts(rows, RowKind.CONVERSATION) == ["second", "first"]


def test_empty_trash_says_so() -> None:
    assert _texts(trash_rows(SidebarContent((GENERAL,))), RowKind.HINT) == ["The trash is empty."]


def test_filter_ignores_case_and_unfolds() -> None:
    chats = (make_chat("Tide gauges"), make_chat("Bread"))
    content = SidebarContent((GENERAL,), chats, collapsed=FOLDED, title_filter=" tIDE ")

    assert _texts(chat_rows(content, TODAY), RowKind.CONVERSATION) == ["Tide gauges"]


def test_filter_hides_workspaces_without_a_match() -> None:
    content = SidebarContent((GENERAL, RESEARCH), (make_chat("Tides"),), title_filter="tide")

    assert _texts(chat_rows(content, TODAY), RowKind.WORKSPACE) == ["General"]


def test_filter_without_any_match_says_so() -> None:
    content = SidebarContent((GENERAL,), (make_chat("Tides"),), title_filter="bread")

    assert _texts(chat_rows(content, TODAY)) == ["In no title. Enter searches texts."]


def test_first_start_tells_where_chats_will_be() -> None:
    assert _texts(chat_rows(SidebarContent((GENERAL,)), TODAY), RowKind.HINT) == [
        "Your first chat appears here."
    ]


def test_empty_workspace_beside_others_says_so() -> None:
    content = SidebarContent((GENERAL, RESEARCH), (make_chat("Tides"),))

    assert _texts(chat_rows(content, TODAY), RowKind.HINT) == ["No chats yet."]


def test_chat_without_a_title_has_a_name() -> None:
    chat = replace(make_chat("x"), title="")

    rows = chat_rows(SidebarContent((GENERAL,), (chat,)), TODAY)

    assert _texts(rows, RowKind.CONVERSATION) == ["New chat"]


def test_keys_are_unique() -> None:
    chats = tuple(
        make_chat(f"chat {number}", number // 2, "research" if number % 2 else "general")
        for number in range(80)
    )
    rows = chat_rows(SidebarContent((GENERAL, RESEARCH), chats), TODAY)

    assert len({row.key for row in rows}) == len(rows)


def _hit(chat: str, message_id: str) -> SearchHit:
    return SearchHit(ConversationId(chat), MessageId(message_id), chat, f"{message_id} of {chat}")


def test_found_messages_stand_under_their_chats() -> None:
    hits = (_hit("Bread", "m1"), _hit("Tides", "m2"), _hit("Bread", "m3"))
    content = SidebarContent((GENERAL,), (make_chat("Bread"),), title_filter="salt", hits=hits)

    assert _texts(chat_rows(content, TODAY)) == [
        "In messages and notes",
        "Bread",
        "m1 of Bread",
        "m3 of Bread",
        "Tides",
        "m2 of Tides",
    ]


def test_search_without_a_hit_says_so() -> None:
    content = SidebarContent((GENERAL,), (make_chat("Bread"),), title_filter="salt", hits=())

    assert _texts(chat_rows(content, TODAY)) == [
        "In no message and no notes. Esc clears the filter."
    ]


def test_folders_come_before_loose_chats_and_lie_in_each_other() -> None:
    folders = (make_folder("season"), make_folder("buoys", "season"))
    chats = (make_chat("Tides", folder_id=FolderId("buoys")), make_chat("Bread"))
    rows = chat_rows(SidebarContent((GENERAL,), chats, folders), TODAY)

    assert [(row.text, row.depth) for row in rows[1:]] == [
        ("Season", 0),
        ("Buoys", 1),
        ("Tides", 2),
        ("Today", 0),
        ("Bread", 0),
    ]
    assert [row.count for row in rows[:3]] == [2, 1, 1]


def test_folded_folder_hides_what_is_in_it() -> None:
    folders = (make_folder("season"),)
    chats = (make_chat("Tides", folder_id=FolderId("season")),)
    folded = frozenset({"folder:season"})
    rows = chat_rows(SidebarContent((GENERAL,), chats, folders, folded), TODAY)

    assert _texts(rows) == ["General", "Season"]


def test_empty_folder_tells_how_to_fill_it() -> None:
    rows = chat_rows(SidebarContent((GENERAL,), (), (make_folder("season"),)), TODAY)

    assert _texts(rows, RowKind.HINT) == ["Drag chats here"]


def test_chat_of_a_deleted_folder_stands_loose() -> None:
    chats = (make_chat("Tides", folder_id=FolderId("gone")),)

    assert _texts(chat_rows(SidebarContent((GENERAL,), chats), TODAY)) == [
        "General",
        "Today",
        "Tides",
    ]


def test_chat_that_names_a_folder_of_another_workspace_stands_loose() -> None:
    folders = (make_folder("season", workspace_id="research"),)
    chats = (make_chat("Tides", folder_id=FolderId("season")),)
    rows = chat_rows(SidebarContent((GENERAL, RESEARCH), chats, folders), TODAY)

    assert _texts(rows) == ["General", "Today", "Tides", "Research", "Season", "Drag chats here"]


def test_circle_of_folders_loses_no_chat() -> None:
    folders = (make_folder("a", "b"), make_folder("b", "a"))
    chats = (make_chat("Tides", folder_id=FolderId("a")),)

    rows = chat_rows(SidebarContent((GENERAL,), chats, folders), TODAY)

    assert _texts(rows, RowKind.CONVERSATION) == ["Tides"]


def test_filter_hides_folders_without_a_match() -> None:
    folders = (make_folder("season"), make_folder("other"))
    chats = (make_chat("Tides", folder_id=FolderId("season")), make_chat("Bread"))
    content = SidebarContent((GENERAL,), chats, folders, title_filter="tide")

    assert _texts(chat_rows(content, TODAY)) == ["General", "Season", "Tides"]


def test_grouped_by_date_all_workspaces_stand_together() -> None:
    chats = (make_chat("Tides", workspace_id="research"), make_chat("Bread", 1))
    content = SidebarContent((GENERAL, RESEARCH), chats, grouping="date")

    assert _texts(chat_rows(content, TODAY)) == ["Today", "Tides", "Yesterday", "Bread"]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Titles of the conversations whose rows were made."""
    titles: list[str] = []

    def record(text: str) -> str:
        titles.append(text)
        return text

    monkeypatch.setattr("realm_desktop.ui.sidebar_rows.one_line", record)
    return titles


def test_rows_are_made_only_when_they_are_asked_for(made: list[str]) -> None:
    chats = tuple(make_chat(f"chat {number}") for number in range(50))
    rows = SidebarRows().chat_rows(SidebarContent((GENERAL,), chats), TODAY)

    list(islice(rows, 10))

    assert made == ["General", *(f"chat {number}" for number in range(8))]


def test_row_of_an_unchanged_chat_is_not_made_again(made: list[str]) -> None:
    chats = (make_chat("new"), make_chat("old", 3))
    rows = SidebarRows()
    list(rows.chat_rows(SidebarContent((GENERAL,), chats), TODAY))
    made.clear()
    changed = (replace(chats[1], title="older"), chats[0])

    listed = list(rows.chat_rows(SidebarContent((GENERAL,), changed), TODAY))

    assert made == ["General", "older"]
    assert "older" in _texts(listed)


def test_lists_that_stay_are_not_gone_through_again() -> None:
    content = SidebarContent((GENERAL,), (make_chat("Tides"),))
    rows = SidebarRows()

    order = rows.order(content)

    assert rows.order(replace(content, collapsed=FOLDED)) is order
    assert rows.order(replace(content, title_filter="x")) is not order


def test_day_of_a_chat_is_looked_up_once_a_label(monkeypatch: pytest.MonkeyPatch) -> None:
    ages = [0, 0, 1, 1, 3, 5, 40, 41, 41]
    chats = tuple(make_chat(str(number), age) for number, age in enumerate(ages))
    days: list[date] = []

    def record(day: date, today: date) -> tuple[str, date]:
        days.append(day)
        return _period(day, today)

    monkeypatch.setattr("realm_desktop.ui.sidebar_rows._period", record)
    rows = chat_rows(SidebarContent((GENERAL,), chats), TODAY)

    assert len(days) == len(_texts(rows, RowKind.LABEL)) == 4


def test_everything_above_a_chat_is_named() -> None:
    folders = (make_folder("outer"), make_folder("inner", "outer"))
    chat = make_chat("Tides", folder_id=FolderId("inner"))

    keys = list(keys_above("conversation:Tides", (chat,), folders))

    assert keys == ["workspace:general", "folder:inner", "folder:outer"]
    assert list(keys_above("folder:inner", (), folders)) == ["workspace:general", "folder:outer"]
    assert list(keys_above("conversation:gone", (chat,), folders)) == []


def test_folders_above_that_lie_in_each_other_end() -> None:
    circle = (make_folder("a", "b"), make_folder("b", "a"))

    assert len(list(keys_above("folder:a", (), circle))) == 3


def test_notes_that_were_found_say_so() -> None:
    note = SearchHit(ConversationId("a"), None, "a", "tide tables")
    content = SidebarContent((GENERAL,), (), title_filter="tide", hits=(note, _hit("a", "m1")))

    rows = chat_rows(content, TODAY)[-2:]

    assert [(row.text, row.message_id) for row in rows] == [
        ("Notes: tide tables", None),
        ("m1 of a", "m1"),
    ]
    assert len({row.key for row in rows}) == 2
