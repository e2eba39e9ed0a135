"""Tests of the application object, and of errors that nobody took."""

from __future__ import annotations

import asyncio
import ctypes
import logging
import sys
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from installer.build_linux import LINUX
from realm_desktop import __version__
from realm_desktop.ui.application import NAME, application, log_fault, log_uncaught


@pytest.fixture
def taskbar(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names under which Windows, whose part the test takes, was told to group our windows."""
    names: list[str] = []
    shell = SimpleNamespace(SetCurrentProcessExplicitAppUserModelID=names.append)
    monkeypatch.setattr(ctypes, "windll", SimpleNamespace(shell32=shell), raising=False)
    monkeypatch.setattr(sys, "platform", "win32")
    return names


def test_there_is_one_application_and_it_outlives_its_windows(qapp: QApplication) -> None:
    ends_with_windows = qapp.quitOnLastWindowClosed()
    made = application()
    is_kept = not made.quitOnLastWindowClosed()
    qapp.setQuitOnLastWindowClosed(ends_with_windows)

    assert made is qapp
    assert is_kept
    assert made.applicationVersion() == __version__


def test_every_window_shows_the_programs_sign(qapp: QApplication, qtbot: QtBot) -> None:
    application()
    window = QWidget()
    qtbot.addWidget(window)
    picture = window.windowIcon().pixmap(QSize(32, 32), 1.0).toImage()

    # Its ground is petrol, with the white bubble in the middle.
    assert picture.size() == QSize(32, 32)
    assert picture.pixelColor(2, 16).name() == "#00717d"
    assert picture.pixelColor(0, 0).alpha() == 0


def test_sign_has_a_picture_for_each_place_that_shows_it(qapp: QApplication) -> None:
    sizes = {size.width() for size in application().windowIcon().availableSizes()}

    assert {16, 32, 48, 128} <= sizes


def test_wayland_finds_the_entry_of_the_menu(qapp: QApplication) -> None:
    assert application().desktopFileName() == NAME
    assert (LINUX / f"{NAME}.desktop").is_file()


def test_taskbar_of_windows_knows_us_from_other_scripts(
    qapp: QApplication, taskbar: list[str]
) -> None:
    application()

    assert taskbar == [NAME]


def test_installed_program_keeps_the_name_of_its_entry(
    qapp: QApplication, taskbar: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    application()

    assert taskbar == []


def test_uncaught_error_is_logged_with_its_trace(caplog: pytest.LogCaptureFixture) -> None:
    error = ValueError("left a Qt slot")
    log_uncaught(ValueError, error, None)

    (record,) = caplog.records
    assert record.levelno == logging.CRITICAL
    assert record.exc_info is not None
    assert record.exc_info[1] is error


def test_fault_of_a_task_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    loop = asyncio.new_event_loop()
    log_fault(loop, {"message": "Task was destroyed"})
    loop.close()

    assert "Task was destroyed" in caplog.text
