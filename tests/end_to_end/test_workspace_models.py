"""A workspace gets its model from a real engine process, and gives way where it must."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from realm_desktop.chat.model_choice import ModelStep
from realm_desktop.store.records import Workspace
from tests.support.running_app import RunningApp, running_app, until
from tests.support.tiny_models import tiny_gguf

pytestmark = pytest.mark.slow


async def _research(app: RunningApp, model: Path) -> Workspace:
    """A workspace that names a model, while the app's last one is loaded."""
    library = app.window._library
    await until(lambda: app.has_model)
    workspace = await library.new_workspace("Research")
    await library.update_workspace(replace(workspace, model_path=str(model)))
    return library.workspaces[-1]


@pytest.mark.asyncio_qt(limit_s=120)
async def test_each_workspace_is_answered_by_its_model(tmp_path: Path) -> None:
    llama = tiny_gguf(tmp_path, with_tokenizer=True)
    qwen = tiny_gguf(tmp_path, "qwen3", with_tokenizer=True)
    async with running_app(tmp_path / "data", llama) as app:
        # Its folder is listed: a workspace gets only models that the catalog knows.
        app.window.models.add_folder(str(tmp_path))
        workspace = await _research(app, qwen)
        app.window.chats.new_chat(workspace.workspace_id)
        await until(lambda: app.sessions)
        research = await app.say("hello")
        await until(lambda: not research.is_busy)
        info = app.window.model_state.info
        assert info is not None
        assert info.path == str(qwen)
        assert research.transcript.messages[-1].content

        general = app.window._library.workspaces[0]
        await app.window._library.update_workspace(replace(general, model_path=str(llama)))
        app.window.chats.new_chat("general")
        await until(lambda: len(app.sessions) == 2)
        other = await app.say("hello")
        await until(lambda: not other.is_busy)
        assert app.window.model_state.info.path == str(llama)  # type: ignore[union-attr]  # it answered


@pytest.mark.asyncio_qt(limit_s=120)
async def test_running_reply_ends_before_the_next_model_is_loaded(tmp_path: Path) -> None:
    llama = tiny_gguf(tmp_path, with_tokenizer=True)
    qwen = tiny_gguf(tmp_path, "qwen3", with_tokenizer=True)
    async with running_app(tmp_path / "data", llama) as app:
        app.window.models.add_folder(str(tmp_path))
        await app.never_end_replies()
        workspace = await _research(app, qwen)
        await app.new_chat()
        running = await app.say("tell me of the tides")
        await until(lambda: running.transcript.messages[-1].content)
        app.window.chats.new_chat(workspace.workspace_id)
        await until(lambda: len(app.sessions) == 2)
        research = await app.say("hello")
        await until(lambda: research.models.question(research) is ModelStep.ASK)
        assert running.is_busy

        await running.stop()
        await until(lambda: not research.is_busy)
        assert app.window.model_state.info.path == str(qwen)  # type: ignore[union-attr]  # it answered
        assert research.transcript.messages[-1].content
