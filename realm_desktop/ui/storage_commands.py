"""What the window does with its own files: shows their size, backs up, restores, checks.

Files and database are read in other threads. GUI thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeAlias

from PySide6.QtCore import QDateTime, QLocale, QObject, QUrl
from PySide6.QtGui import QDesktopServices

from realm_desktop.chat.chat_library import ChatLibrary
from realm_desktop.errors import RealmError
from realm_desktop.paths import Paths
from realm_desktop.store.backup import back_up_now
from realm_desktop.store.backup_shelf import (
    Backup,
    BackupKind,
    all_backups,
    restore_backup,
    verify_backup,
)
from realm_desktop.store.data_check import DataCheck, check_data
from realm_desktop.store.database import Database
from realm_desktop.store.disk_use import clear_folder, file_bytes, folder_bytes
from realm_desktop.ui.dialogs.confirm_dialog import ConfirmDialog
from realm_desktop.ui.dialogs.storage_dialog import StorageDialog
from realm_desktop.ui.main_window import MainWindow
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.quantities import bytes_text, count_text
from realm_desktop.ui.sentences import sentences
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.two_line_list import TwoLineRow

_Work: TypeAlias = "Callable[[], Coroutine[Any, Any, None]]"

_DATABASE_PARTS: Final = ("", "-wal", "-shm")


class StorageCommands(QObject):
    """Commands of the storage dialog; one runs at a time.

    Args:
        library: Is read anew after a restore.
        database: The open one.
        paths: Where everything is.
        theme: Of the dialogs.
        window: Its action opens the dialog.
    """

    def __init__(
        self,
        library: ChatLibrary,
        database: Database,
        paths: Paths,
        theme: Theme,
        window: MainWindow,
    ) -> None:
        super().__init__(window)
        self._library = library
        self._database = database
        self._paths = paths
        self._theme = theme
        self._window = window
        self._dialog: StorageDialog | None = None
        self._is_working = False
        window.commands.actions["storage"].triggered.connect(self.show)

    def show(self) -> StorageDialog:
        """Open the dialog, or bring it to the front."""
        if self._dialog is None:
            self._dialog = self._new_dialog()
            self._dialog.set_working(is_working=self._is_working)
        self._dialog.show()
        self._dialog.activateWindow()
        self._window.tasks.start(self._refresh())
        return self._dialog

    def restore(self, path: str) -> None:
        """Ask, then put a backup in the place of all chats."""
        dialog = ConfirmDialog(
            self._theme,
            self.tr("Restore this backup?"),
            self.tr(
                "All chats, workspaces and folders become what they were then; open tabs close "
                "and running replies stop. What is there now is kept as another backup."
            ),
            self.tr("Restore"),
            self._dialog or self._window,
        )
        dialog.confirmed.connect(lambda: self._start(partial(self._restore, Path(path))))
        dialog.open()

    def _new_dialog(self) -> StorageDialog:
        dialog = StorageDialog(self._theme, str(self._paths.data_dir), self._window)
        dialog.folder_requested.connect(self._open_folder)
        dialog.backup_requested.connect(lambda: self._start(self._back_up))
        dialog.verify_requested.connect(lambda path: self._start(partial(self._verify, Path(path))))
        dialog.restore_requested.connect(self.restore)
        dialog.check_requested.connect(lambda: self._start(self._check))
        dialog.packed_requested.connect(lambda: self._start(self._clear_packed))
        dialog.trash_requested.connect(self._window.chats.shelf.empty_trash)
        unsubscribe = self._library.subscribe(self._show_trash)
        dialog.finished.connect(unsubscribe)
        dialog.finished.connect(self._on_closed)
        return dialog

    def _on_closed(self) -> None:
        self._dialog = None

    def _start(self, work: _Work) -> None:
        """Begin unless something runs, which the dialog may have been closed over."""
        if not self._is_working:
            self._set_working(is_working=True)
            self._window.tasks.start(self._run(work))

    async def _run(self, work: _Work) -> None:
        try:
            await work()
            await self._refresh()
        except RealmError as error:
            if self._dialog is None:
                raise
            self._tell(sentences(error.message, error.advice))
        finally:
            self._set_working(is_working=False)

    def _set_working(self, *, is_working: bool) -> None:
        self._is_working = is_working
        if self._dialog is not None:
            self._dialog.set_working(is_working=is_working)

    async def _refresh(self) -> None:
        """Show sizes, backups and the trash as they are now."""
        backups = await all_backups(self._paths.backups_dir)
        sizes = await asyncio.to_thread(_sizes, self._paths)
        packed_bytes = await asyncio.to_thread(folder_bytes, self._paths.packed_dir)
        if self._dialog is None:
            return
        names = (
            self.tr("Chats"),
            self.tr("Backups"),
            self.tr("Models"),
            self.tr("Adapters"),
            self.tr("Logs"),
        )
        parts = (f"{name} {bytes_text(size)}" for name, size in zip(names, sizes, strict=True))
        self._dialog.sizes.setText(" · ".join(parts))
        self._dialog.show_backups([self._row(backup) for backup in backups])
        self._dialog.show_packed(bytes_text(packed_bytes) if packed_bytes else "")
        self._show_trash()

    async def _clear_packed(self) -> None:
        await asyncio.to_thread(clear_folder, self._paths.packed_dir)

    async def _back_up(self) -> None:
        path = await back_up_now(self._database.path, self._paths.backups_dir)
        self._tell(self.tr("Backup {} made and checked.").format(path.name))

    async def _verify(self, path: Path) -> None:
        content = await verify_backup(path)
        text = self.tr("{} is sound. Chats: {}, messages: {}.")
        numbers = count_text(content.num_conversations), count_text(content.num_messages)
        self._tell(text.format(path.name, *numbers))

    async def _restore(self, path: Path) -> None:
        open_chats = tuple(self._library.sessions)
        for key in open_chats:
            self._window.parts.tabs.forget(key)
        # Closing stores what was typed and what was answered; the copy of the present has it.
        await self._library.forget(open_chats)
        try:
            kept = await restore_backup(self._database, path, self._paths.backups_dir)
        finally:
            await self._library.load()
            await self._library.adapters.load()
        text = self.tr("Restored. What was there before is kept as {}.")
        self._tell(text.format(kept.name))

    async def _check(self) -> None:
        if self._dialog is not None:
            self._dialog.check.setText(self.tr("Checking… Saving may wait for a moment."))
        found = await check_data(self._database)
        if self._dialog is not None:
            self._dialog.check.setText(self._check_text(found))

    def _check_text(self, found: DataCheck) -> str:
        """What was found, in words."""
        if found.faults:
            faults = "; ".join(one_line(fault) for fault in found.faults[:3])
            text = self.tr("The file is damaged: {}. Nothing was changed.").format(faults)
            return sentences(text, self.tr("Start Realm Desktop again: it will recover it."))
        text = self.tr("The data are sound. Chats: {}, messages: {}.")
        parts = [text.format(count_text(found.num_conversations), count_text(found.num_messages))]
        if found.num_mended:
            mended = self.tr("Broken references mended: {}.")
            parts.append(mended.format(count_text(found.num_mended)))
        parts.append(self.tr("The search index was built anew."))
        return " ".join(parts)

    def _row(self, backup: Backup) -> TwoLineRow:
        kinds = {
            BackupKind.DAILY: self.tr("Backup"),
            BackupKind.BEFORE_FORMAT: self.tr("Before an update changed the format"),
            BackupKind.BEFORE_RESTORE: self.tr("Before a backup was restored"),
        }
        made = QDateTime.fromSecsSinceEpoch(int(backup.made_s))
        return TwoLineRow(
            key=str(backup.path),
            text=QLocale().toString(made, QLocale.FormatType.ShortFormat),
            facts=f"{kinds[backup.kind]} · {backup.path.name}",
            figure=bytes_text(backup.num_bytes),
        )

    def _show_trash(self) -> None:
        if self._dialog is not None:
            chats = self._library.conversations
            self._dialog.show_trash(sum(chat.deleted_s is not None for chat in chats))

    def _tell(self, text: str) -> None:
        if self._dialog is not None:
            self._dialog.note.setText(text)
        else:
            self._window.chats.undo.toast.show_message(text, can_undo=False)

    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._paths.data_dir)))


def _sizes(paths: Paths) -> tuple[int, ...]:
    """Bytes of chats, backups, models, adapters and logs."""
    database = paths.database_file
    parts = (database.with_name(database.name + suffix) for suffix in _DATABASE_PARTS)
    folders = (paths.backups_dir, paths.models_dir, paths.adapters_dir, paths.logs_dir)
    return file_bytes(*parts), *(folder_bytes(folder) for folder in folders)
