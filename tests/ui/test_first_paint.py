"""Tests of waiting for the first paint."""

from __future__ import annotations

import time

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from realm_desktop.ui.first_paint import show_painted


class _Painted(QWidget):
    """Counts its paints."""

    num_paints = 0

    def paintEvent(self, event: object) -> None:  # noqa: N802  # Qt's own name
        self.num_paints += 1


@pytest.mark.asyncio_qt
async def test_waits_until_the_window_was_painted(qtbot: QtBot) -> None:
    window = _Painted()
    qtbot.addWidget(window)

    await show_painted(window, 5.0)

    assert window.num_paints >= 1


@pytest.mark.asyncio_qt
async def test_window_that_is_never_painted_holds_nothing_up(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(0, 0)
    window.setUpdatesEnabled(False)
    started_s = time.monotonic()

    await show_painted(window, 0.05)

    assert time.monotonic() - started_s < 10.0  # else it would wait for ever
