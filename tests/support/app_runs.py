"""The window's whole run in one process: an engine in a thread, and a script that acts on the window."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QTimer
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from realm_desktop import app
from realm_desktop.app import WindowFlags, run
from realm_desktop.launcher import EngineSetup, ThreadHandle, start_thread
from realm_desktop.settings import Settings, SettingsFile
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.database import Database
from realm_desktop.store.records import Conversation
from tests.support.scripted_engine import Plan, serve_plan

POLL_MS = 10
LIMIT_S = 30.0


@contextlib.contextmanager
def engine_in_thread(patch: pytest.MonkeyPatch, lives: Path) -> Iterator[None]:
    """Let every app started in here have an engine in a thread, without torch; its windows go after.

    Args:
        patch: Takes it back.
        lives: Folder for the engine's notes; created.
    """
    lives.mkdir()
    plan = Plan(lives, token_pause_s=0.01)

    def start(setup: EngineSetup) -> ThreadHandle:
        return start_thread(setup, serve=partial(serve_plan, plan))

    patch.setattr(app, "start_thread", start)
    yield
    for window in QApplication.topLevelWidgets():
        window.deleteLater()
    # Now, not in the loop of the next start: that would give its look to the old windows first.
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


class Script:
    """Acts on a window of the app while `run` holds the test: each step once its time has come."""

    def __init__(self, kind: type[QWidget]) -> None:
        self._kind = kind
        self._steps: list[tuple[Callable[[QWidget], bool], Callable[[QWidget], object]]] = []
        self._timer = QTimer()
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._on_timeout)
        self._end_s = time.monotonic() + LIMIT_S
        self.is_late = False

    def when(self, ready: Callable[..., bool], act: Callable[..., object]) -> Script:
        """Do `act` with the window once `ready` says so of it."""
        self._steps.append((ready, act))
        self._timer.start()
        return self

    def _on_timeout(self) -> None:
        shown = [w for w in QApplication.topLevelWidgets() if isinstance(w, self._kind)]
        window = next((w for w in shown if w.isVisible()), None)
        if time.monotonic() > self._end_s:
            self.is_late = True
            QApplication.closeAllWindows()
        elif window is not None and self._steps[0][0](window):
            _, act = self._steps.pop(0)
            if not self._steps:
                self._timer.stop()
            act(window)


def always(_window: QWidget) -> bool:
    """Any window that is shown will do."""
    return True


def run_app(folder: Path, script: Script) -> int:
    """Run the app in `folder` with a script; its engine runs in a thread."""
    status = run(WindowFlags(folder / "data", is_in_process=True))
    assert not script.is_late
    return status


def read_and_close(words: list[str], window: QWidget) -> None:
    """Keep what a window says."""
    words.append(words_of(window))
    window.close()


def words_of(window: QWidget) -> str:
    """All that its labels say."""
    return " ".join(label.text() for label in window.findChildren(QLabel))


def set_up(folder: Path, settings: Settings, *conversations: Conversation) -> None:
    """Write settings and conversations before the run."""
    file = SettingsFile(folder / "data" / "settings.json")
    file.put(settings)
    file.write_now()
    database = Database.open(folder / "data" / "realm.sqlite3")
    store = ConversationStore(database)

    async def save() -> None:
        for conversation in conversations:
            await store.save_conversation(conversation)

    asyncio.run(save())
    database.close()
