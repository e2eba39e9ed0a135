"""Fixtures that every test of the window needs."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from realm_desktop.ui.theme import Theme


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    """The light theme at 100 %, applied to the app."""
    theme = Theme("light")
    theme.apply(qapp)
    return theme
