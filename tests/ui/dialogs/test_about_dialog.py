"""Tests of what About tells, and of its check of the backends."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from realm_desktop.engine_stats import EngineStats
from realm_desktop.errors import EngineStopped
from realm_desktop.events import EngineReady, ModelLoaded
from realm_desktop.library.backend_check import BackendCheck, MachineCheck
from realm_desktop.settings import SettingsFile
from realm_desktop.ui.dialogs.about_dialog import AboutDialog
from realm_desktop.ui.model_state import ModelState
from realm_desktop.ui.task_keeper import TaskKeeper
from realm_desktop.ui.theme import Theme
from tests.support.fake_client import FakeEngineClient, make_model_info
from tests.support.widgets import click
from tests.support.windows import until


@pytest.fixture
def settings(tmp_path: Path) -> SettingsFile:
    return SettingsFile(tmp_path / "settings.json")


def _lines(dialog: AboutDialog) -> str:
    return "\n".join(label.text() for label in dialog.findChildren(QLabel))


def test_about_names_engine_and_model(theme: Theme, settings: SettingsFile, qtbot: QtBot) -> None:
    client = FakeEngineClient()
    state = ModelState(client, settings)
    client.emit(EngineReady("0.1.0", "2.13.0", "cpu", 4, 17), ModelLoaded(make_model_info()))

    dialog = AboutDialog(theme, state)
    qtbot.addWidget(dialog)

    assert "torch 2.13.0" in _lines(dialog)
    assert "Model Tiny · llama · F32" in _lines(dialog)
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

    dialog = AboutDialog(theme, state)
    qtbot.addWidget(dialog)

    assert line in _lines(dialog)
    assert bool(line) == ("Memory:" in _lines(dialog))
    state.close()


def test_about_says_what_is_missing(theme: Theme, settings: SettingsFile, qtbot: QtBot) -> None:
    dialog = AboutDialog(theme, ModelState(FakeEngineClient(), settings))
    qtbot.addWidget(dialog)

    assert "No model is loaded." in _lines(dialog)
    assert "has not started" in _lines(dialog)


def _about(theme: Theme, settings: SettingsFile, check: Callable[[], MachineCheck]) -> AboutDialog:
    dialog = AboutDialog(theme, ModelState(FakeEngineClient(), settings), check=check)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    dialog.show()
    return dialog


@pytest.mark.asyncio_qt
async def test_about_tells_how_the_backends_did(theme: Theme, settings: SettingsFile) -> None:
    backends = BackendCheck("cpu", "cpu kernels", 1e-6, True), BackendCheck("x", "y", 1.0, False)
    dialog = _about(theme, settings, lambda: MachineCheck(backends, "", "not built"))
    click(dialog.check_button)
    is_busy = not dialog.check_button.isEnabled()
    await until(dialog.check_button.isEnabled)

    assert is_busy
    assert dialog.found.text().splitlines() == [
        "Attention on cpu: cpu kernels, sound, largest error 1e-06",
        "Attention on x: y, WRONG, largest error 1",
        "No compiled kernels: not built",
    ]
    dialog.deleteLater()


@pytest.mark.asyncio_qt
async def test_check_that_fails_is_told_in_the_dialog(theme: Theme, settings: SettingsFile) -> None:
    def fail() -> MachineCheck:
        raise EngineStopped("no report")

    dialog = _about(theme, settings, fail)
    click(dialog.check_button)
    await until(dialog.check_button.isEnabled)

    assert dialog.found.text().startswith("No report")
    dialog.deleteLater()


@pytest.mark.asyncio_qt
async def test_answer_that_comes_too_late_is_heard_by_nobody(
    theme: Theme, settings: SettingsFile
) -> None:
    go_on = threading.Event()

    def wait() -> MachineCheck:
        go_on.wait()
        return MachineCheck((), "", "")

    dialog = _about(theme, settings, wait)
    keeper = dialog.findChild(TaskKeeper)
    assert keeper is not None
    click(dialog.check_button)
    dialog.close()
    go_on.set()
    await keeper.finish(5.0)

    assert dialog.found.text() == "Checking…"
    dialog.deleteLater()
