"""What the real engine refuses, and the buttons that help."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton

from realm_desktop.store.records import MessageState
from realm_desktop.ui.chat.error_card import ErrorCard
from tests.support.running_app import running_app, until
from tests.support.widgets import click

pytestmark = pytest.mark.slow


@pytest.mark.asyncio_qt(limit_s=120.0)
async def test_conversation_that_is_too_long_leads_to_a_longer_context(tmp_path: Path) -> None:
    async with running_app(tmp_path) as app:
        await until(lambda: app.has_model)
        await app.new_chat()
        session = app.sessions[0]
        await session.send("Tell me of the fox. " * 400)
        await until(lambda: len(session.transcript.messages) == 2 and not session.is_busy)
        await until(lambda: bool(app.window.findChildren(ErrorCard)))
        card = app.window.findChildren(ErrorCard)[0]

        click(next(b for b in card.findChildren(QPushButton) if b.text() == "Longer context…"))

        reply = session.transcript.messages[-1]
        assert reply.state is MessageState.FAILED
        assert card.error.kind == "PromptTooLong"
        loader = app.window.loader
        await until(lambda: loader.plan is not None)
        assert loader.plan is not None
        assert loader.plan.fits
        assert loader.dialog is not None
        loader.dialog.close()
