"""Tests of where conversations stand before any row is made."""

from __future__ import annotations

from realm_desktop.protocol import WorkspaceId
from realm_desktop.store.records import FolderId
from realm_desktop.ui.sidebar_order import ChatOrder
from tests.support.sidebars import make_chat, make_folder

GENERAL, RESEARCH = WorkspaceId("general"), WorkspaceId("research")


def test_each_chat_stands_in_its_folder_or_loose() -> None:
    inside, loose = make_chat("in", folder_id=FolderId("f")), make_chat("out")
    order = ChatOrder((inside, loose), (make_folder("f"),))

    assert order.shelf(GENERAL).chats == {"f": [inside], None: [loose]}


def test_chat_of_a_foreign_folder_is_loose() -> None:
    chat = make_chat("in", folder_id=FolderId("f"), workspace_id="research")
    order = ChatOrder((chat,), (make_folder("f"),))

    assert order.shelf(RESEARCH).chats == {None: [chat]}


def test_pinned_chats_are_counted_but_stand_apart() -> None:
    pinned, other = make_chat("a", is_pinned=True), make_chat("b")
    order = ChatOrder((pinned, other), ())

    assert (order.pinned, order.others) == ([pinned], [other])
    assert order.counts[GENERAL] == 2
    assert order.shelf(GENERAL).chats[None] == [other]


def test_deleted_chats_are_found_by_no_filter_and_the_latest_is_first() -> None:
    old, new = make_chat("old", deleted_s=1.0), make_chat("new", deleted_s=2.0)
    order = ChatOrder((old, new), (), "nothing")

    assert order.deleted == [new, old]
    assert order.is_empty
    assert not order.has_any


def test_filter_counts_only_what_it_finds() -> None:
    order = ChatOrder((make_chat("Tides"), make_chat("Bread")), (), " TIDE ")

    assert (order.is_filtered, order.counts[GENERAL], order.is_empty) == (True, 1, False)


def test_folders_count_what_is_in_their_folders() -> None:
    outer, inner = make_folder("outer"), make_folder("inner", "outer")
    chats = (make_chat("a", folder_id=FolderId("inner")), make_chat("b"))
    order = ChatOrder(chats, (outer, inner))

    assert order.shelf(GENERAL).count(outer) == 1


def test_folders_in_a_circle_are_left_out() -> None:
    circle = (make_folder("a", "b"), make_folder("b", "a"))
    chat = make_chat("x", folder_id=FolderId("a"))
    order = ChatOrder((chat,), circle)

    assert order.shelf(GENERAL).folders == {}
    assert order.shelf(GENERAL).chats[None] == [chat]
