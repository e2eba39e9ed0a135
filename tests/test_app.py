"""Tests of the start and the end of the window."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import PySide6
import pytest
from PySide6.QtCore import QEvent, QTimer
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from realm_desktop import app
from realm_desktop.app import SWITCH_INTERVAL_S, WindowFlags, run
from realm_desktop.errors import SettingsError
from realm_desktop.launcher import EngineSetup, ThreadHandle, start_thread
from realm_desktop.settings import AppearanceSettings, Settings, SettingsFile
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.database import Database
from realm_desktop.store.lock_file import LockFile
from realm_desktop.store.records import Conversation, Message, MessageState
from realm_desktop.ui.dialogs.message_window import MessageWindow
from realm_desktop.ui.first_run import FirstRun
from realm_desktop.ui.main_window import MainWindow
from realm_desktop.ui.panes import Panes
from realm_desktop.window_settings import WindowSettings
from tests.support.scripted_engine import Plan, serve_plan
from tests.support.stores import make_conversation
from tests.support.windows import close_as_user

POLL_MS = 10
LIMIT_S = 30.0


@pytest.fixture(autouse=True)
def _scripted_engine(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """An engine in a thread that answers without torch; windows are gone at the end."""
    lives = tmp_path / "lives"
    lives.mkdir()
    plan = Plan(lives, token_pause_s=0.01)

    def start(setup: EngineSetup) -> ThreadHandle:
        return start_thread(setup, serve=partial(serve_plan, plan))

    monkeypatch.setattr(app, "start_thread", start)
    yield
    for window in QApplication.topLevelWidgets():
        window.deleteLater()
    # Now, not in the loop of the next start: that would give its look to the old windows first.
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


class _Script:
    """Acts on a window of the app while `run` holds the test: each step once its time has come."""

    def __init__(self, kind: type[QWidget]) -> None:
        self._kind = kind
        self._steps: list[tuple[Callable[[QWidget], bool], Callable[[QWidget], object]]] = []
        self._timer = QTimer()
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._on_timeout)
        self._end_s = time.monotonic() + LIMIT_S
        self.is_late = False

    def when(self, ready: Callable[..., bool], act: Callable[..., object]) -> _Script:
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


def _always(_window: QWidget) -> bool:
    return True


def _has_model(window: MainWindow) -> bool:
    return window.model_state.info is not None


def _run(folder: Path, script: _Script) -> int:
    """Run the app in `folder` with a script; its engine runs in a thread."""
    status = run(WindowFlags(folder / "data", is_in_process=True))
    assert not script.is_late
    return status


def _read_and_close(words: list[str], window: QWidget) -> None:
    words.append(_words(window))
    window.close()


def _words(window: QWidget) -> str:
    return " ".join(label.text() for label in window.findChildren(QLabel))


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


def _set_up(folder: Path, settings: Settings, *conversations: Conversation) -> None:
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


def test_window_opens_and_its_end_is_status_0(tmp_path: Path) -> None:
    script = _Script(MainWindow).when(_always, QWidget.close)

    assert _run(tmp_path, script) == 0


def test_other_threads_give_way_quickly_while_the_window_is_open(tmp_path: Path) -> None:
    before_s = sys.getswitchinterval()
    seen_s: list[float] = []

    def look(window: MainWindow) -> None:
        seen_s.append(sys.getswitchinterval())
        window.close()

    _run(tmp_path, _Script(MainWindow).when(_always, look))

    assert seen_s == [SWITCH_INTERVAL_S]
    assert sys.getswitchinterval() == before_s


def test_files_are_in_the_chosen_folder(tmp_path: Path) -> None:
    _run(tmp_path, _Script(MainWindow).when(_always, QWidget.close))

    names = {path.name for path in (tmp_path / "data").iterdir()}
    assert {"realm.sqlite3", "settings.json", "logs"} <= names


def test_day_without_a_backup_gets_one(tmp_path: Path) -> None:
    backups = tmp_path / "data" / "backups"
    script = _Script(MainWindow).when(lambda _: any(backups.glob("*.sqlite3")), QWidget.close)

    _run(tmp_path, script)

    assert len(list(backups.iterdir())) == 1


def test_end_is_quick_while_the_engine_runs(tmp_path: Path) -> None:
    closed_s: list[float] = []

    def close(window: MainWindow) -> None:
        closed_s.append(time.monotonic())
        window.close()

    ready = _Script(MainWindow).when(lambda w: w.model_state.engine is not None, close)
    _run(tmp_path, ready)

    assert time.monotonic() - closed_s[0] < 3.0


def test_reply_that_runs_at_the_end_is_kept_as_interrupted(tmp_path: Path) -> None:
    starter = tmp_path / "model.gguf"
    starter.write_bytes(b"x")
    script = _Script(MainWindow)
    script.when(lambda w: w.model_state.engine is not None, lambda w: w.models.load(str(starter)))
    script.when(_has_model, lambda w: w.chats.ask("Why?"))
    script.when(_is_writing, QWidget.close)

    _run(tmp_path, script)

    _, messages = _read_store(tmp_path)
    assert [message.role for message in messages] == ["user", "assistant"]
    assert messages[1].state is MessageState.INTERRUPTED
    assert messages[1].content


def test_user_who_closes_is_asked_and_an_answer_that_stops_keeps_the_reply(tmp_path: Path) -> None:
    starter = tmp_path / "model.gguf"
    starter.write_bytes(b"x")
    script = _Script(MainWindow)
    script.when(lambda w: w.model_state.engine is not None, lambda w: w.models.load(str(starter)))
    script.when(_has_model, lambda w: w.chats.ask("Why?"))
    script.when(_is_writing, close_as_user)
    script.when(
        lambda w: w.closing.dialog is not None, lambda w: w.closing.dialog.stop_button.click()
    )

    assert _run(tmp_path, script) == 0

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
    _set_up(tmp_path, settings, make_conversation("c1", "Tides"))

    _run(tmp_path, _Script(MainWindow).when(lambda w: bool(w.parts.tabs.sessions), QWidget.close))

    saved = SettingsFile(tmp_path / "data" / "settings.json").current
    assert saved.windows[0].open_tabs == ("c1",)
    assert saved.appearance.theme == "dark"


def test_second_start_says_why_it_cannot_open(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = LockFile(tmp_path / "data" / "realm.sqlite3.lock")
    words: list[str] = []
    script = _Script(MessageWindow).when(_always, partial(_read_and_close, words))

    status = _run(tmp_path, script)

    lock.release()
    assert status == 1
    assert "open in another Realm Desktop" in words[0]
    assert "open in another Realm Desktop" in capsys.readouterr().err


def test_second_start_shows_the_window_of_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[bool] = []
    second: list[subprocess.Popen[bytes]] = []
    command = [sys.executable, "-m", "realm_desktop", "--data-dir", str(tmp_path / "data")]
    monkeypatch.setattr(MainWindow, "show_in_front", lambda _: shown.append(True))
    script = _Script(MainWindow)
    script.when(_always, lambda _: second.append(subprocess.Popen(command)))
    script.when(lambda _: second[0].poll() is not None, QWidget.close)

    _run(tmp_path, script)

    assert shown == [True]
    assert second[0].returncode == 0


def test_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way", encoding="utf-8")
    words: list[str] = []
    script = _Script(MessageWindow).when(_always, partial(_read_and_close, words))

    assert _run(tmp_path, script) == 1
    assert "cannot be created" in words[0]


def test_store_that_takes_long_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_now = Database.open

    def open_late(path: Path, **options: Any) -> Database:
        time.sleep(0.3)  # a large database being checked, on its own thread
        return open_now(path, **options)

    monkeypatch.setattr(app, "OPEN_PATIENCE_S", 0.01)
    monkeypatch.setattr(Database, "open", open_late)
    words: list[str] = []
    waiting = _Script(MessageWindow).when(_always, lambda w: words.append(_words(w)))
    _run(tmp_path, _Script(MainWindow).when(_always, QWidget.close))

    assert "Checking your conversations" in words[0]
    assert not waiting.is_late


def test_damaged_settings_are_told_and_the_window_opens(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "settings.json").write_text("{", encoding="utf-8")
    notices: list[str] = []

    def look(window: MainWindow) -> None:
        notices.append(window.parts.tabs.notice.text)
        window.close()

    _run(tmp_path, _Script(MainWindow).when(lambda w: bool(w.parts.tabs.notice.text), look))

    assert "is damaged" in notices[0]


def test_damage_behind_a_clean_end_is_told_with_the_backups_in_reach(tmp_path: Path) -> None:
    _set_up(tmp_path, Settings(), *(make_conversation(f"c{n}", "word " * 50) for n in range(99)))
    path = tmp_path / "data" / "realm.sqlite3"
    before = path.stat()
    with path.open("r+b") as file:
        file.seek(-8192, os.SEEK_END)
        file.write(b"\xff" * 8192)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    notices: list[str] = []

    def look(window: MainWindow) -> None:
        notices.append(_words(window.parts.tabs.notice))
        window.close()

    _run(tmp_path, _Script(MainWindow).when(lambda w: "damaged" in w.parts.tabs.notice.text, look))

    assert "Start Realm Desktop again" in notices[0]
    assert not list((tmp_path / "data").glob("backups/realm-*"))


def test_pages_of_the_first_start_come_once(tmp_path: Path) -> None:
    seen: list[type[object]] = []

    def look(window: MainWindow) -> None:
        seen.append(type(window.parts.centre.currentWidget()))
        window.close()

    for _ in range(2):
        _run(tmp_path, _Script(MainWindow).when(lambda w: bool(w.model_state.engine), look))

    assert seen == [FirstRun, Panes]


def test_step_of_the_end_that_fails_does_not_stop_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(_file: SettingsFile) -> None:
        raise OSError("disk gone")

    monkeypatch.setattr(SettingsFile, "write", fail)

    assert _run(tmp_path, _Script(MainWindow).when(_always, QWidget.close)) == 0
    assert "the settings could not be ended" in caplog.text
    LockFile(tmp_path / "data" / "realm.sqlite3.lock").release()


def test_bad_pair_of_qt_and_python_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PySide6, "__version_info__", (6, 12, 0, "", ""))
    monkeypatch.setattr(sys, "version_info", (3, 11, 7, "final", 0))

    with pytest.raises(SettingsError, match=r"PySide6 6\.12\.0"):
        run(WindowFlags(tmp_path))


def test_hooks_of_the_process_are_given_back(tmp_path: Path) -> None:
    before = sys.excepthook

    _run(tmp_path, _Script(MainWindow).when(_always, QWidget.close))

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
