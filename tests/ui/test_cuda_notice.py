"""An engine that computes without the CUDA support that is installed is told of, once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject, Signal

from realm_desktop.events import EngineReady
from realm_desktop.torch_folder import TorchState, write_state
from realm_desktop.ui.cuda_notice import CudaNotice
from realm_desktop.ui.task_keeper import TaskKeeper
from tests.support.fake_client import FakeEngineClient

READY = EngineReady("0", "2.13.0", "cpu", 1, 1)


class _Window(QObject):
    """Stands for the window: keeps what it is to tell."""

    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.tasks = TaskKeeper(self)
        self.told: list[tuple[str, ...]] = []

    def show_notice(self, *words: str) -> None:
        self.told.append(words)


async def _told(folder: Path, *states: TorchState | None, is_closed: bool = False) -> list[Any]:
    """What is told while engines start with these states of the folder."""
    client, window = FakeEngineClient(), _Window()
    CudaNotice(client, folder, window)  # type: ignore[arg-type]  # what it uses of a window
    if is_closed:
        window.closed.emit()
    for state in states:
        if state is not None:
            write_state(folder, state)
        client.emit(READY)
        await window.tasks.finish(5.0)
    return window.told


@pytest.mark.asyncio_qt
async def test_reason_is_told_once_with_the_way_to_the_settings(tmp_path: Path) -> None:
    broken = TorchState("2.13.0", fault="it finds no card")
    told = await _told(tmp_path, broken, broken)

    text = "CUDA support is not used: it finds no card. The processor computes."
    assert told == [(text, "Settings", "settings")]


@pytest.mark.asyncio_qt
async def test_nothing_is_told_of_what_is_used_or_not_there(tmp_path: Path) -> None:
    assert await _told(tmp_path, None, TorchState("2.13.0")) == []


@pytest.mark.asyncio_qt
async def test_closed_window_is_told_nothing(tmp_path: Path) -> None:
    assert await _told(tmp_path, TorchState(fault="x"), is_closed=True) == []
