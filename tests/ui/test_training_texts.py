"""What the window says of a training."""

from __future__ import annotations

from dataclasses import replace

import pytest

from realm_desktop.events import ErrorInfo
from realm_desktop.trainer import TrainingState, TrainingView, after
from realm_desktop.ui.training_texts import (
    button_text,
    duration_text,
    estimate_lines,
    status_text,
)
from tests.support.fake_trainer import ESTIMATE, done, progress, started

STATE = TrainingState


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "1 s"), (59.0, "59 s"), (61.0, "2 min"), (5400.0, "1.5 h")]
)
def test_durations_are_rounded_up(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


def test_estimate_says_examples_time_and_memory() -> None:
    examples, cost, memory = estimate_lines(ESTIMATE)

    assert examples.startswith("45 examples")
    assert "about 8 s on this machine (CPU)" in cost
    assert memory.startswith("241 MB")


def test_estimate_says_what_was_lost() -> None:
    lines = estimate_lines(replace(ESTIMATE, num_cut=2, num_dropped=1, is_quantized=True))

    assert "2 lost their end, 1 were left out" in lines[3]
    assert "Slower" in lines[4]


def test_running_training_says_step_loss_and_time_left() -> None:
    view = after(after(TrainingView(STATE.PREPARING), started()), progress(10, 1.234))

    assert status_text(view) == "Step 10 of 40 · loss 1.23 · 900 tokens/s · 6 s left"
    assert button_text(view) == "Training 25 %"


@pytest.mark.parametrize(
    ("view", "status", "button"),
    [
        (TrainingView(), "", "Train…"),
        (
            TrainingView(STATE.PREPARING, phase="loading weights", fraction=0.5),
            "Reading the base model… 50 %",
            "Training…",
        ),
        (TrainingView(STATE.RUNNING), "The first step…", "Training…"),
        (TrainingView(STATE.STOPPING), "Stopping after this step…", "Training…"),
        (
            TrainingView(STATE.PAUSED, step=3, num_steps=9),
            "Paused after step 3 of 9",
            "Training paused",
        ),
        (
            TrainingView(STATE.DONE, done=done("p")),
            "Done: 40 steps in 9 s, loss 0.10, 2.0 MB",
            "Training done",
        ),
        (
            TrainingView(STATE.FAILED, error=ErrorInfo("E", "no\nway")),
            "no way",
            "Training stopped",
        ),
    ],
)
def test_every_state_has_its_words(view: TrainingView, status: str, button: str) -> None:
    assert (status_text(view), button_text(view)) == (status, button)
