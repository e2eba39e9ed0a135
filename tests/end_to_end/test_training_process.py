"""The trainer in a process of its own: it trains, dies, is resumed, and the engine takes the result."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from realm_desktop.engine.training import adapter_training
from realm_desktop.launcher import EngineSetup, ProcessHandle, Role, start_process
from realm_desktop.training_protocol import (
    ResumeTraining,
    ShutdownTrainer,
    StartTraining,
    StopMode,
    StopTraining,
    TrainingDone,
    TrainingEvent,
    TrainingFailed,
    TrainingPaused,
    TrainingProgress,
    TrainingStarted,
)
from tests.support.command_line import run
from tests.support.trainings import tiny_job

LIMIT_S = 60.0
SETUP = EngineSetup(num_threads=1)


def next_event(handle: ProcessHandle, *kinds: type) -> TrainingEvent:
    """The next event of one of these types."""
    while True:
        assert handle.channel.poll(LIMIT_S)
        for event in handle.channel.receive():
            assert not isinstance(event, TrainingFailed) or TrainingFailed in kinds, event
            if isinstance(event, kinds):
                return event  # type: ignore[return-value]  # a trainer sends nothing else


def wait_for_step(handle: ProcessHandle, step: int) -> None:
    """Until so many steps are done."""
    while True:
        event = next_event(handle, TrainingProgress)
        if isinstance(event, TrainingProgress) and event.point.step >= step:
            return


@pytest.fixture
def trainer() -> Iterator[ProcessHandle]:
    handle = start_process(SETUP, role=Role.TRAINER)
    yield handle
    handle.channel.close()
    assert handle.join(LIMIT_S)


def test_training_is_paused_resumed_and_used(trainer: ProcessHandle, tmp_path: Path) -> None:
    job = tiny_job(tmp_path, num_steps=300, learning_rate=5e-3)
    trainer.channel.send([StartTraining(job)])
    next_event(trainer, TrainingProgress)
    trainer.channel.send([StopTraining(StopMode.PAUSE)])
    paused = next_event(trainer, TrainingPaused)
    trainer.channel.send([ResumeTraining(job.output_path)])
    started = next_event(trainer, TrainingStarted)
    wait_for_step(trainer, 60)
    trainer.channel.send([StopTraining(StopMode.FINISH)])
    next_event(trainer, TrainingDone)
    trainer.channel.send([ShutdownTrainer()])

    flags = ("--chat", "say 1", "--temperature", "0", "--max-tokens", "12", "--json")
    base = run("generate", job.model_path, *flags).value["text"]
    taught = run("generate", job.model_path, "--adapter", job.output_path, *flags).value["text"]

    assert paused.step == started.first_step > 0  # type: ignore[union-attr]  # by their kinds
    assert taught != base
    assert trainer.join(LIMIT_S)
    assert trainer.exit_code == 0


def test_killed_training_is_resumed_from_its_checkpoint(tmp_path: Path) -> None:
    job = tiny_job(tmp_path, num_steps=40)
    handle = start_process(SETUP, role=Role.TRAINER, serve=serve_with_many_checkpoints)
    handle.channel.send([StartTraining(job)])
    wait_for_step(handle, 3)

    handle.kill()
    assert handle.join(LIMIT_S)
    assert handle.exit_code == -9
    later = start_process(SETUP, role=Role.TRAINER)
    later.channel.send([ResumeTraining(job.output_path)])
    started = next_event(later, TrainingStarted)

    assert started.first_step >= 2  # type: ignore[union-attr]  # a started training
    next_event(later, TrainingDone)
    later.channel.close()
    assert later.join(LIMIT_S)


def serve_with_many_checkpoints(channel: object) -> None:
    """In the trainer's process: a checkpoint after every step."""
    from realm_desktop.engine.training.service import serve

    adapter_training.CHECKPOINT_S = 0.0
    serve(channel)  # type: ignore[arg-type]  # a channel
