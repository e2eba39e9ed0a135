"""The composer's switch for thinking."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from realm_desktop.events import ModelLoaded
from realm_desktop.schema.table import THINKING_KEY
from realm_desktop.ui.chat.chat_tab import ChatTab
from realm_desktop.ui.chat.composer import Composer
from realm_desktop.ui.theme import Theme
from tests.support.fake_client import make_model_info
from tests.support.widgets import child, click
from tests.support.windows import OpenWindow, open_window, until


async def _composer(opened: OpenWindow, thinks_by_default: bool | None) -> Composer:
    info = replace(make_model_info(), thinks_by_default=thinks_by_default)
    opened.client.emit(ModelLoaded(info))
    opened.window.chats.new_chat()
    await until(lambda: bool(opened.window.parts.tabs.sessions))
    return child(opened.window, ChatTab).composer


def test_switch_says_what_it_stands_for(qtbot: QtBot, theme: Theme) -> None:
    composer = Composer(theme)
    qtbot.addWidget(composer)
    tips = []
    for is_on in (True, False):
        composer.show_thinking(is_on)
        tips.append((composer.thinking_button.isChecked(), composer.thinking_button.toolTip()))

    assert tips == [
        (True, "The model thinks before it answers"),
        (False, "The model answers at once"),
    ]
    assert composer.thinking_button.accessibleName() == "Thinking"


@pytest.mark.asyncio_qt
async def test_model_without_a_switch_has_none(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        composer = await _composer(opened, None)

        assert composer.thinking_button.isHidden()


@pytest.mark.asyncio_qt
async def test_click_changes_the_chat_and_its_next_request(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        composer = await _composer(opened, True)
        (session,) = opened.window.parts.tabs.sessions
        assert composer.thinking_button.isChecked()

        click(composer.thinking_button)
        await until(lambda: session.conversation.settings == {THINKING_KEY: "off"})
        await session.send("Why?")

        assert not composer.thinking_button.isChecked()
        assert opened.client.requests[-1].is_thinking is False


@pytest.mark.asyncio_qt
async def test_switch_follows_the_workspace_and_the_app(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        composer = await _composer(opened, False)
        (session,) = opened.window.parts.tabs.sessions
        settings = {THINKING_KEY: "on"}

        await opened.library.update_workspace(replace(session.workspace, settings=settings))
        await until(composer.thinking_button.isChecked)

        await opened.library.update_workspace(replace(session.workspace, settings={}))
        await until(lambda: not composer.thinking_button.isChecked())
        opened.settings.put(replace(opened.settings.current, defaults=settings))
        await until(composer.thinking_button.isChecked)
