"""Tests of the main window as a whole."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from realm_desktop.errors import NO_SPACE
from realm_desktop.events import (
    EngineDown,
    EngineReady,
    EngineRestarted,
    ErrorInfo,
    LoadFailed,
    ModelLoaded,
    Started,
    TextDelta,
)
from realm_desktop.settings import AppearanceSettings, ChatSettings
from realm_desktop.store.records import ConversationId, MessageId
from realm_desktop.ui.chat.chat_tab import ChatTab
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.state_glyph import Glyph
from realm_desktop.ui.window_memory import with_windows
from realm_desktop.window_settings import WindowSettings
from tests.support.fake_client import make_model_info
from tests.support.stores import make_conversation
from tests.support.widgets import child, press
from tests.support.windows import OpenWindow, open_window, until

READY = EngineReady("0.1.0", "2.13.0", "cpu", 4, 17)
C1 = ConversationId("c1")


async def _ask(opened: OpenWindow, text: str = "Why?") -> None:
    """Have a reply run in a new chat."""
    opened.client.emit(READY, ModelLoaded(make_model_info()))
    opened.window.chats.ask(text)
    await until(lambda: bool(opened.client.requests))


@pytest.mark.asyncio_qt
async def test_minimized_window_comes_back(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.window.showMinimized()

        opened.window.show_in_front()

        assert opened.window.isVisible()
        assert not opened.window.isMinimized()


@pytest.mark.asyncio_qt
async def test_window_between_two_pixel_ratios_has_its_own_icons(
    tmp_path: Path, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_window(tmp_path, theme) as opened:
        monkeypatch.setattr(opened.window, "devicePixelRatio", lambda: 1.5)
        QCoreApplication.sendEvent(opened.window, QEvent(QEvent.Type.DevicePixelRatioChange))

        assert theme.ratios == {1.0, 1.5}


@pytest.mark.asyncio_qt
async def test_first_start_shows_the_empty_page(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        parts = opened.window.parts

        assert parts.tabs.empty.isVisible()
        assert parts.tabs.header.isHidden()
        assert opened.window.windowTitle() == "Realm Desktop"


@pytest.mark.asyncio_qt
async def test_stored_chats_are_listed(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, make_conversation("c1", "Tides")) as opened:
        model = opened.window.parts.sidebar.model

        await until(lambda: model.index_of("conversation:c1").isValid())


@pytest.mark.asyncio_qt
async def test_title_bar_names_the_shown_chat(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, make_conversation("c1", "Tides")) as opened:
        opened.window.chats.open("c1")

        await until(lambda: opened.window.windowTitle() == "Tides")


@pytest.mark.asyncio_qt
async def test_title_bar_keeps_the_windows_own_chat(tmp_path: Path, theme: Theme) -> None:
    chats = make_conversation("c1", "Tides"), make_conversation("c2", "Bread\u202e")
    async with open_window(tmp_path, theme, *chats) as opened:
        window, tabs = opened.window, opened.window.parts.tabs
        window.chats.open("c1")
        await until(lambda: window.windowTitle() == "Tides")
        window.chats.open("c2")
        await until(lambda: window.windowTitle() == "Bread\u21d0")
        detached = tabs.detach(ConversationId("c2"))

        assert detached is not None
        await until(lambda: detached.windowTitle() == "Bread\u21d0")
        assert tabs.current is detached.pane
        assert window.windowTitle() == "Tides"


@pytest.mark.asyncio_qt
async def test_running_reply_turns_a_ring_in_sidebar_and_tab(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        await _ask(opened)
        request_id = opened.client.requests[0].request_id
        opened.client.emit(Started(request_id, 3, 0), TextDelta(request_id, "Be", (1,)))
        strip = opened.window.parts.tabs.strip

        await until(lambda: strip.state_of(0).glyph is Glyph.DECODE)
        assert opened.window.clock.is_running

        opened.client.reply("cause")
        await until(lambda: strip.state_of(0).glyph is Glyph.NONE)
        assert not opened.window.clock.is_running


@pytest.mark.asyncio_qt
async def test_reply_without_a_tab_is_counted_in_the_status_bar(
    tmp_path: Path, theme: Theme
) -> None:
    async with open_window(tmp_path, theme) as opened:
        await _ask(opened)

        opened.window.parts.tabs.close_tab(0)

        background = opened.window.parts.status.background
        await until(lambda: not background.isHidden())
        opened.client.reply("Because.")
        await until(background.isHidden)


@pytest.mark.asyncio_qt
async def test_refused_model_is_told_with_a_remedy(tmp_path: Path, theme: Theme) -> None:
    error = ErrorInfo("CorruptFile", "the file ends early.", "Download it again.")
    async with open_window(tmp_path, theme) as opened:
        opened.window.parts.show_page("models")

        opened.client.emit(LoadFailed("/models/bad.gguf", error, is_unloaded=True))

        notice = opened.window.parts.tabs.notice
        assert notice.text == "bad was not loaded: the file ends early. Download it again."
        assert opened.window.parts.centre.currentWidget() is opened.window.parts.tabs


@pytest.mark.asyncio_qt
async def test_work_that_found_the_disk_full_leads_to_storage(
    tmp_path: Path, theme: Theme, qtbot: QtBot
) -> None:
    async with open_window(tmp_path, theme) as opened:
        window, notice = opened.window, opened.window.parts.tabs.notice
        error = ErrorInfo("StoreError", "the disk is full", "Free some space.", field=NO_SPACE)
        window.tasks.failed.emit(error)

        assert notice.text == "The disk is full. Free some space."
        assert notice.offers("storage")
        with qtbot.waitSignal(window.commands.actions["storage"].triggered):
            notice.remedy_pressed.emit("storage")


@pytest.mark.asyncio_qt
async def test_stopped_engine_can_be_started_from_its_notice(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.client.emit(EngineDown("It was killed three times."))
        notice = opened.window.parts.tabs.notice
        assert "killed three times" in notice.text

        notice.remedy_pressed.emit("restart-engine")

        assert opened.client.num_restarts == 1


@pytest.mark.asyncio_qt
async def test_stopped_engine_can_be_started_from_the_status_bar(
    tmp_path: Path, theme: Theme
) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.client.emit(EngineDown("It was killed three times."))

        opened.window.parts.status.engine_pressed.emit()

        assert opened.client.num_restarts == 1


@pytest.mark.asyncio_qt
async def test_restarted_engine_is_told_and_nothing_is_asked(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.client.emit(EngineRestarted("killed", num_resumed=3, num_restarts=1))

        assert "3 replies go on" in opened.window.parts.tabs.notice.text


@pytest.mark.asyncio_qt
async def test_engine_item_shows_the_log(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.client.emit(READY)

        opened.window.parts.status.engine_pressed.emit()

        assert opened.window.parts.dock.seen_page == "log"


@pytest.mark.asyncio_qt
async def test_settings_change_the_look_at_once(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        current = opened.settings.current
        appearance = AppearanceSettings(
            theme="dark", zoom=1.5, is_motion_reduced=True, density="compact", is_column_wide=True
        )

        opened.settings.put(replace(current, appearance=appearance))

        assert (theme.name, theme.zoom, theme.is_motion_reduced) == ("dark", 1.5, True)
        assert (theme.density, theme.is_column_wide) == ("compact", True)


@pytest.mark.asyncio_qt
async def test_send_key_reaches_open_tabs(tmp_path: Path, theme: Theme, qtbot: QtBot) -> None:
    async with open_window(tmp_path, theme, make_conversation("c1", "Tides")) as opened:
        opened.window.chats.open("c1")
        await until(lambda: bool(opened.window.parts.tabs.sessions))
        page = child(opened.window, ChatTab)
        page.composer.set_text("Why?")

        chat = ChatSettings(send_key="ctrl_enter")
        opened.settings.put(replace(opened.settings.current, chat=chat))

        with qtbot.assertNotEmitted(page.composer.submitted):
            press(child(page, QPlainTextEdit), Qt.Key.Key_Return)


@pytest.mark.asyncio_qt
async def test_thoughts_unfold_in_open_tabs_and_those_to_come(tmp_path: Path, theme: Theme) -> None:
    chats = (make_conversation("c1", "Tides"), make_conversation("c2", "Pumps"))
    async with open_window(tmp_path, theme, *chats) as opened:
        opened.window.chats.open("c1")
        await until(lambda: len(opened.window.parts.tabs.sessions) == 1)

        chat = ChatSettings(expand_thinking=True)
        opened.settings.put(replace(opened.settings.current, chat=chat))
        opened.window.chats.open("c2")
        await until(lambda: len(opened.window.parts.tabs.sessions) == 2)

        pages = opened.window.findChildren(ChatTab)
        assert [page.model.is_thought_open(MessageId("a")) for page in pages] == [True, True]


@pytest.mark.asyncio_qt
async def test_look_and_tabs_are_remembered_at_the_end(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, make_conversation("c1", "Tides")) as opened:
        opened.window.resize(1000, 700)
        opened.window.chats.open("c1")
        await until(lambda: bool(opened.window.parts.tabs.sessions))
        opened.window.commands.actions["toggle-sidebar"].trigger()

        opened.window.close()

        memory = opened.settings.current.windows[0]
        assert memory.open_tabs == ("c1",)
        assert not memory.is_sidebar_visible
        assert memory.geometry is not None
        assert memory.geometry[2:] == (1000, 700)


@pytest.mark.asyncio_qt
async def test_remembered_tabs_open_again(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, make_conversation("c1", "Tides")) as opened:
        memory = WindowSettings(open_tabs=("c1",))
        opened.settings.put(with_windows(opened.settings.current, memory))

        await opened.window.open_last()

        assert [s.conversation.conversation_id for s in opened.window.parts.tabs.sessions] == [C1]


@pytest.mark.asyncio_qt
async def test_close_hides_at_once_and_tells_it_once(
    tmp_path: Path, theme: Theme, qtbot: QtBot
) -> None:
    async with open_window(tmp_path, theme) as opened:
        told: list[bool] = []
        opened.window.closed.connect(lambda: told.append(True))

        opened.window.close()
        opened.window.close()

        assert not opened.window.isVisible()
        assert told == [True]


@pytest.mark.asyncio_qt
async def test_unsent_text_is_stored_when_the_window_closes(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, make_conversation("c1", "Tides")) as opened:
        opened.window.chats.open("c1")
        await until(lambda: bool(opened.window.parts.tabs.sessions))
        child(opened.window, QPlainTextEdit).setPlainText("half a thought")

        opened.window.close()
        await opened.window.finish_work(5.0)

        assert (await opened.store.conversations())[0].unsent_text == "half a thought"


@pytest.mark.asyncio_qt
async def test_closed_window_hears_no_more_events(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.window.close()

        opened.client.emit(READY)

        assert opened.window.model_state.engine is None


@pytest.mark.asyncio_qt
async def test_narrow_window_gives_the_sidebar_s_room_to_the_chat(
    tmp_path: Path, theme: Theme
) -> None:
    async with open_window(tmp_path, theme) as opened:
        sidebar = opened.window.parts.sidebar
        opened.window.resize(760, 600)
        assert sidebar.isHidden()

        opened.window.resize(1200, 600)

        assert not sidebar.isHidden()


@pytest.mark.asyncio_qt
async def test_settings_are_written_while_the_window_is_open(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        appearance = AppearanceSettings(theme="light", zoom=1.2)

        opened.settings.put(replace(opened.settings.current, appearance=appearance))

        file = tmp_path / "settings.json"
        await until(lambda: file.exists() and '"zoom": 1.2' in file.read_text(encoding="utf-8"))


@pytest.mark.asyncio_qt
async def test_every_control_has_a_name(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, make_conversation("c1", "Tides")) as opened:
        opened.window.chats.open("c1")
        await until(lambda: bool(opened.window.parts.tabs.sessions))
        nameless = [
            widget
            for kind in (QAbstractButton, QLineEdit)
            for widget in opened.window.findChildren(kind)
            if widget.isVisibleTo(opened.window) and not _is_named(widget)
        ]

        assert [(w.objectName(), w.parent()) for w in nameless] == []


def _is_named(widget: QWidget) -> bool:
    """Whether a screen reader has words for a control; arrows of Qt's own bars bring theirs."""
    text = widget.text() if isinstance(widget, QAbstractButton) else ""
    is_sign_of_a_field = isinstance(widget.parent(), QLineEdit)
    is_qt_s_own = widget.objectName().startswith("qt_") or "Scroll" in widget.objectName()
    return bool(widget.accessibleName() or text) or is_qt_s_own or is_sign_of_a_field
