"""The window's end of training: starts the trainer's process, keeps what it tells, notices its death.

One training at a time. The process runs from the first command until the training ends, so that its
memory is free for chats otherwise. A thread of its own waits for events; everything else belongs to
the GUI thread. Knows neither Qt nor torch, nor how a process is started.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from multiprocessing.connection import Connection, wait
from pathlib import Path

from realm_desktop.channel import RunningProcess
from realm_desktop.errors import EngineStopped, RealmError
from realm_desktop.events import ErrorInfo
from realm_desktop.training_protocol import (
    CHECKPOINT_FILE,
    EstimateTraining,
    LossPoint,
    ResumeTraining,
    ShutdownTrainer,
    StartTraining,
    StopMode,
    StopTraining,
    TrainerReady,
    TrainingCommand,
    TrainingDone,
    TrainingEstimate,
    TrainingEstimated,
    TrainingFailed,
    TrainingJob,
    TrainingPaused,
    TrainingPreparing,
    TrainingProgress,
    TrainingStarted,
    thinned,
    work_path,
)

logger = logging.getLogger(__name__)

SHUTDOWN_S = 1.5
"""How long a pause at the end of the app may take; a checkpoint of a large adapter is some 100 MB."""


class TrainingState(StrEnum):
    """Where the training stands."""

    IDLE = "idle"
    PREPARING = "preparing"
    ESTIMATED = "estimated"
    RUNNING = "running"
    STOPPING = "stopping"
    PAUSED = "paused"
    DONE = "done"
    FAILED = "failed"

    @property
    def is_busy(self) -> bool:
        """Whether the process works."""
        return self in (TrainingState.PREPARING, TrainingState.RUNNING, TrainingState.STOPPING)


@dataclass(frozen=True, slots=True)
class TrainingView:
    """All that a window shows of a training.

    Attributes:
        output_path: Where its result goes; names it.
        phase, fraction: Of the preparation.
        curve: The loss so far.
        progress: The latest step; None before the first one of this run.
        step, num_steps: Steps done, and all of them.
        error: Why it failed.
        is_resumable: Whether a checkpoint is there.
    """

    state: TrainingState = TrainingState.IDLE
    output_path: str = ""
    phase: str = ""
    fraction: float = 0.0
    estimate: TrainingEstimate | None = None
    curve: tuple[LossPoint, ...] = ()
    progress: TrainingProgress | None = None
    step: int = 0
    num_steps: int = 0
    done: TrainingDone | None = None
    error: ErrorInfo | None = None
    is_resumable: bool = False


class Trainer:
    """Owner of the trainer's process.

    Args:
        start: Starts one.
        describe_exit: A sentence for an exit code.
        loop: Of the GUI thread.

    Attributes:
        view: The training as it is now.
    """

    def __init__(
        self,
        start: Callable[[], RunningProcess],
        describe_exit: Callable[[int], str],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self.view = TrainingView()
        self._start = start
        self._describe_exit = describe_exit
        self._loop = loop
        self._process: RunningProcess | None = None
        self._listeners: list[Callable[[], None]] = []

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after every change of `view`; returns the way to stop."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def estimate(self, job: TrainingJob) -> None:
        """Ask what a training would cost; the answer is in `view.estimate`."""
        self._begin(job.output_path, EstimateTraining(job))

    def train(self, job: TrainingJob) -> None:
        """Train; right after its estimate the base is read already."""
        self._begin(job.output_path, StartTraining(job))

    def resume(self, output_path: str) -> None:
        """Go on with a training that was paused or died."""
        self._begin(output_path, ResumeTraining(output_path))

    def stop(self, mode: StopMode) -> None:
        """End a busy training; it takes until the end of a piece of a step."""
        if self.view.state.is_busy:
            # A process that has just died is told of by the reader, not to whoever pressed a button.
            with suppress(EngineStopped):
                self._send(StopTraining(mode))
            self._show(replace(self.view, state=TrainingState.STOPPING))

    def forget(self) -> None:
        """Back to the start once nothing runs: gives the memory of an estimate back."""
        if not self.view.state.is_busy:
            self._hang_up()
            self._show(TrainingView())

    async def close(self) -> None:
        """Pause what runs and end the process; later than the limit it is killed."""
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(EngineStopped):
            process.channel.send([ShutdownTrainer()])
        if not await asyncio.to_thread(process.join, SHUTDOWN_S):
            logger.warning("the trainer did not end in time")
            process.kill()

    def _begin(self, output_path: str, command: TrainingCommand) -> None:
        if self.view.state.is_busy:
            return
        self._show(TrainingView(TrainingState.PREPARING, output_path))
        try:
            if self._process is None:
                self._process = self._start()
                self._listen(self._process)
            self._send(command)
        except RealmError as error:
            self._hang_up()
            failed = replace(self.view, state=TrainingState.FAILED, error=ErrorInfo.of(error))
            self._show(failed)

    def _send(self, command: TrainingCommand) -> None:
        if self._process is not None:
            self._process.channel.send([command])

    def _hang_up(self) -> None:
        """Let the process end by itself; nothing it says counts any more."""
        process, self._process = self._process, None
        if process is not None:
            with suppress(EngineStopped):
                process.channel.send([ShutdownTrainer()])

    def _listen(self, process: RunningProcess) -> None:
        threading.Thread(
            target=self._read, args=(process,), name="trainer-reader", daemon=True
        ).start()

    def _read(self, process: RunningProcess) -> None:
        """Thread: hand events over until the process is gone."""
        channel, sentinel = process.channel, process.sentinel
        ends: list[Connection | int] = [channel.waitable]
        if sentinel is not None:
            ends.append(sentinel)
        with suppress(EngineStopped, OSError):
            while True:
                # What was said before the end is still in the pipe.
                wait(ends)
                if channel.poll(0.0):
                    self._post(partial(self._take, process, channel.receive()))
                elif process.exit_code is not None:
                    break
        process.join(SHUTDOWN_S)
        channel.close()
        self._post(partial(self._on_death, process))

    def _post(self, call: Callable[[], None]) -> None:
        # The loop is closed when the app ends before its trainer.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(call)

    def _take(self, process: RunningProcess, events: Sequence[object]) -> None:
        # One that was hung up on may still have something to say.
        if process is not self._process:
            return
        for event in events:
            self._show(after(self.view, event))
        if self.view.state in (TrainingState.PAUSED, TrainingState.DONE, TrainingState.FAILED):
            self._hang_up()

    def _on_death(self, process: RunningProcess) -> None:
        if process is not self._process:
            return
        self._process = None
        code = process.exit_code
        path = work_path(Path(self.view.output_path)) / CHECKPOINT_FILE
        is_resumable = path.is_file()
        advice = "Resume goes on from the last checkpoint." if is_resumable else "Start it again."
        error = ErrorInfo("EngineStopped", self._describe_exit(code or 0), advice)
        self._show(
            replace(self.view, state=TrainingState.FAILED, error=error, is_resumable=is_resumable)
        )

    def _show(self, view: TrainingView) -> None:
        self.view = view
        for listener in tuple(self._listeners):
            listener()


def after(view: TrainingView, event: object) -> TrainingView:
    """The view after one event of the trainer."""
    state = TrainingState
    match event:
        case TrainingPreparing(phase, fraction):
            return replace(view, phase=phase, fraction=fraction)
        case TrainingEstimated(estimate):
            return replace(view, state=state.ESTIMATED, estimate=estimate)
        case TrainingStarted():
            is_stopping = view.state is state.STOPPING
            return replace(
                view,
                state=state.STOPPING if is_stopping else state.RUNNING,
                estimate=event.estimate,
                curve=event.curve,
                step=event.first_step,
                num_steps=event.num_steps,
            )
        case TrainingProgress(point, num_steps):
            curve = thinned((*view.curve, point))
            return replace(view, progress=event, curve=curve, step=point.step, num_steps=num_steps)
        case TrainingPaused(step, num_steps):
            if num_steps == 0:
                return TrainingView()
            return replace(
                view, state=state.PAUSED, step=step, num_steps=num_steps, is_resumable=True
            )
        case TrainingDone():
            return replace(view, state=state.DONE, done=event, step=event.point.step)
        case TrainingFailed(error, is_resumable):
            return replace(view, state=state.FAILED, error=error, is_resumable=is_resumable)
        case TrainerReady():
            return view
        case _:
            logger.warning("the trainer said a %s", type(event).__name__)
            return view
