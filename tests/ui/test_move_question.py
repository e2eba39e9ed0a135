"""Tests of the question after chats went to another workspace."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QPushButton

from realm_desktop.protocol import WorkspaceId
from realm_desktop.store.records import GENERAL_WORKSPACE_ID, ConversationId, FolderId
from realm_desktop.ui.theme import Theme
from tests.support.stores import make_conversation
from tests.support.widgets import click
from tests.support.windows import OpenWindow, open_window, until

C1 = ConversationId("c1")
OWN = {"sampling.temperature": 0.2, "later.version": 1}


@contextlib.asynccontextmanager
async def _open(
    folder: Path, theme: Theme, settings: Mapping[str, Any]
) -> AsyncIterator[tuple[OpenWindow, WorkspaceId]]:
    """A window with the chat "c1" in General, and another workspace, Law."""
    chat = make_conversation("c1", "Tides", settings=settings)
    async with open_window(folder, theme, chat) as opened:
        law = await opened.library.new_workspace("Law")
        yield opened, law.workspace_id


async def _move(opened: OpenWindow, workspace_id: WorkspaceId) -> None:
    opened.window.parts.sidebar.chat_moved.emit("c1", workspace_id, None)
    await until(lambda: opened.library.get(C1).workspace_id == workspace_id)
    await until(lambda: opened.window.tasks.num_running == 0)


def _press(opened: OpenWindow, text: str) -> None:
    buttons = opened.window.parts.tabs.notice.findChildren(QPushButton)
    click(next(button for button in buttons if button.text() == text))


def _settings(opened: OpenWindow) -> dict[str, Any]:
    return dict(opened.library.get(C1).settings)


@pytest.mark.asyncio_qt
async def test_chat_with_own_settings_is_asked_about_and_keeps_them_meanwhile(
    tmp_path: Path, theme: Theme
) -> None:
    async with _open(tmp_path, theme, OWN) as (opened, law):
        await _move(opened, law)

        notice = opened.window.parts.tabs.notice
        assert notice.isVisible()
        assert notice.text == "Settings of its own came along (Temperature). Keep them in Law?"
        assert _settings(opened) == OWN


@pytest.mark.asyncio_qt
async def test_offer_to_undo_the_move_leaves_the_question_uncovered(
    tmp_path: Path, theme: Theme
) -> None:
    async with _open(tmp_path, theme, OWN) as (opened, law):
        await _move(opened, law)
        toast, notice = opened.window.chats.undo.toast, opened.window.parts.tabs.notice
        assert toast.isVisible()

        await until(lambda: toast.y() >= notice.height())

        assert not toast.geometry().intersects(notice.geometry())


@pytest.mark.asyncio_qt
async def test_kept_settings_stay_and_the_question_goes(tmp_path: Path, theme: Theme) -> None:
    async with _open(tmp_path, theme, OWN) as (opened, law):
        await _move(opened, law)

        _press(opened, "Keep")

        assert opened.window.parts.tabs.notice.isHidden()
        assert _settings(opened) == OWN


@pytest.mark.asyncio_qt
async def test_settings_of_the_workspace_are_taken_and_given_back_by_undo(
    tmp_path: Path, theme: Theme
) -> None:
    async with _open(tmp_path, theme, OWN) as (opened, law):
        await _move(opened, law)

        _press(opened, "Use those of Law")
        await until(lambda: _settings(opened) == {"later.version": 1})
        await until(lambda: opened.window.tasks.num_running == 0)
        opened.window.chats.undo.toast.undone.emit()

        await until(lambda: _settings(opened) == OWN)


@pytest.mark.asyncio_qt
@pytest.mark.parametrize("settings", [{}, {"later.version": 1}])
async def test_chat_without_own_settings_is_not_asked_about(
    tmp_path: Path, theme: Theme, settings: dict[str, Any]
) -> None:
    async with _open(tmp_path, theme, settings) as (opened, law):
        await _move(opened, law)

        assert opened.window.parts.tabs.notice.isHidden()


@pytest.mark.asyncio_qt
async def test_move_inside_a_workspace_asks_nothing(tmp_path: Path, theme: Theme) -> None:
    async with _open(tmp_path, theme, OWN) as (opened, _law):
        folder = await opened.library.folders.new(GENERAL_WORKSPACE_ID, "Season")

        opened.window.parts.sidebar.chat_moved.emit("c1", "general", folder.folder_id)
        await until(lambda: opened.library.get(C1).folder_id == folder.folder_id)

        assert opened.window.parts.tabs.notice.isHidden()


@pytest.mark.asyncio_qt
async def test_question_goes_with_the_move(tmp_path: Path, theme: Theme) -> None:
    async with _open(tmp_path, theme, OWN) as (opened, law):
        await _move(opened, law)

        opened.window.chats.undo.toast.undone.emit()
        await until(lambda: opened.library.get(C1).workspace_id == GENERAL_WORKSPACE_ID)

        assert opened.window.parts.tabs.notice.isHidden()


@pytest.mark.asyncio_qt
async def test_chats_of_a_moved_folder_are_asked_about_together(
    tmp_path: Path, theme: Theme
) -> None:
    chats = [
        make_conversation(name, settings=OWN, folder_id=FolderId("f")) for name in ("c1", "c2")
    ]
    async with open_window(tmp_path, theme, *chats) as opened:
        folder = await opened.library.folders.new(GENERAL_WORKSPACE_ID, "Season")
        law = (await opened.library.new_workspace("Law")).workspace_id
        for chat in chats:
            await opened.library.move(chat.conversation_id, GENERAL_WORKSPACE_ID, folder.folder_id)

        opened.window.parts.sidebar.folder_moved.emit(folder.folder_id, law, None)
        notice = opened.window.parts.tabs.notice
        await until(notice.isVisible)
        assert notice.text.startswith("Settings of their own")
        _press(opened, "Use those of Law")

        await until(
            lambda: all(
                "sampling.temperature" not in c.settings for c in opened.library.conversations
            )
        )


@pytest.mark.asyncio_qt
async def test_chat_that_moved_on_keeps_its_settings(tmp_path: Path, theme: Theme) -> None:
    async with _open(tmp_path, theme, OWN) as (opened, law):
        await _move(opened, law)
        await opened.library.move(C1, GENERAL_WORKSPACE_ID)

        _press(opened, "Use those of Law")
        await until(lambda: opened.window.tasks.num_running == 0)

        assert _settings(opened) == OWN
