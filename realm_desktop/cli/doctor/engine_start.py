"""Starts an engine as the window does, in a process of its own, and has it write a few tokens.

A crash of it is the end of that process and not of the report.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from realm_desktop.channel import Channel
from realm_desktop.cli.output import as_error
from realm_desktop.errors import EngineStopped
from realm_desktop.events import Event, Failed, Finished, LoadFailed, ModelLoaded, TextDelta
from realm_desktop.launcher import EngineSetup, ProcessHandle, Serve, describe_exit, start_process
from realm_desktop.protocol import DeviceName, Generate, GenerateRequest, LoadModel, RequestId
from realm_desktop.sampling_params import SamplingParams

LIMIT_S: Final = 90.0
"""torch alone takes ten seconds and more to import from a cold, slow disk."""

NUM_TOKENS: Final = 8

_POLL_S: Final = 0.2
_JOIN_S: Final = 5.0
_PROMPT: Final = "Once upon a time"


@dataclass(frozen=True, slots=True)
class EngineStart:
    """How an engine did.

    Attributes:
        load_s: From its start until the model was loaded.
        total_s: From its start until the last token.
        num_tokens: That it wrote, at most 8.
    """

    load_s: float
    total_s: float
    num_tokens: int


def try_engine(
    model: Path,
    device: DeviceName,
    num_threads: int | None,
    *,
    torch_folder: Path | None = None,
    limit_s: float = LIMIT_S,
    serve: Serve | None = None,
) -> EngineStart:
    """Start an engine, load `model`, write eight tokens, end the engine.

    Args:
        model: A small one.
        device: Where to compute.
        num_threads: CPU threads; None takes the physical cores.
        torch_folder: Of the CUDA build, which the engine of the window would take.
        limit_s: For all of it.
        serve: Runs in place of the engine, see `start_process`.

    Raises:
        EngineStopped: The process cannot be started, died, or took longer than `limit_s`.
        RealmError: The engine refused the model or the request.
    """
    begin_s = time.monotonic()
    setup = EngineSetup(num_threads=num_threads, torch_folder=torch_folder)
    handle = start_process(setup, serve=serve)
    try:
        talk = _Talk(handle.channel, begin_s, limit_s)
        handle.channel.send([LoadModel(str(model), device, num_threads)])
        return talk.until_finished()
    except EngineStopped as error:
        raise _told(handle, error) from error
    finally:
        handle.kill()
        handle.join(_JOIN_S)


class _Talk:
    """What is said over the channel of one engine."""

    def __init__(self, channel: Channel, begin_s: float, limit_s: float) -> None:
        self._channel = channel
        self._begin_s = begin_s
        self._limit_s = limit_s
        self._load_s = 0.0
        self._num_tokens = 0
        self._is_over = False

    def until_finished(self) -> EngineStart:
        while not self._is_over:
            for event in self._receive():
                self._take(event)
        return EngineStart(self._load_s, self._passed_s, self._num_tokens)

    @property
    def _passed_s(self) -> float:
        return time.monotonic() - self._begin_s

    def _receive(self) -> list[Event]:
        while not self._channel.poll(_POLL_S):
            if self._passed_s > self._limit_s:
                raise EngineStopped(f"it did not answer within {self._limit_s:g} s")
        return list(self._channel.receive())  # type: ignore[arg-type]  # an engine says events only

    def _take(self, event: Event) -> None:
        if isinstance(event, LoadFailed | Failed):
            raise as_error(event.error)
        if isinstance(event, ModelLoaded):
            self._load_s = self._passed_s
            sampling = SamplingParams(temperature=0.0, max_tokens=NUM_TOKENS, ignore_end=True)
            request = GenerateRequest(RequestId("doctor"), prompt=_PROMPT, sampling=sampling)
            self._channel.send([Generate(request)])
        if isinstance(event, TextDelta):
            self._num_tokens += len(event.token_ids)
        self._is_over = self._is_over or isinstance(event, Finished)


def _told(handle: ProcessHandle, error: EngineStopped) -> EngineStopped:
    """How the process ended, if it did: that says more than a connection that was cut."""
    has_ended = handle.join(0.5) and bool(handle.exit_code)
    return EngineStopped(describe_exit(handle.exit_code or 0)) if has_ended else error
