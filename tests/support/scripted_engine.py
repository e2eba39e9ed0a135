"""An engine without a model: streams made-up tokens, and fails as its plan says.

Its tokens depend on seed and position only, as those of the real engine do, so that the text of a resumed
request can be compared with an undisturbed one.
"""

from __future__ import annotations

import functools
import os
import signal
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from realm_desktop.channel import Channel
from realm_desktop.engine_stats import GenerationStats
from realm_desktop.errors import EngineStopped
from realm_desktop.events import (
    EngineReady,
    Event,
    Finished,
    FinishReason,
    Heartbeat,
    LoadProgress,
    ModelLoaded,
    TextDelta,
)
from realm_desktop.launcher import EngineSetup, ProcessHandle, start_process
from realm_desktop.protocol import (
    Abort,
    Command,
    Generate,
    GenerateRequest,
    LoadModel,
    RequestId,
    Shutdown,
    UnloadModel,
)
from tests.support.fake_client import make_model_info

Kind = Literal["exit", "kill", "abort", "segfault", "hang", "nonsense", "half_frame", "raise"]
Moment = Literal["start", "load", "tokens"]
CHARS_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong in one life of the engine, and when."""

    kind: Kind
    moment: Moment = "tokens"
    after_tokens: int = 5


@dataclass(frozen=True, slots=True)
class Plan:
    """One fault per life of the engine, None for a sound one; lives beyond the plan are sound.

    Attributes:
        folder: Counts the lives, and keeps what each was told, in `life-N.log`.
        token_pause_s: Wait before each step, so that a reply lasts.
        ignores_shutdown: Go on as if nothing was said.
        text: What replies say, over and over, 4 characters a token; empty for `token_text`.
    """

    folder: Path
    faults: tuple[Fault | None, ...] = ()
    token_pause_s: float = 0.0
    ignores_shutdown: bool = False
    text: str = ""

    def token(self, seed: int, position: int) -> str:
        """The text of the token at a position of a reply."""
        if not self.text:
            return token_text(seed, position)
        begin = CHARS_PER_TOKEN * position % len(self.text)
        return self.text[begin : begin + CHARS_PER_TOKEN]


def token_text(seed: int, position: int) -> str:
    """The text of one made-up token."""
    return f"<{(seed * 31 + position * 7) % 97}>"


def expected_text(request: GenerateRequest) -> str:
    """The whole reply to a request, had nothing gone wrong."""
    length = request.sampling.max_tokens or 0
    return "".join(token_text(request.sampling.seed, position) for position in range(length))


def start_scripted(plan: Plan, setup: EngineSetup | None = None) -> ProcessHandle:
    """Start a scripted engine in a real process."""
    return start_process(setup, serve=functools.partial(serve_plan, plan))


def serve_plan(plan: Plan, channel: Channel) -> None:
    """Stands in for `engine.service.serve`."""
    _Life(plan, channel).run()


@dataclass(slots=True)
class _Life:
    plan: Plan
    channel: Channel
    number: int = 0
    num_tokens: int = 0
    is_over: bool = False
    requests: dict[RequestId, GenerateRequest] = field(default_factory=dict)
    positions: dict[RequestId, int] = field(default_factory=dict)

    def run(self) -> None:
        self.number = len(list(self.plan.folder.glob("life-*.log")))
        self._note("start")
        self._fail_at("start")
        self.channel.send([EngineReady("0", "0", "cpu", 1, os.getpid())])
        while not self.is_over:
            pause_s = self.plan.token_pause_s if self.requests else 0.2
            if self.channel.poll(pause_s):
                for command in self.channel.receive():
                    self._obey(command)  # type: ignore[arg-type]
            elif not self.requests:
                self.channel.send([Heartbeat(0.0)])
            self._step()

    def _obey(self, command: Command) -> None:
        self._note(type(command).__name__)
        match command:
            case LoadModel(path):
                self.channel.send([LoadProgress(path, "reading", 0.5)])
                self._fail_at("load")
                self.channel.send([ModelLoaded(make_model_info(path))])
            case Generate(request):
                self.requests[request.request_id] = request
                self.positions[request.request_id] = len(request.committed_token_ids)
            case Abort(request_id) if request_id in self.requests:
                self._finish(request_id, FinishReason.ABORT)
            case Shutdown():
                self.is_over = not self.plan.ignores_shutdown
            case UnloadModel():
                raise EngineStopped("told to go by the test")
            case _:
                pass

    def _step(self) -> None:
        events: list[Event] = []
        for request_id, request in tuple(self.requests.items()):
            position = self.positions[request_id]
            if position == request.sampling.max_tokens:
                self._finish(request_id, FinishReason.LENGTH)
                continue
            text = self.plan.token(request.sampling.seed, position)
            events.append(TextDelta(request_id, text, (position,)))
            self.positions[request_id] += 1
        if events:
            self.channel.send(events)
            self.num_tokens += len(events)
            self._fail_at("tokens")

    def _finish(self, request_id: RequestId, reason: FinishReason) -> None:
        del self.requests[request_id]
        stats = GenerationStats(num_completion_tokens=self.positions.pop(request_id))
        self.channel.send([Finished(request_id, reason, stats)])

    def _note(self, line: str) -> None:
        with (self.plan.folder / f"life-{self.number}.log").open("a") as log:
            log.write(f"{line}\n")

    def _fail_at(self, moment: Moment) -> None:
        if self.number >= len(self.plan.faults):
            return
        fault = self.plan.faults[self.number]
        if fault is None or fault.moment != moment:
            return
        if moment != "tokens" or self.num_tokens >= fault.after_tokens:
            self._fail(fault.kind)

    def _fail(self, kind: Kind) -> None:
        match kind:
            case "exit":
                os._exit(3)
            case "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            case "abort":
                os.abort()
            case "segfault":
                os.kill(os.getpid(), signal.SIGSEGV)
            case "hang":
                threading.Event().wait()
            case "nonsense":
                self.channel.waitable.send_bytes(b"\xc1\xff nonsense")
            case "half_frame":
                # The length of a frame of which only the first bytes follow.
                os.write(self.channel.waitable.fileno(), b"\x00\x00\x10\x00half")
                threading.Event().wait()
            case "raise":
                raise RuntimeError("planned by the test")
