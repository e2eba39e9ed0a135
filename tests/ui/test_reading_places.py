"""Tests of the place that was read in a chat."""

from __future__ import annotations

from pathlib import Path

import pytest

from realm_desktop.store.records import ConversationId
from realm_desktop.ui.chat.transcript_layout import Anchor
from realm_desktop.ui.reading_places import place_of, return_to
from realm_desktop.ui.theme import Theme
from tests.support.chat_views import long_chat
from tests.support.panes import make_chats, open_tabs
from tests.support.windows import open_window, until


@pytest.mark.asyncio_qt
async def test_place_is_taken_down_and_shown_again(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, *make_chats("c1")) as opened:
        for message in long_chat(30):
            await opened.store.add_message(message)
        page = (await open_tabs(opened, "c1")).page_of(ConversationId("c1"))
        assert page is not None
        assert place_of(page) is None

        return_to(page, (5, -1, 0.0))

        await until(lambda: (place_of(page) or (0, 0, 0.0))[0] == 5)


@pytest.mark.asyncio_qt
async def test_place_in_a_thought_is_the_beginning_of_its_reply(
    tmp_path: Path, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_window(tmp_path, theme, *make_chats("c1")) as opened:
        page = (await open_tabs(opened, "c1")).page_of(ConversationId("c1"))
        assert page is not None
        place = Anchor(3, 7, 12.5, in_thought=True)
        monkeypatch.setattr(type(page.view), "place", property(lambda _view: place))

        assert place_of(page) == (3, -1, 0.0)


@pytest.mark.asyncio_qt
async def test_no_place_leaves_the_chat_at_its_end(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme, *make_chats("c1")) as opened:
        page = (await open_tabs(opened, "c1")).page_of(ConversationId("c1"))
        assert page is not None

        return_to(page, None)

        assert page.view.is_following
