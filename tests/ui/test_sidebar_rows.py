"""Tests of the rows of the sidebar."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from realm_desktop.protocol import WorkspaceId
from realm_desktop.store.records import ConversationId
from realm_desktop.ui.sidebar_rows import (
    Row,
    RowKind,
    SidebarContent,
    chat_rows,
    num_deleted,
    trash_rows,
)
from tests.support.sidebars import TODAY, make_chat, make_workspace

GENERAL = make_workspace()
RESEARCH = make_workspace("research")


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


def test_latest_chat_comes_first() -> None:
    content = SidebarContent((GENERAL,), (make_chat("old", 3), make_chat("new", 0)))

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
    content = SidebarContent((GENERAL,), (make_chat("Tides"),), frozenset({WorkspaceId("general")}))
    rows = chat_rows(content, TODAY)

    assert _texts(rows) == ["General"]
    assert not rows[0].is_expanded


def test_deleted_chats_are_listed_in_the_trash_only() -> None:
    chats = (make_chat("Tides"), make_chat("Bread", deleted_s=5.0))
    content = SidebarContent((GENERAL,), chats)

    assert _texts(chat_rows(content, TODAY), RowKind.CONVERSATION) == ["Tides"]
    assert _texts(trash_rows(content), RowKind.CONVERSATION) == ["Bread"]
    assert num_deleted(chats) == 1


def test_trash_lists_the_latest_deleted_first() -> None:
    chats = (make_chat("first", deleted_s=1.0), make_chat("second", deleted_s=2.0))

    rows = trash_rows(SidebarContent((GENERAL,), chats))

    assert _texts(rows, RowKind.CONVERSATION) == ["second", "first"]


def test_empty_trash_says_so() -> None:
    assert _texts(trash_rows(SidebarContent((GENERAL,))), RowKind.HINT) == ["The trash is empty."]


def test_filter_ignores_case_and_unfolds() -> None:
    chats = (make_chat("Tide gauges"), make_chat("Bread"))
    content = SidebarContent((GENERAL,), chats, frozenset({WorkspaceId("general")}), " tIDE ")

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
        make_chat(f"chat {number}", number % 40, "research" if number % 2 else "general")
        for number in range(80)
    )
    rows = chat_rows(SidebarContent((GENERAL, RESEARCH), chats), TODAY)

    assert len({row.key for row in rows}) == len(rows)


def test_chat_found_by_its_contents_passes_the_filter() -> None:
    chats = (make_chat("Tides"), make_chat("Bread"))
    found = frozenset({ConversationId("Bread")})
    content = SidebarContent((GENERAL,), chats, title_filter="salt", found_ids=found)

    assert _texts(chat_rows(content, TODAY), RowKind.CONVERSATION) == ["Bread"]
