"""Fixtures of the bars that need a window."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from realm_desktop.ui.theme import Theme
from tests.support.themes import light_theme


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    """The light theme, applied to the app."""
    return light_theme(qapp)
