"""A process with the whole app: three chats answer in two panes, one of them closes, until a kill.

Usage: python -m tests.support.busy_panes DATA_FOLDER MODEL. Prints one line of JSON when everything
is under way: the texts of the replies so far, by title of the chat.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from realm_desktop.chat.session import ChatSession
from realm_desktop.settings import SettingsFile
from tests.support.qt_loop import run_on_qt_loop
from tests.support.running_app import RunningApp, running_app, until

DRAFT = "not sent yet"
LIMIT_S = 200.0


async def run(folder: Path, model: Path) -> None:
    """Start, tell, and wait for the end."""
    async with running_app(folder, model) as app:
        await app.never_end_replies()
        sessions = []
        for name in ("first", "second", "third"):
            await app.new_chat()
            sessions.append(await app.say(f"the {name} question"))
        tabs = app.window.parts.tabs
        tabs.split_current("right")
        tabs.set_current(tabs.panes[0])
        tabs.close_tab(0)
        await until(lambda: all(_length(session) > 40 for session in sessions))
        await _type_draft(app)
        await until(lambda: _is_written(folder))
        texts = {s.conversation.title: s.transcript.messages[-1].content for s in sessions}
        sys.stdout.write(f"{json.dumps(texts)}\n")
        sys.stdout.flush()
        await asyncio.sleep(LIMIT_S)


async def _type_draft(app: RunningApp) -> None:
    """Type into the composer in front, and wait until the text is on disk."""
    session = app.tab.session
    QTest.keyClicks(app.tab.composer.focusProxy() or app.tab.composer, DRAFT)
    await until(lambda: session.conversation.unsent_text == DRAFT)


def _length(session: ChatSession) -> int:
    return len(session.transcript.messages[-1].content)


def _is_written(folder: Path) -> bool:
    """Whether the layout is in the file, as the next start will read it."""
    found = [SettingsFile(path).current for path in folder.rglob("settings.json")]
    return bool(found) and len(found[0].windows[0].panes) == 2


if __name__ == "__main__":
    QApplication([])
    run_on_qt_loop(lambda: run(Path(sys.argv[1]), Path(sys.argv[2])), limit_s=2 * LIMIT_S)
