"""The window's end of training: what it asks, what it shows, and that deaths are noticed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from realm_desktop.errors import EngineStopped
from realm_desktop.events import ErrorInfo
from realm_desktop.trainer import Trainer, TrainingState, TrainingView, after
from realm_desktop.training_protocol import (
    EstimateTraining,
    LossPoint,
    ResumeTraining,
    ShutdownTrainer,
    StartTraining,
    StopMode,
    StopTraining,
    TrainingEstimated,
    TrainingFailed,
    TrainingJob,
    TrainingPaused,
    TrainingPreparing,
    unfinished_trainings,
    work_path,
)
from tests.support.fake_trainer import (
    ESTIMATE,
    LIMIT_S,
    FakeTrainers,
    done,
    progress,
    started,
)

JOB = TrainingJob("m.gguf", "d.jsonl", "poems")
STATE = TrainingState


class Window:
    """A trainer with fake processes, and a way to wait for its view."""

    def __init__(self) -> None:
        self.processes = FakeTrainers()
        loop = asyncio.get_running_loop()
        self.trainer = Trainer(self.processes.start, lambda code: f"ended with {code}", loop)
        self._changed = asyncio.Event()
        self.trainer.subscribe(self._changed.set)

    @property
    def view(self) -> TrainingView:
        return self.trainer.view

    async def until(self, state: TrainingState) -> None:
        async with asyncio.timeout(LIMIT_S):
            while self.view.state is not state:
                self._changed.clear()
                await self._changed.wait()


def in_window(work: Callable[[Window], Awaitable[None]]) -> None:
    async def run() -> None:
        window = Window()
        await work(window)
        await window.trainer.close()

    asyncio.run(run())


def test_estimate_then_training_use_one_process() -> None:
    async def work(window: Window) -> None:
        window.trainer.estimate(JOB)
        process = window.processes.newest
        assert process.heard() == [EstimateTraining(JOB)]
        process.tell(TrainingEstimated(ESTIMATE))
        await window.until(STATE.ESTIMATED)
        window.trainer.train(JOB)

        assert process.heard() == [StartTraining(JOB)]
        process.tell(started(), progress(1))
        await window.until(STATE.RUNNING)
        assert len(window.processes.started) == 1
        assert (window.view.step, window.view.num_steps, window.view.output_path) == (
            1,
            40,
            "poems",
        )

    in_window(work)


def test_finished_training_gives_its_process_up() -> None:
    async def work(window: Window) -> None:
        window.trainer.train(JOB)
        process = window.processes.newest
        process.heard()
        process.tell(started(), progress(40), done("poems"))
        await window.until(STATE.DONE)

        assert process.heard() == [ShutdownTrainer()]
        process.die(0)
        window.trainer.train(JOB)
        assert len(window.processes.started) == 2

    in_window(work)


@pytest.mark.parametrize("has_checkpoint", [True, False])
def test_death_of_the_process_is_noticed(tmp_path: Path, has_checkpoint: bool) -> None:
    output = tmp_path / "poems"
    if has_checkpoint:
        work_path(output).mkdir()
        (work_path(output) / "checkpoint.safetensors").touch()

    async def work(window: Window) -> None:
        window.trainer.train(TrainingJob("m", "d", str(output)))
        window.processes.newest.tell(started(), progress(3))
        await window.until(STATE.RUNNING)
        window.processes.newest.die(-9)
        await window.until(STATE.FAILED)

        assert window.view.error is not None
        assert window.view.error.message == "ended with -9"
        assert window.view.is_resumable is has_checkpoint
        assert window.view.step == 3

    in_window(work)


def test_stop_is_asked_once_and_shown_until_it_ends() -> None:
    async def work(window: Window) -> None:
        window.trainer.train(JOB)
        process = window.processes.newest
        process.heard()
        process.tell(started(), progress(2))
        await window.until(STATE.RUNNING)
        window.trainer.stop(StopMode.PAUSE)

        assert process.heard() == [StopTraining(StopMode.PAUSE)]
        assert window.view.state is STATE.STOPPING
        process.tell(TrainingPaused(2, 40))
        await window.until(STATE.PAUSED)
        assert window.view.is_resumable

    in_window(work)


def test_stop_of_a_process_that_just_died_leaves_the_telling_to_its_death() -> None:
    async def work(window: Window) -> None:
        window.trainer.train(JOB)
        process = window.processes.newest
        process.channel.close()
        window.trainer.stop(StopMode.PAUSE)

        assert window.view.state is STATE.STOPPING
        process.die(-9)
        await window.until(STATE.FAILED)

    in_window(work)


def test_resume_names_the_place() -> None:
    async def work(window: Window) -> None:
        window.trainer.resume("poems")

        assert window.processes.newest.heard() == [ResumeTraining("poems")]
        assert window.view.state is STATE.PREPARING

    in_window(work)


def test_second_training_is_not_begun_beside_the_first() -> None:
    async def work(window: Window) -> None:
        window.trainer.train(JOB)
        window.trainer.train(TrainingJob("m", "d", "other"))

        assert len(window.processes.started) == 1
        assert window.view.output_path == "poems"

    in_window(work)


def test_process_that_cannot_be_started_is_told() -> None:
    async def work(window: Window) -> None:
        def refuse() -> object:
            raise EngineStopped("no more processes")

        window.trainer._start = refuse  # type: ignore[assignment]  # never returns
        window.trainer.train(JOB)

        assert window.view.state is STATE.FAILED
        assert window.view.error is not None
        assert window.view.error.message == "no more processes"

    in_window(work)


def test_forgotten_estimate_ends_its_process() -> None:
    async def work(window: Window) -> None:
        window.trainer.estimate(JOB)
        process = window.processes.newest
        process.heard()
        process.tell(TrainingEstimated(ESTIMATE))
        await window.until(STATE.ESTIMATED)
        window.trainer.forget()

        assert process.heard() == [ShutdownTrainer()]
        assert window.view == TrainingView()

    in_window(work)


def test_process_that_does_not_end_is_killed_at_the_end() -> None:
    async def work() -> None:
        window = Window()
        window.trainer.train(JOB)
        process = window.processes.newest
        process.can_end = False
        await window.trainer.close()

        assert process.is_killed

    asyncio.run(work())


def test_view_follows_the_preparation() -> None:
    view = after(TrainingView(STATE.PREPARING), TrainingPreparing("loading weights", 0.5))

    assert (view.phase, view.fraction) == ("loading weights", 0.5)


def test_stop_during_the_preparation_leads_back_to_the_start() -> None:
    assert after(TrainingView(STATE.STOPPING, "poems"), TrainingPaused(0, 0)) == TrainingView()


def test_stop_stays_asked_when_training_starts() -> None:
    assert after(TrainingView(STATE.STOPPING), started()).state is STATE.STOPPING


def test_failure_keeps_its_reason_and_the_curve() -> None:
    view = after(TrainingView(STATE.RUNNING, curve=(LossPoint(1, 2.0),)), progress(2, 1.5))
    error = ErrorInfo("TrainingError", "no")

    failed = after(view, TrainingFailed(error, is_resumable=True))

    assert (failed.state, failed.error, failed.is_resumable) == (STATE.FAILED, error, True)
    assert [point.loss for point in failed.curve] == [2.0, 1.5]


def test_unfinished_trainings_are_found_by_their_checkpoints(tmp_path: Path) -> None:
    for name, files in (("b", ("job.json", "checkpoint.safetensors")), ("a", ("job.json",))):
        work_path(tmp_path / name).mkdir()
        for file in files:
            (work_path(tmp_path / name) / file).touch()

    assert unfinished_trainings(tmp_path) == [tmp_path / "b"]
    assert unfinished_trainings(tmp_path / "none") == []
