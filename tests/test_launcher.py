"""The engine's process: priority, threads, log, and that it never outlives the window."""

from __future__ import annotations

import functools
import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import psutil
import pytest

from realm_desktop import launcher
from realm_desktop.channel import Channel
from realm_desktop.errors import EngineStopped
from realm_desktop.events import EngineReady
from realm_desktop.launcher import (
    EngineSetup,
    Role,
    describe_exit,
    start_process,
    start_thread,
)
from realm_desktop.protocol import Shutdown
from tests.support.posix import posix_only
from tests.support.scripted_engine import Fault, Plan, serve_plan, start_scripted

LIMIT_S = 20.0


def report_surroundings(folder: Path, channel: Channel) -> None:
    """In the engine process: write down what it finds, then serve nothing."""
    names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OMP_WAIT_POLICY")
    found = {name: os.environ[name] for name in names}
    found["niceness"] = str(psutil.Process().nice())
    found["has_torch"] = str("torch" in sys.modules)
    found["has_qt"] = str("PySide6" in sys.modules)
    found["ignores_interrupt"] = str(signal.getsignal(signal.SIGINT) == signal.SIG_IGN)
    (folder / "found.json").write_text(json.dumps(found))


def test_engine_process_is_prepared_before_torch(tmp_path: Path) -> None:
    handle = start_process(
        EngineSetup(num_threads=3), serve=functools.partial(report_surroundings, tmp_path)
    )
    assert handle.join(LIMIT_S)

    found = json.loads((tmp_path / "found.json").read_text())

    assert found["OMP_NUM_THREADS"] == found["MKL_NUM_THREADS"] == "3"
    assert found["OMP_WAIT_POLICY"] == "PASSIVE"
    assert found["has_torch"] == found["has_qt"] == "False"
    assert found["ignores_interrupt"] == "True"
    if sys.platform != "win32":
        assert int(found["niceness"]) >= launcher.ENGINE_NICENESS


@posix_only
def test_trainer_process_goes_after_the_engine(tmp_path: Path) -> None:
    handle = start_process(
        serve=functools.partial(report_surroundings, tmp_path), role=Role.TRAINER
    )
    assert handle.join(LIMIT_S)

    found = json.loads((tmp_path / "found.json").read_text())

    assert found["has_torch"] == "False"
    assert int(found["niceness"]) >= launcher.TRAINER_NICENESS > launcher.ENGINE_NICENESS


def test_engine_process_serves_and_ends_when_told(tmp_path: Path) -> None:
    handle = start_scripted(Plan(tmp_path))

    assert isinstance(handle.channel.receive()[0], EngineReady)
    handle.channel.send([Shutdown()])

    assert handle.join(LIMIT_S)
    assert handle.exit_code == 0


def test_engine_process_ends_when_the_window_hangs_up(tmp_path: Path) -> None:
    handle = start_scripted(Plan(tmp_path))
    handle.channel.receive()

    handle.channel.close()

    assert handle.join(LIMIT_S)
    assert handle.exit_code == 0


def test_failing_engine_leaves_its_reason_in_the_log(tmp_path: Path) -> None:
    plan = Plan(tmp_path, (Fault("raise", "start"),))

    handle = start_scripted(plan, EngineSetup(log_folder=tmp_path))

    assert handle.join(LIMIT_S)
    assert handle.exit_code == 1
    assert "RuntimeError: planned by the test" in (tmp_path / "engine.log").read_text()


@posix_only
def test_native_crash_leaves_a_stack(tmp_path: Path) -> None:
    plan = Plan(tmp_path, (Fault("segfault", "start"),))

    handle = start_scripted(plan, EngineSetup(log_folder=tmp_path))

    assert handle.join(LIMIT_S)
    assert handle.exit_code == -signal.SIGSEGV
    assert "Segmentation fault" in (tmp_path / "engine-crash.log").read_text()


def test_kill_ends_a_hanging_process(tmp_path: Path) -> None:
    handle = start_scripted(Plan(tmp_path, (Fault("hang", "load"),)))
    assert handle.is_alive()
    assert handle.process_id is not None

    handle.kill()

    assert handle.join(LIMIT_S)
    assert not handle.is_alive()


PARENT = """
    import sys, threading
    from pathlib import Path
    from tests.support.scripted_engine import Fault, Plan, start_scripted

    if __name__ == "__main__":
        handle = start_scripted(Plan(Path(sys.argv[1]), (Fault("hang", "start"),)))
        while not list(Path(sys.argv[1]).glob("life-*")):
            handle.join(0.01)
        print(handle.process_id, flush=True)
        threading.Event().wait()
"""


@posix_only
def test_hanging_engine_does_not_outlive_a_killed_window(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(textwrap.dedent(PARENT))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, str(script), str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as parent:
        assert parent.stdout is not None
        engine = psutil.Process(int(parent.stdout.readline()))

        parent.kill()

        assert psutil.wait_procs([engine], timeout=10)[0] == [engine]


def test_process_that_cannot_be_had_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_process: object) -> None:
        raise OSError("Resource temporarily unavailable")

    monkeypatch.setattr("multiprocessing.context.SpawnProcess.start", refuse)

    with pytest.raises(EngineStopped, match="cannot be started: Resource temporarily"):
        start_process()


def test_engine_thread_serves_and_ends_when_told(tmp_path: Path) -> None:
    handle = start_thread(serve=functools.partial(serve_plan, Plan(tmp_path)))
    assert isinstance(handle.channel.receive()[0], EngineReady)
    assert handle.is_alive()
    assert handle.exit_code is None

    handle.channel.send([Shutdown()])

    assert handle.join(LIMIT_S)
    assert handle.exit_code == 0


def test_killed_engine_thread_is_hung_up_on(tmp_path: Path) -> None:
    handle = start_thread(serve=functools.partial(serve_plan, Plan(tmp_path)))

    handle.kill()

    assert handle.join(LIMIT_S)


@pytest.mark.parametrize(
    ("exit_code", "sentence"),
    [
        (-9, "The engine was killed by the system, most often because memory ran out."),
        (-11, "The engine crashed (SIGSEGV)."),
        (-99, "The engine crashed (signal 99)."),
        (3, "The engine stopped with exit code 3."),
    ],
)
def test_exit_codes_read_as_sentences(exit_code: int, sentence: str) -> None:
    assert describe_exit(exit_code) == sentence
