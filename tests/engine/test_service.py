"""The engine's loop over both kinds of channel."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from realm_desktop.engine import loaded_model, service
from realm_desktop.engine.intake import PreparedRequest, Preparer
from realm_desktop.engine.service import serve
from realm_desktop.engine.text.tokenizer import Tokenizer
from realm_desktop.engine_stats import EngineStats
from realm_desktop.errors import RequestError
from realm_desktop.events import (
    AdapterFailed,
    EngineReady,
    Failed,
    Finished,
    FinishReason,
    Heartbeat,
    LoadFailed,
    LoadProgress,
    ModelLoaded,
    ModelUnloaded,
    TextDelta,
    TokensCounted,
)
from realm_desktop.protocol import (
    Abort,
    AdapterId,
    CountTokens,
    Generate,
    GenerateRequest,
    LoadAdapter,
    LoadModel,
    RequestId,
    SetSpeculation,
    Shutdown,
    Speculation,
    SpeculationMode,
    UnloadAdapter,
    UnloadModel,
)
from realm_desktop.sampling_params import SamplingParams
from tests.support.fault_injection import Panic
from tests.support.service_client import Client, pipe_ends, queue_ends
from tests.support.shared_data import shared_data
from tests.support.tiny_models import tiny_gguf

LONG = SamplingParams(temperature=0.0, max_tokens=400, ignore_end=True)


@pytest.fixture(params=[queue_ends, pipe_ends], ids=["queue", "pipe"])
def client(request: pytest.FixtureRequest) -> Iterator[Client]:
    near, far = request.param()
    thread = threading.Thread(target=serve, args=(far,))
    thread.start()
    client = Client(near)
    client.until(EngineReady)
    yield client
    near.close()
    thread.join(10)
    assert not thread.is_alive()


@pytest.fixture(scope="module")
def model_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_gguf(tmp_path_factory.mktemp("model"), with_tokenizer=True)


@pytest.fixture
def loaded(client: Client, model_path: Path) -> Client:
    client.send(LoadModel(str(model_path), num_threads=1))
    client.until(ModelLoaded)
    return client


def request(name: str = "r", sampling: SamplingParams | None = None) -> GenerateRequest:
    return GenerateRequest(
        RequestId(name),
        prompt_token_ids=tuple(range(5, 40)),
        sampling=sampling or SamplingParams(temperature=0.0, max_tokens=8, ignore_end=True),
    )


def test_model_is_loaded_with_progress(client: Client, model_path: Path) -> None:
    client.send(LoadModel(str(model_path), num_threads=1))

    info = client.until(ModelLoaded).info
    assert info.architecture == "llama"
    assert any(isinstance(event, LoadProgress) for event in client.seen)


def test_request_streams_to_its_end(loaded: Client) -> None:
    loaded.send(Generate(request()))

    end = loaded.until(Finished)
    tokens = [t for event in loaded.seen if isinstance(event, TextDelta) for t in event.token_ids]
    assert end.finish_reason is FinishReason.LENGTH
    assert len(tokens) == 8


def test_tokens_of_a_text_are_counted_beside_a_reply(loaded: Client) -> None:
    loaded.send(Generate(request(sampling=LONG)), CountTokens("c", "abab"), CountTokens("d", ""))

    counted = loaded.until(TokensCounted)
    assert counted.count_id == "c"
    assert counted.num_tokens in range(1, 5)
    loaded.send(Abort(RequestId("r")))
    loaded.until(Finished)


def test_nothing_is_counted_without_a_model(client: Client) -> None:
    client.send(CountTokens("c", "text"))

    assert client.until(TokensCounted) == TokensCounted("c", None)


def test_idle_engine_shows_that_it_lives(client: Client) -> None:
    assert client.until(Heartbeat).monotonic_s > 0


@pytest.mark.parametrize("is_waited_for", [False, True])
def test_engine_shows_that_it_lives_while_a_prompt_is_tokenized(
    loaded: Client, monkeypatch: pytest.MonkeyPatch, is_waited_for: bool
) -> None:
    begun, may_end = threading.Event(), threading.Event()

    def prepare(self: Preparer, request: GenerateRequest) -> PreparedRequest:
        begun.set()
        may_end.wait(30)
        raise RequestError("too late")

    monkeypatch.setattr(service, "HEARTBEAT_S", 0.02)
    monkeypatch.setattr(Preparer, "prepare", prepare)
    loaded.send(Generate(request()))
    begun.wait(10)
    if is_waited_for:
        loaded.send(UnloadAdapter(AdapterId("a")))
    settled_s = time.monotonic() + 0.3
    try:
        beat = loaded.until(Heartbeat, lambda beat: beat.monotonic_s > settled_s)
        assert beat.monotonic_s > settled_s
    finally:
        may_end.set()
    loaded.until(Failed)


def test_working_engine_sends_stats(loaded: Client) -> None:
    loaded.send(Generate(request(sampling=LONG)))

    stats = loaded.until(EngineStats, lambda stats: stats.num_running == 1)
    assert stats.blocks_used >= 1
    assert stats.resident_bytes > 0


def test_end_of_all_work_is_told_in_figures_at_once(loaded: Client) -> None:
    loaded.send(Generate(request()))
    loaded.until(Finished)
    # In one message with the end: the next figures would come with a heartbeat, a second later.
    told = loaded.seen[-1]

    assert isinstance(told, EngineStats)
    assert told.sequences == ()


def test_abort_ends_a_running_request(loaded: Client) -> None:
    loaded.send(Generate(request(sampling=LONG)))
    loaded.until(TextDelta)
    loaded.send(Abort(RequestId("r")))

    assert loaded.until(Finished).finish_reason is FinishReason.ABORT


def test_speculation_is_switched_on_in_the_middle_of_a_reply(
    client: Client, model_path: Path
) -> None:
    path = str(model_path)
    client.send(LoadModel(path, num_threads=1, draft_path=path), Generate(request(sampling=LONG)))
    first = client.until(TextDelta)
    client.send(SetSpeculation(RequestId("r"), Speculation(SpeculationMode.DRAFT_MODEL)))
    client.until(TextDelta, lambda delta: delta.num_accepted_drafts > 0)
    end = client.until(Finished)

    assert first.num_accepted_drafts == 0
    assert 0 < end.stats.num_accepted_tokens <= end.stats.num_drafted_tokens


def test_draft_of_another_vocabulary_is_refused_as_an_event(
    loaded: Client, model_path: Path
) -> None:
    draft = str(shared_data("stories260K-f32.gguf"))
    loaded.send(LoadModel(str(model_path), draft_path=draft))

    failure = loaded.until(LoadFailed)
    assert (failure.error.kind, failure.error.file) == ("DraftMismatch", draft)
    assert not failure.is_unloaded


def test_abort_right_behind_the_request_ends_it_too(loaded: Client) -> None:
    loaded.send(Generate(request(sampling=LONG)), Abort(RequestId("r")))

    assert loaded.until(Finished).finish_reason is FinishReason.ABORT


def test_file_that_is_no_model_is_refused_and_the_old_one_stays(
    loaded: Client, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.gguf"
    bad.write_text("hello", encoding="utf-8")
    loaded.send(LoadModel(str(bad)))

    failure = loaded.until(LoadFailed)
    assert not failure.is_unloaded
    assert "bad.gguf" in (failure.error.file or failure.error.message)
    loaded.send(Generate(request()))
    loaded.until(Finished)


def test_request_without_a_model_fails_in_words(client: Client) -> None:
    client.send(Generate(request()))

    assert client.until(Failed).error.message == "no model is loaded"


def test_bad_request_fails_alone(loaded: Client) -> None:
    bad = GenerateRequest(RequestId("bad"), prompt_token_ids=(99_999,))
    loaded.send(Generate(request()), Generate(bad))

    assert loaded.until(Failed).request_id == "bad"
    if not any(isinstance(event, Finished) for event in loaded.seen):
        loaded.until(Finished)


def test_loading_again_ends_the_requests_of_the_old_model(loaded: Client, model_path: Path) -> None:
    loaded.send(Generate(request(sampling=LONG)))
    loaded.until(TextDelta)
    loaded.send(LoadModel(str(model_path), num_threads=1))

    assert loaded.until(Finished).finish_reason is FinishReason.ABORT
    loaded.until(ModelLoaded)


def test_panic_of_a_library_ends_the_load_and_not_the_engine(
    client: Client, model_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def panicking(model_file: object) -> Tokenizer:
        raise Panic("called `Option::unwrap()` on a `None` value")

    with monkeypatch.context() as patch:
        patch.setattr(loaded_model, "build_tokenizer", panicking)
        client.send(LoadModel(str(model_path), num_threads=1))
        failed = client.until(LoadFailed)
    client.send(LoadModel(str(model_path), num_threads=1), Generate(request()))

    assert failed.error.kind == "LibraryPanic"
    assert "`Option::unwrap()`" in failed.error.message
    assert client.until(Finished).request_id == "r"


def test_newer_load_ends_the_older_one(client: Client, model_path: Path) -> None:
    client.send(LoadModel(str(model_path)), LoadModel(str(model_path), num_threads=1))

    assert client.until(LoadFailed).error.kind == "LoadAborted"
    client.until(ModelLoaded)


def test_unload_is_confirmed(loaded: Client) -> None:
    loaded.send(UnloadModel())

    loaded.until(ModelUnloaded)


def test_adapter_without_a_model_is_refused_in_words(client: Client) -> None:
    client.send(LoadAdapter(AdapterId("a"), "/nowhere"))

    assert client.until(AdapterFailed).error.kind == "NoModel"


def test_adapter_that_is_not_there_is_refused_in_words(loaded: Client) -> None:
    loaded.send(LoadAdapter(AdapterId("a"), "/nowhere"))

    assert "does not exist" in loaded.until(AdapterFailed).error.message


def test_shutdown_ends_open_requests_first(loaded: Client) -> None:
    loaded.send(Generate(request(sampling=LONG)))
    loaded.until(TextDelta)
    loaded.send(Shutdown())

    assert loaded.until(Finished).finish_reason is FinishReason.ABORT


def test_long_step_shows_that_the_engine_lives(
    loaded: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "HEARTBEAT_S", 0.0)
    long_prompt = GenerateRequest(
        RequestId("r"),
        prompt_token_ids=tuple(5 + i % 100 for i in range(300)),
        sampling=SamplingParams(temperature=0.0, max_tokens=1, ignore_end=True),
    )
    loaded.seen.clear()
    loaded.send(Generate(long_prompt))
    loaded.until(Finished)

    assert any(isinstance(event, Heartbeat) for event in loaded.seen)
