"""A trainer's process without a process: tests say what it tells and when it dies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from realm_desktop.channel import Channel, QueueChannel
from realm_desktop.training_protocol import (
    LossPoint,
    TrainingDone,
    TrainingEstimate,
    TrainingEvent,
    TrainingProgress,
    TrainingStarted,
)

LIMIT_S = 10.0
ESTIMATE = TrainingEstimate(
    45, 5, 0, 0, 2400, 1750, 40, 501_760, 2.4e-3, 0.2, 8.0, 230 * 2**20, 20 * 2**30
)


class FakeTrainerProcess:
    """The near end belongs to the code under test, the far end to the test."""

    def __init__(self) -> None:
        near, self.far = QueueChannel.pair()
        self._near = near
        self.exit_code: int | None = None
        self.sentinel: int | None = None
        self.is_killed = False
        self.can_end = True

    @property
    def channel(self) -> Channel:
        return self._near

    def kill(self) -> None:
        self.is_killed = True
        self.die(-9)

    def join(self, timeout_s: float) -> bool:
        if self.can_end and self.exit_code is None:
            self.exit_code = 0
        return self.exit_code is not None

    def tell(self, *events: TrainingEvent) -> None:
        """Say something to the window."""
        self.far.send(events)

    def die(self, exit_code: int) -> None:
        """End without a word."""
        self.exit_code = exit_code
        self.far.close()

    def heard(self) -> Sequence[Any]:
        """The next frame of commands."""
        assert self.far.poll(LIMIT_S)
        return self.far.receive()


class FakeTrainers:
    """Starts them, and remembers the newest."""

    def __init__(self) -> None:
        self.started: list[FakeTrainerProcess] = []

    @property
    def newest(self) -> FakeTrainerProcess:
        return self.started[-1]

    def start(self) -> FakeTrainerProcess:
        self.started.append(FakeTrainerProcess())
        return self.newest


def started(num_steps: int = 40, first_step: int = 0) -> TrainingStarted:
    return TrainingStarted(first_step, num_steps, ESTIMATE)


def progress(step: int, loss: float = 1.0, num_steps: int = 40) -> TrainingProgress:
    return TrainingProgress(LossPoint(step, loss), num_steps, 1e-3, 900.0, 0.2 * (num_steps - step))


def done(output_path: str, steps: int = 40) -> TrainingDone:
    return TrainingDone(output_path, 2_000_000, LossPoint(steps, 0.1), steps, 9.0)
