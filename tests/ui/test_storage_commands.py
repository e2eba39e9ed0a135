"""Space, backups, check of the data and trash as the window does them."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from realm_desktop.paths import Paths
from realm_desktop.store.records import ConversationId
from realm_desktop.ui.dialogs.confirm_dialog import ConfirmDialog
from realm_desktop.ui.dialogs.storage_dialog import StorageDialog
from realm_desktop.ui.storage_commands import StorageCommands
from realm_desktop.ui.theme import Theme
from tests.support.stores import database_path, make_conversation
from tests.support.widgets import child
from tests.support.windows import OpenWindow, open_window, until

C1 = ConversationId("c1")


@contextlib.asynccontextmanager
async def _open(folder: Path, theme: Theme) -> AsyncIterator[tuple[OpenWindow, StorageDialog]]:
    """A window with one chat, and the shown dialog with its contents."""
    data_dir = database_path(folder).parent
    paths = Paths(data_dir, data_dir / "cache")
    async with open_window(folder, theme, make_conversation("c1", "Tides")) as opened:
        database = opened.store.database
        commands = StorageCommands(opened.library, database, paths, theme, opened.window)
        opened.window.commands.actions["storage"].trigger()
        dialog = commands.show()
        await until(lambda: "Chats" in dialog.sizes.text())
        yield opened, dialog
        dialog.close()


def _damage(path: str) -> None:
    Path(path).write_bytes(b"nonsense" * 900)


async def _backed_up(dialog: StorageDialog) -> None:
    dialog.backup_button.click()
    await until(lambda: bool(dialog.chosen) and dialog.verify_button.isEnabled())


@pytest.mark.asyncio_qt
async def test_space_is_shown_by_kind(tmp_path: Path, theme: Theme) -> None:
    async with _open(tmp_path, theme) as (_opened, dialog):
        words = [part.split(" ")[0] for part in dialog.sizes.text().split(" · ")]

    assert words == ["Chats", "Backups", "Models", "Adapters", "Logs"]


@pytest.mark.asyncio_qt
async def test_backup_is_made_and_verified(tmp_path: Path, theme: Theme) -> None:
    async with _open(tmp_path, theme) as (_opened, dialog):
        await _backed_up(dialog)
        assert "made and checked" in dialog.note.text()

        dialog.verify_button.click()

        await until(lambda: "is sound. Chats: 1, messages: 0." in dialog.note.text())


@pytest.mark.asyncio_qt
async def test_damaged_backup_is_told_in_the_dialog(tmp_path: Path, theme: Theme) -> None:
    async with _open(tmp_path, theme) as (_opened, dialog):
        await _backed_up(dialog)
        _damage(dialog.chosen)

        dialog.verify_button.click()

        await until(lambda: "is damaged" in dialog.note.text())


@pytest.mark.asyncio_qt
async def test_restore_asks_and_brings_the_old_chats_back(tmp_path: Path, theme: Theme) -> None:
    async with _open(tmp_path, theme) as (opened, dialog):
        await _backed_up(dialog)
        await opened.library.rename(C1, "Changed")
        opened.window.chats.open("c1")
        await until(lambda: bool(opened.window.parts.tabs.sessions))

        dialog.restore_button.click()
        assert opened.library.get(C1).title == "Changed"
        child(dialog, ConfirmDialog).do_button.click()

        await until(lambda: "Restored." in dialog.note.text())
        assert opened.library.get(C1).title == "Tides"
        assert not opened.window.parts.tabs.sessions
        await until(lambda: len(dialog.backups.rows.rows) == 2)


@pytest.mark.asyncio_qt
async def test_check_says_what_it_found(tmp_path: Path, theme: Theme) -> None:
    async with _open(tmp_path, theme) as (_opened, dialog):
        dialog.check_button.click()

        await until(lambda: "sound. Chats: 1, messages: 0." in dialog.check.text())
        assert "The search index was built anew." in dialog.check.text()


@pytest.mark.asyncio_qt
async def test_trash_is_emptied_after_a_question(tmp_path: Path, theme: Theme) -> None:
    async with _open(tmp_path, theme) as (opened, dialog):
        assert not dialog.trash_button.isEnabled()
        await opened.library.shelf.trash(C1)
        await until(dialog.trash_button.isEnabled)

        dialog.trash_button.click()
        child(opened.window, ConfirmDialog).do_button.click()

        await until(lambda: dialog.trash.text() == "The trash is empty.")


@pytest.mark.asyncio_qt
async def test_packed_weights_are_shown_and_removed(tmp_path: Path, theme: Theme) -> None:
    folder = database_path(tmp_path).parent / "cache" / "packed"
    folder.mkdir(parents=True)
    (folder / "model.packed").write_bytes(bytes(3_000_000))
    async with _open(tmp_path, theme) as (_opened, dialog):
        await until(dialog.packed_button.isEnabled)
        shown = dialog.packed.text()

        dialog.packed_button.click()

        await until(lambda: dialog.packed.text() == "None are kept.")
    assert shown.startswith("3.0 MB.")
    assert not list(folder.iterdir())
