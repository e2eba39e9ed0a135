"""The pop-up that chooses the adapters of a lane."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QWidget
from pytestqt.qtbot import QtBot

from realm_desktop.adapter_mix import AdapterMix, MixEntry
from realm_desktop.protocol import AdapterId
from realm_desktop.ui.chat.lane_mix import LaneMixPopup
from realm_desktop.ui.theme import Theme
from tests.support.shelves import REFUSED, entry, make_shelf
from tests.support.widgets import click, press

SHELVES = (make_shelf("terse", 0), make_shelf("plain", 1), make_shelf("bad", 2, error=REFUSED))


@pytest.fixture
def popup(theme: Theme, shelf: QWidget) -> LaneMixPopup:
    """Open over a mix of the first adapter."""
    shelf.show()
    popup = LaneMixPopup(theme, shelf)
    popup.open_at(shelf, AdapterMix((entry(0, 0.5),)), SHELVES)
    return popup


def test_every_adapter_of_the_mix_has_a_row(popup: LaneMixPopup) -> None:
    (row,) = popup.mixed.rows.values()

    assert (row.name.text, row.weight.weight) == ("terse", 0.5)


def test_moved_weight_is_told(popup: LaneMixPopup, qtbot: QtBot) -> None:
    with qtbot.waitSignal(popup.changed) as told:
        press(popup.mixed.rows[AdapterId("a0")].weight.slider, Qt.Key.Key_Right)

    assert told.args == [AdapterMix((entry(0, 0.55),))]


def test_adapter_is_added_from_the_menu(popup: LaneMixPopup, qtbot: QtBot) -> None:
    click(popup.add_button)
    menu = popup.findChild(QMenu)
    assert menu is not None
    assert [(a.text(), a.isEnabled()) for a in menu.actions()] == [
        ("plain", True),
        ("bad", False),
    ]
    with qtbot.waitSignal(popup.changed) as told:
        menu.actions()[0].trigger()
    menu.close()

    assert told.args == [AdapterMix((entry(0, 0.5), MixEntry(AdapterId("a1"))))]
    assert len(popup.mixed.rows) == 2


def test_adapter_is_taken_out(popup: LaneMixPopup, qtbot: QtBot) -> None:
    with qtbot.waitSignal(popup.changed) as told:
        click(popup.mixed.rows[AdapterId("a0")].detach_button)

    assert told.args == [AdapterMix()]
    assert popup.note.text() == "Without adapters this lane is the base model."


def test_popup_without_adapters_says_where_they_come_from(theme: Theme, shelf: QWidget) -> None:
    shelf.show()
    popup = LaneMixPopup(theme, shelf)
    popup.open_at(shelf, AdapterMix(), ())

    assert "Adapters page" in popup.note.text()
    assert not popup.add_button.isEnabled()
    popup.close()


def test_escape_closes(popup: LaneMixPopup, qtbot: QtBot) -> None:
    with qtbot.waitSignal(popup.destroyed):
        press(popup, Qt.Key.Key_Escape)
