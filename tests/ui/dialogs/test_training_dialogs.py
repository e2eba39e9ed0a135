"""Tests of the two dialogs of a training."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from realm_desktop.chat.teaching import TeachingSource
from realm_desktop.events import ErrorInfo
from realm_desktop.trainer import TrainingState, TrainingView, after
from realm_desktop.training_protocol import TrainingSettings
from realm_desktop.ui.dialogs.training_dialog import TrainingDialog
from realm_desktop.ui.dialogs.training_setup_dialog import TrainingSetupDialog
from realm_desktop.ui.theme import Theme
from tests.support.fake_trainer import ESTIMATE, done, progress, started
from tests.support.widgets import click

STATE = TrainingState
ESTIMATED = TrainingView(STATE.ESTIMATED, "x", estimate=ESTIMATE)
RUNNING = after(after(TrainingView(STATE.PREPARING, "/x/poems"), started()), progress(10))


@pytest.fixture
def setup(theme: Theme, qtbot: QtBot) -> TrainingSetupDialog:
    dialog = TrainingSetupDialog(theme, "General")
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


@pytest.fixture
def dialog(theme: Theme, qtbot: QtBot) -> TrainingDialog:
    dialog = TrainingDialog(theme, "General")
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def shown(dialog: TrainingDialog) -> list[str]:
    """Texts of the buttons that can be seen, Close left out."""
    buttons = dialog.findChildren(QPushButton)
    return [b.text() for b in buttons if not b.isHidden() and b is not dialog.close_button]


def test_first_source_that_has_something_is_chosen(setup: TrainingSetupDialog) -> None:
    setup.show_counts({TeachingSource.STARRED: 0, TeachingSource.EDITED: 3, TeachingSource.ALL: 9})

    assert setup.plan.source is TeachingSource.EDITED
    assert setup.source_box.currentText() == "Edited replies of General (3)"


def test_workspace_without_replies_offers_a_file(setup: TrainingSetupDialog) -> None:
    setup.show_counts(dict.fromkeys(TeachingSource, 0))

    assert setup.plan.source is None
    assert setup.file_button.isVisible()
    assert not setup.estimate_button.isEnabled()

    setup.show_file("/x/voice.jsonl")
    assert setup.plan.file == "/x/voice.jsonl"
    assert setup.estimate_button.isEnabled()


def test_start_waits_for_the_estimate_of_this_plan(
    setup: TrainingSetupDialog, qtbot: QtBot
) -> None:
    setup.show_counts({TeachingSource.STARRED: 5})
    assert not setup.start_button.isEnabled()

    with qtbot.waitSignal(setup.estimate_requested):
        click(setup.estimate_button)
    setup.show_view(ESTIMATED)
    assert setup.start_button.isEnabled()
    assert "45 examples" in setup.note.text()

    setup.epochs_field.setValue(3)
    assert not setup.start_button.isEnabled()
    assert setup.note.text() == ""


def test_start_carries_the_chosen_plan(setup: TrainingSetupDialog, qtbot: QtBot) -> None:
    setup.show_counts({TeachingSource.STARRED: 5})
    setup.name_field.setText(" Captain ")
    setup.rank_field.setValue(8)
    click(setup.estimate_button)
    setup.show_view(ESTIMATED)

    with qtbot.waitSignal(setup.start_requested) as asked:
        click(setup.start_button)

    (plan,) = asked.args
    assert plan.name == "Captain"
    assert plan.settings == TrainingSettings(rank=8, alpha=16.0)


def test_estimate_of_an_earlier_plan_starts_nothing(setup: TrainingSetupDialog) -> None:
    setup.show_counts({TeachingSource.STARRED: 5})
    click(setup.estimate_button)
    setup.epochs_field.setValue(3)

    setup.show_view(ESTIMATED)

    assert not setup.start_button.isEnabled()
    assert setup.note.text() == ""


def test_settings_that_few_need_are_behind_more(setup: TrainingSetupDialog) -> None:
    assert not setup.rank_field.isVisible()

    click(setup.more_button)

    assert setup.rank_field.isVisible()
    assert setup.more_button.text() == "Less"


def test_nothing_is_asked_while_the_estimate_runs(setup: TrainingSetupDialog) -> None:
    setup.show_counts({TeachingSource.STARRED: 5})

    setup.show_view(TrainingView(STATE.PREPARING, phase="loading weights", fraction=0.25))

    assert not setup.estimate_button.isEnabled()
    assert setup.note.text() == "Reading the base model… 25 %"


def test_refusal_is_told_with_its_advice(setup: TrainingSetupDialog) -> None:
    error = ErrorInfo("TrainingDataError", "line 3 cannot be read", "Mend it.")

    setup.show_view(TrainingView(STATE.FAILED, error=error))

    assert setup.note.text() == "Line 3 cannot be read. Mend it."


def test_unfinished_training_is_offered(setup: TrainingSetupDialog, qtbot: QtBot) -> None:
    assert setup.unfinished_row.isHidden()
    setup.show_unfinished("captain")

    with qtbot.waitSignal(setup.resume_requested):
        click(setup.resume_button)

    assert setup.resume_button.text() == "Resume captain"


def test_every_field_has_a_name(setup: TrainingSetupDialog) -> None:
    fields = (setup.source_box, setup.name_field, setup.epochs_field, setup.rank_field)

    assert all(field.accessibleName() for field in fields)


@pytest.mark.parametrize(
    ("view", "buttons"),
    [
        (TrainingView(STATE.PREPARING, "/x/poems"), ["Cancel training"]),
        (RUNNING, ["Cancel training", "Finish now", "Pause"]),
        (replace(RUNNING, state=STATE.PAUSED, is_resumable=True), ["Cancel training", "Resume"]),
        (replace(RUNNING, state=STATE.FAILED), []),
        (replace(RUNNING, state=STATE.DONE, done=done("/x/poems")), ["Attach to General"]),
    ],
)
def test_buttons_are_those_that_make_sense(
    dialog: TrainingDialog, view: TrainingView, buttons: list[str]
) -> None:
    dialog.show_view(view)

    assert shown(dialog) == buttons


def test_running_training_is_shown_with_name_bar_and_figures(dialog: TrainingDialog) -> None:
    dialog.show_view(RUNNING)

    assert dialog.heading.text() == "poems"
    assert dialog.bar.value() == 250
    assert dialog.status.text().startswith("Step 10 of 40")


def test_failure_says_why_and_what_to_do(dialog: TrainingDialog) -> None:
    error = ErrorInfo("EngineStopped", "The trainer crashed.", "Resume goes on.")

    dialog.show_view(replace(RUNNING, state=STATE.FAILED, error=error, is_resumable=True))

    assert (dialog.status.text(), dialog.advice.text()) == (
        "The trainer crashed.",
        "Resume goes on.",
    )


def test_enter_does_not_end_the_training(dialog: TrainingDialog) -> None:
    dialog.show_view(RUNNING)

    assert not dialog.cancel_button.autoDefault()
    assert dialog.close_button.hasFocus() or dialog.focusWidget() is dialog.close_button
