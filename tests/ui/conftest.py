"""Fixtures that every test of the window needs."""

from __future__ import annotations

from collections.abc import Generator

import pytest
from PySide6.QtCore import QLocale, Qt, QTranslator
from PySide6.QtWidgets import QApplication

from realm_desktop import assets
from realm_desktop.settings import AppearanceSettings
from realm_desktop.ui.language import speak
from realm_desktop.ui.theme import Theme
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
