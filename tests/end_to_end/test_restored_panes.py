"""Three chats answer in two panes, one tab closes, the app is killed: the next start has it all."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from realm_desktop.store.records import MessageState
from tests.support.busy_panes import DRAFT
from tests.support.panes import titles
from tests.support.posix import posix_only
from tests.support.running_app import RunningApp, running_app, until
from tests.support.tiny_models import tiny_gguf

pytestmark = [
    pytest.mark.slow,
    posix_only,
]


def _kill_a_busy_app(folder: Path, model: Path) -> dict[str, str]:
    """Run the app until it is busy, kill it with its engine; returns what was written by then."""
    command = [sys.executable, "-m", "tests.support.busy_panes", str(folder), str(model)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        os.killpg(process.pid, signal.SIGKILL)
    found: dict[str, str] = json.loads(line)
    return found


def _replies(app: RunningApp) -> dict[str, tuple[str, MessageState]]:
    """Text and state of the last message of every open tab, by title."""
    found = {}
    for session in app.sessions:
        reply = session.transcript.messages[-1]
        found[session.conversation.title] = reply.content, reply.state
    return found


@pytest.mark.asyncio_qt(limit_s=300)
async def test_killed_window_comes_back_with_panes_tabs_texts_and_draft(tmp_path: Path) -> None:
    model = tiny_gguf(tmp_path, with_tokenizer=True, max_position_embeddings=8192)
    before = _kill_a_busy_app(tmp_path / "data", model)

    async with running_app(tmp_path / "data") as app:
        await until(lambda: len(app.sessions) == 2)
        panes = titles(app.window.parts.tabs)
        (closed,) = before.keys() - {title for pane in panes for title in pane}
        chats = {chat.title: chat for chat in app.window._library.conversations}
        app.window.chats.open(chats[closed].conversation_id)
        await until(lambda: len(app.sessions) == 3)
        replies = _replies(app)

    assert panes == [["the second question"], ["the third question"]]
    assert closed == "the first question"
    assert DRAFT in (chat.unsent_text for chat in chats.values())
    for title, (text, state) in replies.items():
        # The journal is at most a second behind.
        assert text
        assert text.startswith(before[title][: len(text)])
        assert state is MessageState.INTERRUPTED
