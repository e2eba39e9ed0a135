"""Looks for an update once a day, for users who switched that on, and tells of one that is there."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from realm_desktop.library.updates import Updates
from realm_desktop.settings import Settings
from realm_desktop.ui.main_window import MainWindow


async def look_for_update(window: MainWindow, settings: Settings, updates: Updates) -> None:
    """Ask if it is due; a failure is told where updates are shown, as nobody waits for the answer."""
    if not settings.network.is_update_checked:
        return
    update = await updates.check_if_due()
    if update is not None:
        found = _tr("Version {} of Realm Desktop is available.").format(update.version)
        window.show_notice(found, _tr("Show"), "about")


def _tr(text: str) -> str:
    return QCoreApplication.translate("App", text)
