"""Tests of a second start that asks for the first one's window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from realm_desktop.ui.window_call import WindowCall, call_window


@pytest.mark.asyncio_qt
async def test_call_is_heard_and_answered(tmp_path: Path) -> None:
    path = tmp_path / "show-window"
    owner = QObject()
    calls: list[str] = []
    WindowCall(path, owner).called.connect(calls.append)

    answers = [await call_window(path, 5.0) for _ in range(2)]

    assert answers == [True, True]
    assert calls == ["", ""]
    owner.deleteLater()


@pytest.mark.asyncio_qt
async def test_call_names_the_model_to_load(tmp_path: Path) -> None:
    owner = QObject()
    calls: list[str] = []
    WindowCall(tmp_path / "show-window", owner).called.connect(calls.append)
    model = tmp_path / "größe 1.gguf"

    await call_window(tmp_path / "show-window", 5.0, model)

    assert calls == [str(model)]
    owner.deleteLater()


@pytest.mark.asyncio_qt
async def test_call_that_nobody_hears_is_given_up(tmp_path: Path) -> None:
    assert not await call_window(tmp_path / "show-window", 0.05)


@pytest.mark.asyncio_qt
async def test_call_into_a_folder_that_is_gone_is_given_up(tmp_path: Path) -> None:
    assert not await call_window(tmp_path / "gone" / "show-window", 0.05)


def test_call_for_the_window_alone_is_answered_by_a_slot_without_words(
    tmp_path: Path, qtbot: QtBot
) -> None:
    owner = QObject()
    calls: list[bool] = []

    def show() -> None:
        calls.append(True)

    call = WindowCall(tmp_path / "show-window", owner)
    call.called.connect(show)
    call.called.emit("")

    assert calls == [True]


def test_call_left_from_an_earlier_start_shows_nothing(tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "show-window"
    path.write_bytes(b"1")
    owner = QObject()

    call = WindowCall(path, owner)

    with qtbot.assertNotEmitted(call.called, wait=50):
        assert path.read_bytes() == b""


def test_folder_that_cannot_be_written_is_logged(
    tmp_path: Path, qapp: object, caplog: pytest.LogCaptureFixture
) -> None:
    WindowCall(tmp_path / "gone" / "show-window", QObject())

    assert "cannot call this window" in caplog.text
