"""How the main window looked when it was last seen: read at the start, taken down at the end.

Plain functions over `WindowSettings`. GUI thread.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from realm_desktop.settings import Settings
from realm_desktop.window_settings import WindowSettings

DEFAULT_SIZE: Final = (1280, 800)
MIN_SIZE: Final = (720, 480)
MAX_SCREENS: Final = 8
"""Sets of screens whose geometry is remembered."""

_MIN_VISIBLE_PX = 80
"""A window of which less is on any screen cannot be dragged back."""


def place_window(window: QWidget, memory: WindowSettings) -> None:
    """Give a window its last place on these screens, or its last one if a screen still shows it."""
    geometry = memory.screen_geometries.get(screens_key(), memory.geometry)
    if geometry is not None:
        wanted = QRect(*geometry)
        if _is_visible(wanted):
            window.setGeometry(wanted)
    if memory.is_maximized:
        window.setWindowState(Qt.WindowState.WindowMaximized)


def size_window(window: QWidget) -> None:
    """Give the main window the sizes of the design."""
    window.setMinimumSize(*MIN_SIZE)
    window.resize(*DEFAULT_SIZE)


def screens_key() -> str:
    """The screens that there are now, as a key: a laptop at its dock is another place."""
    parts = []
    for screen in QGuiApplication.screens():
        area = screen.geometry()
        parts.append(f"{area.width()}x{area.height()}@{area.x()},{area.y()}")
    return " ".join(sorted(parts))


def with_geometry(memory: WindowSettings, window: QWidget) -> WindowSettings:
    """`memory` with the place of a window, also under the screens of now; old ones are dropped."""
    geometry = geometry_of(window)
    known = {key: value for key, value in memory.screen_geometries.items() if key != screens_key()}
    recent = dict([*known.items(), (screens_key(), geometry)][-MAX_SCREENS:])
    return replace(memory, geometry=geometry, screen_geometries=recent)


def with_windows(settings: Settings, memory: WindowSettings, *more: WindowSettings) -> Settings:
    """The settings with another main window and other detached ones."""
    return replace(settings, windows=(memory, *more))


def geometry_of(window: QWidget) -> tuple[int, int, int, int]:
    """Place and size of a window as it is when it is not maximized."""
    rect = window.normalGeometry() if window.isMaximized() else window.geometry()
    return rect.x(), rect.y(), max(1, rect.width()), max(1, rect.height())


def _is_visible(rect: QRect) -> bool:
    """Whether enough of a rectangle is on a screen to grab it."""
    for screen in QGuiApplication.screens():
        shown = screen.availableGeometry().intersected(rect)
        if shown.width() >= _MIN_VISIBLE_PX and shown.height() >= _MIN_VISIBLE_PX:
            return True
    return False
