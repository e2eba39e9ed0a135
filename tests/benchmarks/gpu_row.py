"""What the sections of the GPU benchmark share: the device, the time that is left, a row of the table."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import torch

from realm_desktop.engine.self_test import Place

_COPY_BYTES: Final = 2**30
_SMALL_COPY_BYTES: Final = 2**24


@dataclass(frozen=True, slots=True)
class Row:
    """One figure.

    Attributes:
        what: Measured.
        value: In words, with its unit.
        ratio: What the goal is about; None without a goal.
        goal: The least of it, or the most if `is_most`.
    """

    what: str
    value: str
    ratio: float | None = None
    goal: float = 0.0
    is_most: bool = False

    def text(self, *, is_judged: bool) -> str:
        """A line of the table; without a verdict where the figures mean nothing."""
        line = f"  {self.what:<46} {self.value:>30}"
        if self.ratio is None or not is_judged:
            return line
        is_met = self.ratio <= self.goal if self.is_most else self.ratio >= self.goal
        bound = "at most" if self.is_most else "at least"
        verdict = "met" if is_met else "MISSED"
        return f"{line}   {self.ratio:6.2f}, goal {bound} {self.goal:g}: {verdict}"


@dataclass
class Bench:
    """One run.

    Attributes:
        device: What is measured.
        is_small: Tiny shapes, whose figures mean nothing.
        end_s: When to stop, of the monotonic clock.
        place: The device with what passed its check.
    """

    device: torch.device
    is_small: bool
    end_s: float
    place: Place = field(init=False)

    @property
    def left_s(self) -> float:
        """Seconds until the end."""
        return self.end_s - time.monotonic()

    @cached_property
    def bytes_per_s(self) -> float:
        """What a copy within the device's memory reads and writes: the ceiling of its bandwidth."""
        count = _SMALL_COPY_BYTES if self.is_small else _COPY_BYTES
        source = torch.zeros(count, dtype=torch.uint8, device=self.device)
        target = torch.empty_like(source)
        return 2 * count / self.seconds(lambda: target.copy_(source), repeats=10)

    def seconds(self, run: Callable[[], object], repeats: int = 5) -> float:
        """Median of some runs behind a first one, which may compile."""
        run()
        self.wait()
        times = []
        for _ in range(2 if self.is_small else repeats):
            begin_s = time.perf_counter()
            run()
            self.wait()
            times.append(time.perf_counter() - begin_s)
        return statistics.median(times)

    def wait(self) -> None:
        """Until the device has done what it was given."""
        if self.device.type != "cpu":
            torch.accelerator.synchronize()
