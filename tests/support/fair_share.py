"""An ideal weighted fair server, to compare the scheduler's waits with.

It lives through the steps of a real run: each of its steps does as much work as the engine's did. Work is
counted as the fair clock counts it: one for a prompt row, two for a decode row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from realm_desktop.engine.fair_clock import DECODE_COST

EPSILON = 1e-9


@dataclass(slots=True, eq=False)
class Job:
    """One request: who pays, what it is made of, and before which step it came.

    Attributes:
        prompt_work: A prompt can be read in one step; the first token comes with it.
        decode_work: That of the other tokens, of which a step brings one at most.
    """

    name: str
    workspace: str
    priority: int
    prompt_work: float
    decode_work: float
    first_step: int = 0

    @property
    def most_work(self) -> float:
        """What one step can do for it."""
        return self.prompt_work or min(self.decode_work, DECODE_COST)

    def serve(self, work: float) -> bool:
        """Do some of its work; whether that was the last."""
        if self.prompt_work:
            self.prompt_work = _rest(self.prompt_work, work)
        else:
            self.decode_work = _rest(self.decode_work, work)
        return not self.prompt_work and not self.decode_work


def fair_ends(
    jobs: Sequence[Job], weights: Mapping[str, float], steps: Sequence[float]
) -> list[int]:
    """The step with which an ideal server ends each job, the last one if it does not before.

    In every step it serves the best priority class that is present and what that leaves the next
    one. It divides itself among the workspaces of a class by their weights, and each workspace's part
    equally among its jobs; what one cannot use goes to the others.

    Args:
        jobs: Changed in place: what is left of them.
        weights: Of the workspaces.
        steps: The work of each step.
    """
    ends = dict.fromkeys(jobs, len(steps) - 1)
    is_open = dict.fromkeys(jobs, True)
    for step, work in enumerate(steps):
        for priority in sorted({job.priority for job in jobs}):
            present = [
                job
                for job in jobs
                if job.priority == priority and job.first_step <= step and is_open[job]
            ]
            for job, share in _shares(present, weights, work).items():
                work -= share
                if job.serve(share):
                    ends[job], is_open[job] = step, False
    return [ends[job] for job in jobs]


def _shares(jobs: list[Job], weights: Mapping[str, float], work: float) -> dict[Job, float]:
    """What each job gets of a step's work: all get more at their rates until each has its most."""
    shares = dict.fromkeys(jobs, 0.0)
    while jobs and work > EPSILON:
        rates = _rates(jobs, weights)
        time = min(work, *((job.most_work - shares[job]) / rates[job] for job in jobs))
        for job in jobs:
            shares[job] += rates[job] * time
        work -= time
        jobs = [job for job in jobs if job.most_work - shares[job] > EPSILON]
    return shares


def _rates(jobs: list[Job], weights: Mapping[str, float]) -> dict[Job, float]:
    """Each job's part of the server; together 1."""
    members: defaultdict[str, list[Job]] = defaultdict(list)
    for job in jobs:
        members[job.workspace].append(job)
    total = sum(weights[workspace] for workspace in members)
    return {job: weights[job.workspace] / total / len(members[job.workspace]) for job in jobs}


def _rest(work: float, done: float) -> float:
    return work - done if work - done > EPSILON else 0.0
