"""Icons: our own drawings on a 24-unit grid, tinted with a colour of the theme.

Every file in `resources/icons` has one name here. Lines are 1.5 px wide at every size. GUI thread.
"""

from __future__ import annotations

from functools import cache
from typing import Final, Literal, get_args

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

from realm_desktop import assets
from realm_desktop.ui.theme import Theme

IconName = Literal[
    "adapters",
    "arrow-down",
    "arrow-up",
    "attach",
    "bolt",
    "chat",
    "check",
    "chevron-down",
    "chevron-left",
    "chevron-right",
    "chevron-up",
    "chevrons-down",
    "chevrons-up",
    "close",
    "compare",
    "copy",
    "disk",
    "download",
    "file",
    "folder",
    "folder-plus",
    "globe",
    "hash",
    "hourglass",
    "info",
    "list-tree",
    "lock",
    "models",
    "more",
    "new-chat",
    "notes",
    "pause",
    "pencil",
    "play",
    "plus",
    "prompt",
    "regenerate",
    "restart",
    "search",
    "settings",
    "sidebar",
    "sliders",
    "split",
    "star",
    "stop",
    "thinking",
    "trash",
    "undo",
    "warning",
    "wrap",
]

ICON_NAMES: Final[tuple[IconName, ...]] = get_args(IconName)

_STROKE_PX = 1.5
_GRID = 24
_TEXT_GAP_PX = 4
_PROGRAM_SIZES_PX = (16, 24, 32, 48, 64, 128)
"""From a title bar to a window list on a screen of double density."""


def icon(theme: Theme, name: IconName, token: str = "text-muted", size: int = 16) -> QIcon:
    """An icon in the colour of `token`, `size` px at 100 % zoom; disabled it is `text-disabled`."""
    result = QIcon()
    for ratio in theme.ratios:
        normal = pixmap(theme, name, token, size, ratio)
        disabled = pixmap(theme, name, "text-disabled", size, ratio)
        result.addPixmap(normal, QIcon.Mode.Normal)
        result.addPixmap(disabled, QIcon.Mode.Disabled)
    return result


def icon_size(theme: Theme, size: int = 16) -> QSize:
    """What `setIconSize` needs for an icon of `size` px at 100 % zoom."""
    return QSize(theme.px(size), theme.px(size))


def text_icon(theme: Theme, name: IconName, token: str = "text", size: int = 16) -> QIcon:
    """An icon for a button with text: with the design's gap towards it, which Qt leaves out."""
    is_mirrored = QGuiApplication.layoutDirection() is Qt.LayoutDirection.RightToLeft
    gap = theme.px(_TEXT_GAP_PX) if is_mirrored else 0
    result = QIcon()
    for ratio in theme.ratios:
        for colour, mode in ((token, QIcon.Mode.Normal), ("text-disabled", QIcon.Mode.Disabled)):
            drawn = pixmap(theme, name, colour, size, ratio)
            room = text_icon_size(theme, size)
            padded = QPixmap(round(room.width() * ratio), round(room.height() * ratio))
            padded.setDevicePixelRatio(ratio)
            padded.fill(Qt.GlobalColor.transparent)
            painter = QPainter(padded)
            painter.drawPixmap(gap, 0, drawn)
            painter.end()
            result.addPixmap(padded, mode)
    return result


def text_icon_size(theme: Theme, size: int = 16) -> QSize:
    """What `setIconSize` needs for a `text_icon`."""
    return QSize(theme.px(size + _TEXT_GAP_PX), theme.px(size))


def program_icon() -> QIcon:
    """The program's own sign, for title bars, docks and window lists; the same in every theme."""
    renderer = QSvgRenderer(str(assets.resource("desktop", "realm-desktop.svg")))
    result = QIcon()
    # Drawn here, because an icon straight from a file of SVG needs a plugin of Qt's of its own.
    for size in _PROGRAM_SIZES_PX:
        drawn = QPixmap(size, size)
        drawn.fill(Qt.GlobalColor.transparent)
        painter = QPainter(drawn)
        renderer.render(painter)
        painter.end()
        result.addPixmap(drawn)
    return result


def pixmap(theme: Theme, name: IconName, token: str, size: int, ratio: float = 1.0) -> QPixmap:
    """The icon as a picture of `theme.px(size)` logical px at a device pixel ratio; cached by Qt."""
    side = theme.px(size)
    key = f"realm-icon:{name}:{theme.hex(token)}:{side}:{ratio}"
    cached = QPixmap()
    if QPixmapCache.find(key, cached):
        return cached
    drawn = QPixmap(round(side * ratio), round(side * ratio))
    drawn.fill(Qt.GlobalColor.transparent)
    renderer = QSvgRenderer(QByteArray(_source(name, theme.hex(token), side).encode()))
    painter = QPainter(drawn)
    renderer.render(painter, QRectF(0, 0, drawn.width(), drawn.height()))
    painter.end()
    drawn.setDevicePixelRatio(ratio)
    QPixmapCache.insert(key, drawn)
    return drawn


def paint_icon(
    painter: QPainter, rect: QRect, theme: Theme, name: IconName, token: str, size: int = 16
) -> None:
    """Draw the icon in the middle of `rect`, sharp at the device's own pixel ratio."""
    ratio = painter.device().devicePixelRatioF()
    side = theme.px(size)
    left = rect.x() + (rect.width() - side) // 2
    top = rect.y() + (rect.height() - side) // 2
    painter.drawPixmap(left, top, pixmap(theme, name, token, size, ratio))


def _source(name: IconName, colour: str, side: int) -> str:
    """SVG text with colour and line width in place: QtSvg paints `currentColor` black."""
    width = _STROKE_PX * _GRID / side
    coloured = _drawing(name).replace("currentColor", colour)
    return coloured.replace('stroke-width="2"', f'stroke-width="{width:.3f}"')


@cache
def _drawing(name: IconName) -> str:
    """The file of an icon; read once, because lists ask for the same few again and again."""
    return assets.resource("icons", f"{name}.svg").read_text(encoding="utf-8")
