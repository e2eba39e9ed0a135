"""Tests of the rows of a mix: which there are, what they tell, what can be added."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QMenu, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from realm_desktop.adapter_mix import AdapterMix, MixEntry
from realm_desktop.protocol import AdapterId
from realm_desktop.ui.panels.mix_rows import MixRows
from realm_desktop.ui.theme import Theme
from tests.support.shelves import REFUSED, entry, make_shelf

SHELVES = (make_shelf("R&D", 0), make_shelf("plain", 1), make_shelf("bad", 2, error=REFUSED))
FIRST, SECOND = AdapterId("a0"), AdapterId("a1")


@pytest.fixture
def host(qtbot: QtBot) -> QWidget:
    host = QWidget()
    qtbot.addWidget(host)
    QVBoxLayout(host).addWidget(QPushButton(host))
    host.show()
    return host


@pytest.fixture
def mixed(theme: Theme, host: QWidget) -> MixRows:
    layout = host.layout()
    assert isinstance(layout, QVBoxLayout)
    mixed = MixRows(theme, layout, host)
    mixed.show_mix(AdapterMix((entry(0, 0.5),)), SHELVES)
    return mixed


def _menu(mixed: MixRows, host: QWidget) -> QMenu:
    mixed.offer_below(host.findChildren(QPushButton)[-1])
    menu = host.findChild(QMenu)
    assert menu is not None
    return menu


def test_unknown_adapters_of_a_mix_have_no_row(mixed: MixRows) -> None:
    mixed.show_mix(AdapterMix((entry(0), entry(7))), SHELVES)

    assert list(mixed.rows) == [FIRST]


def test_row_that_stays_is_the_same_widget(mixed: MixRows, host: QWidget) -> None:
    kept = mixed.rows[FIRST]

    mixed.show_mix(AdapterMix((entry(1), entry(0))), SHELVES)

    layout = host.layout()
    assert layout is not None
    assert mixed.rows[FIRST] is kept
    assert layout.indexOf(kept) == 1


def test_what_the_mix_lacks_is_offered_and_refused_ones_greyed(
    mixed: MixRows, host: QWidget
) -> None:
    menu = _menu(mixed, host)
    offered = [(action.text(), action.isEnabled()) for action in menu.actions()]
    menu.close()

    assert offered == [("plain", True), ("bad", False)]


def test_ampersand_of_a_name_is_no_mnemonic(mixed: MixRows, host: QWidget) -> None:
    mixed.show_mix(AdapterMix(), SHELVES)
    menu = _menu(mixed, host)
    first = menu.actions()[0]
    menu.close()

    assert first.text() == "R&&D"
    assert not first.icon().isNull()


def test_chosen_adapter_is_shown_and_told(mixed: MixRows, host: QWidget, qtbot: QtBot) -> None:
    menu = _menu(mixed, host)
    with qtbot.waitSignal(mixed.changed) as told:
        menu.actions()[0].trigger()
    menu.close()

    assert told.args == [AdapterMix((entry(0, 0.5), MixEntry(SECOND)))]
    assert list(mixed.rows) == [FIRST, SECOND]


def test_adapter_taken_out_is_gone_at_once(mixed: MixRows, qtbot: QtBot) -> None:
    with qtbot.waitSignal(mixed.changed) as told:
        mixed.rows[FIRST].detach_button.click()

    assert told.args == [AdapterMix()]
    assert mixed.rows == {}
    assert next(shelf.adapter.adapter_id for shelf in mixed.missing) == FIRST


def test_without_adapters_nothing_is_known(mixed: MixRows) -> None:
    mixed.show_mix(AdapterMix(), ())

    assert not mixed.has_known
