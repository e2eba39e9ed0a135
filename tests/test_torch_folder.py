"""Another build of torch is tried by a process of its own before the engine takes it."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from realm_desktop import torch_folder
from realm_desktop.channel import Channel
from realm_desktop.cli.arguments import CHECK_TORCH_FLAG
from realm_desktop.errors import EngineStopped
from realm_desktop.events import EngineReady
from realm_desktop.launcher import EngineSetup, start_process
from realm_desktop.torch_folder import (
    TorchState,
    own_torch,
    read_state,
    take_torch,
    try_torch,
    write_state,
)
from tests.support.wheels import stand_in

VERSION = f"{own_torch()}+cu130"
SOUND = TorchState(VERSION, "13.0", ("Card 0",))


def _folder(path: Path, source: str = "", state: TorchState | None = None) -> Path:
    """A folder with a stand-in for torch."""
    for name, text in (("torch", source or stand_in()), ("nvidia_helper", "")):
        (path / name).mkdir(parents=True)
        (path / name / "__init__.py").write_text(text)
    if state is not None:
        write_state(path, state)
    return path


def _tell(channel: Channel) -> None:
    """Runs in place of the engine: says which torch it would compute with."""
    torch = sys.modules.get("torch")
    version = "the program's own" if torch is None else str(torch.__version__)
    channel.send([EngineReady("0", version, "cpu", 1, 1)])
    channel.receive()


def _torch_of_engine(folder: Path | None) -> str:
    """The torch that an engine process takes; "" if it ends without a word."""
    handle = start_process(EngineSetup(torch_folder=folder), serve=_tell)
    try:
        (event,) = handle.channel.receive()
        assert isinstance(event, EngineReady)
        return event.torch_version
    except EngineStopped:
        return ""
    finally:
        handle.kill()
        handle.join(5.0)


def test_flag_is_that_of_the_command_line() -> None:
    assert torch_folder.CHECK_TORCH_FLAG == CHECK_TORCH_FLAG


def test_sound_torch_is_imported_by_the_program_and_remembered(tmp_path: Path) -> None:
    state = try_torch(_folder(tmp_path / "ä b"))

    assert state == SOUND
    assert read_state(tmp_path / "ä b") == state


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        (stand_in("1.0.0+cu130"), "it is version 1.0.0+cu130; this program was made with "),
        (stand_in(cards=0), "it finds no card"),
        (stand_in(works=False), "RuntimeError: no kernel image is available"),
        (stand_in(first="raise ImportError('libcudart.so.13 is missing')"), "libcudart.so.13"),
        (stand_in(first="import os; os._exit(9)"), "exit status 9"),
    ],
)
def test_torch_that_is_not_sound_is_refused_with_its_reason(
    tmp_path: Path, source: str, fault: str
) -> None:
    state = try_torch(_folder(tmp_path, source))

    assert fault in state.fault
    assert read_state(tmp_path) == state
    assert not take_torch(tmp_path)


def test_another_torch_in_its_place_is_noticed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere" / "torch.py"
    said = {"torch": VERSION, "cuda": "13.0", "devices": ["x"], "file": str(elsewhere)}
    program = tmp_path / "program.py"
    program.write_text(f"print({json.dumps(json.dumps(said))})")
    folder = _folder(tmp_path / "own")

    state = try_torch(folder, [sys.executable, str(program)])

    assert state.fault == "another torch was imported in its place"


@pytest.mark.parametrize("command", [["/no/such/program"], [sys.executable, "-c", "print('[]')"]])
def test_program_that_says_nothing_is_a_fault(tmp_path: Path, command: list[str]) -> None:
    assert try_torch(_folder(tmp_path), command).fault.startswith("it does not work here")


def test_program_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch_folder, "CHECK_LIMIT_S", 0.05)
    command = [sys.executable, "-c", "import threading; threading.Event().wait()"]

    assert "timed out" in try_torch(_folder(tmp_path), command).fault


def test_engine_takes_the_torch_that_was_found_sound(tmp_path: Path) -> None:
    assert _torch_of_engine(_folder(tmp_path, state=SOUND)) == VERSION


@pytest.mark.parametrize(
    "state",
    [
        None,
        replace(SOUND, fault="it finds no card"),
        replace(SOUND, program="0.0.0"),
        replace(SOUND, torch="1.0.0+cu130"),
    ],
)
def test_untried_or_refused_torch_is_left_alone(tmp_path: Path, state: TorchState | None) -> None:
    before = list(sys.path)

    assert not take_torch(_folder(tmp_path, state=state))
    assert sys.path == before


def test_engine_without_another_torch_keeps_its_own(tmp_path: Path) -> None:
    assert _torch_of_engine(tmp_path / "missing") == "the program's own"


def test_torch_that_broke_since_ends_one_engine_and_not_the_next(tmp_path: Path) -> None:
    folder = _folder(tmp_path, stand_in(first="raise OSError('no such library')"), SOUND)

    assert _torch_of_engine(folder) == ""
    assert _torch_of_engine(folder) == "the program's own"
    state = read_state(folder)
    assert state is not None
    assert state.why_not == "it does not work here: no such library"


def test_state_of_another_version_is_a_reason() -> None:
    assert replace(SOUND, program="0.0.0").why_not == "another version of this program tried it"
    assert SOUND.why_not == ""


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"devices": 3}', b'{"devices": [], "x": 1}'])
def test_damaged_state_counts_as_none(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "checked.json").write_bytes(data)

    assert read_state(tmp_path) is None


def test_state_that_cannot_be_written_is_no_failure(tmp_path: Path) -> None:
    write_state(tmp_path / "missing", SOUND)

    assert read_state(tmp_path / "missing") is None
