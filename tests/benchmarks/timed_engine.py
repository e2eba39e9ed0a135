"""An engine in this process whose steps are timed from outside; shared by several benchmarks.

Prompts are random token ids, so that no run finds the prefix of another. Times are in seconds of the
performance counter.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

import realm_desktop
from realm_desktop.engine.engine import Engine
from realm_desktop.engine.loaded_model import LoadedModel
from realm_desktop.events import Failed, Finished, TextDelta
from realm_desktop.protocol import GenerateRequest, LoadModel, RequestId
from realm_desktop.sampling_params import SamplingParams

MOST_PACKED_BYTES = 20 * 10**9
STARTER = Path(realm_desktop.__file__).parents[1] / "resources" / "starter"


@dataclass(slots=True)
class Timeline:
    """When the requests of a run were added and when their tokens came.

    Attributes:
        added_s: By request.
        tokens_s: By request the moment of each token; those of one step share theirs.
        started_s, ended_s: Of the whole run.
    """

    started_s: float
    ended_s: float = 0.0
    added_s: dict[str, float] = field(default_factory=dict)
    tokens_s: dict[str, list[float]] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """Of the whole run, prompts included."""
        return self.ended_s - self.started_s

    def first_token_s(self, request_id: str) -> float:
        """Seconds from the addition of a request to its first token."""
        return self.tokens_s[request_id][0] - self.added_s[request_id]

    def gaps_s(self, request_id: str, first_s: float, last_s: float) -> list[float]:
        """Times between successive tokens, of those that came between two moments."""
        moments = [moment for moment in self.tokens_s[request_id] if first_s <= moment <= last_s]
        return [later - earlier for earlier, later in pairwise(moments)]


class TimedEngine:
    """A loaded engine.

    Args:
        path: The model.
        num_threads: None lets the engine choose.
        packed_folder: Where packed weights are kept for the next start; None keeps none.
    """

    def __init__(
        self, path: Path, num_threads: int | None = None, packed_folder: Path | None = None
    ) -> None:
        self.engine = Engine()
        command = LoadModel(str(path), "cpu", num_threads=num_threads)
        if packed_folder is not None:
            folder = str(packed_folder)
            command = replace(command, packed_folder=folder, most_packed_bytes=MOST_PACKED_BYTES)
        self.info = self.engine.load(command, lambda phase, fraction: None)
        self._random = random.Random(0)

    @property
    def model(self) -> LoadedModel:
        """The inside of the engine, for what no command can ask."""
        assert self.engine._model is not None
        return self.engine._model

    def token_ids(self, count: int) -> list[int]:
        """Random ids, others each time."""
        return self._random.choices(range(self.info.vocabulary_size), k=count)

    def finish_keeping(self) -> None:
        """Wait until the packed weights are on the disk."""
        if self.engine._store is not None:
            self.engine._store.wait()

    def forget(self) -> None:
        """Drop what the prefix tree keeps of earlier runs."""
        self.model.block_manager.drop_cached()

    def run(
        self,
        requests: Iterable[GenerateRequest],
        after_step: Callable[[Timeline], Iterable[GenerateRequest]] = lambda timeline: (),
    ) -> Timeline:
        """Add requests together and step until all have ended.

        Args:
            requests: To begin with.
            after_step: Gives further requests, to be added now.
        """
        timeline = Timeline(time.perf_counter())
        self._add(requests, timeline)
        while self.engine.has_work:
            events = self.engine.step()
            now_s = time.perf_counter()
            for event in events:
                assert not isinstance(event, Failed), event
                if isinstance(event, TextDelta):
                    moments = timeline.tokens_s.setdefault(event.request_id, [])
                    moments.extend([now_s] * len(event.token_ids))
                elif isinstance(event, Finished):
                    timeline.ended_s = now_s
            self._add(after_step(timeline), timeline)
        return timeline

    def _add(self, requests: Iterable[GenerateRequest], timeline: Timeline) -> None:
        for request in requests:
            timeline.added_s[request.request_id] = time.perf_counter()
            self.engine.add(self.engine.prepare(request))


def greedy_request(request_id: str, ids: Sequence[int], num_tokens: int) -> GenerateRequest:
    """A reply of exactly `num_tokens` tokens."""
    return GenerateRequest(
        RequestId(request_id),
        prompt_token_ids=tuple(ids),
        sampling=SamplingParams(temperature=0.0, max_tokens=num_tokens, ignore_end=True),
    )


def spread(values: Sequence[float], digits: int = 2) -> str:
    """Median, least and greatest in words."""
    numbers = [statistics.median(values), min(values), max(values)]
    middle, low, high = (f"{number:,.{digits}f}" for number in numbers)
    return f"{middle} ({low} to {high})"
