"""Tests of closing the window while something is under way."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSystemTrayIcon

from realm_desktop.events import EngineReady, ModelLoaded
from realm_desktop.library.download_values import DownloadState
from realm_desktop.library.downloads import Downloads
from realm_desktop.settings import ClosingChoice
from realm_desktop.trainer import Trainer
from realm_desktop.training_protocol import TrainingJob
from realm_desktop.ui.dialogs.close_dialog import CloseDialog
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.tray_icon import TrayIcon
from tests.support.downloads import make_download
from tests.support.fake_client import make_model_info
from tests.support.fake_trainer import FakeTrainers
from tests.support.widgets import press
from tests.support.windows import OpenWindow, close_as_user, open_window, until

# What Qt says on its offscreen platform, which has no tray.
pytestmark = pytest.mark.qt_log_ignore("systemTrayWindowChanged", extend=True)

READY = EngineReady("0.1.0", "2.13.0", "cpu", 4, 17)


@pytest.fixture
def tray(monkeypatch: pytest.MonkeyPatch) -> None:
    """The desktop has a tray."""
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: True)


async def _ask(opened: OpenWindow) -> None:
    """Have a reply run in a new chat."""
    opened.client.emit(READY, ModelLoaded(make_model_info()))
    opened.window.chats.ask("Why?")
    await until(lambda: bool(opened.client.requests))


def _choose(opened: OpenWindow, choice: ClosingChoice) -> None:
    current = opened.settings.current
    chat = replace(current.chat, when_closed=choice)
    opened.settings.put(replace(current, chat=chat))


def _dialog(opened: OpenWindow) -> CloseDialog:
    dialog = opened.window.closing.dialog
    assert dialog is not None
    return dialog


def _tray(opened: OpenWindow) -> TrayIcon:
    icon = opened.window.closing.tray
    assert icon is not None
    return icon


@pytest.mark.asyncio_qt
async def test_idle_window_closes_without_a_question(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        assert close_as_user(opened.window)
        assert opened.window.closing.dialog is None


@pytest.mark.asyncio_qt
async def test_user_is_asked_while_a_reply_runs(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        await _ask(opened)

        assert not close_as_user(opened.window)
        assert opened.window.isVisible()
        assert _dialog(opened).isVisible()
        assert _dialog(opened).summary.text() == "1 chat is being answered"


@pytest.mark.asyncio_qt
async def test_end_of_the_system_asks_nobody(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        await _ask(opened)

        assert opened.window.close()
        assert opened.window.closing.dialog is None
        assert opened.window.isHidden()


@pytest.mark.asyncio_qt
async def test_message_that_waits_for_no_load_is_no_work(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.window.chats.ask("Why?")
        await until(lambda: any(s.is_busy for s in opened.library.sessions.values()))

        assert close_as_user(opened.window)


@pytest.mark.asyncio_qt
async def test_escape_leaves_everything_as_it_is(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        await _ask(opened)
        close_as_user(opened.window)

        press(_dialog(opened), Qt.Key.Key_Escape)

        assert opened.window.closing.dialog is None
        assert opened.window.isVisible()
        assert opened.client.requests
        assert opened.settings.current.chat.when_closed == "ask"


@pytest.mark.asyncio_qt
async def test_stop_ends_the_app_and_keeps_the_reply(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        ends: list[bool] = []
        opened.window.closed.connect(lambda: ends.append(True))
        await _ask(opened)
        close_as_user(opened.window)

        _dialog(opened).stop_button.click()

        assert ends == [True]
        assert opened.window.isHidden()
        assert opened.settings.current.chat.when_closed == "ask"


@pytest.mark.asyncio_qt
async def test_remembered_answer_is_not_asked_again(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        await _ask(opened)
        close_as_user(opened.window)
        _dialog(opened).remember_switch.setChecked(True)
        _dialog(opened).stop_button.click()

        assert opened.settings.current.chat.when_closed == "stop"


@pytest.mark.asyncio_qt
async def test_without_a_tray_the_window_can_only_stop_or_stay(
    tmp_path: Path, theme: Theme
) -> None:
    async with open_window(tmp_path, theme) as opened:
        _choose(opened, "background")
        await _ask(opened)

        assert not close_as_user(opened.window)
        assert _dialog(opened).keep_button is None
        assert _dialog(opened).cancel_button.isDefault()


@pytest.mark.asyncio_qt
@pytest.mark.usefixtures("tray")
async def test_window_works_on_in_the_tray_and_comes_back(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        await _ask(opened)
        close_as_user(opened.window)
        press(_dialog(opened), Qt.Key.Key_Return)
        assert opened.window.isHidden()
        assert _tray(opened).is_shown
        assert "1 chat is being answered" in _tray(opened).tooltip

        _tray(opened)._icon.activated.emit(QSystemTrayIcon.ActivationReason.Trigger)

        assert opened.window.isVisible()
        assert not _tray(opened).is_shown
        assert opened.client.requests


@pytest.mark.asyncio_qt
@pytest.mark.usefixtures("tray")
async def test_tray_says_when_all_is_done(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        _choose(opened, "background")
        await _ask(opened)
        assert not close_as_user(opened.window)
        assert _tray(opened).quit_action.text() == "Stop and quit"

        opened.client.reply("Because.")

        await until(lambda: _tray(opened).state.text() == "Everything is done")
        assert _tray(opened).quit_action.text() == "Quit"


@pytest.mark.asyncio_qt
@pytest.mark.usefixtures("tray")
async def test_menu_of_the_tray_ends_the_app(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        ends: list[bool] = []
        opened.window.closed.connect(lambda: ends.append(True))
        _choose(opened, "background")
        await _ask(opened)
        close_as_user(opened.window)

        _tray(opened).quit_action.trigger()

        assert ends == [True]
        assert not _tray(opened).is_shown


@pytest.mark.asyncio_qt
@pytest.mark.usefixtures("tray")
async def test_windows_of_tabs_go_and_come_too(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        _choose(opened, "background")
        await _ask(opened)
        opened.window.commands.actions["detach-tab"].trigger()
        await asyncio.sleep(0)
        (detached,) = opened.window.parts.tabs.windows

        close_as_user(opened.window)
        assert detached.isHidden()

        opened.window.show_in_front()
        assert detached.isVisible()


@pytest.mark.asyncio_qt
@pytest.mark.usefixtures("tray")
async def test_quit_asks_even_who_stays_at_closing(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        _choose(opened, "background")
        await _ask(opened)

        opened.window.commands.actions["quit"].trigger()
        opened.window.commands.actions["quit"].trigger()

        assert opened.window.isVisible()
        assert len(opened.window.findChildren(CloseDialog)) == 1


@pytest.mark.asyncio_qt
async def test_quit_of_an_idle_window_ends_the_app(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.window.commands.actions["quit"].trigger()

        assert opened.window.isHidden()


@pytest.mark.asyncio_qt
async def test_question_says_when_the_work_ended_meanwhile(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        await _ask(opened)
        close_as_user(opened.window)
        dialog = _dialog(opened)
        assert dialog.stop_button.text() == "Stop replies and quit"

        opened.client.reply("Because.")

        await until(lambda: dialog.title.text() == "Everything is done by now")
        assert dialog.stop_button.text() == "Quit"
        assert dialog.outlook.isHidden()


@pytest.mark.asyncio_qt
async def test_training_is_named(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        trainer = Trainer(FakeTrainers().start, str, asyncio.get_running_loop())
        opened.window.closing.watch_training(trainer)
        trainer.train(TrainingJob("m.gguf", "data.jsonl", "out"))

        assert not close_as_user(opened.window)
        assert _dialog(opened).summary.text() == "1 training is running"
        assert _dialog(opened).stop_button.text() == "Stop and quit"
        await trainer.close()


@pytest.mark.asyncio_qt
async def test_download_that_runs_is_asked_about_and_a_paused_one_is_not(
    tmp_path: Path, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_window(tmp_path, theme) as opened:
        listed = [make_download(state) for state in (DownloadState.PAUSED, DownloadState.FAILED)]
        monkeypatch.setattr(Downloads, "items", property(lambda _self: listed))
        is_idle = not opened.window.closing.work
        listed.append(make_download())

        assert is_idle
        assert not close_as_user(opened.window)
        assert _dialog(opened).summary.text() == "1 download is running"
        assert _dialog(opened).stop_button.text() == "Stop and quit"
