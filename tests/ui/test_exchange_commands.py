"""Export, print and import as the window does them."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QFileDialog

from realm_desktop.exchange.archive_format import FORMAT
from realm_desktop.store.records import GENERAL_WORKSPACE_ID, ConversationId
from realm_desktop.ui.exchange_commands import ExchangeCommands
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.toast import Toast
from tests.support.exchanges import write_json
from tests.support.stores import make_conversation, make_message, make_reply
from tests.support.widgets import child
from tests.support.windows import OpenWindow, open_window, until

C1 = ConversationId("c1")
_IMPORTED = {
    "title": "Whales",
    "create_time": 5,
    "mapping": {
        "a": {
            "message": {"author": {"role": "user"}, "content": {"parts": ["Do they sing?"]}},
            "parent": None,
        }
    },
}


@contextlib.asynccontextmanager
async def _open(folder: Path, theme: Theme) -> AsyncIterator[tuple[OpenWindow, ExchangeCommands]]:
    """A window with one chat of two messages, and the commands."""
    async with open_window(folder, theme, make_conversation("c1", "Tides: high/low")) as opened:
        await opened.store.add_message(make_message("q", None, "Why?"))
        await opened.store.add_message(make_reply("a", "q", "Because of the **moon**."))
        await opened.library.load()
        yield opened, ExchangeCommands(opened.library, opened.store, theme, opened.window)


def _toast(opened: OpenWindow) -> Toast:
    return opened.window.chats.undo.toast


@pytest.mark.asyncio_qt
async def test_chat_is_exported_in_every_format(tmp_path: Path, theme: Theme) -> None:
    beginnings = {".md": b"# Tides", ".html": b"<!DOCTYPE", ".pdf": b"%PDF", ".txt": b"Tides"}
    async with _open(tmp_path, theme) as (_opened, commands):
        for suffix, beginning in {**beginnings, ".json": b"{"}.items():
            path = tmp_path / f"chat{suffix}"
            commands.export_chat(C1, str(path))

            await until(path.exists)
            data = path.read_bytes()
            assert data.startswith(beginning)
            assert suffix == ".pdf" or b"moon" in data


@pytest.mark.asyncio_qt
async def test_ending_that_names_no_format_is_refused(tmp_path: Path, theme: Theme) -> None:
    async with _open(tmp_path, theme) as (opened, commands):
        commands.export_chat(C1, str(tmp_path / "chat.doc"))

        notice = opened.window.parts.tabs.notice
        await until(lambda: "chat.doc has no ending" in notice.text)


@pytest.mark.asyncio_qt
async def test_folder_that_cannot_be_written_is_told(tmp_path: Path, theme: Theme) -> None:
    async with _open(tmp_path, theme) as (opened, commands):
        commands.export_chat(C1, str(tmp_path / "none" / "chat.md"))

        notice = opened.window.parts.tabs.notice
        await until(lambda: "chat.md cannot be written" in notice.text)


@pytest.mark.asyncio_qt
async def test_menu_asks_for_a_file_named_like_the_chat(tmp_path: Path, theme: Theme) -> None:
    async with _open(tmp_path, theme) as (opened, _commands):
        opened.window.parts.sidebar.chat_export_requested.emit("c1")

        dialog = child(opened.window, QFileDialog)
        assert Path(dialog.selectedFiles()[0]).name == "Tides high low.md"
        dialog.filterSelected.emit(dialog.nameFilters()[2])
        assert dialog.defaultSuffix() == "pdf"
        dialog.reject()


@pytest.mark.asyncio_qt
async def test_everything_is_exported_with_the_trash(tmp_path: Path, theme: Theme) -> None:
    async with _open(tmp_path, theme) as (opened, commands):
        await opened.library.new_conversation(GENERAL_WORKSPACE_ID)
        await opened.library.shelf.trash(C1)
        for workspace_id, name in (("", "all"), (GENERAL_WORKSPACE_ID, "general")):
            commands.export_many(workspace_id, str(tmp_path / f"{name}.json"))
            await until((tmp_path / f"{name}.json").exists)

    counts = [
        len(json.loads((tmp_path / f"{name}.json").read_bytes())["conversations"])
        for name in ("all", "general")
    ]
    assert counts == [2, 1]


@pytest.mark.asyncio_qt
async def test_chat_is_printed_page_by_page(tmp_path: Path, theme: Theme) -> None:
    async with _open(tmp_path, theme) as (opened, commands):
        printer = QPrinter()
        printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        printer.setOutputFileName(str(tmp_path / "printed.pdf"))
        commands.print_to(printer, C1)

        await until(_toast(opened).isVisible)
        assert _toast(opened).accessibleName() == "Pages sent to the printer: 1"
        assert (tmp_path / "printed.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.asyncio_qt
async def test_print_asks_for_a_printer(tmp_path: Path, theme: Theme) -> None:
    async with _open(tmp_path, theme) as (opened, _commands):
        opened.window.chats.open("c1")
        await until(lambda: opened.window.parts.tabs.current_session is not None)
        opened.window.commands.update()

        opened.window.commands.actions["print-chat"].trigger()

        dialog = child(opened.window, QPrintDialog)
        assert dialog.isVisible()
        dialog.reject()


@pytest.mark.asyncio_qt
async def test_import_lists_the_chats_and_can_be_undone(tmp_path: Path, theme: Theme) -> None:
    path = write_json(tmp_path / "conversations.json", [_IMPORTED])
    async with _open(tmp_path, theme) as (opened, commands):
        commands.import_file(str(path))

        await until(_toast(opened).isVisible)
        titles = {chat.title for chat in opened.library.conversations}
        assert titles == {"Whales", "Tides: high/low"}
        assert [folder.name for folder in opened.library.folders.folders] == ["ChatGPT"]
        _toast(opened).undone.emit()

        await until(lambda: not opened.library.folders.folders)
        assert len(opened.library.conversations) == 1


@pytest.mark.asyncio_qt
async def test_import_says_what_was_left_out(tmp_path: Path, theme: Theme) -> None:
    path = write_json(tmp_path / "conversations.json", [_IMPORTED, {"title": "Bad"}])
    async with _open(tmp_path, theme) as (opened, commands):
        dialog = commands.import_file(str(path))

        await until(dialog.remarks.isVisible)
        assert "conversation 2 (Bad), mapping" in dialog.remarks.toPlainText()
        dialog.undo_button.click()
        await until(lambda: len(opened.library.conversations) == 1)


@pytest.mark.asyncio_qt
async def test_file_that_is_none_of_ours_is_told_in_the_dialog(
    tmp_path: Path, theme: Theme
) -> None:
    path = write_json(tmp_path / "other.json", {"format": "x"})
    async with _open(tmp_path, theme) as (_opened, commands):
        dialog = commands.import_file(str(path))

        await until(lambda: FORMAT in dialog.status.text())
        dialog.close()


@pytest.mark.asyncio_qt
async def test_closing_the_dialog_ends_the_import(tmp_path: Path, theme: Theme) -> None:
    path = write_json(tmp_path / "conversations.json", [_IMPORTED] * 300)
    async with _open(tmp_path, theme) as (opened, commands):
        dialog = commands.import_file(str(path))
        dialog.close()

        await until(lambda: opened.window.tasks.num_running == 0)
        await asyncio.sleep(0)
        assert len(opened.library.conversations) < 301
