"""Tests of the icon in the system's tray."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QSystemTrayIcon
from pytestqt.qtbot import QtBot

from realm_desktop.ui.running_work import RunningWork
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.tray_icon import TrayIcon

# What Qt says on its offscreen platform, which has no tray.
pytestmark = pytest.mark.qt_log_ignore("systemTrayWindowChanged", extend=True)

ONE_CHAT = RunningWork(num_chats=1)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the desktop is asked to show as a message."""
    texts: list[str] = []
    monkeypatch.setattr(QSystemTrayIcon, "supportsMessages", lambda _self=None: True)
    monkeypatch.setattr(
        QSystemTrayIcon, "showMessage", lambda _self, _title, text, _icon: texts.append(text)
    )
    return texts


@pytest.fixture
def icon(theme: Theme, qtbot: QtBot) -> Iterator[TrayIcon]:
    owner = QObject()
    icon = TrayIcon(theme, owner)
    yield icon
    icon.close()


def test_icon_is_away_until_there_is_something_to_say(icon: TrayIcon) -> None:
    before = icon.is_shown

    icon.show_work(ONE_CHAT)

    assert (before, icon.is_shown) == (False, True)
    assert icon.tooltip == "Realm Desktop\n1 chat is being answered"


def test_menu_says_what_goes_on_and_cannot_be_chosen_there(icon: TrayIcon) -> None:
    icon.show_work(ONE_CHAT)

    texts = [action.text() for action in icon.menu.actions() if not action.isSeparator()]
    assert texts == ["1 chat is being answered", "Open Realm Desktop", "Stop and quit"]
    assert not icon.state.isEnabled()


def test_end_of_the_work_is_told_once(icon: TrayIcon, told: list[str]) -> None:
    for work in (ONE_CHAT, RunningWork(num_chats=2), RunningWork(), RunningWork()):
        icon.show_work(work)

    assert told == ["Everything is done"]


def test_icon_that_begins_without_work_tells_nothing(icon: TrayIcon, told: list[str]) -> None:
    icon.show_work(RunningWork())

    assert told == []


@pytest.mark.parametrize(
    ("reason", "is_wanted"),
    [
        (QSystemTrayIcon.ActivationReason.Trigger, True),
        (QSystemTrayIcon.ActivationReason.DoubleClick, True),
        (QSystemTrayIcon.ActivationReason.Context, False),
        (QSystemTrayIcon.ActivationReason.MiddleClick, False),
    ],
)
def test_click_wants_the_window(
    icon: TrayIcon, reason: QSystemTrayIcon.ActivationReason, is_wanted: bool
) -> None:
    wanted: list[bool] = []
    icon.opened.connect(lambda: wanted.append(True))

    icon._icon.activated.emit(reason)

    assert bool(wanted) == is_wanted


def test_picture_tells_work_from_its_end(icon: TrayIcon) -> None:
    icon.show_work(ONE_CHAT)
    working = icon._icon.icon().pixmap(32, 32).toImage()
    icon.show_work(RunningWork())

    assert icon._icon.icon().pixmap(32, 32).toImage() != working
