"""Tests of texts in rows: where they stand, and where they are cut."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QStyleOptionViewItem

from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.row_text import paint_row_text
from tests.support.pictures import colours_in

ROW = QRect(0, 0, 300, 30)
LEFT, RIGHT = QRect(0, 0, 150, 30), QRect(150, 0, 150, 30)


def _paint(
    theme: Theme,
    text: str,
    direction: Qt.LayoutDirection = Qt.LayoutDirection.LeftToRight,
    side: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeading,
) -> tuple[QImage, int]:
    image = QImage(ROW.size(), QImage.Format.Format_RGB32)
    image.fill(theme.colour("surface"))
    option = QStyleOptionViewItem()
    option.rect = ROW
    option.direction = direction
    painter = QPainter(image)
    width = paint_row_text(painter, option, ROW, text, theme, ("interface", "text"), side=side)
    painter.end()
    return image, width


def _is_bare(image: QImage, area: QRect) -> bool:
    return len(colours_in(image, area)) == 1


def test_text_stands_at_the_leading_side(theme: Theme) -> None:
    image, _ = _paint(theme, "abc")

    assert not _is_bare(image, LEFT)
    assert _is_bare(image, RIGHT)


def test_latin_text_of_a_mirrored_row_stands_right(theme: Theme) -> None:
    image, _ = _paint(theme, "abc", Qt.LayoutDirection.RightToLeft)

    assert _is_bare(image, LEFT)
    assert not _is_bare(image, RIGHT)


def test_number_stands_at_the_end(theme: Theme) -> None:
    image, _ = _paint(theme, "12", side=Qt.AlignmentFlag.AlignTrailing)

    assert _is_bare(image, LEFT)


def test_long_text_is_cut_at_its_room(theme: Theme) -> None:
    _, short = _paint(theme, "ab")
    _, long = _paint(theme, "ab" * 200)

    assert short < long <= ROW.width()
