"""What the window says of a training, as plain texts. GUI thread."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QCoreApplication

from realm_desktop.trainer import TrainingState, TrainingView
from realm_desktop.training_protocol import TrainingEstimate
from realm_desktop.ui.one_line import unbroken
from realm_desktop.ui.quantities import bytes_text, count_text, decimal_text
from realm_desktop.ui.spoken import spoken

_MINUTE_S = 60
_HOUR_S = 3600


def duration_text(seconds: float) -> str:
    """About how long, rounded up: "8 s", "4 min", "2.5 h"."""
    if seconds < _MINUTE_S:
        return _tr("{} s").format(max(1, ceil(seconds)))
    if seconds < _HOUR_S:
        return _tr("{} min").format(ceil(seconds / _MINUTE_S))
    return _tr("{} h").format(decimal_text(seconds / _HOUR_S, 1))


def estimate_lines(estimate: TrainingEstimate) -> list[str]:
    """What a training would cost: examples, time, memory, and what the user should know."""
    examples = _tr("{} examples, {} tokens to learn, {} held out to measure")
    cost = _tr("{} steps, about {} on this machine ({})")
    memory = _tr("{} of memory; {} can be used")
    lines = [
        examples.format(
            count_text(estimate.num_examples),
            count_text(estimate.num_target_tokens),
            count_text(estimate.num_held_out),
        ),
        cost.format(
            count_text(estimate.num_steps),
            duration_text(estimate.total_s),
            "CPU" if estimate.device == "cpu" else estimate.device.upper(),
        ),
        memory.format(bytes_text(estimate.memory_bytes), bytes_text(estimate.free_bytes)),
    ]
    if estimate.num_cut or estimate.num_dropped:
        lost = _tr("Too long for this model: {} lost their end, {} were left out")
        lines.append(lost.format(count_text(estimate.num_cut), count_text(estimate.num_dropped)))
    if estimate.is_quantized or estimate.is_checkpointed:
        lines.append(_tr("Slower than it could be, to fit into memory"))
    return lines


def status_text(view: TrainingView) -> str:
    """Where a training stands, in one line."""
    state = TrainingState
    if view.state is state.PREPARING:
        return _tr("{}… {} %").format(_phase_text(view.phase), round(100 * view.fraction))
    if view.state is state.RUNNING and view.progress is not None:
        progress = view.progress
        words = _tr("Step {} of {} · loss {} · {} tokens/s · {} left")
        return words.format(
            count_text(view.step),
            count_text(view.num_steps),
            decimal_text(progress.point.loss, 2),
            count_text(round(progress.tokens_per_s)),
            duration_text(progress.remaining_s),
        )
    if view.state is state.DONE and view.done is not None:
        words = _tr("Done: {} steps in {}, loss {}, {}")
        return words.format(
            count_text(view.done.point.step),
            duration_text(view.done.duration_s),
            decimal_text(view.done.point.loss, 2),
            bytes_text(view.done.num_bytes),
        )
    texts = {
        state.RUNNING: _tr("The first step…"),
        state.STOPPING: _tr("Stopping after this step…"),
        state.PAUSED: _tr("Paused after step {} of {}").format(view.step, view.num_steps),
        state.FAILED: unbroken("" if view.error is None else spoken(view.error.message)),
    }
    return texts.get(view.state, "")


def _phase_text(phase: str) -> str:
    """What the trainer prepares, by its own name of it."""
    texts = {
        "reading the examples": _tr("Reading the examples"),
        "loading weights": _tr("Reading the base model"),
        "measuring a step": _tr("Measuring a step"),
    }
    return texts.get(phase, _tr("Starting the trainer"))


def button_text(view: TrainingView) -> str:
    """What the button on the Adapters page says."""
    state = TrainingState
    if view.state is state.RUNNING and view.num_steps:
        return _tr("Training {} %").format(100 * view.step // view.num_steps)
    words = {
        state.PREPARING: _tr("Training…"),
        state.RUNNING: _tr("Training…"),
        state.STOPPING: _tr("Training…"),
        state.PAUSED: _tr("Training paused"),
        state.DONE: _tr("Training done"),
        state.FAILED: _tr("Training stopped"),
    }
    return words.get(view.state, _tr("Train…"))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Training", text)
