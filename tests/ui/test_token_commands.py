"""Tests of what the Tokens page does."""

from __future__ import annotations

from pathlib import Path

import pytest

from realm_desktop.engine_stats import GenerationStats
from realm_desktop.events import Finished, FinishReason, TextDelta, TokenLogprob
from realm_desktop.ui.chat.chat_tab import ChatTab
from realm_desktop.ui.chat.message_actions import MessageAction
from realm_desktop.ui.panels.tokens_page import TokensPage
from realm_desktop.ui.theme import Theme
from tests.support.panels import Panel, open_panel
from tests.support.windows import until

ENTRY = TokenLogprob(1, -0.5, ((1, -0.5), (2, -1.5)), "one", ("one", "two"))


async def _traced_reply(panel: Panel, num_accepted: int = 0) -> None:
    session, client = panel.commands.session, panel.opened.client
    assert session is not None
    await session.send("hi")
    request_id = client.requests[-1].request_id
    client.emit(
        TextDelta(request_id, "one", (1,), num_accepted, logprobs=(ENTRY,)),
        Finished(request_id, FinishReason.STOP, GenerationStats()),
    )
    await until(lambda: not session.is_busy)
    panel.commands.refresh()


@pytest.mark.asyncio_qt
async def test_tokens_of_the_last_reply_are_shown_and_continued(
    tmp_path: Path, theme: Theme
) -> None:
    async with open_panel(tmp_path, theme, "tokens") as panel:
        panel.edit("sampling.logprobs", 4)
        await panel.saved()
        await _traced_reply(panel)
        page = panel.page(TokensPage)
        shown = [row.text for row in page.tokens.rows]
        page.continue_requested.emit(0, 2)
        client = panel.opened.client
        await until(lambda: len(client.requests) == 2)

        assert client.requests[0].sampling.logprobs == 4
        assert shown == ["one"]
        assert client.requests[1].committed_token_ids == (2,)


@pytest.mark.asyncio_qt
@pytest.mark.parametrize("num_accepted", [0, 1])
async def test_accepted_drafts_are_dotted(tmp_path: Path, theme: Theme, num_accepted: int) -> None:
    async with open_panel(tmp_path, theme, "tokens") as panel:
        panel.edit("sampling.logprobs", 4)
        await panel.saved()
        await _traced_reply(panel, num_accepted)

        page = panel.page(TokensPage)
        assert [row.is_accepted for row in page.tokens.rows] == [bool(num_accepted)]
        assert page.drafts_note.isHidden() is not bool(num_accepted)


@pytest.mark.asyncio_qt
async def test_chat_without_known_tokens_says_how_to_get_them(tmp_path: Path, theme: Theme) -> None:
    async with open_panel(tmp_path, theme, "tokens") as panel:
        assert "Token alternatives" in panel.page(TokensPage).state.text()


async def _traced_replies(panel: Panel, count: int) -> list[str]:
    """Ask for token alternatives, then for replies; their message ids."""
    panel.edit("sampling.logprobs", 4)
    await panel.saved()
    for _ in range(count):
        await _traced_reply(panel)
    session = panel.commands.session
    assert session is not None
    return [m.message_id for m in session.transcript.messages if m.role == "assistant"]


@pytest.mark.asyncio_qt
async def test_menu_of_an_earlier_reply_shows_its_tokens(tmp_path: Path, theme: Theme) -> None:
    async with open_panel(tmp_path, theme, "tokens") as panel:
        first, _ = await _traced_replies(panel, 2)
        window = panel.opened.window
        window.commands.set_panel_visible(is_visible=False)
        page = window.parts.tabs.current.current_page
        assert isinstance(page, ChatTab)
        is_offered = page.model.state(1).has_tokens

        page.view.action_requested.emit(MessageAction.INSPECT, first)

        assert is_offered
        assert panel.panel.isVisible()
        assert panel.panel.page == "tokens"
        assert panel.page(TokensPage).state.text().startswith("Tokens of the chosen reply")


@pytest.mark.asyncio_qt
async def test_inspected_reply_is_the_one_gone_on_with(tmp_path: Path, theme: Theme) -> None:
    async with open_panel(tmp_path, theme, "tokens") as panel:
        first, _ = await _traced_replies(panel, 2)
        panel.opened.window.parts.tabs.current.tokens_requested.emit(first)

        panel.page(TokensPage).continue_requested.emit(0, 2)

        client, session = panel.opened.client, panel.commands.session
        await until(lambda: len(client.requests) == 3)
        assert session is not None
        assert client.requests[2].committed_token_ids == (2,)
        assert len(session.transcript.messages) == 2


@pytest.mark.asyncio_qt
async def test_next_reply_takes_the_place_of_the_inspected_one(
    tmp_path: Path, theme: Theme
) -> None:
    async with open_panel(tmp_path, theme, "tokens") as panel:
        first, _ = await _traced_replies(panel, 2)
        panel.opened.window.parts.tabs.current.tokens_requested.emit(first)

        await _traced_reply(panel)

        assert panel.page(TokensPage).state.text().startswith("Tokens of the last reply")


@pytest.mark.asyncio_qt
async def test_tab_of_another_pane_inspects_its_own_reply(tmp_path: Path, theme: Theme) -> None:
    async with open_panel(tmp_path, theme, "tokens") as panel:
        first, _ = await _traced_replies(panel, 2)
        tabs = panel.opened.window.parts.tabs
        tabs.split_current("right")
        tabs.set_current(tabs.panes[-1])
        owner = next(pane for pane in tabs.panes if pane.sessions)

        page = owner.current_page
        assert isinstance(page, ChatTab)
        page.tokens_requested.emit(first)

        assert tabs.current is owner
        assert panel.page(TokensPage).tokens.rows
