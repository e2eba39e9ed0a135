"""Engines with tiny models, driven step by step."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from realm_desktop.engine.engine import Engine
from realm_desktop.engine.options import EngineOptions
from realm_desktop.events import Event, Failed, Finished, TextDelta
from realm_desktop.protocol import GenerateRequest, LoadModel, RequestId, WorkspaceId
from realm_desktop.sampling_params import SamplingParams


def load_engine(path: Path, options: EngineOptions | None = None) -> Engine:
    """An engine with this model loaded on two threads."""
    engine = Engine(options)
    engine.load(LoadModel(str(path), device="cpu", num_threads=1), lambda phase, fraction: None)
    return engine


def make_request(
    prompt_ids: Iterable[int],
    request_id: str = "r",
    *,
    workspace_id: str = "general",
    sampling: SamplingParams | None = None,
    committed_ids: Iterable[int] = (),
) -> GenerateRequest:
    """A request for these tokens; greedy, 16 tokens, unless said otherwise."""
    return GenerateRequest(
        request_id=RequestId(request_id),
        workspace_id=WorkspaceId(workspace_id),
        prompt_token_ids=tuple(prompt_ids),
        sampling=sampling or SamplingParams(temperature=0.0, max_tokens=16, ignore_end=True),
        committed_token_ids=tuple(committed_ids),
    )


@dataclass
class Transcript:
    """What came back for each request."""

    events: list[Event] = field(default_factory=list)
    token_ids: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    text: dict[str, str] = field(default_factory=lambda: defaultdict(str))
    ends: dict[str, Finished | Failed] = field(default_factory=dict)

    def take(self, events: Iterable[Event]) -> None:
        """Record events; after its end a request must say nothing more."""
        for event in events:
            self.events.append(event)
            request_id = getattr(event, "request_id", None)
            assert request_id not in self.ends, f"{event} after the end of its request"
            if isinstance(event, TextDelta):
                self.token_ids[event.request_id] += event.token_ids
                self.text[event.request_id] += event.text
            elif isinstance(event, Finished | Failed):
                self.ends[event.request_id] = event


def run_requests(engine: Engine, *requests: GenerateRequest) -> Transcript:
    """Add requests together and step until all have ended."""
    transcript = Transcript()
    for request in requests:
        transcript.take(engine.add(engine.prepare(request)))
    while engine.has_work:
        transcript.take(engine.step())
        check_blocks(engine)
    return transcript


def run_alone(engine: Engine, request: GenerateRequest) -> list[int]:
    """The token ids of one request, computed with nothing beside it and nothing cached."""
    model = engine._model
    assert model is not None
    model.block_manager.drop_cached()
    return run_requests(engine, request).token_ids[request.request_id]


def check_blocks(engine: Engine) -> None:
    """Assert that the block manager is consistent with the open sequences."""
    model = engine._model
    assert model is not None
    model.block_manager.check_integrity(model.scheduler.sequences())
