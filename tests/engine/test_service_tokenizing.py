"""Commands about a request that is still being tokenized, and about a model that is not there yet."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from realm_desktop.channel import QueueChannel
from realm_desktop.engine import service
from realm_desktop.engine.engine import Engine
from realm_desktop.engine.intake import PreparedRequest, Preparer
from realm_desktop.engine.sequence import AdapterKey
from realm_desktop.errors import EngineStopped
from realm_desktop.events import (
    Event,
    Finished,
    FinishReason,
    Heartbeat,
    ModelLoaded,
    ModelUnloaded,
    Parked,
)
from realm_desktop.protocol import (
    Abort,
    Command,
    Generate,
    GenerateRequest,
    LoadModel,
    Priority,
    RequestId,
    SetParked,
    SetPriority,
    SetSpeculation,
    Speculation,
    SpeculationMode,
    UnloadModel,
)
from tests.support.engines import make_request
from tests.support.service_client import Client
from tests.support.tiny_models import tiny_gguf

NGRAM = Speculation(SpeculationMode.NGRAM, 3)


class SlowTokenizing:
    """Holds every request in the intake thread until it is released."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun, self.may_end = threading.Event(), threading.Event()
        prepare = Preparer.prepare

        def wait(preparer: Preparer, request: GenerateRequest) -> PreparedRequest:
            self.begun.set()
            self.may_end.wait(20)
            return prepare(preparer, request)

        monkeypatch.setattr(Preparer, "prepare", wait)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowTokenizing]:
    tokenizing = SlowTokenizing(monkeypatch)
    yield tokenizing
    tokenizing.may_end.set()


@pytest.fixture(scope="module")
def model_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_gguf(tmp_path_factory.mktemp("model"), with_tokenizer=True)


class RecordingEngine(Engine):
    """Keeps the requests as they were when they came from the intake thread."""

    def __init__(self) -> None:
        super().__init__()
        self.added: list[GenerateRequest] = []

    def add(self, prepared: PreparedRequest, adapter_key: AdapterKey | None = None) -> list[Event]:
        self.added.append(prepared.request)
        return super().add(prepared, adapter_key)


@pytest.fixture
def engine() -> RecordingEngine:
    return RecordingEngine()


@pytest.fixture
def client(
    engine: RecordingEngine, model_path: Path, slow: SlowTokenizing, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Client]:
    monkeypatch.setattr(service, "HEARTBEAT_S", 0.01)
    near, far = QueueChannel.pair()
    loop = service.Service(far, engine)

    def run() -> None:
        with pytest.raises(EngineStopped):
            loop.run()
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    client = Client(near)
    client.send(LoadModel(str(model_path), num_threads=1))
    client.until(ModelLoaded)
    yield client
    slow.may_end.set()
    near.close()
    thread.join(10)


def open_request(client: Client, slow: SlowTokenizing, *commands: Command) -> None:
    """Send a request, then commands while it is tokenized."""
    client.send(Generate(make_request(range(5, 40))))
    slow.begun.wait(10)
    client.send(*commands)
    sent_s = time.monotonic()
    client.until(Heartbeat, lambda beat: beat.monotonic_s > sent_s)
    client.until(Heartbeat)  # the loop went round once between them


def test_priority_and_speculation_of_a_request_being_tokenized_are_kept(
    client: Client, engine: RecordingEngine, slow: SlowTokenizing
) -> None:
    commands = (
        SetPriority(RequestId("r"), Priority.BACKGROUND),
        SetSpeculation(RequestId("r"), NGRAM),
        SetPriority(RequestId("r"), Priority.FOREGROUND),
    )
    open_request(client, slow, *commands)
    slow.may_end.set()
    client.until(Finished)

    (request,) = engine.added
    assert (request.priority, request.speculation) == (Priority.FOREGROUND, NGRAM)


def test_request_parked_while_it_is_tokenized_comes_parked(
    client: Client, engine: RecordingEngine, slow: SlowTokenizing
) -> None:
    open_request(client, slow, SetParked(RequestId("r"), is_parked=True))
    slow.may_end.set()
    client.until(Parked)
    client.send(SetParked(RequestId("r"), is_parked=False))

    assert client.until(Finished).finish_reason is FinishReason.LENGTH
    assert [request.is_parked for request in engine.added] == [True]


def test_abort_of_a_request_being_tokenized_wins_over_other_changes(
    client: Client, slow: SlowTokenizing
) -> None:
    request_id = RequestId("r")
    open_request(client, slow, SetPriority(request_id, Priority.NORMAL), Abort(request_id))
    slow.may_end.set()

    assert client.until(Finished).finish_reason is FinishReason.ABORT


def test_request_being_tokenized_is_aborted_when_the_model_is_unloaded(
    client: Client, slow: SlowTokenizing
) -> None:
    open_request(client, slow, UnloadModel())
    slow.may_end.set()

    assert client.until(Finished).finish_reason is FinishReason.ABORT
    if not any(isinstance(event, ModelUnloaded) for event in client.seen):
        client.until(ModelUnloaded)


def test_change_of_a_request_that_ended_does_not_wait_for_a_new_one_of_its_name(
    client: Client, engine: RecordingEngine, slow: SlowTokenizing
) -> None:
    slow.may_end.set()
    client.send(Generate(make_request(range(5, 40))))
    client.until(Finished)
    client.send(SetPriority(RequestId("r"), Priority.BACKGROUND))
    client.send(Generate(make_request(range(5, 40))))
    client.until(Finished)

    assert [request.priority for request in engine.added] == [Priority.NORMAL, Priority.NORMAL]
