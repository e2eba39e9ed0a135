"""The trainer's loop: one job at a time, commands read between micro-batches, events out.

Runs on the main thread of a process that `launcher` starts. Each job ends in exactly one event:
estimated, paused, done or failed.
"""

from __future__ import annotations

import logging
import os
from collections import deque
from pathlib import Path

import torch

from realm_desktop.channel import Channel
from realm_desktop.engine.training.adapter_training import AdapterTraining
from realm_desktop.engine.training.preparation import PreparedTraining, prepare_training
from realm_desktop.engine.training.work_folder import WorkFolder
from realm_desktop.errors import EngineStopped, contained
from realm_desktop.events import ErrorInfo
from realm_desktop.training_protocol import (
    EstimateTraining,
    ResumeTraining,
    ShutdownTrainer,
    StartTraining,
    StopMode,
    StopTraining,
    TrainerReady,
    TrainingEstimated,
    TrainingEvent,
    TrainingFailed,
    TrainingJob,
    TrainingPaused,
    TrainingPreparing,
)

logger = logging.getLogger(__name__)

_Work = EstimateTraining | StartTraining | ResumeTraining

_TOLD_FRACTION = 0.02


def serve(channel: Channel) -> None:
    """Answer commands until the connection ends or a shutdown comes."""
    Trainer(channel).run()


class _Ended(Exception):
    """The preparation shall end: nobody waits for it any more."""


class Trainer:
    """The loop and what it keeps between two commands.

    Args:
        channel: The far end of the connection.
    """

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._commands: deque[_Work] = deque()
        self._stop: StopMode | None = None
        self._is_busy = False
        self._is_ended = False
        self._prepared: PreparedTraining | None = None
        self._told: tuple[str, float] = ("", 0.0)

    def run(self) -> None:
        """Answer commands until the end."""
        self._tell(TrainerReady(str(torch.__version__), os.getpid()))
        while not self._is_ended:
            self._receive(timeout_s=None)
            while self._commands and not self._is_ended:
                self._answer(self._commands.popleft())
        self._forget()

    def _answer(self, command: _Work) -> None:
        """Do one job; whatever it ends with becomes its last event."""
        self._is_busy = True
        try:
            self._do(command)
        except _Ended:
            self._forget()
            self._tell(TrainingPaused(0, 0))
        except BaseException as error:
            failure = contained(error)
            logger.info("the training ended: %s", failure, exc_info=failure)
            self._forget()
            path = (
                command.output_path
                if isinstance(command, ResumeTraining)
                else command.job.output_path
            )
            is_resumable = WorkFolder(Path(path)).has_checkpoint
            self._tell(TrainingFailed(ErrorInfo.of(failure), is_resumable))
        finally:
            self._is_busy, self._stop = False, None

    def _do(self, command: _Work) -> None:
        match command:
            case EstimateTraining(job):
                self._tell(TrainingEstimated(self._prepare(job).estimate))
            case StartTraining(job):
                folder = WorkFolder(Path(job.output_path))
                # Asked first, made last: a taken name costs no reading, a refused job leaves no folder.
                folder.check_new()
                prepared = self._prepare(job)
                folder.begin(job)
                self._train(prepared, folder)
            case ResumeTraining(output_path):
                folder = WorkFolder(Path(output_path))
                self._train(self._prepare(folder.job()), folder)

    def _train(self, prepared: PreparedTraining, folder: WorkFolder) -> None:
        training = AdapterTraining(prepared, folder, self._tell, self._stop_asked)
        try:
            training.resume()
            training.run()
        except BaseException:
            if not folder.has_checkpoint:
                folder.remove()
            raise
        finally:
            # What it learned is in its weights; another job must not begin with them.
            self._forget()

    def _prepare(self, job: TrainingJob) -> PreparedTraining:
        """The job in memory; that of the estimate before it, if it is the same."""
        if self._prepared is None or self._prepared.job != job:
            self._forget()
            self._prepared = prepare_training(job, self._report)
        return self._prepared

    def _forget(self) -> None:
        if self._prepared is not None:
            self._prepared.files.close()
        self._prepared = None

    def _report(self, phase: str, fraction: float) -> None:
        """Tell how far the preparation is, not more often than a bar can show."""
        self._receive(timeout_s=0.0)
        if self._is_ended or self._stop is not None:
            raise _Ended
        told_phase, told_fraction = self._told
        if phase != told_phase or fraction - told_fraction >= _TOLD_FRACTION:
            self._told = (phase, fraction)
            self._tell(TrainingPreparing(phase, fraction))

    def _stop_asked(self) -> StopMode | None:
        self._receive(timeout_s=0.0)
        return StopMode.PAUSE if self._is_ended else self._stop

    def _receive(self, timeout_s: float | None) -> None:
        """Take in what came; a stop counts at once, everything else in its turn."""
        while not self._is_ended and self._channel.poll(timeout_s):
            timeout_s = 0.0
            try:
                messages = self._channel.receive()
            except EngineStopped:
                # The window is gone: a pause, as if it had asked for one.
                self._is_ended = True
                return
            for message in messages:
                self._take(message)

    def _take(self, message: object) -> None:
        match message:
            case ShutdownTrainer():
                self._is_ended = True
            case StopTraining(mode):
                # One that comes after the end must not stop the next job.
                self._stop = mode if self._is_busy or self._commands else None
            case EstimateTraining() | StartTraining() | ResumeTraining():
                self._commands.append(message)
            case _:
                logger.warning("a %s is not the trainer's to answer", type(message).__name__)

    def _tell(self, event: TrainingEvent) -> None:
        try:
            self._channel.send([event])
        except EngineStopped:
            self._is_ended = True
