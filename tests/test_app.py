"""Tests of the start and the end of the window."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from realm_desktop import app
from realm_desktop.app import SWITCH_INTERVAL_S
from realm_desktop.settings import AppearanceSettings, Settings, SettingsFile
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.database import Database
from realm_desktop.store.records import Conversation, Message, MessageState
from realm_desktop.ui.dialogs.message_window import MessageWindow
from realm_desktop.ui.first_run import FirstRun
from realm_desktop.ui.main_window import MainWindow
from realm_desktop.ui.panes import Panes
from realm_desktop.window_settings import WindowSettings
from tests.support.app_runs import (
    LIMIT_S,
    Script,
    always,
    engine_in_thread,
    run_app,
    set_up,
    words_of,
)
from tests.support.stores import make_conversation
from tests.support.windows import close_as_user


@pytest.fixture(autouse=True)
def _scripted_engine(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    with engine_in_thread(monkeypatch, tmp_path / "lives"):
        yield


def _has_model(window: MainWindow) -> bool:
    return window.model_state.info is not None


async def _stored(store: ConversationStore) -> tuple[list[Conversation], list[Message]]:
    conversations = await store.conversations()
    messages = [
        message
        for conversation in conversations
        for message in await store.messages(conversation.conversation_id)
    ]
    return conversations, messages


def _read_store(folder: Path) -> tuple[list[Conversation], list[Message]]:
    """What the store of `folder` holds after the run."""
    database = Database.open(folder / "data" / "realm.sqlite3")
    try:
        return asyncio.run(_stored(ConversationStore(database)))
    finally:
        database.close()


def test_window_opens_and_its_end_is_status_0(tmp_path: Path) -> None:
    script = Script(MainWindow).when(always, QWidget.close)

    assert run_app(tmp_path, script) == 0


def test_other_threads_give_way_quickly_while_the_window_is_open(tmp_path: Path) -> None:
    before_s = sys.getswitchinterval()
    seen_s: list[float] = []

    def look(window: MainWindow) -> None:
        seen_s.append(sys.getswitchinterval())
        window.close()

    run_app(tmp_path, Script(MainWindow).when(always, look))

    assert seen_s == [SWITCH_INTERVAL_S]
    assert sys.getswitchinterval() == before_s


def test_files_are_in_the_chosen_folder(tmp_path: Path) -> None:
    run_app(tmp_path, Script(MainWindow).when(always, QWidget.close))

    names = {path.name for path in (tmp_path / "data").iterdir()}
    assert {"realm.sqlite3", "settings.json", "logs"} <= names


def test_day_without_a_backup_gets_one(tmp_path: Path) -> None:
    backups = tmp_path / "data" / "backups"
    script = Script(MainWindow).when(lambda _: any(backups.glob("*.sqlite3")), QWidget.close)

    run_app(tmp_path, script)

    assert len(list(backups.iterdir())) == 1


def test_end_is_quick_while_the_engine_runs(tmp_path: Path) -> None:
    closed_s: list[float] = []

    def close(window: MainWindow) -> None:
        closed_s.append(time.monotonic())
        window.close()

    ready = Script(MainWindow).when(lambda w: w.model_state.engine is not None, close)
    run_app(tmp_path, ready)

    assert time.monotonic() - closed_s[0] < 3.0


def test_reply_that_runs_at_the_end_is_kept_as_interrupted(tmp_path: Path) -> None:
    starter = tmp_path / "model.gguf"
    starter.write_bytes(b"x")
    script = Script(MainWindow)
    script.when(lambda w: w.model_state.engine is not None, lambda w: w.models.load(str(starter)))
    script.when(_has_model, lambda w: w.chats.ask("Why?"))
    script.when(_is_writing, QWidget.close)

    run_app(tmp_path, script)

    _, messages = _read_store(tmp_path)
    assert [message.role for message in messages] == ["user", "assistant"]
    assert messages[1].state is MessageState.INTERRUPTED
    assert messages[1].content


def test_user_who_closes_is_asked_and_an_answer_that_stops_keeps_the_reply(tmp_path: Path) -> None:
    starter = tmp_path / "model.gguf"
    starter.write_bytes(b"x")
    script = Script(MainWindow)
    script.when(lambda w: w.model_state.engine is not None, lambda w: w.models.load(str(starter)))
    script.when(_has_model, lambda w: w.chats.ask("Why?"))
    script.when(_is_writing, close_as_user)
    script.when(
        lambda w: w.closing.dialog is not None, lambda w: w.closing.dialog.stop_button.click()
    )

    assert run_app(tmp_path, script) == 0

    _, messages = _read_store(tmp_path)
    assert messages[1].state is MessageState.INTERRUPTED
    assert len(messages[1].content) > 20


def _is_writing(window: MainWindow) -> bool:
    session = window.parts.tabs.current_session
    messages = [] if session is None else session.transcript.messages
    return len(messages) == 2 and len(messages[1].content) > 20


def test_tabs_and_look_come_back(tmp_path: Path) -> None:
    settings = Settings(
        windows=(WindowSettings(open_tabs=("c1",), sidebar_width=300),),
        appearance=AppearanceSettings(theme="dark"),
    )
    set_up(tmp_path, settings, make_conversation("c1", "Tides"))

    run_app(tmp_path, Script(MainWindow).when(lambda w: bool(w.parts.tabs.sessions), QWidget.close))

    saved = SettingsFile(tmp_path / "data" / "settings.json").current
    assert saved.windows[0].open_tabs == ("c1",)
    assert saved.appearance.theme == "dark"


def test_store_that_takes_long_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_now = Database.open

    def open_late(path: Path, **options: Any) -> Database:
        time.sleep(0.3)  # a large database being checked, on its own thread
        return open_now(path, **options)

    monkeypatch.setattr(app, "OPEN_PATIENCE_S", 0.01)
    monkeypatch.setattr(Database, "open", open_late)
    words: list[str] = []
    waiting = Script(MessageWindow).when(always, lambda w: words.append(words_of(w)))
    run_app(tmp_path, Script(MainWindow).when(always, QWidget.close))

    assert "Checking your conversations" in words[0]
    assert not waiting.is_late


def test_pages_of_the_first_start_come_once(tmp_path: Path) -> None:
    seen: list[type[object]] = []

    def look(window: MainWindow) -> None:
        seen.append(type(window.parts.centre.currentWidget()))
        window.close()

    for _ in range(2):
        run_app(tmp_path, Script(MainWindow).when(lambda w: bool(w.model_state.engine), look))

    assert seen == [FirstRun, Panes]


def test_hooks_of_the_process_are_given_back(tmp_path: Path) -> None:
    before = sys.excepthook

    run_app(tmp_path, Script(MainWindow).when(always, QWidget.close))

    assert sys.excepthook is before or sys.excepthook is sys.__excepthook__


@pytest.mark.skipif(os.name != "posix", reason="sends SIGTERM, which Windows lacks")
def test_signal_ends_the_program_as_if_the_window_was_closed(tmp_path: Path) -> None:
    arguments = [sys.executable, "-m", "realm_desktop", "--data-dir", str(tmp_path / "data")]
    with subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        _wait_for_line(tmp_path / "data" / "logs" / "gui.log", "the window is shown")

        process.send_signal(signal.SIGTERM)

        assert process.wait(timeout=20) == 0
        assert "Traceback" not in process.stderr.read()


def _wait_for_line(file: Path, line: str) -> None:
    """Wait until a log has a line."""
    end_s = time.monotonic() + LIMIT_S
    while not (file.exists() and line in file.read_text(encoding="utf-8")):
        assert time.monotonic() < end_s, f"{file} never said {line!r}"
        time.sleep(0.05)  # another process; it has no event to wait for
