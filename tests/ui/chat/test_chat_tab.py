"""Tests of a chat in its tab, over a real session and store."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from realm_desktop.chat.session_state import SessionState
from realm_desktop.errors import StoreError
from realm_desktop.events import (
    EngineDown,
    EngineReady,
    FinishReason,
    LoadProgress,
    ModelLoaded,
    ModelUnloaded,
    Queued,
    Started,
)
from realm_desktop.protocol import Abort
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.records import ConversationId
from realm_desktop.ui.chat.chat_tab import ChatTab
from realm_desktop.ui.quantities import count_text
from realm_desktop.ui.theme import Theme
from tests.support.chat_tabs import open_chat, until
from tests.support.chat_views import make_session
from tests.support.fake_client import make_model_info
from tests.support.widgets import click, press

KEY = Qt.Key


@pytest.mark.asyncio_qt
async def test_sent_text_is_answered_and_shown(tmp_path: Path) -> None:
    async with open_chat(tmp_path) as chat:
        chat.type_and_send("Why?")
        await until(lambda: bool(chat.client.requests))
        chat.client.reply("Because", " of that.")
        await until(lambda: not chat.session.is_busy)

        assert chat.contents == ["Why?", "Because of that."]
        assert chat.tab.composer.text == ""
        assert chat.tab.model.rowCount() == 2


@pytest.mark.asyncio_qt
async def test_text_stays_in_the_composer_when_it_cannot_be_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_chat(tmp_path) as chat:

        async def fail(*_arguments: object) -> None:
            raise StoreError("the disk is full", advice="Free some space.")

        monkeypatch.setattr(chat.store, "add_message", fail)
        chat.type_and_send("Why?")
        await until(lambda: bool(chat.tab.composer.notice))

        assert chat.tab.composer.text == "Why?"
        assert chat.tab.composer.notice == "The disk is full. Free some space."


@pytest.mark.asyncio_qt
async def test_button_stops_the_reply_and_keeps_its_text(tmp_path: Path) -> None:
    async with open_chat(tmp_path) as chat:
        chat.type_and_send("Why?")
        await until(lambda: bool(chat.client.requests))
        chat.emit_text("Because")
        await until(lambda: chat.contents[-1] == "Because")
        click(chat.tab.composer.button)
        await until(lambda: chat.tab.composer.button.text() == "Send")

        assert any(isinstance(command, Abort) for command in chat.client.commands)
        assert chat.contents[-1] == "Because"


@pytest.mark.asyncio_qt
async def test_escape_stops_the_reply(tmp_path: Path) -> None:
    async with open_chat(tmp_path) as chat:
        chat.type_and_send("Why?")
        await until(lambda: bool(chat.client.requests))
        press(chat.tab.composer.edit, KEY.Key_Escape)
        await until(lambda: not chat.session.is_busy)

        assert chat.session.transcript.messages[-1].finish_reason == FinishReason.ABORT


@pytest.mark.asyncio_qt
async def test_text_sent_during_a_reply_waits_and_can_be_taken_back(tmp_path: Path) -> None:
    async with open_chat(tmp_path) as chat:
        chat.type_and_send("Why?")
        await until(lambda: bool(chat.client.requests))
        chat.type_and_send("And then?")
        await until(lambda: chat.session.conversation.queued_texts == ("And then?",))
        await until(lambda: chat.tab.composer.text == "")
        chat.tab.composer.queued_removed.emit(0)
        await until(lambda: chat.tab.composer.text == "And then?")

        assert chat.session.conversation.queued_texts == ()


@pytest.mark.asyncio_qt
async def test_waiting_is_said_in_words(tmp_path: Path) -> None:
    async with open_chat(tmp_path) as chat:
        chat.type_and_send("Why?")
        await until(lambda: bool(chat.client.requests))
        chat.client.emit(Queued(chat.client.requests[-1].request_id, 2, "Research has the slots"))
        await until(lambda: chat.session.status_text != "Waiting")
        activity = chat.tab.model.state(1).activity

        assert activity is not None
        assert activity.text == "Waiting, 2nd in line: Research has the slots"


@pytest.mark.asyncio_qt
async def test_prefill_shows_its_progress(tmp_path: Path) -> None:
    async with open_chat(tmp_path) as chat:
        chat.type_and_send("Why?")
        await until(lambda: bool(chat.client.requests))
        chat.client.emit(Started(chat.client.requests[-1].request_id, 12_400, 9_100))
        await until(lambda: chat.session.state is SessionState.PREFILL)
        activity = chat.tab.model.state(1).activity

        assert activity is not None
        assert activity.progress is not None
        assert f"{count_text(12_400)} tokens" in activity.text


@pytest.mark.asyncio_qt
async def test_unsent_text_is_stored_and_comes_back(tmp_path: Path) -> None:
    async with open_chat(tmp_path) as chat:
        chat.tab.composer.set_text("half a thought")
        chat.tab.store_unsent()
        await until(lambda: chat.session.conversation.unsent_text == "half a thought")

        (stored,) = await chat.store.conversations()
        assert stored.unsent_text == "half a thought"


@pytest.mark.asyncio_qt
async def test_tab_opens_with_the_unsent_text(tmp_path: Path) -> None:
    async with open_chat(tmp_path, unsent="half a thought") as chat:
        assert chat.tab.composer.text == "half a thought"


@pytest.mark.asyncio_qt
async def test_closing_the_tab_stores_the_unsent_text(tmp_path: Path) -> None:
    async with open_chat(tmp_path) as chat:
        chat.tab.composer.set_text("half a thought")
        chat.tab.hide()
        await until(lambda: chat.session.conversation.unsent_text == "half a thought")


@pytest.mark.asyncio_qt
async def test_placeholder_follows_the_engine(tmp_path: Path) -> None:
    async with open_chat(tmp_path, has_model=False) as chat:
        assert chat.placeholder == "Engine starting: your message will be sent when ready"

        chat.client.emit(LoadProgress("/models/tiny.gguf", "reading", 0.43))
        assert chat.placeholder == "Loading 43\u00a0%: your message will be sent when ready"

        chat.client.emit(ModelLoaded(make_model_info()))
        assert chat.placeholder == "Message Tiny"

        chat.client.emit(EngineReady("1", "2", "cpu", 2, 1), ModelUnloaded())
        assert chat.placeholder == "Load a model to start"

        chat.client.emit(EngineDown("it died"))
        assert chat.placeholder == "Engine stopped: start it to go on"


@pytest.mark.asyncio_qt
async def test_first_message_gives_the_title(tmp_path: Path) -> None:
    async with open_chat(tmp_path) as chat:
        titles: list[str] = []
        chat.tab.title_changed.connect(titles.append)
        await chat.exchange("Why is the sea salty?", "Because.")

        assert titles == ["Why is the sea salty?"]


@pytest.mark.asyncio_qt
async def test_state_changes_are_told(tmp_path: Path) -> None:
    async with open_chat(tmp_path) as chat:
        states: list[SessionState] = []
        chat.tab.state_changed.connect(lambda: states.append(chat.session.state))
        chat.type_and_send("Why?")
        await until(lambda: bool(chat.client.requests))
        chat.client.reply("Because.")
        await until(lambda: states[-1:] == [SessionState.IDLE])

        assert len(set(states)) > 1


@pytest.mark.asyncio_qt
async def test_link_opens_the_dialog_and_nothing_else(tmp_path: Path) -> None:
    async with open_chat(tmp_path) as chat:
        chat.tab.view.link_activated.emit("https://a.b/c")
        (dialog,) = chat.tab.findChildren(QMessageBox)

        assert "https://a.b/c" in dialog.informativeText()
        dialog.reject()


@pytest.mark.asyncio_qt
async def test_reply_goes_on_after_the_tab_is_gone(tmp_path: Path) -> None:
    async with open_chat(tmp_path) as chat:
        other = ChatTab(chat.session, Theme("dark"))
        chat.type_and_send("Why?")
        await until(lambda: bool(chat.client.requests))
        gone: list[bool] = []
        other.destroyed.connect(lambda: gone.append(True))
        other.deleteLater()
        await until(lambda: bool(gone))
        chat.client.reply("Because.")
        await until(lambda: not chat.session.is_busy)

        (stored,) = [m for m in await chat.store.messages(ConversationId("c1")) if m.role != "user"]
        assert stored.content == "Because."


@pytest.mark.asyncio_qt
async def test_composer_stands_under_the_message_column(tmp_path: Path) -> None:
    async with open_chat(tmp_path) as chat:
        chat.tab.resize(1200, 600)
        margins = chat.tab.composer.contentsMargins()

        assert (margins.left(), 1200 - margins.left() - margins.right()) == (210, 780)


def test_tab_can_be_closed_after_the_event_loop_ended(
    qtbot: QtBot, theme: Theme, store: ConversationStore
) -> None:
    tab = ChatTab(make_session(store), theme)
    qtbot.addWidget(tab)
    tab.show()
    tab.composer.set_text("half a thought")

    tab.hide()

    assert tab.composer.text == "half a thought"
