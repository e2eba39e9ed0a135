"""The one application object of Qt, and where errors go that nobody else took. GUI thread."""

from __future__ import annotations

import asyncio
import logging
import sys
from types import TracebackType
from typing import Any

from PySide6.QtWidgets import QApplication

from realm_desktop import __version__

logger = logging.getLogger(__name__)


def application() -> QApplication:
    """The one application object; the program ends when its caller says so, not with its last window."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(sys.argv[:1])
    app.setApplicationName("realm-desktop")
    app.setApplicationDisplayName("Realm Desktop")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("realm-desktop")
    app.setQuitOnLastWindowClosed(False)
    return app


def log_uncaught(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    """An exception that left a Qt slot: logged, and the window goes on."""
    logger.critical("uncaught", exc_info=(kind, error, traceback))


def log_fault(_loop: asyncio.AbstractEventLoop, fault: dict[str, Any]) -> None:
    """A fault that asyncio could hand to nobody."""
    logger.error("%s", fault.get("message"), exc_info=fault.get("exception"))
