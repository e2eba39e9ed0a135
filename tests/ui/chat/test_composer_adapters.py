"""Tests of the composer's button for adapters."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QAction
from pytestqt.qtbot import QtBot

from realm_desktop.adapter_mix import AdapterMix, MixEntry
from realm_desktop.protocol import AdapterId
from realm_desktop.ui.chat.composer_adapters import ComposerAdapters
from realm_desktop.ui.theme import Theme
from tests.support.shelves import REFUSED, make_shelf

TERSE, PIRATE = AdapterId("a0"), AdapterId("a1")
SHELVES = (make_shelf("terse", 0), make_shelf("pirate", 1), make_shelf("other", 2))


@pytest.fixture
def button(theme: Theme, qtbot: QtBot) -> ComposerAdapters:
    button = ComposerAdapters(theme)
    qtbot.addWidget(button)
    return button


def entries(button: ComposerAdapters) -> dict[str, QAction]:
    """The menu as it opens, by words."""
    button.menu().aboutToShow.emit()
    return {action.text(): action for action in button.menu().actions() if action.text()}


def test_button_is_hidden_until_it_shows_a_mix(button: ComposerAdapters) -> None:
    assert button.isHidden()

    button.show_mix(AdapterMix(), ())

    assert button.isVisible()
    assert button.toolTip() == button.accessibleDescription() == "No adapters"


def test_adapters_in_use_are_checked_and_named(button: ComposerAdapters) -> None:
    mix = AdapterMix((MixEntry(TERSE), MixEntry(PIRATE, is_on=False)))
    button.show_mix(mix, SHELVES)

    found = entries(button)
    assert [found[name].isChecked() for name in ("terse", "pirate", "other")] == [
        True,
        False,
        False,
    ]
    assert button.toolTip() == "Adapters: terse"


def test_choice_tells_adapter_and_whether_it_is_used(button: ComposerAdapters) -> None:
    button.show_mix(AdapterMix((MixEntry(TERSE),)), SHELVES)
    told: list[tuple[str, bool]] = []
    button.chosen.connect(lambda adapter_id, is_on: told.append((adapter_id, is_on)))

    entries(button)["pirate"].trigger()
    entries(button)["terse"].trigger()

    assert told == [(PIRATE, True), (TERSE, False)]


def test_refused_adapter_can_only_be_taken_out(button: ComposerAdapters) -> None:
    refused = [make_shelf("terse", 0, error=REFUSED), make_shelf("pirate", 1, error=REFUSED)]
    button.show_mix(AdapterMix((MixEntry(TERSE),)), refused)

    found = entries(button)
    assert (found["terse"].isEnabled(), found["pirate"].isEnabled()) == (True, False)
    assert found["pirate"].toolTip() == REFUSED.message


def test_bypass_is_offered_where_there_is_a_mix(button: ComposerAdapters, qtbot: QtBot) -> None:
    button.show_mix(AdapterMix(), SHELVES[:1])
    assert "Answer without adapters" not in entries(button)

    button.show_mix(AdapterMix((MixEntry(TERSE),), is_bypassed=True), SHELVES[:1])
    bypass = entries(button)["Answer without adapters"]

    assert bypass.isChecked()
    assert button.toolTip() == "No adapters"
    with qtbot.waitSignal(button.bypass_chosen, timeout=100):
        bypass.trigger()


def test_weights_and_files_are_asked_for(button: ComposerAdapters, qtbot: QtBot) -> None:
    button.show_mix(AdapterMix(), SHELVES)
    with qtbot.waitSignal(button.mixer_requested, timeout=100):
        entries(button)["Set weights…"].trigger()
    with qtbot.waitSignal(button.files_requested, timeout=100):
        entries(button)["Add adapter files…"].trigger()


def test_without_adapters_there_is_nothing_to_weigh(button: ComposerAdapters) -> None:
    button.show_mix(AdapterMix(), ())

    assert list(entries(button)) == ["Add adapter files…"]


def test_ampersand_of_a_name_is_shown(button: ComposerAdapters) -> None:
    button.show_mix(AdapterMix(), (make_shelf("salt & pepper"),))

    assert "salt && pepper" in entries(button)
