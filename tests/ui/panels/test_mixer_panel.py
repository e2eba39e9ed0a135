"""Tests of the mixer: the right panel with the adapters of a workspace."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from realm_desktop.adapter_mix import AdapterMix
from realm_desktop.protocol import AdapterId
from realm_desktop.ui.panels.mixer_panel import MixerPanel
from realm_desktop.ui.panels.mixer_row import MixerRow
from realm_desktop.ui.theme import Theme
from tests.support.pictures import has_colour
from tests.support.shelves import MISFIT, entry, make_shelf, make_user
from tests.support.widgets import child, click, press

SHELVES = (make_shelf("terse", 0, swap_ms=11), make_shelf("plain", 1), make_shelf("third", 2))


@pytest.fixture
def mixer(theme: Theme, qtbot: QtBot) -> MixerPanel:
    mixer = MixerPanel(theme)
    qtbot.addWidget(mixer)
    mixer.resize(320, 600)
    mixer.show_workspace(make_user("research", entry(0, 0.8), entry(1, is_on=False)), SHELVES)
    mixer.show()
    return mixer


def _row(mixer: MixerPanel, slot: int) -> MixerRow:
    return mixer.mixed.rows[AdapterId(f"a{slot}")]


def test_every_adapter_of_the_mix_has_a_row(mixer: MixerPanel) -> None:
    assert [row.name.text for row in mixer.mixed.rows.values()] == ["terse", "plain"]
    assert mixer.workspace.text == "Workspace Research"


def test_row_shows_weight_switch_facts_and_swap_time(mixer: MixerPanel) -> None:
    row = _row(mixer, 0)

    assert (row.weight.weight, row.switch.isChecked()) == (0.8, True)
    assert row.facts.text.startswith("rank 8")
    assert row.state.text() == "warm · swap 11 ms"


def test_adapter_that_is_off_keeps_its_weight_but_cannot_change_it(mixer: MixerPanel) -> None:
    row = _row(mixer, 1)

    assert not row.switch.isChecked()
    assert not row.weight.isEnabled()


def test_moved_slider_tells_the_whole_mix(mixer: MixerPanel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(mixer.changed) as told:
        press(_row(mixer, 0).weight.slider, Qt.Key.Key_Left)

    assert told.args == [AdapterMix((entry(0, 0.75), entry(1, is_on=False)))]


def test_two_quick_changes_both_count(mixer: MixerPanel, qtbot: QtBot) -> None:
    press(_row(mixer, 0).switch, Qt.Key.Key_Space)
    with qtbot.waitSignal(mixer.changed) as told:
        press(_row(mixer, 1).switch, Qt.Key.Key_Space)

    assert told.args == [AdapterMix((entry(0, 0.8, is_on=False), entry(1)))]


def test_cross_takes_an_adapter_out(mixer: MixerPanel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(mixer.changed) as told:
        click(_row(mixer, 0).detach_button)

    assert told.args == [AdapterMix((entry(1, is_on=False),))]


def test_ab_button_bypasses_all_and_keeps_the_switches(mixer: MixerPanel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(mixer.changed) as told:
        click(mixer.bypass_button)

    mix = told.args[0]
    assert mix.is_bypassed
    assert mix.entries == (entry(0, 0.8), entry(1, is_on=False))


def test_bypassed_mix_says_so_in_words(mixer: MixerPanel) -> None:
    mixer.show_workspace(make_user("research", entry(), is_bypassed=True), SHELVES)

    assert mixer.bypass_button.text() == "A/B: off"
    assert "base model" in mixer.note.text()


def test_letters_of_a_bypassed_mix_lose_their_ground(mixer: MixerPanel, theme: Theme) -> None:
    chip = _row(mixer, 0).chip
    before = has_colour(chip, theme.colour("adapter-1-bg"))

    mixer.show_workspace(make_user("research", entry(), is_bypassed=True), SHELVES)

    assert (before, has_colour(chip, theme.colour("adapter-1-bg"))) == (True, False)


def test_menu_offers_the_adapters_that_are_missing(mixer: MixerPanel, qtbot: QtBot) -> None:
    click(mixer.add_button)
    menu = child(mixer, QMenu)
    with qtbot.waitSignal(mixer.changed) as told:
        menu.actions()[0].trigger()
    menu.close()

    assert [action.text() for action in menu.actions()] == ["third"]
    assert told.args[0].entries[-1] == entry(2)


def test_refused_adapter_is_offered_but_cannot_be_chosen(mixer: MixerPanel) -> None:
    shelves = (*SHELVES[:2], make_shelf("wide", 2, fit=MISFIT))
    mixer.show_workspace(make_user("research", entry(0), entry(1)), shelves)
    click(mixer.add_button)
    menu = child(mixer, QMenu)

    assert not menu.actions()[0].isEnabled()
    menu.close()


def test_refused_adapter_of_the_mix_shows_its_reason(mixer: MixerPanel) -> None:
    mixer.show_workspace(make_user("research", entry(0)), (make_shelf("wide", fit=MISFIT),))
    row = _row(mixer, 0)

    assert row.reason.isVisible()
    assert "hidden size 16" in row.reason.text()
    assert row.state.text() == "refused"


def test_row_in_use_is_kept_when_the_mix_is_shown_again(mixer: MixerPanel) -> None:
    row = _row(mixer, 0)

    mixer.show_workspace(make_user("research", entry(0, 0.5)), SHELVES)

    assert _row(mixer, 0) is row
    assert row.weight.weight == 0.5
    assert list(mixer.mixed.rows) == ["a0"]


def test_panel_without_adapters_says_what_to_do(mixer: MixerPanel) -> None:
    mixer.show_workspace(make_user("research"), ())

    assert mixer.note.text().startswith("Drop a LoRA here")
    assert mixer.bypass_button.isHidden()
    assert mixer.add_button.isHidden()


def test_workspace_without_a_mix_says_that_the_base_answers(mixer: MixerPanel) -> None:
    mixer.show_workspace(make_user("research"), SHELVES)

    assert "base model" in mixer.note.text()


def test_controls_of_a_row_name_their_adapter(mixer: MixerPanel) -> None:
    row = _row(mixer, 0)

    for control in (row.switch, row.weight.slider, row.weight.field, row.detach_button):
        assert "terse" in control.accessibleName()


def test_page_is_asked_for(mixer: MixerPanel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(mixer.page_requested):
        click(mixer.page_button)


def test_hostile_name_is_shown_as_plain_text(mixer: MixerPanel) -> None:
    mixer.show_workspace(make_user("research", entry(0)), (make_shelf("a\u202e<b>&c"),))
    row = _row(mixer, 0)

    assert "\u202e" not in row.name.text + row.accessibleName()
