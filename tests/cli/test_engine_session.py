"""An engine hosted for the duration of a command."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from realm_desktop.cli.engine_session import EngineSession
from realm_desktop.errors import CorruptFile, EngineStopped
from realm_desktop.events import Finished
from realm_desktop.protocol import Generate, GenerateRequest, LoadModel, RequestId, Shutdown
from realm_desktop.sampling_params import SamplingParams


def load_command(path: Path) -> LoadModel:
    return LoadModel(str(path), device="cpu", num_threads=2)


def test_a_model_is_loaded_and_its_progress_shown(tiny_model_path: Path) -> None:
    shown: list[str] = []

    with EngineSession(2) as session:
        info = session.load(load_command(tiny_model_path), shown.append)

    assert info.architecture == "llama"
    assert shown[-1] == ""
    assert any("%" in text for text in shown)


def test_a_refused_file_raises_its_own_error(tmp_path: Path) -> None:
    path = tmp_path / "bad.gguf"
    path.write_bytes(b"GGUF" + bytes(60))

    with EngineSession(2) as session, pytest.raises(CorruptFile) as caught:
        session.load(load_command(path), lambda text: None)

    assert caught.value.file == str(path)


def test_requests_are_answered(tiny_model_path: Path) -> None:
    request = GenerateRequest(
        RequestId("r"), prompt_token_ids=(1, 2), sampling=SamplingParams(max_tokens=2)
    )

    with EngineSession(2) as session:
        session.load(load_command(tiny_model_path), lambda text: None)
        session.send(Generate(request))
        while not any(isinstance(event, Finished) for event in session.receive()):
            pass


def receive_for_ever(session: EngineSession) -> None:
    while True:
        session.receive()


def test_an_engine_that_ends_by_itself_is_told() -> None:
    with EngineSession(2) as session:
        session.send(Shutdown())

        with pytest.raises(EngineStopped):
            receive_for_ever(session)


def test_no_thread_is_left_behind() -> None:
    with EngineSession(2):
        pass

    assert not [thread for thread in threading.enumerate() if thread.name == "realm-engine"]
