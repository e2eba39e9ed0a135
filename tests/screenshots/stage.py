"""Takes pictures of the window with all that stands over it, and keeps them small."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QImage, QImageWriter, QPainter
from PySide6.QtWidgets import QApplication, QWidget

from realm_desktop.settings import ThemeChoice
from realm_desktop.ui.main_window import MainWindow
from tests.support.running_app import RunningApp

SIZE: Final = (1200, 760)
LARGE_SIZE: Final = (1600, 1000)
"""Of the window at 200 %: less than twice the room, so that what gives way has to."""

BOTH: Final[tuple[ThemeChoice, ...]] = ("light", "dark")
QUALITY: Final = 68
"""Of WebP: below 65 the edges of small letters are soft; 80 takes a third more."""

_GAP_PX: Final = 8
_COLUMNS: Final = 2
_SETTLE_S: Final = 0.4
"""Toasts, plots and throttled lists follow within this."""


class Stage:
    """A running app and the folder its pictures go to.

    Args:
        app: Its window is shown.
        folder: Exists.
    """

    def __init__(self, app: RunningApp, folder: Path) -> None:
        self.app = app
        self._folder = folder
        self._large: dict[ThemeChoice, list[QImage]] = {look: [] for look in BOTH}
        self.window.resize(*SIZE)

    @property
    def window(self) -> MainWindow:
        """That of the app."""
        return self.app.window

    async def take(
        self,
        name: str,
        *,
        looks: Sequence[ThemeChoice] = BOTH,
        is_large: bool = False,
        prepare: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Save what is shown, one look beside the other.

        Args:
            name: Of the file, without suffix.
            looks: Themes, left to right.
            is_large: Also at 200 %, for the sheet that `save_sheets` writes.
            prepare: Awaited right before every picture: begins what soon ends by itself.
        """
        tiles = []
        for look in looks:
            await self._wear(look, 1.0, prepare)
            tiles.append(picture_of(self.window))
        save(sheet(tiles), self._folder / f"{name}.webp")
        if is_large:
            await self._take_large(prepare)

    async def _take_large(self, prepare: Callable[[], Awaitable[None]] | None) -> None:
        self.window.resize(*LARGE_SIZE)
        for look, tiles in self._large.items():
            await self._wear(look, 2.0, prepare)
            picture = picture_of(self.window)
            width = LARGE_SIZE[0] // 2
            tiles.append(picture.scaledToWidth(width, Qt.TransformationMode.SmoothTransformation))
        self.window.resize(*SIZE)
        # What the next scene opens is to open at 100 %.
        await self._wear("dark", 1.0)

    def save_sheets(self) -> None:
        """Write what was seen at 200 %: one sheet for each look."""
        for look, tiles in self._large.items():
            if tiles:
                save(sheet(tiles), self._folder / f"at-200-percent-{look}.webp")

    async def settle(self, length_s: float = _SETTLE_S) -> None:
        """Let the window finish what it does a little later."""
        await asyncio.sleep(length_s)

    async def _wear(
        self,
        look: ThemeChoice,
        zoom: float,
        prepare: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        settings = self.window._settings
        appearance = replace(settings.current.appearance, theme=look, zoom=zoom)
        settings.put(replace(settings.current, appearance=appearance))
        await self.settle()
        if prepare is not None:
            await prepare()


def picture_of(window: QWidget) -> QImage:
    """A window and every dialog and menu over it, as a screen would show them."""
    image = window.grab().toImage()
    painter = QPainter(image)
    for over in QApplication.topLevelWidgets():
        if over is window or not over.isVisible():
            continue
        place = over.mapToGlobal(QPoint(0, 0)) - window.mapToGlobal(QPoint(0, 0))
        painter.drawPixmap(place, over.grab())
        painter.setPen(QColor(128, 128, 128))  # the frame that a desktop gives it
        painter.drawRect(QRect(place, over.size()).adjusted(-1, -1, 0, 0))
    painter.end()
    return image


def sheet(tiles: Sequence[QImage]) -> QImage:
    """Pictures in rows of two, as large as they are."""
    columns = min(_COLUMNS, len(tiles))
    rows = -(-len(tiles) // columns)
    width = max(tile.width() for tile in tiles) + _GAP_PX
    height = max(tile.height() for tile in tiles) + _GAP_PX
    whole = QImage(columns * width - _GAP_PX, rows * height - _GAP_PX, QImage.Format.Format_RGB32)
    whole.fill(QColor(128, 128, 128))
    painter = QPainter(whole)
    for number, tile in enumerate(tiles):
        painter.drawImage(number % columns * width, number // columns * height, tile)
    painter.end()
    return whole


def save(image: QImage, path: Path) -> None:
    """Write a picture.

    Raises:
        OSError: It could not be written.
    """
    writer = QImageWriter(str(path), b"webp")
    writer.setQuality(QUALITY)
    if not writer.write(image):
        raise OSError(f"{path}: {writer.errorString()}")
