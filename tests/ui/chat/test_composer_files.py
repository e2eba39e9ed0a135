"""Files on their way into a chat: chosen, dropped, refused, kept, sent."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog

from realm_desktop.chat.attachment_reader import MAX_FILES
from realm_desktop.protocol import ChatMessage
from realm_desktop.store.records import Attachment, ConversationId
from realm_desktop.store.unsent_attachments import unsent_attachments
from realm_desktop.ui.chat.attachment_window import AttachmentWindow
from realm_desktop.ui.chat.message_actions import MessageAction
from realm_desktop.ui.theme import Theme
from tests.support.chat_tabs import TabChat, open_chat, until
from tests.support.pictures import has_colour
from tests.support.widgets import click

CODE = Attachment("code.py", "print('hi')\n")
BUTTON, NO_KEY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
ACTIONS = Qt.DropAction.MoveAction | Qt.DropAction.CopyAction
PROMPT = "code.py\n```py\nprint('hi')\n```"

_EventT = TypeVar("_EventT", bound=QDropEvent)


def _write(folder: Path, attachment: Attachment = CODE) -> str:
    path = folder / attachment.name
    path.write_text(attachment.text)
    return str(path)


async def _attach(chat: TabChat, *paths: str) -> None:
    chat.tab.composer.files_offered.emit(list(paths))
    await until(lambda: chat.tab.num_tasks == 0)


async def _stored(chat: TabChat) -> tuple[Attachment, ...]:
    return await unsent_attachments(chat.store.database, ConversationId("c1"))


@pytest.mark.asyncio_qt
async def test_file_is_sent_fenced_before_the_text_and_stays_with_the_message(
    tmp_path: Path,
) -> None:
    async with open_chat(tmp_path) as chat:
        await _attach(chat, _write(tmp_path))
        chat.type_and_send("What is this?")
        await until(lambda: bool(chat.client.requests))

        request = chat.client.requests[0]
        assert request.messages == (ChatMessage("user", f"{PROMPT}\n\nWhat is this?"),)
        chat.client.reply("Python.")
        await until(lambda: not chat.session.is_busy and chat.tab.num_tasks == 0)
        stored = await chat.store.messages(ConversationId("c1"))
        assert stored[0].attachments == (CODE,)
        assert stored[0].content == "What is this?"
        assert chat.tab.composer.attachments == ()
        assert await _stored(chat) == ()


@pytest.mark.asyncio_qt
async def test_unsent_files_are_kept_with_the_chat(tmp_path: Path) -> None:
    async with open_chat(tmp_path) as chat:
        await _attach(chat, _write(tmp_path))

        assert await _stored(chat) == (CODE,)


@pytest.mark.asyncio_qt
async def test_files_that_cannot_go_along_are_refused_together(tmp_path: Path) -> None:
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    os.mkfifo(tmp_path / "pipe")
    async with open_chat(tmp_path) as chat:
        names = ("picture.png", "pipe", "missing")
        paths = [str(tmp_path / name) for name in names]
        await _attach(chat, *paths, _write(tmp_path))

        notice = chat.tab.composer.notice
        assert all(name in notice for name in names)
        assert len(notice.split("\n")) == 3
        assert chat.tab.composer.attachments == (CODE,)


@pytest.mark.asyncio_qt
async def test_one_file_too_many_is_refused(tmp_path: Path) -> None:
    async with open_chat(tmp_path) as chat:
        await _attach(chat, *[_write(tmp_path)] * (MAX_FILES + 1))

        assert len(chat.tab.composer.attachments) == MAX_FILES
        assert str(MAX_FILES) in chat.tab.composer.notice


def _enter(data: QMimeData) -> QDragEnterEvent:
    """As a file manager drags: it proposes to move."""
    return _ignored(QDragEnterEvent(QPoint(5, 5), ACTIONS, data, BUTTON, NO_KEY))


def _drop(data: QMimeData) -> QDropEvent:
    return _ignored(QDropEvent(QPointF(5, 5), ACTIONS, data, BUTTON, NO_KEY))


def _ignored(event: _EventT) -> _EventT:
    event.setDropAction(Qt.DropAction.MoveAction)
    event.ignore()
    return event


def _files(*paths: str) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(path) for path in paths])
    return data


@pytest.mark.asyncio_qt
async def test_files_are_dropped_anywhere_on_the_chat_as_copies(tmp_path: Path) -> None:
    data = _files(_write(tmp_path))
    async with open_chat(tmp_path) as chat:
        # Qt asks the widgets below the pointer from the innermost on.
        field = chat.tab.composer.edit.viewport()
        selected = Theme("light").colour("selected")
        for event in (_enter(data), _drop(data)):
            QApplication.sendEvent(field, event)
            is_lit = has_colour(chat.tab.composer, selected)
            assert event.isAccepted()
            assert event.dropAction() is Qt.DropAction.CopyAction
            assert is_lit is (event.type() == QEvent.Type.DragEnter)
        await until(lambda: chat.tab.num_tasks == 0)

        assert chat.tab.composer.attachments == (CODE,)


@pytest.mark.asyncio_qt
async def test_light_goes_out_when_the_files_leave(tmp_path: Path) -> None:
    data = _files(_write(tmp_path))
    async with open_chat(tmp_path) as chat:
        QApplication.sendEvent(chat.tab, _enter(data))
        QApplication.sendEvent(chat.tab, QDragLeaveEvent())

        assert not has_colour(chat.tab.composer, Theme("light").colour("selected"))


@pytest.mark.asyncio_qt
async def test_dragged_text_is_taken_by_the_field_alone(tmp_path: Path) -> None:
    data = QMimeData()
    data.setText("words")
    async with open_chat(tmp_path) as chat:
        over_chat, over_field = _enter(data), _enter(data)
        QApplication.sendEvent(chat.tab, over_chat)
        QApplication.sendEvent(chat.tab.composer.edit.viewport(), over_field)

        assert (over_chat.isAccepted(), over_field.isAccepted()) == (False, True)


@pytest.mark.asyncio_qt
async def test_button_lets_the_user_choose_files(tmp_path: Path) -> None:
    path = _write(tmp_path)
    async with open_chat(tmp_path) as chat:
        click(chat.tab.composer.attach_button)
        (dialog,) = chat.tab.findChildren(QFileDialog)
        dialog.filesSelected.emit([path])
        await until(lambda: chat.tab.num_tasks == 0)
        dialog.close()

        assert chat.tab.composer.attachments == (CODE,)


@pytest.mark.asyncio_qt
async def test_edit_brings_the_files_back_and_the_new_version_keeps_them(tmp_path: Path) -> None:
    async with open_chat(tmp_path) as chat:
        await chat.session.send("one", (CODE,))
        chat.client.reply("1")
        await until(lambda: not chat.session.is_busy)
        await _attach(chat, _write(tmp_path, Attachment("next.md", "x")))
        chat.act(MessageAction.EDIT, 0)
        assert chat.tab.composer.attachments == (CODE,)
        chat.type_and_send("two")
        await until(lambda: len(chat.client.requests) == 2 and chat.tab.num_tasks == 0)

        assert chat.session.transcript.messages[0].attachments == (CODE,)
        assert [a.name for a in chat.tab.composer.attachments] == ["next.md"]
        assert len(await _stored(chat)) == 1


@pytest.mark.asyncio_qt
async def test_queued_files_come_back_when_they_are_withdrawn(tmp_path: Path) -> None:
    async with open_chat(tmp_path) as chat:
        await chat.session.send("one")
        await _attach(chat, _write(tmp_path))
        chat.type_and_send("two")
        await until(lambda: bool(chat.session.conversation.queue) and chat.tab.num_tasks == 0)
        assert chat.session.conversation.queue[0].attachments == (CODE,)
        chat.tab.composer.queued_removed.emit(0)
        await until(lambda: chat.tab.num_tasks == 0)

        assert chat.tab.composer.attachments == (CODE,)
        assert chat.tab.composer.text == "two"


@pytest.mark.asyncio_qt
async def test_attachments_of_composer_and_message_can_be_read(tmp_path: Path) -> None:
    async with open_chat(tmp_path) as chat:
        await chat.session.send("one", (CODE,))
        await _attach(chat, _write(tmp_path))
        chat.tab.composer.chips.opened.emit(0)
        chat.tab.view.attachment_opened.emit(chat.session.transcript.messages[0].message_id, 0)
        windows = chat.tab.findChildren(AttachmentWindow)

        assert [window.text.toPlainText() for window in windows] == [CODE.text] * 2
