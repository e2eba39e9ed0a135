"""What the Notes page does: shows the notes of a chat or workspace, keeps what is typed. GUI thread."""

from __future__ import annotations

import logging
from typing import Final, Literal

from PySide6.QtCore import QObject, QTimer

from realm_desktop.errors import StoreError
from realm_desktop.store.notes import NotesOwner, NotesStore, chat_owner, workspace_owner
from realm_desktop.ui.panel_commands import PanelCommands
from realm_desktop.ui.panels.notes_page import NotesPage
from realm_desktop.ui.panels.right_panel import RightPanel
from realm_desktop.ui.sentences import sentences
from realm_desktop.ui.task_keeper import TaskKeeper

logger = logging.getLogger(__name__)

SAVE_MS: Final = 1000
"""What a crash may cost, as with the text in a composer."""


class NotesCommands(QObject):
    """Keeps the Notes page in step with the shown chat, and its notes on the disk.

    What was typed waits in memory until it is stored, also when another chat is shown meanwhile.
    """

    def __init__(
        self, notes: NotesStore, panels: PanelCommands, panel: RightPanel, tasks: TaskKeeper
    ) -> None:
        super().__init__(panel)
        self._notes = notes
        self._panels = panels
        self._panel = panel
        self._tasks = tasks
        self._kind: Literal["conversation", "workspace"] = "conversation"
        self._shown: NotesOwner | None = None
        self._typed: dict[NotesOwner, str] = {}
        self._saving: set[NotesOwner] = set()
        self._timer = QTimer(self, singleShot=True, interval=SAVE_MS)
        self._timer.timeout.connect(self.flush)
        panel.page_made.connect(self._on_page_made)
        panels.shown.connect(self.refresh)

    @property
    def is_saved(self) -> bool:
        """Whether everything that was typed is on the disk."""
        return not self._typed and not self._saving

    def refresh(self) -> None:
        """Show whose notes there are, and read them when they are those of another chat."""
        page, workspace = self._panel.made(NotesPage), self._panels.workspace
        owner = self._owner()
        if page is None or workspace is None or owner is None:
            return
        page.show_owners(workspace.name, owner, has_chat=self._panels.session is not None)
        if owner == self._shown:
            return
        self.flush()
        self._shown = owner
        page.show_waiting()
        self._tasks.start(self._read(page, owner))

    def flush(self) -> None:
        """Store what was typed, now."""
        self._timer.stop()
        if self._typed and not self._tasks.can_start:
            # A window can be hidden after the event loop ended; there is nobody left to save.
            logger.warning("notes could not be stored: the app has ended")
            return
        for owner in self._typed.keys() - self._saving:
            self._saving.add(owner)
            self._tasks.start(self._save(owner))

    def show_found(self, _conversation_id: str, message_id: str) -> None:
        """Show the notes of a chat that is being opened, if they and no message were found."""
        if not message_id:
            self._kind = "conversation"
            self._panel.show_page("notes")
            self._panel.wanted.emit()
            self.refresh()

    def _owner(self) -> NotesOwner | None:
        """Whose notes are wanted: those of a workspace where there is no chat."""
        session, workspace = self._panels.session, self._panels.workspace
        if session is not None and self._kind == "conversation":
            return chat_owner(session.conversation.conversation_id)
        return None if workspace is None else workspace_owner(workspace.workspace_id)

    async def _read(self, page: NotesPage, owner: NotesOwner) -> None:
        try:
            text = await self._notes.read(owner)
        except StoreError as error:
            if owner == self._shown:
                page.show_fault(sentences(error.message, error.advice))
            return
        # Another chat may be shown by now, or what was typed here before is not stored yet.
        if owner == self._shown:
            page.show_notes(self._typed.get(owner, text))

    async def _save(self, owner: NotesOwner) -> None:
        """Store the notes of an owner until none are newer than the disk."""
        try:
            while owner in self._typed:
                text = self._typed[owner]
                await self._notes.save(owner, text)
                if self._typed.get(owner) is text:
                    del self._typed[owner]
        except StoreError as error:
            # They stay in memory: the next change, and every second until then, tries again.
            self._timer.start()
            page = self._panel.made(NotesPage)
            if page is not None and owner == self._shown:
                page.show_fault(sentences(error.message, error.advice))
        finally:
            self._saving.discard(owner)

    def _on_page_made(self, page: object) -> None:
        if isinstance(page, NotesPage):
            page.typed.connect(self._on_typed)
            page.left.connect(self.flush)
            page.kind_chosen.connect(self._on_kind)
            self.refresh()

    def _on_typed(self) -> None:
        page = self._panel.made(NotesPage)
        if page is not None and self._shown is not None:
            self._typed[self._shown] = page.text
            if not self._timer.isActive():
                self._timer.start()

    def _on_kind(self, kind: Literal["conversation", "workspace"]) -> None:  # a Qt slot
        self._kind = kind
        self.refresh()
