"""Tests of what the palette finds in the window, and what its choices do."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from realm_desktop import assets
from realm_desktop.protocol import LoadModel
from realm_desktop.store.records import Conversation, ConversationId
from realm_desktop.ui.dialogs.settings_dialog import SettingsDialog
from realm_desktop.ui.palette_commands import MAX_CHATS, PaletteCommands
from realm_desktop.ui.theme import Theme
from tests.support.stores import make_conversation
from tests.support.widgets import child, press
from tests.support.windows import OpenWindow, open_window, until


@contextlib.asynccontextmanager
async def _open(
    folder: Path, theme: Theme, *chats: Conversation, starter_path: Path | None = None
) -> AsyncIterator[tuple[OpenWindow, PaletteCommands]]:
    """A window whose palette is open."""
    async with open_window(folder, theme, *chats, starter_path=starter_path) as opened:
        commands = PaletteCommands(opened.library, opened.settings, theme, opened.window)
        opened.window.commands.actions["palette"].trigger()
        yield opened, commands
        commands.palette.hide()


def _texts(commands: PaletteCommands) -> list[str]:
    return [entry.text for entry in commands.palette.model.rows]


def _choose(commands: PaletteCommands, query: str) -> None:
    """Type words and press Enter."""
    commands.palette.field.setText(query)
    press(commands.palette.field, Qt.Key.Key_Return)


@pytest.mark.asyncio_qt
async def test_palette_lists_actions_pages_settings_and_chats(tmp_path: Path, theme: Theme) -> None:
    async with _open(tmp_path, theme, make_conversation("a", "Tides of May")) as (_, commands):
        texts = set(_texts(commands))

    assert {"New chat", "Models", "Sampling", "Proxy", "Tides of May"} <= texts


@pytest.mark.asyncio_qt
async def test_chosen_action_is_done_and_comes_first_next_time(
    tmp_path: Path, theme: Theme
) -> None:
    async with _open(tmp_path, theme) as (opened, commands):
        _choose(commands, "models")
        parts = opened.window.parts
        assert parts.centre.currentWidget() is parts.models_page

        commands.open()

        assert _texts(commands)[0] == "Models"
        assert opened.settings.current.keyboard.recent == ("page:show-models",)


@pytest.mark.asyncio_qt
async def test_disabled_action_says_why(tmp_path: Path, theme: Theme) -> None:
    async with _open(tmp_path, theme) as (_, commands):
        commands.palette.field.setText("stop reply")

        assert commands.palette.model.rows[0].reason == "No reply is being written here."


@pytest.mark.asyncio_qt
async def test_disabled_action_without_a_reason_cannot_be_chosen_either(
    tmp_path: Path, theme: Theme
) -> None:
    async with _open(tmp_path, theme) as (opened, commands):
        opened.window.commands.actions["about"].setEnabled(False)
        commands.open()

        commands.open()
        commands.palette.field.setText("about")

        assert commands.palette.model.rows[0].reason == "Not possible now."


@pytest.mark.asyncio_qt
async def test_shortcuts_are_those_that_hold(tmp_path: Path, theme: Theme) -> None:
    async with _open(tmp_path, theme) as (_, commands):
        commands.palette.field.setText("new folder")

        assert commands.palette.model.rows[0].keys == "Ctrl+Shift+N"


@pytest.mark.asyncio_qt
async def test_chosen_setting_opens_the_settings_at_its_row(tmp_path: Path, theme: Theme) -> None:
    async with _open(tmp_path, theme) as (opened, commands):
        _choose(commands, "proxy")

        dialog = child(opened.window, SettingsDialog)
        assert dialog.focusWidget() is dialog.form.rows["network.proxy"].editor.control
        dialog.close()


@pytest.mark.asyncio_qt
async def test_chosen_page_of_the_panel_is_shown(tmp_path: Path, theme: Theme) -> None:
    async with _open(tmp_path, theme) as (opened, commands):
        _choose(commands, "speculation")

        assert opened.window.parts.panel.isVisible()
        assert opened.window.parts.panel.page == "speculation"


@pytest.mark.asyncio_qt
async def test_chat_beyond_the_latest_is_found_by_its_title(tmp_path: Path, theme: Theme) -> None:
    newer = [make_conversation(f"c{n}", f"Chat {n}", updated_s=500.0 + n) for n in range(MAX_CHATS)]
    old = make_conversation("old", "Tides of May")
    async with _open(tmp_path, theme, old, *newer) as (opened, commands):
        assert "Tides of May" not in _texts(commands)
        commands.palette.field.setText("tides may")
        await until(lambda: "Tides of May" in _texts(commands))

        press(commands.palette.field, Qt.Key.Key_Return)

        await until(lambda: opened.window.parts.tabs.current_session is not None)
        assert _shown(opened) == "old"


@pytest.mark.asyncio_qt
async def test_last_of_many_searches_counts(tmp_path: Path, theme: Theme) -> None:
    chats = [make_conversation("a", "Tides"), make_conversation("b", "Moons")]
    async with _open(tmp_path, theme, *chats) as (_, commands):
        for query in ("tide", "tides", "moo", "moon"):
            commands.palette.field.setText(query)
            # The search for the first words is on its way when the others are typed.
            await asyncio.sleep(0)

        await until(lambda: "Moons" in _texts(commands))
        assert "Tides" not in _texts(commands)


@pytest.mark.asyncio_qt
async def test_chat_that_is_gone_is_not_listed(tmp_path: Path, theme: Theme) -> None:
    deleted = make_conversation("a", "Tides", deleted_s=200.0)
    async with _open(tmp_path, theme, deleted) as (opened, commands):
        current = opened.settings.current
        keyboard = replace(current.keyboard, recent=("chat:a", "chat:never", "action:never"))
        opened.settings.put(replace(current, keyboard=keyboard))
        commands.open()

        commands.open()

        assert "Tides" not in _texts(commands)


@pytest.mark.asyncio_qt
async def test_chat_that_was_chosen_long_ago_is_among_the_latest(
    tmp_path: Path, theme: Theme
) -> None:
    newer = [make_conversation(f"c{n}", f"Chat {n}", updated_s=500.0 + n) for n in range(MAX_CHATS)]
    old = make_conversation("old", "Tides of May")
    async with _open(tmp_path, theme, old, *newer) as (_, commands):
        commands.palette.field.setText("tides")
        await until(lambda: _texts(commands)[:1] == ["Tides of May"])
        press(commands.palette.field, Qt.Key.Key_Return)

        commands.open()

        assert _texts(commands)[0] == "Tides of May"


@pytest.mark.asyncio_qt
async def test_chosen_model_is_loaded(tmp_path: Path, theme: Theme) -> None:
    starter = assets.resource("starter", "starter.gguf")
    async with _open(tmp_path, theme, starter_path=starter) as (opened, commands):
        commands.palette.field.setText("starter")
        await until(lambda: commands.palette.model.rows[:1] != [])
        await until(lambda: commands.palette.model.rows[0].target == str(starter))

        press(commands.palette.field, Qt.Key.Key_Return)

        loads = [c.path for c in opened.client.commands if isinstance(c, LoadModel)]
        assert loads == [str(starter)]


@pytest.mark.asyncio_qt
async def test_second_press_closes_the_palette(tmp_path: Path, theme: Theme) -> None:
    async with _open(tmp_path, theme) as (opened, commands):
        opened.window.commands.actions["palette"].trigger()

        assert commands.palette.isHidden()


def _shown(opened: OpenWindow) -> ConversationId:
    session = opened.window.parts.tabs.current_session
    assert session is not None
    return session.conversation.conversation_id
