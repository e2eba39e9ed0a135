"""Tests of the icons."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPixmap

from realm_desktop import assets
from realm_desktop.ui import icons
from realm_desktop.ui.icons import (
    ICON_NAMES,
    IconName,
    icon,
    icon_size,
    paint_icon,
    pixmap,
    text_icon,
)
from realm_desktop.ui.theme import Theme


def test_every_icon_has_a_file_and_every_file_a_name() -> None:
    files = {path.stem for path in assets.resource("icons").glob("*.svg")}

    assert files == set(ICON_NAMES)


@pytest.mark.parametrize("name", ICON_NAMES)
def test_every_icon_is_asked_for(name: IconName) -> None:
    ui = Path(icons.__file__).parent
    askers = [path for path in ui.rglob("*.py") if path.name != "icons.py"]

    assert any(f'"{name}"' in path.read_text(encoding="utf-8") for path in askers)


@pytest.mark.parametrize("name", ICON_NAMES)
def test_icon_file_is_one_colour_on_the_24_grid(name: IconName) -> None:
    root = ET.fromstring(assets.resource("icons", f"{name}.svg").read_text(encoding="utf-8"))
    colours = {part.get(key) for part in root.iter() for key in ("stroke", "fill")}

    assert root.get("viewBox") == "0 0 24 24"
    assert colours <= {"currentColor", "none", None}
    assert root.get("stroke-width") == "2"


@pytest.mark.parametrize("name", ICON_NAMES)
def test_icon_paints_in_the_colour_of_its_token(theme: Theme, name: IconName) -> None:
    image = pixmap(theme, name, "danger", 24, 2.0).toImage()
    colours = {
        image.pixelColor(x, y).name()
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    }

    assert colours == {QColor(theme.hex("danger")).name()}


def test_pixmap_is_sharp_at_the_device_ratio(theme: Theme) -> None:
    picture = pixmap(theme, "chat", "text", 16, 2.0)

    assert picture.width() == 32
    assert picture.deviceIndependentSize().width() == 16


def test_pixmap_follows_the_zoom(theme: Theme) -> None:
    theme.set_zoom(2.0)

    assert pixmap(theme, "chat", "text", 16).width() == 32
    assert icon_size(theme, 16).width() == 32


def test_disabled_icon_looks_different(theme: Theme) -> None:
    drawn = icon(theme, "trash", "text", 16)

    normal = drawn.pixmap(16, QIcon.Mode.Normal).toImage()
    disabled = drawn.pixmap(16, QIcon.Mode.Disabled).toImage()

    assert normal != disabled


@pytest.mark.parametrize("draw", [icon, text_icon])
def test_icon_is_sharp_on_every_screen_in_use(theme: Theme, draw: Callable[..., QIcon]) -> None:
    soft = draw(theme, "trash").pixmap(QSize(32, 16), 2.0)
    screen = QPixmap(1, 1)
    screen.setDevicePixelRatio(2.0)
    theme.draw_for(screen)
    sharp = draw(theme, "trash").pixmap(QSize(32, 16), 2.0)

    assert soft.height() == 16
    assert sharp.height() == 32


def test_no_icon_is_drawn_for_screens_there_are_not(theme: Theme) -> None:
    assert len(icon(theme, "trash").availableSizes()) == len(theme.ratios) == 1


def test_paint_icon_centres_the_icon(theme: Theme) -> None:
    image = QImage(40, 40, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)

    paint_icon(painter, QRect(0, 0, 40, 40), theme, "stop", "text", 24)
    painter.end()

    assert image.pixelColor(20, 20) == theme.colour("text")
    assert image.pixelColor(3, 20).alpha() == 0
