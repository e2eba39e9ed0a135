"""Listeners that come and go."""

from __future__ import annotations

from collections.abc import Callable

from realm_desktop.chat.listeners import Listeners


def test_listeners_are_called_in_the_order_they_came() -> None:
    heard: list[str] = []
    listeners: Listeners[[str]] = Listeners()
    listeners.add(lambda text: heard.append(f"first {text}"))
    listeners.add(lambda text: heard.append(f"second {text}"))

    listeners.notify("x")

    assert heard == ["first x", "second x"]


def test_removing_twice_is_harmless() -> None:
    listeners: Listeners[[]] = Listeners()
    heard: list[None] = []
    remove = listeners.add(lambda: heard.append(None))
    remove()
    remove()

    listeners.notify()

    assert heard == []


def test_listener_may_leave_while_it_is_called() -> None:
    listeners: Listeners[[]] = Listeners()
    removes: list[Callable[[], None]] = []
    heard: list[None] = []
    removes.append(listeners.add(lambda: removes[0]()))
    listeners.add(lambda: heard.append(None))

    listeners.notify()
    listeners.notify()

    assert len(heard) == 2
