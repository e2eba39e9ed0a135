"""What the window does with chats on their way out and in: export, print, import with undo.

Files are read and written in other threads; pages are drawn in slices. GUI thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QDate, QLocale, QObject
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QDialog, QFileDialog

from realm_desktop.chat.chat_library import ChatLibrary
from realm_desktop.errors import ExportError, RealmError
from realm_desktop.exchange.archive_writer import write_archive
from realm_desktop.exchange.chat_document import (
    ChatDocument,
    as_html,
    as_markdown,
    as_plain_text,
    chat_document,
    paper_pieces,
)
from realm_desktop.exchange.chat_import import ChatImport, ImportReport, undo_import
from realm_desktop.exchange.output_file import write_data
from realm_desktop.formats.corruption import quote
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.records import Conversation, ConversationId
from realm_desktop.store.trees import read_tree
from realm_desktop.ui.actions import ActionName
from realm_desktop.ui.dialogs.chat_import_dialog import ChatImportDialog
from realm_desktop.ui.document_words import document_words, file_name
from realm_desktop.ui.main_window import MainWindow
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.paper import Paper, page_layout, pdf_bytes
from realm_desktop.ui.quantities import count_text
from realm_desktop.ui.sentences import sentences
from realm_desktop.ui.theme import Theme

_SUFFIXES: Final = (".md", ".html", ".pdf", ".txt", ".json")
_EVERYTHING: Final = "realm-desktop-chats"


class ExchangeCommands(QObject):
    """Commands of the window; each starts its work and returns at once.

    Args:
        library: Lists the chats.
        store: Keeps them.
        theme: Of dialogs and pages.
        window: Its actions and its sidebar ask for all of this.
    """

    def __init__(
        self, library: ChatLibrary, store: ConversationStore, theme: Theme, window: MainWindow
    ) -> None:
        super().__init__(window)
        self._library = library
        self._store = store
        self._theme = theme
        self._window = window
        self._toast = window.chats.undo.toast
        self._connect()

    def ask_export(self, conversation_id: str = "") -> None:
        """Ask for a file and write a chat into it; "" is the shown chat."""
        chat = self._chat(conversation_id)
        if chat is None:
            return
        dialog = QFileDialog(self._window, self.tr("Export chat"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        filters = self._filters()
        dialog.setNameFilters(list(filters))
        dialog.setDefaultSuffix(_SUFFIXES[0][1:])
        dialog.filterSelected.connect(lambda name: dialog.setDefaultSuffix(filters[name][1:]))
        dialog.selectFile(file_name(chat.title))
        key = chat.conversation_id
        dialog.fileSelected.connect(lambda path: self.export_chat(key, path))
        _open(dialog)

    def export_chat(self, conversation_id: ConversationId, path: str) -> None:
        """Write a chat in the format that the file's suffix names."""
        self._window.tasks.start(self._export(conversation_id, Path(path)))

    def ask_export_many(self, workspace_id: str = "") -> None:
        """Ask for a JSON file and write all chats of a workspace into it; "" is everything."""
        name = _EVERYTHING
        for workspace in self._library.workspaces:
            if workspace.workspace_id == workspace_id:
                name = file_name(workspace.name)
        dialog = QFileDialog(self._window, self.tr("Export chats"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters([self.tr("JSON, with everything ({})").format("*.json")])
        dialog.setDefaultSuffix("json")
        dialog.selectFile(name)
        dialog.fileSelected.connect(lambda path: self.export_many(workspace_id, path))
        _open(dialog)

    def export_many(self, workspace_id: str, path: str) -> None:
        """Write all chats of a workspace as JSON; "" is everything, the trash too."""
        chats = [
            chat
            for chat in self._library.conversations
            if not workspace_id or (chat.workspace_id == workspace_id and chat.deleted_s is None)
        ]
        self._window.tasks.start(self._export_many(chats, Path(path)))

    def print_chat(self) -> None:
        """Ask for a printer and print the shown chat."""
        chat = self._chat("")
        if chat is None:
            return
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setPageLayout(page_layout())
        printer.setDocName(file_name(chat.title))
        dialog = QPrintDialog(printer, self._window)
        dialog.setWindowTitle(self.tr("Print chat"))
        dialog.setOption(QPrintDialog.PrintDialogOption.PrintPageRange, on=False)
        key = chat.conversation_id
        dialog.accepted.connect(lambda: self.print_to(printer, key))
        dialog.finished.connect(dialog.deleteLater)
        QDialog.open(dialog)  # the print dialog's own takes a slot by name

    def print_to(self, printer: QPrinter, conversation_id: ConversationId) -> None:
        """Print a chat on a printer that was chosen."""
        self._window.tasks.start(self._print(printer, conversation_id))

    def ask_import(self) -> None:
        """Ask for a file of chats and take it in."""
        dialog = QFileDialog(self._window, self.tr("Import chats"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([self.tr("Chats ({})").format("*.json"), self.tr("All files (*)")])
        dialog.fileSelected.connect(self.import_file)
        _open(dialog)

    def import_file(self, path: str) -> ChatImportDialog:
        """Take a file of chats in, with a dialog that shows how far it is."""
        dialog = ChatImportDialog(self._theme, Path(path).name, self._window)
        work = ChatImport(self._library, self._store, Path(path), dialog.set_progress)
        dialog.cancelled.connect(work.cancel)
        dialog.undo_requested.connect(lambda: self._undo_import(work.report))
        dialog.open()
        self._window.tasks.start(self._import(work, dialog))
        return dialog

    def _connect(self) -> None:
        actions, sidebar = self._window.commands.actions, self._window.parts.sidebar
        slots: dict[ActionName, Callable[[], object]] = {
            "export-chat": lambda: self.ask_export(),
            "export-all": lambda: self.ask_export_many(),
            "print-chat": self.print_chat,
            "import-chats": self.ask_import,
        }
        for name, slot in slots.items():
            actions[name].triggered.connect(slot)
        sidebar.chat_export_requested.connect(self.ask_export)
        sidebar.workspace_export_requested.connect(self.ask_export_many)

    async def _export(self, conversation_id: ConversationId, path: Path) -> None:
        suffix = path.suffix.lower()
        if suffix not in _SUFFIXES:
            raise ExportError(
                self.tr("{} has no ending that names a format").format(quote(path.name)),
                advice=self.tr("End the name in {}.").format(", ".join(_SUFFIXES)),
                file=path,
            )
        chat = self._library.get(conversation_id)
        if suffix == ".json":
            await write_archive(self._library, self._store.database, path, [chat])
        else:
            document = await self._document(conversation_id)
            if suffix == ".pdf":
                data = await pdf_bytes(paper_pieces(document), document.title, self._theme)
            else:
                data = await asyncio.to_thread(_WRITERS[suffix], document)
            await write_data(path, data)
        self._tell(self.tr("Exported to {}").format(one_line(path.name)))

    async def _export_many(self, chats: Sequence[Conversation], path: Path) -> None:
        size = await asyncio.to_thread(_size_of, self._store.database.path)
        self._tell(self.tr("Chats being exported: {}…").format(count_text(len(chats))))
        await write_archive(self._library, self._store.database, path, chats, num_bytes=size)
        text = self.tr("Chats exported: {}, to {}")
        self._tell(text.format(count_text(len(chats)), one_line(path.name)))

    async def _print(self, printer: QPrinter, conversation_id: ConversationId) -> None:
        document = await self._document(conversation_id)
        paper = Paper(printer, self._theme)
        await paper.draw(paper_pieces(document))
        self._tell(self.tr("Pages sent to the printer: {}").format(count_text(paper.num_pages)))

    async def _import(self, work: ChatImport, dialog: ChatImportDialog) -> None:
        is_open = True

        def on_closed() -> None:
            nonlocal is_open
            is_open = False

        dialog.finished.connect(on_closed)
        try:
            report = await work.run()
        except RealmError as error:
            if not is_open:
                raise
            dialog.show_failure(sentences(error.message, error.advice))
            return
        if report.remarks and is_open:
            dialog.show_report(report)
            return
        if is_open:
            dialog.show_report(report)  # it is done, so closing it cancels nothing
            dialog.close()
        text = self.tr("Chats imported: {}").format(count_text(len(report.conversations)))
        undo = self._window.chats.undo
        undo.offer(text, partial(undo_import, self._library, self._store, report))

    def _undo_import(self, report: ImportReport) -> None:
        self._window.tasks.start(undo_import(self._library, self._store, report))

    async def _document(self, conversation_id: ConversationId) -> ChatDocument:
        """What is exported of a chat: what it shows now."""
        session = self._library.sessions.get(conversation_id)
        chat = self._library.get(conversation_id) if session is None else session.conversation
        tree = await read_tree(self._store.database, chat)
        day = QLocale().toString(QDate.currentDate(), QLocale.FormatType.LongFormat)
        return await asyncio.to_thread(chat_document, tree, document_words(), day)

    def _filters(self) -> dict[str, str]:
        """Name filters of the formats, in the order they are offered, with their suffix."""
        names = (
            self.tr("Markdown ({})"),
            self.tr("HTML ({})"),
            self.tr("PDF ({})"),
            self.tr("Plain text ({})"),
            self.tr("JSON, with everything, to import again ({})"),
        )
        return {
            name.format(f"*{suffix}"): suffix for name, suffix in zip(names, _SUFFIXES, strict=True)
        }

    def _chat(self, conversation_id: str) -> Conversation | None:
        if conversation_id:
            return self._library.get(ConversationId(conversation_id))
        session = self._window.parts.tabs.current_session
        return None if session is None else session.conversation

    def _tell(self, text: str) -> None:
        self._toast.show_message(text, can_undo=False)


def _html(document: ChatDocument) -> bytes:
    return "".join(as_html(document)).encode("utf-8")


def _markdown(document: ChatDocument) -> bytes:
    return as_markdown(document).encode("utf-8")


def _plain_text(document: ChatDocument) -> bytes:
    return as_plain_text(document).encode("utf-8")


_WRITERS: Final[dict[str, Callable[[ChatDocument], bytes]]] = {
    ".md": _markdown,
    ".html": _html,
    ".txt": _plain_text,
}


def _size_of(path: Path) -> int:
    return path.stat().st_size


def _open(dialog: QFileDialog) -> None:
    """Show a dialog without waiting for it."""
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
