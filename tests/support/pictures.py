"""Looking at what a widget paints."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QWidget


def picture_of(widget: QWidget) -> QImage:
    """What a widget paints, parts included."""
    return widget.grab().toImage()


def colours_in(image: QImage, area: QRect | None = None) -> set[str]:
    """Names of all colours in an image or a part of it."""
    part = image if area is None else image.copy(area.intersected(image.rect()))
    # Four bytes a pixel leave no padding at the ends of lines. Kept, because a view does not.
    kept = part.convertToFormat(QImage.Format.Format_RGB32)
    pixels = memoryview(kept.constBits()).cast("I")
    return {f"#{pixel & 0xFFFFFF:06x}" for pixel in set(pixels)}


def has_colour(widget: QWidget, colour: QColor, area: QRect | None = None) -> bool:
    """Whether a widget paints a pixel of exactly this colour."""
    return colour.name() in colours_in(picture_of(widget), area)
