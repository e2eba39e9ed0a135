"""Updates on the About page: looked for by a button, downloaded by a button, installed by the user.

GUI thread; what takes time is done by `Updates`.
"""

from __future__ import annotations

import asyncio
from typing import Final

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from realm_desktop import __version__
from realm_desktop.library.download_values import Download, DownloadState
from realm_desktop.library.update_check import Update
from realm_desktop.library.update_source import UpdateSource
from realm_desktop.library.updates import Updates
from realm_desktop.ui.file_manager import show_in_folder
from realm_desktop.ui.links import open_link
from realm_desktop.ui.one_line import visible
from realm_desktop.ui.panels.download_texts import error_text, state_text
from realm_desktop.ui.sentences import sentences
from realm_desktop.ui.settings.fact_box import FactBox
from realm_desktop.ui.task_keeper import TaskKeeper
from realm_desktop.ui.theme import Theme

_MAX_NOTES: Final = 1_500
"""Characters; the release page has all of them."""


class UpdateBox(FactBox):
    """What is known of newer versions, and what can be done.

    Attributes:
        state: In words.
        notes: Of the release, as its author wrote them.
        check_button, download_button, folder_button, page_button: Shown where they can be pressed.
    """

    def __init__(self, theme: Theme, updates: Updates, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._updates = updates
        self._source: UpdateSource | None = None
        self._is_closed = False
        self._tasks = TaskKeeper(self)
        self.state = self._label("interface")
        self.notes = self._label("stats", "muted")
        self.check_button = self._button(self.tr("Check for updates"), self._on_check)
        self.check_button.setToolTip(
            self.tr("Asks the list of releases once; nothing is installed")
        )
        self.download_button = self._button(self.tr("Download"), updates.start_download)
        self.folder_button = self._button(self.tr("Show in folder"), self._on_folder)
        self.page_button = self._button(self.tr("Release page…"), self._on_page)
        self._lay_out(
            (self.state, self.notes),
            (self.check_button, self.download_button, self.folder_button, self.page_button),
        )
        self._unsubscribe = updates.subscribe(self._show)
        self._show()

    def showEvent(self, event: QShowEvent) -> None:
        """Read where releases are announced, the first time."""
        super().showEvent(event)
        if self._source is None and self._tasks.can_start:
            self._tasks.start(self._read_source())

    def end(self) -> None:
        """Hear no more changes; a check that runs goes on unheard."""
        if not self._is_closed:
            self._is_closed = True
            self._unsubscribe()

    async def _read_source(self) -> None:
        self._source = await asyncio.to_thread(self._updates.source)
        if not self._is_closed:
            self._show()

    def _show(self) -> None:
        source, found, item = self._source, self._updates.found, self._updates.download
        can_ask = source is not None and source.can_verify
        self.state.setText(self._state_text(found, item))
        notes = found.notes if found is not None and found.is_newer else ""
        self.notes.setText(visible(notes[:_MAX_NOTES]))
        self.notes.setVisible(bool(notes))
        self.check_button.setVisible(can_ask)
        self.check_button.setEnabled(not self._updates.is_checking)
        has_file = found is not None and found.file is not None
        self.download_button.setVisible(has_file and (item is None or not item.is_active))
        is_done = item is not None and item.state is DownloadState.DONE
        if is_done:
            self.download_button.hide()
        self.download_button.setText(self.tr("Download") if item is None else self.tr("Resume"))
        self.folder_button.setVisible(is_done)
        self.page_button.setVisible(bool(self._page))

    def _state_text(self, found: Update | None, item: Download | None) -> str:
        if self._source is not None and not self._source.can_verify:
            return self.tr(
                "This copy has no release key, so updates could not be verified: none are looked for."
            )
        if self._updates.is_checking:
            return self.tr("Asking…")
        if self._updates.error is not None:
            return sentences(self._updates.error.message, self._updates.error.advice)
        if found is None:
            return self.tr(
                "Nobody is asked until you press the button, or switch it on in Network."
            )
        if not found.is_newer:
            return self.tr("Version {} is the newest one; this is {}.").format(
                found.version, __version__
            )
        return self._found_text(found, item)

    def _found_text(self, found: Update, item: Download | None) -> str:
        available = self.tr("Version {} is available.").format(found.version)
        if found.file is None:
            missing = self.tr("There is no package for this installation; see the release page.")
            return f"{available} {missing}"
        if item is None:
            return available
        if item.state is DownloadState.DONE:
            done = self.tr("It is downloaded and verified. Nothing is run for you: install it.")
            return f"{available} {done}"
        return " ".join(filter(None, (available, state_text(item), error_text(item))))

    @property
    def _page(self) -> str:
        found = self._updates.found
        of_release = found.page_url if found is not None else ""
        return of_release or (self._source.page_url if self._source is not None else "")

    def _on_check(self) -> None:
        self._tasks.start(self._updates.check())

    def _on_folder(self) -> None:
        item = self._updates.download
        if item is not None:
            show_in_folder(item.target)

    def _on_page(self) -> None:
        open_link(self, self._page)
