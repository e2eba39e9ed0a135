"""Tests of what About tells, its check of the backends, and its report."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from realm_desktop.engine_stats import EngineStats
from realm_desktop.errors import EngineStopped
from realm_desktop.events import EngineReady, ModelLoaded
from realm_desktop.library.backend_check import BackendCheck, MachineCheck
from realm_desktop.library.network import NetworkGate
from realm_desktop.library.updates import Updates
from realm_desktop.settings import SettingsFile
from realm_desktop.ui.model_state import ModelState
from realm_desktop.ui.settings.about_page import AboutPage
from realm_desktop.ui.task_keeper import TaskKeeper
from realm_desktop.ui.theme import Theme
from tests.support.fake_client import FakeEngineClient, make_model_info
from tests.support.updates import make_updates
from tests.support.widgets import click
from tests.support.windows import until


@pytest.fixture
def settings(tmp_path: Path) -> SettingsFile:
    return SettingsFile(tmp_path / "settings.json")


def _updates(settings: SettingsFile) -> Updates:
    return make_updates(settings.path.parent, NetworkGate())


def _lines(page: AboutPage) -> str:
    return "\n".join(label.text() for label in page.findChildren(QLabel))


def test_about_names_engine_and_model(theme: Theme, settings: SettingsFile, qtbot: QtBot) -> None:
    client = FakeEngineClient()
    state = ModelState(client, settings)
    client.emit(EngineReady("0.1.0", "2.13.0", "cpu", 4, 17), ModelLoaded(make_model_info()))

    page = AboutPage(theme, state, settings.path, _updates(settings))
    qtbot.addWidget(page)

    assert "torch 2.13.0" in _lines(page)
    assert "Model Tiny · llama · F32" in _lines(page)
    state.close()


def test_about_tells_what_the_device_lacks(
    theme: Theme, settings: SettingsFile, qtbot: QtBot
) -> None:
    client = FakeEngineClient()
    state = ModelState(client, settings)
    dropped = ("flash: its result is wrong by 0.25 (window)",)
    info = replace(make_model_info(), device_note="Of 2 cards one.", dropped_backends=dropped)
    client.emit(EngineReady("0.1.0", "2.13.0", "cpu", 4, 17), ModelLoaded(info))

    page = AboutPage(theme, state, settings.path, _updates(settings))
    qtbot.addWidget(page)

    assert "Of 2 cards one." in _lines(page)
    assert f"Failed the self-test, not used: {dropped[0]}" in _lines(page)
    state.close()


@pytest.mark.parametrize(
    ("planned_bytes", "line"),
    [(1_100_000_000, "Memory: Planned 1.1 GB · measured 1.0 GB · 10.0 % off"), (None, "")],
)
def test_about_tells_how_the_last_plan_did(
    theme: Theme, settings: SettingsFile, qtbot: QtBot, planned_bytes: int | None, line: str
) -> None:
    client = FakeEngineClient()
    state = ModelState(client, settings)
    state.load("/m.gguf", planned_bytes=planned_bytes)
    client.emit(ModelLoaded(make_model_info("/m.gguf")), EngineStats(resident_bytes=10**9))

    page = AboutPage(theme, state, settings.path, _updates(settings))
    qtbot.addWidget(page)

    assert line in _lines(page)
    assert bool(line) == ("Memory:" in _lines(page))
    state.close()


def test_about_says_what_is_missing(theme: Theme, settings: SettingsFile, qtbot: QtBot) -> None:
    page = AboutPage(
        theme, ModelState(FakeEngineClient(), settings), settings.path, _updates(settings)
    )
    qtbot.addWidget(page)

    assert "No model is loaded." in _lines(page)
    assert "has not started" in _lines(page)


def _nothing() -> MachineCheck:
    return MachineCheck((), "", "")


def _about(
    theme: Theme,
    settings: SettingsFile,
    check: Callable[[], MachineCheck] = _nothing,
    report: Callable[[Path], str] = str,
) -> AboutPage:
    state = ModelState(FakeEngineClient(), settings)
    page = AboutPage(theme, state, settings.path, _updates(settings), check=check, report=report)
    page.show()
    return page


async def _end(page: AboutPage) -> None:
    """Wait for what is still asked."""
    keeper = page.findChild(TaskKeeper)
    assert keeper is not None
    await keeper.finish(5.0)
    page.deleteLater()


def test_about_follows_the_engine(theme: Theme, settings: SettingsFile, qtbot: QtBot) -> None:
    client = FakeEngineClient()
    page = AboutPage(theme, ModelState(client, settings), settings.path, _updates(settings))
    qtbot.addWidget(page)
    client.emit(EngineReady("0.1.0", "2.13.0", "cpu", 4, 17, has_kernels=False))

    assert "Compiled kernels not in use" in page.facts.text()


def test_about_names_the_data_folder(theme: Theme, settings: SettingsFile, qtbot: QtBot) -> None:
    page = AboutPage(
        theme, ModelState(FakeEngineClient(), settings), settings.path, _updates(settings)
    )
    qtbot.addWidget(page)

    assert page.folder.text() == str(settings.path.parent)
    assert page.folder.isReadOnly()


@pytest.mark.asyncio_qt
async def test_licences_are_read_when_the_page_is_seen(
    theme: Theme, settings: SettingsFile
) -> None:
    page = _about(theme, settings)
    await until(lambda: bool(page.licences.text()))

    assert "qasync 0." in page.licences.text()
    await _end(page)


@pytest.mark.asyncio_qt
async def test_report_is_copied_with_what_runs(theme: Theme, settings: SettingsFile) -> None:
    page = _about(theme, settings, report=lambda folder: f"report of {folder}")
    click(page.copy_button)
    await until(page.copy_button.isEnabled)
    copied = QGuiApplication.clipboard().text()

    assert "The engine has not started yet." in copied
    assert f"report of {settings.path.parent}" in copied
    assert page.found.text().startswith("Copied.")
    await _end(page)


@pytest.mark.asyncio_qt
async def test_about_tells_how_the_backends_did(theme: Theme, settings: SettingsFile) -> None:
    backends = BackendCheck("cpu", "cpu kernels", 1e-6, True), BackendCheck("x", "y", 1.0, False)
    page = _about(theme, settings, lambda: MachineCheck(backends, "", "not built"))
    click(page.check_button)
    is_busy = not page.check_button.isEnabled()
    await until(page.check_button.isEnabled)

    assert is_busy
    assert page.found.text().splitlines() == [
        "Attention on cpu: cpu kernels, sound, largest error 1e-06",
        "Attention on x: y, WRONG, largest error 1",
        "No compiled kernels: not built",
        "Window, data folder and an engine of its own: nothing is wrong.",
    ]
    await _end(page)


@pytest.mark.asyncio_qt
async def test_about_tells_what_is_wrong_and_what_to_do(
    theme: Theme, settings: SettingsFile
) -> None:
    problems = (("the disk is full", "Free some space."),)
    page = _about(theme, settings, lambda: MachineCheck((), "avx2", "", problems))
    click(page.check_button)
    await until(page.check_button.isEnabled)

    assert page.found.text().splitlines()[1:] == ["The disk is full. Free some space."]
    await _end(page)


@pytest.mark.asyncio_qt
async def test_check_that_fails_is_told_in_the_page(theme: Theme, settings: SettingsFile) -> None:
    def fail() -> MachineCheck:
        raise EngineStopped("no report")

    page = _about(theme, settings, fail)
    click(page.check_button)
    await until(page.check_button.isEnabled)

    assert page.found.text().startswith("No report")
    await _end(page)


@pytest.mark.asyncio_qt
async def test_answer_that_comes_too_late_is_heard_by_nobody(
    theme: Theme, settings: SettingsFile
) -> None:
    go_on = threading.Event()

    def wait() -> MachineCheck:
        go_on.wait()
        return MachineCheck((), "", "")

    page = _about(theme, settings, wait)
    click(page.check_button)
    page.close()
    go_on.set()
    await _end(page)

    assert page.found.text() == "Checking…"
