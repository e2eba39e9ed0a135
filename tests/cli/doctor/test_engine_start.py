"""An engine is started as the window does; whatever it does, the report goes on."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from realm_desktop.channel import Channel
from realm_desktop.cli.doctor.engine_start import EngineStart, try_engine
from realm_desktop.errors import EngineStopped, ModelFileError
from realm_desktop.events import ErrorInfo, LoadFailed
from realm_desktop.launcher import Serve


def _die(_: Channel) -> None:
    os._exit(3)


def _hang(_: Channel) -> None:
    threading.Event().wait()


def _refuse(channel: Channel) -> None:
    channel.receive()
    channel.send([LoadFailed("m", ErrorInfo("CorruptFile", "m is damaged"), is_unloaded=False)])
    threading.Event().wait()


def _try(serve: Serve, limit_s: float = 30.0) -> EngineStart:
    return try_engine(Path("m.gguf"), "cpu", 1, limit_s=limit_s, serve=serve)


def test_engine_that_dies_is_told_by_how_it_died() -> None:
    with pytest.raises(EngineStopped, match="stopped with exit code 3"):
        _try(_die)


def test_engine_that_hangs_is_given_up() -> None:
    with pytest.raises(EngineStopped, match=r"did not answer within 0\.1 s"):
        _try(_hang, 0.1)


def test_model_that_is_refused_is_told_with_its_reason() -> None:
    with pytest.raises(ModelFileError, match="m is damaged"):
        _try(_refuse)
