"""Tests of the axes of plots."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.plot_axes import paint_axes, plot_area
from tests.support.pictures import colours_in

BOUNDS = QRectF(0, 0, 200, 100)


def test_curve_has_room_beside_the_scale_and_above_the_foot(theme: Theme) -> None:
    area = plot_area(theme, BOUNDS)

    assert BOUNDS.contains(area)
    assert area.left() >= 40
    assert area.bottom() <= 84


def test_axes_have_grid_and_labels(theme: Theme) -> None:
    image = QImage(200, 100, QImage.Format.Format_RGB32)
    image.fill(theme.colour("surface"))
    painter = QPainter(image)
    paint_axes(painter, theme, plot_area(theme, BOUNDS), ("0", "5", "10"), ("then", "now"))
    painter.end()

    scale = image.copy(0, 0, 40, 100)
    assert theme.hex("border").lower() in colours_in(image)
    assert len(colours_in(scale)) > 1
