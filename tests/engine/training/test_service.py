"""The trainer behind its channel: one last event per job, whatever happens."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from realm_desktop.channel import QueueChannel
from realm_desktop.engine.training.service import serve
from realm_desktop.training_protocol import (
    EstimateTraining,
    ResumeTraining,
    ShutdownTrainer,
    StartTraining,
    StopMode,
    StopTraining,
    TrainerReady,
    TrainingCommand,
    TrainingDone,
    TrainingEstimated,
    TrainingEvent,
    TrainingFailed,
    TrainingPaused,
    TrainingPreparing,
    TrainingProgress,
    TrainingStarted,
)
from tests.support.trainings import tiny_job

LIMIT_S = 30.0
LAST = (TrainingEstimated, TrainingDone, TrainingPaused, TrainingFailed)


class Client:
    """The near end of a trainer in a thread."""

    def __init__(self) -> None:
        self.channel, far = QueueChannel.pair()
        self.thread = threading.Thread(target=serve, args=(far,), daemon=True)
        self.thread.start()
        self._waiting: list[object] = []

    def send(self, *commands: TrainingCommand) -> None:
        self.channel.send(commands)

    def next(self, *kinds: type) -> TrainingEvent:
        """The next event of one of these types; others are passed over."""
        while True:
            while self._waiting:
                event = self._waiting.pop(0)
                if isinstance(event, kinds):
                    return event  # type: ignore[return-value]  # a trainer sends nothing else
            assert self.channel.poll(LIMIT_S)
            self._waiting += self.channel.receive()


@pytest.fixture
def client(one_thread: None) -> Iterator[Client]:
    client = Client()
    yield client
    client.send(ShutdownTrainer())
    client.thread.join(LIMIT_S)
    assert not client.thread.is_alive()


def test_trainer_says_that_it_is_up(client: Client) -> None:
    assert isinstance(client.next(TrainerReady), TrainerReady)


def test_estimate_then_training_reads_the_base_once(client: Client, tmp_path: Path) -> None:
    job = tiny_job(tmp_path)
    client.send(EstimateTraining(job))
    estimated = client.next(*LAST)
    client.send(StartTraining(job))

    started = client.next(TrainingPreparing, TrainingStarted)

    assert isinstance(started, TrainingStarted)
    assert isinstance(estimated, TrainingEstimated)
    assert started.estimate == estimated.estimate
    assert isinstance(client.next(*LAST), TrainingDone)


def test_paused_training_is_resumed_by_its_place(client: Client, tmp_path: Path) -> None:
    job = tiny_job(tmp_path, num_steps=200)
    client.send(StartTraining(job))
    client.next(TrainingProgress)
    client.send(StopTraining(StopMode.PAUSE))
    paused = client.next(*LAST)
    client.send(ResumeTraining(job.output_path))

    started = client.next(TrainingStarted)

    assert isinstance(paused, TrainingPaused)
    assert isinstance(started, TrainingStarted)
    assert 0 < paused.step == started.first_step < 200
    client.send(StopTraining(StopMode.FINISH))
    assert isinstance(client.next(*LAST), TrainingDone)


def test_second_training_does_not_begin_with_what_the_first_learned(
    client: Client, tmp_path: Path
) -> None:
    jobs = [tiny_job(tmp_path, name) for name in ("a", "b")]
    for job in jobs:
        client.send(StartTraining(job))
        assert isinstance(client.next(*LAST), TrainingDone)

    first, second = ((Path(job.output_path) / "adapter_model.safetensors") for job in jobs)

    assert first.read_bytes() == second.read_bytes()


def test_refused_job_leaves_nothing_and_the_next_one_runs(client: Client, tmp_path: Path) -> None:
    job = tiny_job(tmp_path)
    client.send(StartTraining(replace(job, data_path=str(tmp_path / "none"))), StartTraining(job))

    failed = client.next(*LAST)

    assert isinstance(failed, TrainingFailed)
    assert (failed.error.kind, failed.is_resumable) == ("ModelFileError", False)
    assert isinstance(client.next(*LAST), TrainingDone)


def test_place_that_is_taken_is_refused_before_anything_is_read(
    client: Client, tmp_path: Path
) -> None:
    job = tiny_job(tmp_path)
    Path(job.output_path).mkdir()
    client.send(StartTraining(job))

    failed = client.next(TrainingPreparing, *LAST)

    assert isinstance(failed, TrainingFailed)
    assert failed.error.kind == "ExportError"


def test_resume_of_nothing_is_refused(client: Client, tmp_path: Path) -> None:
    client.send(ResumeTraining(str(tmp_path / "poems")))

    failed = client.next(*LAST)

    assert isinstance(failed, TrainingFailed)
    assert not failed.is_resumable


def test_stop_ends_a_preparation(client: Client, tmp_path: Path) -> None:
    client.send(StartTraining(tiny_job(tmp_path)), StopTraining(StopMode.PAUSE))

    assert client.next(*LAST) == TrainingPaused(0, 0)


def test_stop_after_the_end_does_not_stop_the_next_job(client: Client, tmp_path: Path) -> None:
    client.next(TrainerReady)
    client.send(StopTraining(StopMode.PAUSE))
    client.send(StartTraining(tiny_job(tmp_path)))

    assert isinstance(client.next(*LAST), TrainingDone)


def test_shutdown_pauses_a_running_training(tmp_path: Path, one_thread: None) -> None:
    client = Client()
    client.send(StartTraining(tiny_job(tmp_path, num_steps=500)))
    client.next(TrainingProgress)

    client.send(ShutdownTrainer())

    assert isinstance(client.next(*LAST), TrainingPaused)
    client.thread.join(LIMIT_S)
    assert (tmp_path / "poems.training" / "checkpoint.safetensors").exists()


def test_window_that_hangs_up_pauses_the_training(tmp_path: Path, one_thread: None) -> None:
    client = Client()
    client.send(StartTraining(tiny_job(tmp_path, num_steps=500)))
    client.next(TrainingProgress)

    client.channel.close()

    client.thread.join(LIMIT_S)
    assert not client.thread.is_alive()
    assert (tmp_path / "poems.training" / "checkpoint.safetensors").exists()
