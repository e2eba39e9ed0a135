"""Starts and ends of the window that meet a fault or another start."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import PySide6
import pytest
from PySide6.QtWidgets import QApplication, QWidget

from realm_desktop.app import WindowFlags, run
from realm_desktop.errors import SettingsError
from realm_desktop.settings import Settings, SettingsFile
from realm_desktop.store.lock_file import LockFile
from realm_desktop.ui.dialogs.message_window import MessageWindow
from realm_desktop.ui.main_window import MainWindow
from tests.support.app_runs import (
    Script,
    always,
    engine_in_thread,
    read_and_close,
    run_app,
    set_up,
    words_of,
)
from tests.support.stores import make_conversation


@pytest.fixture(autouse=True)
def _scripted_engine(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    with engine_in_thread(monkeypatch, tmp_path / "lives"):
        yield


def test_second_start_says_why_it_cannot_open(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = LockFile(tmp_path / "data" / "realm.sqlite3.lock")
    words: list[str] = []
    script = Script(MessageWindow).when(always, partial(read_and_close, words))

    status = run_app(tmp_path, script)

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
    script = Script(MainWindow)
    script.when(always, lambda _: second.append(subprocess.Popen(command)))
    script.when(lambda _: second[0].poll() is not None, QWidget.close)

    run_app(tmp_path, script)

    assert shown == [True]
    assert second[0].returncode == 0


def test_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way", encoding="utf-8")
    words: list[str] = []
    script = Script(MessageWindow).when(always, partial(read_and_close, words))

    assert run_app(tmp_path, script) == 1
    assert "cannot be created" in words[0]


def test_damaged_settings_are_told_and_the_window_opens(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "settings.json").write_text("{", encoding="utf-8")
    notices: list[str] = []

    def look(window: MainWindow) -> None:
        notices.append(window.parts.tabs.notice.text)
        window.close()

    run_app(tmp_path, Script(MainWindow).when(lambda w: bool(w.parts.tabs.notice.text), look))

    assert "is damaged" in notices[0]


def test_damage_behind_a_clean_end_is_told_with_the_backups_in_reach(tmp_path: Path) -> None:
    set_up(tmp_path, Settings(), *(make_conversation(f"c{n}", "word " * 50) for n in range(99)))
    path = tmp_path / "data" / "realm.sqlite3"
    before = path.stat()
    with path.open("r+b") as file:
        file.seek(-8192, os.SEEK_END)
        file.write(b"\xff" * 8192)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    notices: list[str] = []

    def look(window: MainWindow) -> None:
        notices.append(words_of(window.parts.tabs.notice))
        window.close()

    run_app(
        tmp_path, Script(MainWindow).when(lambda w: "damaged" in w.parts.tabs.notice.text, look)
    )

    assert "Start Realm Desktop again" in notices[0]
    assert not list((tmp_path / "data").glob("backups/realm-*"))


def test_step_of_the_end_that_fails_does_not_stop_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(_file: SettingsFile) -> None:
        raise OSError("disk gone")

    monkeypatch.setattr(SettingsFile, "write", fail)

    assert run_app(tmp_path, Script(MainWindow).when(always, QWidget.close)) == 0
    assert "the settings could not be ended" in caplog.text
    LockFile(tmp_path / "data" / "realm.sqlite3.lock").release()


def test_bad_pair_of_qt_and_python_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PySide6, "__version_info__", (6, 12, 0, "", ""))
    monkeypatch.setattr(sys, "version_info", (3, 11, 7, "final", 0))

    with pytest.raises(SettingsError, match=r"PySide6 6\.12\.0"):
        run(WindowFlags(tmp_path))
