"""Tests that everything follows the zoom, also what is open while it changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QFontInfo
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QMenuBar,
    QPlainTextEdit,
    QTabBar,
    QWidget,
)

from realm_desktop.ui.theme import Theme
from tests.support.every_page import close_dialogs, every_page, serve_all
from tests.support.stores import make_conversation
from tests.support.windows import open_window

_WITH_TEXT = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QMenuBar,
    QPlainTextEdit,
    QTabBar,
)


def _size(widget: QWidget) -> int:
    """Size of a widget's font, px; one that names none is asked for what it draws with."""
    font = widget.font()
    return font.pixelSize() if font.pixelSize() > 0 else QFontInfo(font).pixelSize()


def _shown() -> set[QWidget]:
    widgets = QApplication.allWidgets()
    return {widget for widget in widgets if isinstance(widget, _WITH_TEXT) and widget.isVisible()}


@pytest.mark.slow
@pytest.mark.asyncio_qt(limit_s=60)
async def test_every_font_on_every_page_follows_the_zoom(
    tmp_path: Path, theme: Theme, qapp: QApplication
) -> None:
    # As the app does it: the sheet first, because it resets the fonts of what it sees.
    theme.changed.connect(lambda: theme.apply(qapp))
    async with open_window(tmp_path, theme, make_conversation("c1", "Tides")) as opened:
        serve_all(opened, theme)
        seen: set[QWidget] = set()
        async for _page in every_page(opened, "c1", are_dialogs_kept=True):
            seen |= _shown()
        before = {widget: _size(widget) for widget in seen}

        theme.set_zoom(2.0)

        # Not exactly twice: Qt draws some labels a px larger until they are styled a second time.
        left = [widget for widget, size in before.items() if _size(widget) < 1.8 * size]
        names = [f"{type(w).__name__} in {type(w.parentWidget()).__name__}" for w in left]
        close_dialogs(opened.window)

    assert names == []


@pytest.mark.asyncio_qt
async def test_zoom_comes_back_with_the_next_start(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.window.commands.actions["zoom-in"].trigger()
        await opened.settings.write()
    theme.set_zoom(1.0)

    async with open_window(tmp_path, theme):
        assert theme.zoom == 1.1
