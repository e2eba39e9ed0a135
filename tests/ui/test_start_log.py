"""Tests of the log lines about the start."""

from __future__ import annotations

import logging
import subprocess
import sys
import time

import pytest

from realm_desktop.events import EngineReady, ModelLoaded
from realm_desktop.ui.start_log import StartLog, process_age_s
from tests.support.fake_client import FakeEngineClient, make_model_info

READY = EngineReady("1", "2", "cpu", num_threads=2, process_id=1)


@pytest.fixture
def client() -> FakeEngineClient:
    return FakeEngineClient()


@pytest.fixture(autouse=True)
def _info_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)


def test_stages_are_logged_with_their_seconds(
    client: FakeEngineClient, caplog: pytest.LogCaptureFixture
) -> None:
    log = StartLog(client, started_s=time.time() - 1000.0)

    log.log_painted()
    log.log_listed()
    client.emit(READY)
    client.emit(ModelLoaded(make_model_info()))

    stages = [message.split(",")[0].removeprefix("the ") for message in caplog.messages]
    assert stages == ["window is shown", "list is shown", "engine is ready", "model is loaded"]
    assert all(", 100" in message for message in caplog.messages)


def test_later_engines_and_models_are_no_start(
    client: FakeEngineClient, caplog: pytest.LogCaptureFixture
) -> None:
    StartLog(client)
    for _ in range(2):
        client.emit(READY)
        client.emit(ModelLoaded(make_model_info()))

    assert len(caplog.messages) == 2


def test_start_of_this_process_is_known(
    client: FakeEngineClient, caplog: pytest.LogCaptureFixture
) -> None:
    StartLog(client).log_painted()

    seconds = float(caplog.messages[0].split(", ")[1].split(" ")[0])
    assert 0.0 < seconds < 36_000.0


def test_age_of_a_process_is_exact_to_a_fraction_of_a_second() -> None:
    program = "from realm_desktop.ui.start_log import process_age_s; print(process_age_s())"
    started_s = time.monotonic()
    output = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    ).stdout
    lived_s = time.monotonic() - started_s

    assert 0 < float(output) <= lived_s + 0.02


def test_age_grows_with_time() -> None:
    first = process_age_s()

    assert process_age_s() >= first > 0
