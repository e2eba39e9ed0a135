"""An ideal weighted fair server, to compare the scheduler's waits with.

Work is counted as the fair clock counts it: one for a prompt row, two for a decode row. Time is the
work that the engine has done.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(slots=True)
class Job:
    """One request of the ideal server: who pays, how much work it is, and when it came."""

    name: str
    workspace: str
    priority: int
    work: float
    arrived: float = 0.0


def fair_ends(jobs: Sequence[Job], weights: Mapping[str, float]) -> dict[str, float]:
    """When an ideal server ends each job.

    At every moment it serves the best priority class that is present. It divides itself among the
    workspaces of that class by their weights, and each workspace's part equally among its jobs.
    """
    left = {job.name: job.work for job in jobs}
    ends: dict[str, float] = {}
    now = 0.0
    while left:
        coming = [job.arrived for job in jobs if job.name in left and job.arrived > now]
        rates = _rates([job for job in jobs if job.name in left and job.arrived <= now], weights)
        steps = [left[name] / rate for name, rate in rates.items()]
        step = min([*steps, *(time - now for time in coming)])
        now += step
        for name, rate in rates.items():
            left[name] -= rate * step
            if left[name] <= 1e-9:
                ends[name] = now
                del left[name]
    return ends


def _rates(present: Sequence[Job], weights: Mapping[str, float]) -> dict[str, float]:
    best = min((job.priority for job in present), default=0)
    served = [job for job in present if job.priority == best]
    members: defaultdict[str, list[Job]] = defaultdict(list)
    for job in served:
        members[job.workspace].append(job)
    total = sum(weights[workspace] for workspace in members)
    return {
        job.name: weights[job.workspace] / total / len(members[job.workspace]) for job in served
    }
