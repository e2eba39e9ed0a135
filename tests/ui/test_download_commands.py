"""What the window does with downloads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtGui import QDesktopServices
from pytestqt.qtbot import QtBot

from realm_desktop.library.download_values import Download, DownloadState
from realm_desktop.library.downloads import Downloads
from realm_desktop.ui.dialogs.network_dialog import NetworkDialog
from realm_desktop.ui.download_commands import DownloadCommands
from realm_desktop.ui.theme import Theme
from tests.support.downloads import make_download
from tests.support.windows import OpenWindow, open_window


class FakeDownloads:
    """A list of downloads that a test writes, and the commands it was given."""

    def __init__(self) -> None:
        self.items: Sequence[Download] = ()
        self.commands: list[tuple[str, str]] = []
        self._listeners: list[Callable[[], None]] = []

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def show(self, *items: Download) -> None:
        """Make these the list."""
        self.items = items
        for listener in tuple(self._listeners):
            listener()

    def find(self, download_id: str) -> Download | None:
        return next((item for item in self.items if item.download_id == download_id), None)

    def __getattr__(self, name: str) -> Callable[[str], None]:
        return lambda download_id: self.commands.append((name, download_id))


def _commands(opened: OpenWindow) -> tuple[FakeDownloads, DownloadCommands]:
    fake = FakeDownloads()
    window = opened.window
    return fake, DownloadCommands(cast("Downloads", fake), window.parts, window)


@pytest.mark.asyncio_qt
async def test_each_button_has_its_command(theme: Theme, tmp_path: Path) -> None:
    async with open_window(tmp_path, theme) as opened:
        fake, commands = _commands(opened)
        for name in ("pause", "resume", "retry", "verify", "cancel", "remove"):
            commands.obey(name, "id")
        commands.close()

    names = [name for name, _ in fake.commands]
    assert names == ["pause", "resume", "resume", "verify", "cancel", "cancel"]


@pytest.mark.asyncio_qt
async def test_a_model_is_told_once_when_it_is_complete(
    theme: Theme, tmp_path: Path, qtbot: QtBot
) -> None:
    told: list[str] = []
    async with open_window(tmp_path, theme) as opened:
        fake, commands = _commands(opened)
        commands.model_ready.connect(told.append)
        running, done = make_download(), make_download(DownloadState.DONE)
        checking = make_download(DownloadState.CHECKING)
        for item in (running, checking, done, done, checking, done):
            fake.show(item)
        commands.close()

    assert told == [str(done.target)]


@pytest.mark.asyncio_qt
async def test_package_of_the_program_is_told_to_nobody_and_cannot_be_used(
    theme: Theme, tmp_path: Path, qtbot: QtBot
) -> None:
    told: list[str] = []
    async with open_window(tmp_path, theme) as opened:
        fake, commands = _commands(opened)
        for signal in (commands.model_ready, commands.adapter_ready, commands.model_chosen):
            signal.connect(told.append)
        for state in (DownloadState.RUNNING, DownloadState.DONE):
            item = make_download(state)
            fake.show(replace(item, request=replace(item.request, kind="update")))
        commands.obey("use", item.download_id)
        commands.close()

    assert told == []


@pytest.mark.asyncio_qt
async def test_what_an_earlier_run_completed_is_not_told_again(
    theme: Theme, tmp_path: Path, qtbot: QtBot
) -> None:
    told: list[str] = []
    async with open_window(tmp_path, theme) as opened:
        fake, commands = _commands(opened)
        commands.model_ready.connect(told.append)
        fake.show(make_download(DownloadState.DONE))
        commands.close()

    assert told == []


@pytest.mark.asyncio_qt
async def test_show_in_folder_opens_the_folder_of_the_file(
    theme: Theme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened_urls: list[str] = []
    monkeypatch.setattr(
        QDesktopServices, "openUrl", lambda url: opened_urls.append(url.toLocalFile())
    )
    async with open_window(tmp_path, theme) as opened:
        fake, commands = _commands(opened)
        fake.show(make_download(DownloadState.DONE))
        commands.obey("folder", "id-model")
        commands.obey("folder", "gone")
        commands.close()

    assert opened_urls == ["/models/org/model"]


@pytest.mark.asyncio_qt
async def test_full_disk_leads_to_storage(theme: Theme, tmp_path: Path, qtbot: QtBot) -> None:
    async with open_window(tmp_path, theme) as opened:
        _, commands = _commands(opened)
        storage = opened.window.commands.actions["storage"]

        with qtbot.waitSignal(storage.triggered):
            commands.obey("space", "id")

        commands.close()


@pytest.mark.asyncio_qt
async def test_failed_download_leads_to_mirror_and_proxy(
    theme: Theme, tmp_path: Path, qtbot: QtBot
) -> None:
    async with open_window(tmp_path, theme) as opened:
        _, commands = _commands(opened)
        network = opened.window.commands.actions["network"]

        with qtbot.waitSignal(network.triggered):
            commands.obey("mirror", "id")

        for dialog in opened.window.findChildren(NetworkDialog):
            dialog.close()
        commands.close()
