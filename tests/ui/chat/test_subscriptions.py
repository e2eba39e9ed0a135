"""Tests of subscriptions that end with a Qt object."""

from __future__ import annotations

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from realm_desktop.ui.chat.subscriptions import Subscriptions


def test_subscriptions_end_with_their_owner(qtbot: QtBot) -> None:
    ended: list[str] = []
    owner = QObject()
    kept = Subscriptions(owner, lambda: ended.append("a"), lambda: ended.append("b"))

    with qtbot.waitSignal(owner.destroyed):
        owner.deleteLater()

    assert sorted(ended) == ["a", "b"]
    kept.close()
    assert len(ended) == 2


def test_subscriptions_can_end_earlier(qtbot: QtBot) -> None:
    ended: list[str] = []
    owner = QObject()
    subscriptions = Subscriptions(owner, lambda: ended.append("a"))
    subscriptions.close()

    with qtbot.waitSignal(owner.destroyed):
        owner.deleteLater()

    assert ended == ["a"]
