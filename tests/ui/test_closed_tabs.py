"""Tests of the tabs that can be reopened."""

from __future__ import annotations

from realm_desktop.store.records import ConversationId
from realm_desktop.ui.closed_tabs import MAX_CLOSED, ClosedTab, ClosedTabs


def _tab(name: str, place: tuple[int, int, float] | None = None) -> ClosedTab:
    return ClosedTab(ConversationId(name), place)


def test_last_closed_comes_back_first_and_once() -> None:
    closed = ClosedTabs()
    for tab in (_tab("a"), _tab("b"), _tab("a", (2, 0, 1.0))):
        closed.add(tab)

    assert [closed.take(()) for _ in range(3)] == [_tab("a", (2, 0, 1.0)), _tab("b"), None]


def test_open_and_deleted_chats_are_passed_over() -> None:
    closed = ClosedTabs()
    for name in ("a", "b", "c"):
        closed.add(_tab(name))
    closed.forget(ConversationId("c"))

    assert closed.take({ConversationId("b")}) == _tab("a")


def test_number_of_closed_tabs_is_bounded() -> None:
    closed = ClosedTabs()
    for number in range(MAX_CLOSED + 5):
        closed.add(_tab(str(number)))

    taken = [closed.take(()) for _ in range(MAX_CLOSED + 1)]

    assert taken[-2:] == [_tab("5"), None]
