"""Tests of the pop-up that says what fills the context."""

from __future__ import annotations

from pathlib import Path

import pytest

from realm_desktop.events import ModelLoaded, TokensCounted
from realm_desktop.protocol import CountTokens
from realm_desktop.ui.chat.context_popup import ContextPopup
from realm_desktop.ui.theme import Theme
from tests.support.fake_client import make_model_info
from tests.support.stores import make_conversation
from tests.support.widgets import child, click
from tests.support.windows import OpenWindow, open_window, until


async def open_popup(opened: OpenWindow) -> ContextPopup:
    """Have a reply written and press the meter."""
    opened.client.emit(ModelLoaded(make_model_info()))
    tabs = opened.window.parts.tabs
    opened.window.chats.open("a")
    await until(lambda: tabs.current_session is not None)
    session = tabs.current_session
    assert session is not None
    await session.send("Why?")
    await until(lambda: bool(opened.client.requests))
    opened.client.reply("Be", "cause")
    await until(lambda: tabs.header.meter.figures.startswith("7 /"))
    click(tabs.header.meter)
    await until(lambda: any(isinstance(c, CountTokens) for c in opened.client.commands))
    return child(opened.window, ContextPopup)


@pytest.mark.asyncio_qt
async def test_press_on_the_meter_shows_the_parts(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, make_conversation("a", "a")) as opened:
        popup = await open_popup(opened)
        await until(lambda: popup.bar.isVisible())

        words = popup.accessibleDescription()
        assert words.startswith("7 of 512 tokens, Messages: 2, Marks of the chat template: 5,")
        assert words.endswith("Free: 505") or "Kept for the answer" in words
        assert popup.note.isHidden()
        popup.close()


@pytest.mark.asyncio_qt
async def test_popup_says_that_nobody_counts(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, make_conversation("a", "a")) as opened:
        opened.client.answers_counts = False
        popup = await open_popup(opened)
        was_counting = popup.note.text()
        refuse_counts(opened)
        await until(lambda: popup.note.text() != was_counting)

        assert (was_counting, popup.note.text()) == ("Counting…", "The engine cannot count now.")
        popup.close()


@pytest.mark.asyncio_qt
async def test_count_that_comes_behind_the_closed_popup_is_dropped(
    tmp_path: Path, theme: Theme
) -> None:
    async with open_window(tmp_path, theme, make_conversation("a", "a")) as opened:
        opened.client.answers_counts = False
        popup = await open_popup(opened)
        tasks = opened.window.parts.tabs.current._tasks
        popup.close()
        refuse_counts(opened)
        await until(lambda: tasks.num_running == 0)

        assert not opened.window.findChildren(ContextPopup)


def refuse_counts(opened: OpenWindow) -> None:
    """Answer every count with nothing."""
    commands = tuple(opened.client.commands)
    counts = [command for command in commands if isinstance(command, CountTokens)]
    opened.client.emit(*(TokensCounted(command.count_id, None) for command in counts))
