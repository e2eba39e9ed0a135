"""Tests of how pictures are put together and written."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QDialog, QWidget
from pytestqt.qtbot import QtBot

from tests.screenshots.stage import picture_of, save, sheet


def _tile(colour: str) -> QImage:
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    return image


def test_sheet_has_rows_of_two() -> None:
    whole = sheet([_tile("red"), _tile("blue"), _tile("green")])

    assert (whole.width(), whole.height()) == (88, 68)
    assert whole.pixelColor(20, 15) == QColor("red")
    assert whole.pixelColor(68, 15) == QColor("blue")
    assert whole.pixelColor(20, 53) == QColor("green")


def test_single_picture_has_no_margin() -> None:
    assert sheet([_tile("red")]).size() == _tile("red").size()


def test_picture_shows_a_dialog_where_it_stands(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.setGeometry(100, 100, 300, 200)
    window.show()
    dialog = QDialog(window, Qt.WindowType.FramelessWindowHint)
    dialog.setStyleSheet("background: #ff0000")
    dialog.setGeometry(150, 130, 80, 60)
    dialog.show()

    picture = picture_of(window)
    assert picture.pixelColor(90, 60) == QColor("#ff0000")
    assert picture.pixelColor(20, 20) != QColor("#ff0000")


def test_saved_picture_can_be_read(tmp_path: Path) -> None:
    save(_tile("blue"), tmp_path / "one.webp")

    assert QImage(str(tmp_path / "one.webp")).size() == _tile("blue").size()


def test_picture_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"one\.webp"):
        save(_tile("blue"), tmp_path / "nowhere" / "one.webp")
