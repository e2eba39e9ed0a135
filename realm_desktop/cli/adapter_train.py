"""`adapter train`: an adapter learns from examples, in this process.

Ctrl+C ends it between two steps with a checkpoint, from which `--resume` goes on.
"""

from __future__ import annotations

import signal
import time
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from types import FrameType

from realm_desktop.cli.model_path import model_path
from realm_desktop.cli.output import ExitStatus, Output
from realm_desktop.engine.training.adapter_training import AdapterTraining
from realm_desktop.engine.training.preparation import PreparedTraining, Report, prepare_training
from realm_desktop.engine.training.work_folder import WorkFolder
from realm_desktop.errors import UsageError
from realm_desktop.formats.corruption import quote
from realm_desktop.training_protocol import (
    StopMode,
    TrainingDone,
    TrainingEstimate,
    TrainingEvent,
    TrainingJob,
    TrainingPaused,
    TrainingProgress,
    TrainingSettings,
)

_ENDING = "stopping after this piece of a step"


def train(values: Namespace, output: Output) -> ExitStatus:
    """Estimate, train, or go on with a training."""
    folder = WorkFolder(Path(values.output))
    job = _resumed_job(values, folder) if values.resume else _new_job(values)
    # Asked first and made last: a taken name is refused before the base is read, and a job that is
    # refused leaves no folder.
    if not (values.resume or values.estimate):
        folder.check_new()
    with _asked_to_stop(output) as stopped:
        prepared = prepare_training(job, _tell_phase(output, stopped))
        with prepared.files:
            output.write_progress("")
            _write(output, "estimate", _estimate_fields(prepared.estimate))
            if values.estimate:
                return ExitStatus.DONE
            if not values.resume:
                folder.begin(job)
            return _run(prepared, folder, stopped, output)


def _tell_phase(output: Output, stopped: list[bool]) -> Report:
    """Shows the preparation; Ctrl+C ends it at its next word, since nothing is written yet."""

    def tell(phase: str, fraction: float) -> None:
        if stopped:
            raise KeyboardInterrupt
        output.write_progress(phase)

    return tell


def _run(
    prepared: PreparedTraining, folder: WorkFolder, stopped: list[bool], output: Output
) -> ExitStatus:
    def stop_asked() -> StopMode | None:
        return StopMode.PAUSE if stopped else None

    training = AdapterTraining(prepared, folder, lambda event: _show(event, output), stop_asked)
    training.resume()
    end = training.run()
    output.write_progress("")
    if isinstance(end, TrainingPaused):
        _write(output, "paused", {"step": end.step, "of": end.num_steps})
        output.messages.write("paused; the same command with --resume goes on\n")
        return ExitStatus.ABORTED
    _write(output, "done", _done_fields(end))
    return ExitStatus.DONE


@contextmanager
def _asked_to_stop(output: Output) -> Iterator[list[bool]]:
    """A list that Ctrl+C puts something into, so that no step is torn apart; a second one ends it."""
    stopped: list[bool] = []

    def note(number: int, frame: FrameType | None) -> None:
        if stopped:
            raise KeyboardInterrupt
        stopped.append(True)
        output.write_progress(_ENDING)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield stopped
    finally:
        signal.signal(signal.SIGINT, before)


def _new_job(values: Namespace) -> TrainingJob:
    if values.data is None:
        raise UsageError(
            "adapter train: --data is missing",
            advice="Give a file of examples, or --resume to go on with a training.",
            field="data",
        )
    names = {field.name for field in fields(TrainingSettings)}
    chosen = {name: value for name, value in vars(values).items() if name in names}
    return TrainingJob(
        model_path=str(model_path(values.model)),
        data_path=values.data,
        output_path=values.output,
        settings=TrainingSettings(**{name: v for name, v in chosen.items() if v is not None}),
        device=values.device,
        num_threads=values.threads,
        clock_s=float(int(time.time())),
    )


def _resumed_job(values: Namespace, folder: WorkFolder) -> TrainingJob:
    """The job that was begun; refuses a model or examples that it was not begun with."""
    job = folder.job()
    given = {"model": str(model_path(values.model)), "data": values.data or job.data_path}
    begun = {"model": job.model_path, "data": job.data_path}
    for name, path in given.items():
        if path != begun[name]:
            raise UsageError(
                f"adapter train: the training was begun with the {name} {quote(begun[name])};"
                f" {quote(path)} was given",
                advice="Give the same one, or start anew under another name.",
                field=name,
            )
    return job


def _show(event: TrainingEvent, output: Output) -> None:
    if not isinstance(event, TrainingProgress):
        return
    point = event.point
    if output.is_json:
        step = {"step": point.step, "of": event.num_steps, "loss": point.loss}
        measured = {} if point.held_out_loss is None else {"held_out_loss": point.held_out_loss}
        rest = {"tokens_per_s": event.tokens_per_s, "remaining_s": event.remaining_s}
        output.write_json({"progress": step | measured | rest})
    else:
        output.write_progress(
            f"step {point.step} of {event.num_steps}, loss {point.loss:.3f},"
            f" {event.tokens_per_s:,.0f} tokens/s, {event.remaining_s:,.0f} s left"
        )


def _write(output: Output, name: str, value: dict[str, object]) -> None:
    """A result under its name, one line of JSON, or lines for people."""
    output.write_result({name: value})


def _estimate_fields(estimate: TrainingEstimate) -> dict[str, object]:
    return {
        name: round(value, 4) if isinstance(value, float) and name.endswith("_s") else value
        for name, value in asdict(estimate).items()
    }


def _done_fields(done: TrainingDone) -> dict[str, object]:
    return {
        "output": done.output_path,
        "size_bytes": done.num_bytes,
        "steps": done.point.step,
        "loss": done.point.loss,
        "held_out_loss": done.point.held_out_loss,
        "duration_s": round(done.duration_s, 2),
    }
