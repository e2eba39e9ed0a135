"""Tests of what the actions of the window do."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip

from realm_desktop.chat.session_state import SessionState
from realm_desktop.events import ModelLoaded, Parked, Queued
from realm_desktop.protocol import UnloadModel
from realm_desktop.ui.actions import ActionName
from realm_desktop.ui.dialogs.settings_dialog import SettingsDialog
from realm_desktop.ui.settings.setting_pages import SettingsPage
from realm_desktop.ui.theme import Theme
from tests.support.fake_client import make_model_info
from tests.support.stores import make_conversation
from tests.support.widgets import child, press
from tests.support.windows import OpenWindow, open_window, until

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def _trigger(opened: OpenWindow, name: ActionName) -> None:
    opened.window.commands.actions[name].trigger()


def _is_enabled(opened: OpenWindow, name: ActionName) -> bool:
    return opened.window.commands.actions[name].isEnabled()


def _has_tabs(opened: OpenWindow, count: int) -> bool:
    return opened.window.parts.tabs.strip.count() == count


async def _open(opened: OpenWindow, *conversation_ids: str) -> None:
    """Open these chats in tabs, one after the other."""
    for conversation_id in conversation_ids:
        wanted = opened.window.parts.tabs.strip.count() + 1
        opened.window.chats.open(conversation_id)
        await until(partial(_has_tabs, opened, wanted))


@pytest.mark.asyncio_qt
async def test_keys_reach_their_actions(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.window.activateWindow()

        press(opened.window, Qt.Key.Key_N, CONTROL)

        await until(lambda: opened.window.parts.tabs.strip.count() == 1)
        press(opened.window, Qt.Key.Key_W, CONTROL)
        assert opened.window.parts.tabs.strip.count() == 0


@pytest.mark.asyncio_qt
async def test_tabs_are_walked_round_the_end(tmp_path: Path, theme: Theme) -> None:
    chats = [make_conversation(name, name) for name in ("a", "b", "c")]
    async with open_window(tmp_path, theme, *chats) as opened:
        await _open(opened, "a", "b", "c")
        strip = opened.window.parts.tabs.strip

        _trigger(opened, "next-tab")
        assert strip.tabText(strip.currentIndex()) == "a"
        _trigger(opened, "previous-tab")

        assert strip.tabText(strip.currentIndex()) == "c"


@pytest.mark.asyncio_qt
@pytest.mark.parametrize(("key", "title"), [(1, "a"), (2, "b"), (9, "c"), (7, "c")])
async def test_tab_keys_show_their_tab(tmp_path: Path, theme: Theme, key: int, title: str) -> None:
    chats = [make_conversation(name, name) for name in ("a", "b", "c")]
    async with open_window(tmp_path, theme, *chats) as opened:
        await _open(opened, "a", "b", "c")
        opened.window.parts.show_page("models")

        opened.window.commands.actions.tab_actions[key - 1].trigger()

        strip = opened.window.parts.tabs.strip
        assert strip.tabText(strip.currentIndex()) == title
        assert opened.window.parts.centre.currentWidget() is opened.window.parts.tabs


@pytest.mark.asyncio_qt
async def test_digits_show_the_pages_in_the_order_of_the_rail(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.window.activateWindow()
        parts = opened.window.parts
        pages = (parts.tabs, parts.models_page, parts.adapters_page, parts.downloads_page)

        for key, page in zip(
            (Qt.Key(Qt.Key.Key_1 + place) for place in range(4)), pages, strict=True
        ):
            press(opened.window, key, CONTROL)
            assert parts.centre.currentWidget() is page


@pytest.mark.asyncio_qt
async def test_chosen_key_works_at_once(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.window.activateWindow()
        current = opened.settings.current
        keyboard = replace(current.keyboard, shortcuts={"show-models": ["Ctrl+Alt+M"]})

        opened.settings.put(replace(current, keyboard=keyboard))
        press(opened.window, Qt.Key.Key_M, CONTROL | Qt.KeyboardModifier.AltModifier)

        assert opened.window.parts.centre.currentWidget() is opened.window.parts.models_page


@pytest.mark.asyncio_qt
async def test_tooltips_name_the_chosen_key_in_new_panes_too(
    tmp_path: Path, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda _place, text, _widget: shown.append(text))
    async with open_window(tmp_path, theme) as opened:
        current = opened.settings.current
        keyboard = replace(current.keyboard, shortcuts={"new-chat": ["F9"]})
        opened.settings.put(replace(current, keyboard=keyboard))
        pane = opened.window.parts.tabs.split("right")
        assert pane is not None

        for button in (opened.window.parts.sidebar.new_chat_button, pane.plus_button):
            QApplication.sendEvent(button, QHelpEvent(QEvent.Type.ToolTip, QPoint(), QPoint()))

    assert shown == ["New chat (F9)"] * 2


@pytest.mark.asyncio_qt
async def test_moved_tab_keeps_its_chat(tmp_path: Path, theme: Theme) -> None:
    chats = [make_conversation(name, name) for name in ("a", "b", "c")]
    async with open_window(tmp_path, theme, *chats) as opened:
        await _open(opened, "a", "b", "c")
        tabs = opened.window.parts.tabs

        tabs.strip.moveTab(0, 2)
        tabs.close_tab(2)

        assert [session.conversation.title for session in tabs.sessions] == ["b", "c"]


@pytest.mark.asyncio_qt
async def test_actions_of_a_chat_need_a_chat(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, make_conversation("a", "a")) as opened:
        names: tuple[ActionName, ...] = ("close-tab", "rename-chat", "pin-chat", "delete-chat")
        assert not any(_is_enabled(opened, name) for name in names)

        await _open(opened, "a")

        await until(lambda: all(_is_enabled(opened, name) for name in names))


@pytest.mark.asyncio_qt
async def test_actions_of_a_model_need_a_model(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        assert not _is_enabled(opened, "unload-model")

        opened.client.emit(ModelLoaded(make_model_info()))
        _trigger(opened, "unload-model")

        assert UnloadModel() in opened.client.commands


@pytest.mark.asyncio_qt
async def test_pause_is_checked_while_the_reply_is_paused(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.client.emit(ModelLoaded(make_model_info()))
        before = _is_enabled(opened, "pause")
        opened.window.chats.ask("Why?")
        await until(lambda: _is_enabled(opened, "pause"))
        request_id = opened.client.requests[0].request_id
        pause = opened.window.commands.actions["pause"]
        session = opened.window.parts.tabs.current_session
        assert session is not None

        pause.trigger()
        opened.client.emit(Parked(request_id))
        await until(lambda: session.state is SessionState.PARKED)
        was_checked = pause.isChecked()
        pause.trigger()
        opened.client.emit(Queued(request_id, 1, ""))
        await until(lambda: session.state is SessionState.QUEUED)

        assert (before, was_checked, pause.isChecked()) == (False, True, False)


@pytest.mark.asyncio_qt
async def test_stop_needs_a_running_reply(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.client.emit(ModelLoaded(make_model_info()))
        opened.window.chats.ask("Why?")
        await until(lambda: _is_enabled(opened, "stop"))
        assert not _is_enabled(opened, "regenerate")

        _trigger(opened, "stop")

        await until(lambda: _is_enabled(opened, "regenerate"))
        assert not _is_enabled(opened, "stop")


@pytest.mark.asyncio_qt
async def test_rename_turns_the_title_into_a_field(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, make_conversation("a", "a")) as opened:
        await _open(opened, "a")

        _trigger(opened, "rename-chat")

        assert opened.window.parts.tabs.header.title_field.isVisible()


@pytest.mark.asyncio_qt
async def test_pin_and_unpin_the_shown_chat(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, make_conversation("a", "a")) as opened:
        await _open(opened, "a")

        _trigger(opened, "pin-chat")

        await until(lambda: opened.library.conversations[0].is_pinned)
        await until(lambda: opened.window.commands.actions["pin-chat"].isChecked())


@pytest.mark.asyncio_qt
@pytest.mark.parametrize("name", ["duplicate-chat", "branch-chat"])
async def test_shown_chat_is_copied(tmp_path: Path, theme: Theme, name: ActionName) -> None:
    async with open_window(tmp_path, theme, make_conversation("a", "a")) as opened:
        await _open(opened, "a")

        _trigger(opened, name)

        await until(lambda: len(opened.library.conversations) == 2)
        await until(lambda: len(opened.window.parts.tabs.sessions) == 2)


@pytest.mark.asyncio_qt
async def test_zoom_is_changed_within_its_bounds(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        _trigger(opened, "zoom-in")
        assert theme.zoom == pytest.approx(1.1)

        for _ in range(20):
            _trigger(opened, "zoom-out")
        assert theme.zoom == pytest.approx(0.8)

        _trigger(opened, "zoom-reset")
        assert theme.zoom == pytest.approx(1.0)


@pytest.mark.asyncio_qt
async def test_filter_key_opens_the_sidebar(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        _trigger(opened, "toggle-sidebar")
        was_hidden = opened.window.parts.sidebar.isHidden()

        _trigger(opened, "filter-chats")

        assert (was_hidden, opened.window.parts.sidebar.isHidden()) == (True, False)
        assert opened.window.commands.actions["toggle-sidebar"].isChecked()


@pytest.mark.asyncio_qt
@pytest.mark.parametrize(
    ("name", "page"), [("settings", "general"), ("shortcuts", "shortcuts"), ("about", "about")]
)
async def test_settings_open_at_their_page_without_holding_the_window_up(
    tmp_path: Path, theme: Theme, name: ActionName, page: SettingsPage
) -> None:
    async with open_window(tmp_path, theme) as opened:
        _trigger(opened, name)

        dialog = child(opened.window, SettingsDialog)
        assert dialog.isVisible()
        assert dialog.pages.page == page
        dialog.close()


@pytest.mark.asyncio_qt
async def test_model_key_opens_the_picker(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        _trigger(opened, "choose-model")

        assert opened.window.models.picker.isVisible()
        opened.window.models.picker.hide()


@pytest.mark.asyncio_qt
async def test_models_page_is_left_for_a_new_chat(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.window.parts.rail.page_chosen.emit("models")
        assert opened.window.parts.centre.currentWidget() is opened.window.parts.models_page

        _trigger(opened, "new-chat")

        assert opened.window.parts.centre.currentWidget() is opened.window.parts.tabs
        await until(lambda: opened.window.parts.tabs.strip.count() == 1)
