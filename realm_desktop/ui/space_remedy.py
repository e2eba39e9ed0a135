"""The way to what takes the space on the disk, for errors that more of it would have spared."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QCoreApplication

from realm_desktop.errors import NO_SPACE
from realm_desktop.events import ErrorInfo
from realm_desktop.ui.actions import ActionName


class WindowRemedy(NamedTuple):
    """A button that does what an action of the window does.

    Attributes:
        text: On the button.
        does: Name of the action.
    """

    text: str
    does: ActionName


def space_remedy(error: ErrorInfo) -> WindowRemedy | None:
    """The remedy of an error; None if space has nothing to do with it."""
    return free_space() if error.field == NO_SPACE else None


def free_space() -> WindowRemedy:
    """The remedy itself, in the user's language."""
    return WindowRemedy(QCoreApplication.translate("Remedies", "Free space…"), "storage")
