"""Tests of the application object, and of errors that nobody took."""

from __future__ import annotations

import asyncio
import logging

import pytest
from PySide6.QtWidgets import QApplication

from realm_desktop import __version__
from realm_desktop.ui.application import application, log_fault, log_uncaught


def test_there_is_one_application_and_it_outlives_its_windows(qapp: QApplication) -> None:
    ends_with_windows = qapp.quitOnLastWindowClosed()
    made = application()
    is_kept = not made.quitOnLastWindowClosed()
    qapp.setQuitOnLastWindowClosed(ends_with_windows)

    assert made is qapp
    assert is_kept
    assert made.applicationVersion() == __version__


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
