"""Tests of where the parts of the window stand."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget

from realm_desktop.ui.theme import Theme
from tests.support.windows import open_window


@pytest.mark.asyncio_qt
async def test_parts_stand_from_left_to_right(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        parts, window = opened.window.parts, opened.window
        lefts = [
            part.mapTo(window, part.rect().topLeft()).x()
            for part in (parts.rail, parts.sidebar, parts.centre)
        ]

        assert lefts[0] == 0
        assert lefts == sorted(lefts)
        assert len(set(lefts)) == 3


@pytest.mark.asyncio_qt
async def test_sidebar_has_the_width_of_the_design(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        assert opened.window.parts.sidebar.width() == 264


@pytest.mark.asyncio_qt
async def test_status_bar_is_the_window_s(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        assert opened.window.statusBar() is opened.window.parts.status


@pytest.mark.asyncio_qt
async def test_pages_replace_each_other_in_the_centre(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        parts = opened.window.parts

        parts.show_page("models")
        shown = parts.centre.currentWidget()
        parts.show_page("chat")

        assert shown is parts.models_page
        assert parts.centre.currentWidget() is parts.tabs
        assert parts.rail.chat_button.isChecked()


class _StyleChanges(QObject):
    """Counts how often widgets were styled."""

    count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt names it)
        self.count += event.type() is QEvent.Type.StyleChange
        return super().eventFilter(watched, event)


@pytest.mark.asyncio_qt
async def test_parts_are_put_in_place_before_they_are_filled(
    tmp_path: Path, theme: Theme, qapp: QApplication
) -> None:
    """What moves to another parent is styled again: six times each, where parts were filled first."""
    changes = _StyleChanges()
    qapp.installEventFilter(changes)
    async with open_window(tmp_path, theme) as opened:
        qapp.removeEventFilter(changes)

        assert changes.count < 4 * len(opened.window.findChildren(QWidget))
