"""Random mixes: requests that come, change and go while others run, and what happened to them."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from realm_desktop.engine.engine import Engine
from realm_desktop.engine.loaded_model import LoadedModel
from realm_desktop.engine.sequence import PlannedRows
from realm_desktop.engine.shortage import SHORT_ROWS
from realm_desktop.engine_stats import SequenceState
from realm_desktop.events import Event, Finished, FinishReason, PromptProgress, TextDelta
from realm_desktop.protocol import (
    AdapterId,
    AdapterUse,
    GenerateRequest,
    LoadAdapter,
    Priority,
    RequestId,
    Speculation,
    SpeculationMode,
    WorkspaceId,
)
from realm_desktop.sampling_params import SamplingParams
from tests.support.engines import Transcript, check_blocks, make_request
from tests.support.speculation import END_ID, Pair, drafting

MODES = (*SpeculationMode, SpeculationMode.NGRAM, SpeculationMode.DRAFT_MODEL)
A, B, C = map(AdapterId, "abc")  # "c" is a GGUF file, the others are PEFT folders
ADAPTER_MIXES: tuple[tuple[AdapterUse, ...], ...] = (
    (),
    (),
    (),
    (),
    (AdapterUse(A, 1.0),),
    (AdapterUse(C, 0.7),),
    (AdapterUse(A, 0.5), AdapterUse(B, 1.0)),
    (AdapterUse(C, -0.4), AdapterUse(B, 1.5)),
)
SCHEMA = {
    "type": "object",
    "properties": {"a": {"type": "string", "maxLength": 9}, "b": {"enum": [1, 20, None]}},
    "required": ["a", "b"],
    "additionalProperties": False,
}
LARK = (
    'start: word (" " word)*\nword: "the" | "and" | "then"',
    'start: "(" start* ")" | /[a-e]{1,9}/',
)
FORMS: tuple[dict[str, str], ...] = (
    *({} for _ in range(7)),
    {"regex": "[a-m ]{5,30}"},
    {"regex": "(ab|cd e){2,9}[0-9]?"},
    {"json_schema": json.dumps(SCHEMA)},
    *({"grammar": text} for text in LARK),
)
ALWAYS = frozenset(
    [
        *("drafted", "accepted drafts", "rejected drafts", "changed speculation"),
        *("adapters side by side", "changed adapter mix", "PEFT adapter", "GGUF adapter"),
        *("reloaded adapter", "regex", "json_schema", "grammar", "chunked prompt"),
        *("changed budget", "changed priority", "changed weight", "abort", "resumed"),
        *("parked while it ran", "parked while it waited", "unparked"),
        *("out of memory", "step in halves", "interrupted step", "preemption"),
        *("prefix hit", "asked on", "regenerated", "reading along"),
        *("foreground", "normal", "background", "end", "stop string or end token", "length"),
    ]
)
"""What each collection of mixes must have seen, or it proves less than it says."""

Forward: TypeAlias = Callable[..., NDArray[np.float32]]

_LONGEST = 4 * 64 - 12
"""Prompt and reply fit the smallest pool that a mix has, drafts included."""


class ErraticClock:
    """Seconds that pass at random, so that draft lengths and chunk sizes are random too."""

    def __init__(self, generator: random.Random) -> None:
        self._generator = generator
        self._now_s = 1.0

    def __call__(self) -> float:
        self._now_s += self._generator.choice((0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1e-3, 0.05))
        return self._now_s


def random_sampling(generator: random.Random) -> SamplingParams:
    """Greedy or not, with penalties, filters, stop strings and early ends now and then."""
    return SamplingParams(
        temperature=generator.choice((0.0, 0.0, 0.5, 1.0, 1.0)),
        top_k=generator.choice((0, 5)),
        top_p=generator.choice((1.0, 0.9)),
        min_p=generator.choice((0.0, 0.05)),
        typical_p=generator.choice((1.0, 1.0, 0.9)),
        xtc_probability=generator.choice((0.0, 0.0, 0.0, 0.5)),
        seed=generator.randrange(100),
        max_tokens=generator.choice((generator.randint(1, 12), generator.randint(20, 44))),
        repetition_penalty=generator.choice((1.0, 1.0, 1.3)),
        dry_multiplier=generator.choice((0.0, 0.0, 0.8)),
        stop=generator.choice(((), (), (), (), (), ("e",), ("th", "an"))),
        logit_bias=generator.choice(((), (), ((END_ID, 2.0),))),
        logprobs=generator.choice((None, None, None, 2)),
    )


def random_requests(
    generator: random.Random, name: str, *, is_crowd: bool = False
) -> list[GenerateRequest]:
    """A few requests on branches of two conversations, some twice, with all ways to draft.

    Some use adapters, some must follow a grammar. Those of a crowd begin with a block each and
    outgrow it all at once, so that a small pool cannot hold them.
    """
    lengths = (40, 45, 50) if is_crowd else (0, 30, 64, 100, 128, 140)
    count = 7 if is_crowd else generator.randint(3, 6)
    stems = [[generator.randrange(3, 250) for _ in range(140)] for _ in range(2)]
    requests: list[GenerateRequest] = []
    for number in range(count):
        stem = generator.choice(stems)[: generator.choice(lengths)]
        prompt = [*stem, *(generator.choice((5, 6, 7)) for _ in range(generator.randint(1, 12)))]
        is_twin = bool(requests) and generator.random() < 0.25
        if is_twin:
            prompt = list(requests[-1].prompt_token_ids or ())
        request = make_request(
            prompt,
            f"{name}-{number}",
            workspace_id=generator.choice("ab"),
            sampling=random_sampling(generator),
        )
        request = replace(
            request,
            adapters=requests[-1].adapters if is_twin else generator.choice(ADAPTER_MIXES),
            priority=generator.choice(tuple(Priority)),
            **generator.choice(FORMS),  # type: ignore[arg-type]  # texts, as these fields are
        )
        requests.append(drafting(request, generator.choice(MODES), generator.randint(1, 8)))
    return requests


@dataclass
class Mix:
    """Requests that come, change and are aborted at random steps.

    Attributes:
        engine: With the models and adapters of `pair`.
        pair: To load its adapters again.
        requests: All of them, those that answers and aborts led to included.
        generator: Of every choice.
        happened: How often each thing took place.
        resumed: The aborted request that a later one continues.
    """

    engine: Engine
    pair: Pair
    requests: list[GenerateRequest]
    generator: random.Random
    happened: Counter[str] = field(default_factory=Counter)
    resumed: dict[RequestId, RequestId] = field(default_factory=dict)
    _waiting: list[GenerateRequest] = field(default_factory=list)
    _transcript: Transcript = field(default_factory=Transcript)
    _preemptions: dict[RequestId, int] = field(default_factory=dict)
    _parkings: Counter[RequestId] = field(default_factory=Counter)

    def run(self) -> Transcript:
        """Step until all have ended; blocks are checked after every step."""
        self._waiting = list(self.requests)
        runner = self._model.runner
        runner.forward = self._failing_now_and_then(runner.forward)  # type: ignore[method-assign]  # on purpose
        while self._waiting or self._model.requests:
            while self._waiting and self._happens(0.6):
                place = self.generator.randrange(len(self._waiting))
                self._take(self.engine.add(self.engine.prepare(self._waiting.pop(place))))
            if self.engine.has_work:
                stops = self._happens(0.05, "interrupted step")
                self._take(self.engine.step(lambda stops=stops: stops))  # type: ignore[misc]  # a default binds the value
            self._disturb()
            self._look()
            check_blocks(self.engine)
        self.happened["preemption"] += sum(self._preemptions.values())
        return self._transcript

    def _failing_now_and_then(self, forward: Forward) -> Forward:
        """Passes of several sequences fail at times, and large ones lack memory: both only delay."""

        def fail_or_compute(
            rows: Sequence[PlannedRows], *args: Any, **kwargs: Any
        ) -> NDArray[np.float32]:
            num_rows = sum(entry.num_new + len(entry.draft_tokens) for entry in rows)
            if num_rows > SHORT_ROWS and self._happens(0.12, "out of memory"):
                raise MemoryError
            if len(rows) > 1 and self._happens(0.03, "step in halves"):
                raise ValueError("injected")
            return forward(rows, *args, **kwargs)

        return fail_or_compute

    @property
    def _model(self) -> LoadedModel:
        model = self.engine._model
        assert model is not None
        return model

    def _happens(self, probability: float, what: str = "") -> bool:
        does = self.generator.random() < probability
        if what and does:
            self.happened[what] += 1
        return does

    def _take(self, events: list[Event]) -> None:
        self._transcript.take(events)
        for event in events:
            if isinstance(event, PromptProgress):
                is_part = event.num_computed_tokens < event.num_prompt_tokens
                self.happened["chunked prompt"] += is_part
            if isinstance(event, Finished):
                self._count(event)
                self._follow(event)

    def _count(self, end: Finished) -> None:
        stats, request = end.stats, self._request(end.request_id)
        seen: dict[str, object] = {
            "drafted": stats.num_drafted_tokens > 0,
            "accepted drafts": stats.num_accepted_tokens > 0,
            "rejected drafts": stats.num_drafted_tokens > stats.num_accepted_tokens,
            "prefix hit": stats.num_cached_tokens > 0,
            "PEFT adapter": any(use.adapter_id in (A, B) for use in request.adapters),
            "GGUF adapter": any(use.adapter_id == C for use in request.adapters),
            "regex": request.regex,
            "json_schema": request.json_schema,
            "grammar": request.grammar,
            request.priority.name.lower(): True,
            "abort": end.finish_reason is FinishReason.ABORT,
            "stop string or end token": end.finish_reason is FinishReason.STOP,
            "length": end.finish_reason is FinishReason.LENGTH,
            "end": True,
        }
        self.happened.update(name for name, is_so in seen.items() if is_so)

    def _follow(self, end: Finished) -> None:
        """Ask on, ask again, or go on where an aborted reply stopped."""
        request = self._request(end.request_id)
        reply = tuple(self._transcript.token_ids[request.request_id])
        tokens = (*(request.prompt_token_ids or ()), *request.committed_token_ids, *reply)
        name = RequestId(f"{request.request_id}+")
        if end.finish_reason is FinishReason.ABORT:
            if request.committed_token_ids or not reply or not self._happens(0.9, "resumed"):
                return
            self.resumed[name] = request.request_id
            follower = replace(request, request_id=name, committed_token_ids=reply)
        elif self._happens(0.15, "regenerated"):
            sampling = replace(request.sampling, seed=request.sampling.seed + 1)
            follower = replace(request, request_id=name, sampling=sampling, committed_token_ids=())
        elif len(tokens) + 60 < _LONGEST and self._happens(0.3, "asked on"):
            adapters = self.generator.choice((request.adapters, *ADAPTER_MIXES))
            self.happened["changed adapter mix"] += adapters != request.adapters
            follower = replace(
                request,
                request_id=name,
                prompt_token_ids=(*tokens, 9, 8, 7),
                committed_token_ids=(),
                adapters=adapters,
            )
        else:
            return
        self.requests.append(follower)
        self._waiting.append(follower)

    def _request(self, request_id: RequestId) -> GenerateRequest:
        return next(request for request in self.requests if request.request_id == request_id)

    def _disturb(self) -> None:
        running = [sequence.request_id for sequence in self._model.scheduler.sequences()]
        if not running:
            return
        request_id = self.generator.choice(running)
        if self._happens(0.1, "changed speculation"):
            speculation = Speculation(self.generator.choice(MODES), self.generator.randint(1, 8))
            self.engine.set_speculation(request_id, speculation)
        if self._happens(0.05, "changed priority"):
            self.engine.set_priority(request_id, self.generator.choice(tuple(Priority)))
        self._park_or_unpark(request_id)
        if self._happens(0.02, "changed weight"):
            weight = self.generator.choice((0.5, 1.0, 3.0))
            self.engine.set_workspace_weight(WorkspaceId(self.generator.choice("ab")), weight)
        if self._happens(0.1, "changed budget"):
            largest = self._model.scheduler._options.token_budget
            self._model.stepper._affordable_rows = self.generator.randint(9, largest)
        if self._happens(0.02, "reloaded adapter"):
            # A new generation of the same values: running replies keep the old one.
            name = self.generator.choice((A, B, C))
            path = self.pair.adapters["abc".index(name)]
            self.engine.load_adapter(LoadAdapter(name, str(path)))
        if self._happens(0.04):
            self._take(self.engine.abort(request_id))

    def _park_or_unpark(self, request_id: RequestId) -> None:
        """Pause a request now and then; one that is paused goes on before long."""
        scheduler = self._model.scheduler
        sequence = scheduler.find(request_id)
        assert sequence is not None
        is_parked = sequence.state is SequenceState.PARKED
        if not self._happens(0.3 if is_parked else 0.05):
            return
        if is_parked:
            self.happened["unparked"] += 1
        elif sequence in scheduler.running:
            self._parkings[request_id] += 1
            self.happened["parked while it ran"] += 1
        else:
            self.happened["parked while it waited"] += 1
        told = self.engine.set_parked(request_id, is_parked=not is_parked)
        self._take(told or [])

    def _look(self) -> None:
        """Count what can be seen between two steps only."""
        scheduler = self._model.scheduler
        for sequence in scheduler.sequences():
            num_parkings = self._parkings[sequence.request_id]
            self._preemptions[sequence.request_id] = sequence.num_preemptions - num_parkings
        mixes = {sequence.adapter_key for sequence in scheduler.running}
        self.happened["adapters side by side"] += len(mixes) > 1
        self.happened["reading along"] += any(map(scheduler.is_reading_along, scheduler.waiting))


def assert_same_reply(transcript: Transcript, alone: Transcript, request_id: RequestId) -> None:
    """Assert that a reply is the one that the request gives alone, or its beginning if aborted."""
    end, expected = transcript.ends[request_id], alone.ends[request_id]
    assert isinstance(end, Finished)
    assert isinstance(expected, Finished)
    tokens, expected_tokens = transcript.token_ids[request_id], alone.token_ids[request_id]
    logprobs, expected_logprobs = (
        logprobs_of(transcript, request_id),
        logprobs_of(alone, request_id),
    )
    if end.finish_reason is FinishReason.ABORT:
        assert tokens == expected_tokens[: len(tokens)]
        assert logprobs == expected_logprobs[: len(logprobs)]
        assert alone.text[request_id].startswith(transcript.text[request_id])
        return
    assert tokens == expected_tokens
    assert logprobs == expected_logprobs
    assert transcript.text[request_id] == alone.text[request_id]
    assert end.finish_reason == expected.finish_reason


def logprobs_of(transcript: Transcript, request_id: RequestId) -> list[object]:
    """The log-probabilities of a reply, to the last bit."""
    return [
        logprob
        for event in transcript.events
        if isinstance(event, TextDelta) and event.request_id == request_id
        for logprob in event.logprobs
    ]
