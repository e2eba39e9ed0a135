"""The whole program in a process of its own, offscreen, with a slow engine that makes its text up.

Usage: python -m tests.support.busy_window DATA_FOLDER ROLE SEED. Real window, real store, a real second
process for the engine. What the program acknowledged is told line by line as JSON on standard output: a
pipe keeps what was written into it, whatever happens to this process.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from realm_desktop import app
from realm_desktop.app import WindowFlags
from realm_desktop.chat.session import ChatSession
from realm_desktop.exchange.chat_import import ChatImport
from realm_desktop.ui.application import application
from realm_desktop.ui.main_window import MainWindow
from tests.support.scripted_app import use_scripted_engine

NUM_CHATS = 8
POLL_MS = 5
SHOWN_S = 0.02
TOKEN_PAUSE_S = 0.005


def tell(kind: str, **values: object) -> None:
    """Acknowledge something to whoever reads the pipe."""
    sys.stdout.write(f"{json.dumps({'kind': kind, 'at_s': time.monotonic(), **values})}\n")
    sys.stdout.flush()


class Life:
    """What a user does in one run of the program, until it ends.

    Args:
        window: Shown by now.
        folder: Data folder; the parent of every file that the run needs.
        seed: Decides what is done when.
    """

    def __init__(self, window: MainWindow, folder: Path, seed: int) -> None:
        self.window = window
        self.library = window._library
        self.folder = folder
        self.draw = random.Random(seed)
        self.seed = seed
        self.sessions: list[ChatSession] = []

    async def be_ready(self) -> None:
        """Wait until the lists are read and a model is loaded."""
        await _until(lambda: self.library.workspaces)
        tell("listed", count=len(self.library.conversations))
        await _until(lambda: self.window.model_state.info is not None)
        engine = self.window.model_state.engine
        assert engine is not None
        tell("ready", engine=engine.process_id)

    async def stream(self) -> None:
        """Every chat answers without end; tells, all the time, how much of each reply is shown."""
        await self.be_ready()
        for number in range(NUM_CHATS):
            await self._ask(f"question {self.seed}.{number}")
        await self._tell_what_is_shown()

    async def work(self) -> None:
        """Everything at once: replies, more messages, titles, deletions, imports."""
        await self.be_ready()
        jobs = (self._talk, self._talk, self._rename, self._delete, self._take_in)
        await asyncio.gather(self._tell_what_is_shown(), *(job() for job in jobs))

    async def _ask(self, text: str) -> ChatSession:
        session = await self.library.new_conversation()
        self.window.parts.tabs.show_session(session)
        await session.send(text)
        question = session.transcript.messages[0]
        tell("message", id=question.message_id, text=text)
        self.sessions.append(session)
        return session

    async def _talk(self) -> None:
        for number in range(10_000):
            session = await self._ask(f"talk {self.seed}.{self.draw.random()}.{number}")
            await self._pause()
            await session.stop()
            await _until(lambda: not session.is_busy)  # noqa: B023  # awaited within this turn
            reply = session.transcript.messages[-1]
            tell("reply", id=reply.message_id, text=reply.content)

    async def _rename(self) -> None:
        for number in range(10_000):
            session = await self.library.new_conversation()
            title = f"title {self.seed}.{number}"
            await self.library.rename(session.conversation.conversation_id, title)
            tell("title", id=session.conversation.conversation_id, text=title)
            await self._pause()

    async def _delete(self) -> None:
        while True:
            session = await self.library.new_conversation()
            conversation_id = session.conversation.conversation_id
            tell("listed chat", id=conversation_id)
            await self.library.shelf.trash(conversation_id)
            tell("trashed", id=conversation_id)
            await self._pause()

    async def _take_in(self) -> None:
        path = self.folder.parent / "import.json"
        while True:
            report = await ChatImport(self.library, self.library._store, path).run()
            tell("imported", ids=list(report.conversations), count=report.num_messages)
            await self._pause()

    async def _tell_what_is_shown(self) -> None:
        while True:
            for session in tuple(self.sessions):
                reply = session.transcript.messages[-1]
                if session.is_busy and reply.role == "assistant":
                    tell("shown", id=reply.message_id, length=len(reply.content))
            await asyncio.sleep(SHOWN_S)

    async def _pause(self) -> None:
        await asyncio.sleep(self.draw.random() * 0.1)


async def _until(condition: Callable[[], object]) -> None:
    while not condition():  # noqa: ASYNC110  (any condition, whoever changes it)
        await asyncio.sleep(SHOWN_S)


def run(folder: Path, role: str, seed: int) -> int:
    """Run the program until it ends or is killed; returns its exit status."""
    # A model would add minutes and prove no more.
    lives = folder.parent / "lives"
    use_scripted_engine(pytest.MonkeyPatch(), lives, token_pause_s=TOKEN_PAUSE_S)
    qapp = application()
    tasks: list[asyncio.Task[None]] = []
    timer = QTimer(qapp)

    def begin() -> None:
        shown = [w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow)]
        if shown and shown[0].isVisible():
            timer.stop()
            tell("painted")
            life = Life(shown[0], folder, seed)
            scripts = {"idle": life.be_ready, "stream": life.stream, "work": life.work}
            task = asyncio.get_running_loop().create_task(scripts[role]())
            # It ends with the loop, in the middle; what it says then is no fault of the program.
            task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
            tasks.append(task)

    timer.timeout.connect(begin)
    timer.start(POLL_MS)
    return app.run(WindowFlags(folder))


if __name__ == "__main__":
    sys.exit(run(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
