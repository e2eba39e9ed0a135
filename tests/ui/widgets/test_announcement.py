"""Tests of what is said to screen readers."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from realm_desktop.ui.widgets.announcement import announce


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> list[QAccessibleEvent]:
    """What Qt is told while a screen reader listens."""
    told: list[QAccessibleEvent] = []
    monkeypatch.setattr(QAccessible, "isActive", lambda: True)
    monkeypatch.setattr(QAccessible, "updateAccessibility", told.append)
    return told


def test_sentence_is_announced_politely(events: list[QAccessibleEvent], qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)

    announce(widget, "Saved.")

    (event,) = events
    assert isinstance(event, QAccessibleAnnouncementEvent)
    assert event.message() == "Saved."
    assert event.politeness() == QAccessible.AnnouncementPoliteness.Polite


def test_nothing_is_announced_as_nothing(events: list[QAccessibleEvent], qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)

    announce(widget, "")

    assert events == []


def test_nobody_listens_nothing_is_made(
    events: list[QAccessibleEvent], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QAccessible, "isActive", lambda: False)
    widget = QWidget()
    qtbot.addWidget(widget)

    announce(widget, "Saved.")

    assert events == []
