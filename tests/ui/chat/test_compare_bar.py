"""The strip above the lanes."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt, SignalInstance
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from realm_desktop.ui.chat.compare_bar import CompareBar
from realm_desktop.ui.theme import Theme
from tests.support.widgets import click, press


@pytest.fixture
def bar(theme: Theme, shelf: QWidget) -> CompareBar:
    """800 px wide, two lanes, ready to run."""
    bar = CompareBar(theme, shelf)
    bar.resize(800, 44)
    bar.show_state("2 lanes", has_same_seed=True, can_run=True, can_add=True, max_lanes=6)
    shelf.resize(800, 44)
    shelf.show()
    return bar


def test_buttons_tell_what_they_are_for(bar: CompareBar, qtbot: QtBot) -> None:
    signals: list[tuple[QWidget, SignalInstance]] = [
        (bar.run_button, bar.run_requested),
        (bar.lane_button, bar.lane_requested),
        (bar.close_button, bar.closed),
    ]
    for button, signal in signals:
        with qtbot.waitSignal(signal):
            click(button)


def test_switches_are_turned_by_keyboard(bar: CompareBar, qtbot: QtBot) -> None:
    with qtbot.waitSignal(bar.diff_toggled) as diff:
        press(bar.diff_switch, Qt.Key.Key_Space)
    with qtbot.waitSignal(bar.same_seed_toggled) as seed:
        press(bar.seed_switch, Qt.Key.Key_Space)

    assert (diff.args, seed.args) == ([True], [False])


def test_showing_a_state_tells_nothing(bar: CompareBar) -> None:
    told: list[bool] = []
    bar.same_seed_toggled.connect(told.append)
    bar.show_state("6 lanes", has_same_seed=False, can_run=False, can_add=False, max_lanes=6)

    assert told == []
    assert not bar.run_button.isEnabled()
    assert not bar.lane_button.isEnabled()
    assert bar.lane_button.toolTip() == "At most 6 lanes"


@pytest.mark.parametrize(
    ("width", "has_labels", "run_text"), [(800, True, "Run"), (500, False, "Run"), (360, False, "")]
)
def test_words_give_way_in_a_narrow_pane(
    bar: CompareBar, width: int, has_labels: bool, run_text: str
) -> None:
    bar.resize(width, 44)

    assert bar.diff_label.isVisible() is has_labels
    assert bar.run_button.text() == run_text
    assert bar.run_button.accessibleName() == "Run"
    assert bar.close_button.geometry().right() <= width


def test_label_without_room_for_all_its_words_says_that_there_are_more(bar: CompareBar) -> None:
    bar.diff_label.set_text(
        "Wortvergleich mit der ersten Spur, wie sie jetzt ist, und nicht anders"
    )
    bar.resize(700, 44)
    bar.grab()

    assert bar.diff_label.width() < bar.diff_label.sizeHint().width()
    assert bar.diff_label.toolTip() == bar.diff_label.text
