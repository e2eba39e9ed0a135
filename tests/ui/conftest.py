"""Fixtures that every test of the window needs."""

from __future__ import annotations

from collections.abc import Generator

import pytest
from PySide6.QtCore import QLocale, Qt, QTranslator
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from realm_desktop import assets
from realm_desktop.settings import AppearanceSettings
from realm_desktop.ui.language import speak
from realm_desktop.ui.sidebar import Sidebar
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.state_glyph import SpinnerClock
from tests.support.sidebars import make_chat, make_workspace
from tests.support.themes import light_theme


@pytest.fixture(scope="session", autouse=True)
def _english_words(qapp: QApplication) -> None:
    """The app has words for one and for many, as it has after its start; tests choose the locale."""
    words = QTranslator(qapp)
    assert words.load("realm_en", str(assets.resource("translations")))
    qapp.installTranslator(words)


@pytest.fixture(autouse=True)
def _plain_numbers() -> None:
    """Numbers without the marks of a country: an app started by another test chose its own."""
    QLocale.setDefault(QLocale.c())


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    """The light theme, applied to the app."""
    return light_theme(qapp)


@pytest.fixture
def german(qapp: QApplication) -> Generator[None, None, None]:
    """The application speaks German."""
    before = QLocale()
    speak(qapp, AppearanceSettings(language="de"), QLocale.c())
    yield
    speak(qapp, AppearanceSettings(), QLocale.c())
    QLocale.setDefault(before)


@pytest.fixture
def mirrored(qapp: QApplication) -> Generator[None, None, None]:
    """Windows that begin on the right."""
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    yield
    qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


@pytest.fixture
def sidebar(theme: Theme, qtbot: QtBot) -> Sidebar:
    """A sidebar with two workspaces and three chats, one of them in the trash."""
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
