"""What a chat does with the files of its composer: chosen, dropped, read, shown, kept until sent.

Files are read beside the GUI thread, one after the other; one that cannot go along is refused with
a sentence below the field. GUI thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QWidget

from realm_desktop.chat.attachment_reader import check_room, read_attachment
from realm_desktop.chat.session import ChatSession
from realm_desktop.errors import AttachmentError
from realm_desktop.store.records import Attachment, MessageId
from realm_desktop.ui.chat.attachment_window import AttachmentWindow
from realm_desktop.ui.chat.composer import Composer
from realm_desktop.ui.chat.composer_edit import local_files
from realm_desktop.ui.file_drops import accept_as_copy
from realm_desktop.ui.sentences import sentences
from realm_desktop.ui.task_keeper import TaskKeeper
from realm_desktop.ui.theme import Theme


class ComposerFiles(QObject):
    """Fills the chips of one composer; owned by the tab.

    Args:
        session: Keeps the files of what is not sent yet.
        composer: Shows them.
        tasks: Owner of the reading and saving.
        theme: For the window that shows a file.
        tab: Takes files that are dropped anywhere on it.
    """

    def __init__(
        self,
        session: ChatSession,
        composer: Composer,
        tasks: TaskKeeper,
        theme: Theme,
        tab: QWidget,
    ) -> None:
        super().__init__(tab)
        self._session = session
        self._composer = composer
        self._tasks = tasks
        self._theme = theme
        self._tab = tab
        composer.set_attachments(session.saved.unsent_attachments)
        composer.attach_requested.connect(self.choose)
        composer.files_offered.connect(self.attach)
        composer.attachments_changed.connect(self._on_changed)
        composer.chips.opened.connect(self._on_opened)
        tab.setAcceptDrops(True)
        tab.installEventFilter(self)

    def choose(self) -> None:
        """Let the user choose files."""
        dialog = QFileDialog(self._tab, self.tr("Attach files"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(self.attach)
        dialog.open()

    def attach(self, paths: Sequence[str]) -> None:
        """Read files and put them on the message, as far as they can go along."""
        self._composer.show_notice("")
        self._tasks.start(self._attach([Path(path) for path in paths]))

    def restore(self) -> None:
        """Show the files again that wait to be sent."""
        self._composer.set_attachments(self._session.saved.unsent_attachments)

    def show(self, message_id: str, number: int) -> None:
        """Show an attachment of a message."""
        message = self._session.transcript.get(MessageId(message_id))
        self._show(message.attachments[number])

    async def _attach(self, paths: Sequence[Path]) -> None:
        refusals = []
        for path in paths:
            try:
                attachment = await asyncio.to_thread(read_attachment, path)
                check_room(self._composer.attachments, attachment)
            except AttachmentError as error:
                refusals.append(sentences(error.message, error.advice))
            else:
                self._composer.set_attachments((*self._composer.attachments, attachment))
        if refusals:
            self._composer.show_notice("\n".join(refusals))

    def _on_changed(self) -> None:
        # The files of a message that is edited belong to that message, not to the next one.
        if not self._composer.is_editing:
            change = self._session.saved.set_unsent_attachments(self._composer.attachments)
            self._tasks.start(change)

    def _on_opened(self, number: int) -> None:
        self._show(self._composer.attachments[number])

    def _show(self, attachment: Attachment) -> None:
        AttachmentWindow(self._theme, attachment, self._tab).show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take files that are dropped on the tab; everything else goes its way."""
        if isinstance(event, QDragEnterEvent) and local_files(event.mimeData()):
            accept_as_copy(event)
            self._composer.show_drop(is_offered=True)
            return True
        if event.type() == QEvent.Type.DragLeave:
            self._composer.show_drop(is_offered=False)
        if isinstance(event, QDropEvent) and event.type() == QEvent.Type.Drop:
            self._composer.show_drop(is_offered=False)
            accept_as_copy(event)
            self.attach(local_files(event.mimeData()))
            return True
        return super().eventFilter(watched, event)
