"""Tests of what the Notes page does."""

from __future__ import annotations

from pathlib import Path

import pytest

from realm_desktop.errors import StoreError
from realm_desktop.store.notes import NotesOwner, NotesStore, chat_owner, workspace_owner
from realm_desktop.store.records import GENERAL_WORKSPACE_ID, ConversationId
from realm_desktop.ui.panels.notes_page import NotesPage
from realm_desktop.ui.theme import Theme
from tests.support.panels import Panel, open_panel
from tests.support.stores import make_conversation
from tests.support.windows import until


async def _page(panel: Panel) -> NotesPage:
    """The page, once the notes of the shown chat are there."""
    page = panel.panel.made(NotesPage)
    assert page is not None
    await until(page.field.isEnabled)
    return page


def _type(page: NotesPage, text: str) -> None:
    page.field.insertPlainText(text)


async def _stored(panel: Panel, owner: NotesOwner) -> str:
    panel.opened.window.notes.flush()
    await until(lambda: panel.opened.window.notes.is_saved)
    return await panel.opened.library.shelf.notes.read(owner)


@pytest.mark.asyncio_qt
async def test_notes_are_kept_while_they_are_typed(tmp_path: Path, theme: Theme) -> None:
    async with open_panel(tmp_path, theme, "notes") as panel:
        notes, owner = panel.opened.window.notes, chat_owner(panel.chat.conversation_id)
        _type(await _page(panel), "spring tide")
        was_saved = notes.is_saved

        await until(lambda: notes.is_saved)

        assert not was_saved
        assert await panel.opened.library.shelf.notes.read(owner) == "spring tide"


@pytest.mark.asyncio_qt
async def test_each_chat_shows_its_own(tmp_path: Path, theme: Theme) -> None:
    async with open_panel(tmp_path, theme, "notes") as panel:
        first = panel.chat.conversation_id
        _type(await _page(panel), "of the first")
        window = panel.opened.window
        await panel.opened.store.save_conversation(make_conversation("c2", "Second"))
        await panel.opened.library.load()
        window.chats.open("c2")
        await until(lambda: panel.chat.conversation_id == "c2")
        page = await _page(panel)
        assert page.text == ""
        window.chats.open(first)
        await until(lambda: panel.chat.conversation_id == first)

        assert (await _page(panel)).text == "of the first"


@pytest.mark.asyncio_qt
async def test_workspace_has_notes_beside_those_of_its_chats(tmp_path: Path, theme: Theme) -> None:
    async with open_panel(tmp_path, theme, "notes") as panel:
        _type(await _page(panel), "of the chat")
        page = await _page(panel)
        page.kind_chosen.emit("workspace")
        page = await _page(panel)
        assert page.text == ""
        _type(page, "of all")

        owner = chat_owner(panel.chat.conversation_id)
        assert await _stored(panel, workspace_owner(GENERAL_WORKSPACE_ID)) == "of all"
        assert await _stored(panel, owner) == "of the chat"


@pytest.mark.asyncio_qt
async def test_closed_window_keeps_what_was_just_typed(tmp_path: Path, theme: Theme) -> None:
    async with open_panel(tmp_path, theme, "notes") as panel:
        _type(await _page(panel), "last words")
        owner = chat_owner(panel.chat.conversation_id)
        panel.opened.window.close()
        await panel.opened.window.finish_work(5.0)

        assert await panel.opened.library.shelf.notes.read(owner) == "last words"


@pytest.mark.asyncio_qt
async def test_refused_notes_stay_and_are_tried_again(
    tmp_path: Path, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(_self: NotesStore, _owner: NotesOwner, _text: str) -> None:
        raise StoreError("the disk is full", advice="Free some space.")

    async with open_panel(tmp_path, theme, "notes") as panel:
        page = await _page(panel)
        with monkeypatch.context() as patch:
            patch.setattr(NotesStore, "save", refuse)
            _type(page, "not lost")
            panel.opened.window.notes.flush()
            await until(lambda: "disk is full" in page.fault.text())
        assert page.text == "not lost"

        owner = chat_owner(panel.chat.conversation_id)
        assert await _stored(panel, owner) == "not lost"


@pytest.mark.asyncio_qt
async def test_new_chat_does_not_take_one_with_notes_for_unused(
    tmp_path: Path, theme: Theme
) -> None:
    async with open_panel(tmp_path, theme, "notes") as panel:
        noted = panel.chat.conversation_id
        _type(await _page(panel), "a plan")
        await _stored(panel, chat_owner(noted))

        panel.opened.window.chats.new_chat()

        await until(lambda: panel.chat.conversation_id != noted)


@pytest.mark.asyncio_qt
async def test_notes_come_back_at_the_next_start(tmp_path: Path, theme: Theme) -> None:
    async with open_panel(tmp_path, theme, "notes") as panel:
        _type(await _page(panel), "still here")
        key = panel.chat.conversation_id
    async with open_panel(tmp_path, theme, "notes") as panel:
        panel.opened.window.chats.open(key)
        await until(lambda: panel.chat.conversation_id == key)

        assert (await _page(panel)).text == "still here"
        assert ConversationId(key) in panel.opened.library.shelf.notes.noted_chats


@pytest.mark.asyncio_qt
async def test_found_notes_are_shown_beside_their_chat(tmp_path: Path, theme: Theme) -> None:
    async with open_panel(tmp_path, theme, "sampling") as panel:
        window, store = panel.opened.window, panel.opened.store
        await store.save_conversation(make_conversation("c2", "Harbours"))
        await panel.opened.library.shelf.notes.save(
            chat_owner(ConversationId("c2")), "ebb and flow"
        )
        await panel.opened.library.load()
        window.commands.set_panel_visible(is_visible=False)

        window.parts.sidebar.message_opened.emit("c2", "")
        page = panel.panel.made(NotesPage)
        assert page is not None
        # Those of the chat that was in front are on their way, too.
        await until(lambda: page.text == "ebb and flow")

        assert panel.chat.conversation_id == "c2"
        assert panel.panel.page == "notes"
        assert panel.panel.isVisible()
