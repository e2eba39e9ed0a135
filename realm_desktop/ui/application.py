"""The one application object of Qt, and where errors go that nobody else took. GUI thread."""

from __future__ import annotations

import asyncio
import ctypes
import logging
import sys
from types import TracebackType
from typing import Any, Final

from PySide6.QtWidgets import QApplication

from realm_desktop import __version__
from realm_desktop.ui.icons import program_icon

logger = logging.getLogger(__name__)

NAME: Final = "realm-desktop"
"""Also the name of the entry in the desktop's menu, by which Wayland finds the icon."""


def application() -> QApplication:
    """The one application object; the program ends when its caller says so, not with its last window."""
    _name_on_taskbar()
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(sys.argv[:1])
    app.setApplicationName(NAME)
    app.setApplicationDisplayName("Realm Desktop")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName(NAME)
    app.setWindowIcon(program_icon())
    app.setQuitOnLastWindowClosed(False)
    return app


def _name_on_taskbar() -> None:
    """Keep Windows from showing our windows under Python's icon, among those of other scripts."""
    # The installed program is known by its own file, as its entry in the menu Start is; another
    # name than that entry's would give a pinned icon a second one beside it.
    if sys.platform == "win32" and not getattr(sys, "frozen", False):
        ctypes.windll.shell32.SetCurrentProcessExplicitAppUserModelID(NAME)


def log_uncaught(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    """An exception that left a Qt slot: logged, and the window goes on."""
    logger.critical("uncaught", exc_info=(kind, error, traceback))


def log_fault(_loop: asyncio.AbstractEventLoop, fault: dict[str, Any]) -> None:
    """A fault that asyncio could hand to nobody."""
    logger.error("%s", fault.get("message"), exc_info=fault.get("exception"))
