"""How the main window looked when it was last seen: read at the start, taken down at the end.

Plain functions over `WindowSettings`. GUI thread.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow

from realm_desktop.settings import Settings, WindowSettings

DEFAULT_SIZE: Final = (1280, 800)
MIN_SIZE: Final = (720, 480)

_MIN_VISIBLE_PX = 80
"""A window of which less is on any screen cannot be dragged back."""


def place_window(window: QMainWindow, memory: WindowSettings) -> None:
    """Give a window its last place, if a screen still shows it, else the default size."""
    window.setMinimumSize(*MIN_SIZE)
    window.resize(*DEFAULT_SIZE)
    if memory.geometry is not None:
        wanted = QRect(*memory.geometry)
        if _is_visible(wanted):
            window.setGeometry(wanted)
    if memory.is_maximized:
        window.setWindowState(Qt.WindowState.WindowMaximized)


def with_window(settings: Settings, memory: WindowSettings) -> Settings:
    """The settings with another main window."""
    return replace(settings, windows=(memory, *settings.windows[1:]))


def geometry_of(window: QMainWindow) -> tuple[int, int, int, int]:
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
