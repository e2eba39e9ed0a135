"""The batch view shows what a real engine process does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.running_app import running_app, until
from tests.support.tiny_models import tiny_gguf

pytestmark = pytest.mark.slow


@pytest.mark.asyncio_qt(limit_s=120)
async def test_running_reply_is_listed_and_aborted(tmp_path: Path) -> None:
    model = tiny_gguf(tmp_path, with_tokenizer=True)
    async with running_app(tmp_path / "data", model) as app:
        await app.never_end_replies()
        await until(lambda: app.has_model)
        await app.new_chat()
        session = await app.say("tell me of the tides")
        app.window.dock.toggle()
        page = app.window.parts.dock.batch
        await until(lambda: page.model.rows)
        row = page.model.rows[0]
        page.abort_requested.emit(row)
        await until(lambda: not session.is_busy and not page.model.rows)

        assert row.conversation_id == session.conversation.conversation_id
        assert row.blocks != "0"
        assert app.window.dock.history.samples[-1].resident_bytes > 0
        app.window.dock.show_log()
        log = app.window.parts.dock.log.view
        await until(lambda: "engine " in log.toPlainText())
