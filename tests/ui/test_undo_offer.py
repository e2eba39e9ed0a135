"""Tests of the offer to take something back."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget

from realm_desktop.ui.task_keeper import TaskKeeper
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.undo_offer import UndoOffer


@pytest.mark.asyncio_qt
async def test_undo_goes_back_once(theme: Theme) -> None:
    centre = QWidget()
    tasks = TaskKeeper(centre)
    offer = UndoOffer(theme, centre, tasks)
    done: list[str] = []

    async def back() -> None:
        done.append("back")

    offer.offer("1 chat moved", back)
    offer.toast.undone.emit()
    offer.toast.undone.emit()
    await tasks.finish(1.0)

    assert done == ["back"]


@pytest.mark.asyncio_qt
async def test_later_offer_replaces_the_earlier_one(theme: Theme) -> None:
    centre = QWidget()
    centre.show()
    tasks = TaskKeeper(centre)
    offer = UndoOffer(theme, centre, tasks)
    done: list[str] = []

    async def first() -> None:
        done.append("first")

    async def second() -> None:
        done.append("second")

    offer.offer("1", first)
    offer.offer("2", second)
    offer.toast.undone.emit()
    await tasks.finish(1.0)
    centre.hide()

    assert done == ["second"]
