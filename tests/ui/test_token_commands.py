"""Tests of what the Tokens page does."""

from __future__ import annotations

from pathlib import Path

import pytest

from realm_desktop.engine_stats import GenerationStats
from realm_desktop.events import Finished, FinishReason, TextDelta, TokenLogprob
from realm_desktop.ui.theme import Theme
from tests.support.panels import Panel, open_panel
from tests.support.windows import until

ENTRY = TokenLogprob(1, -0.5, ((1, -0.5), (2, -1.5)), "one", ("one", "two"))


async def _traced_reply(panel: Panel) -> None:
    session, client = panel.commands.session, panel.opened.client
    assert session is not None
    await session.send("hi")
    request_id = client.requests[-1].request_id
    client.emit(
        TextDelta(request_id, "one", (1,), logprobs=(ENTRY,)),
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
        page = panel.panel.tokens
        shown = [row.text for row in page.tokens.rows]
        page.continue_requested.emit(0, 2)
        client = panel.opened.client
        await until(lambda: len(client.requests) == 2)

        assert client.requests[0].sampling.logprobs == 4
        assert shown == ["one"]
        assert client.requests[1].committed_token_ids == (2,)


@pytest.mark.asyncio_qt
async def test_chat_without_known_tokens_says_how_to_get_them(tmp_path: Path, theme: Theme) -> None:
    async with open_panel(tmp_path, theme, "tokens") as panel:
        assert "Token alternatives" in panel.panel.tokens.state.text()
