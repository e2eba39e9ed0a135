"""The smoke test of a frozen program passes a sound one, and names what is missing in others."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pytest

from installer import smoke_test
from installer.smoke_test import (
    DATA,
    STAGES,
    Program,
    SmokeError,
    check_doctor,
    check_generation,
    check_window,
    main,
    open_window,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a shell script is the program")

REPORT = {"versions": {"torch": "2.13.0"}, "cpu": {"kernels": {"instruction_set": "avx2"}}}
REPLY = {"text": "a fox", "ids": list(range(8))}


def make_program(
    folder: Path,
    report: object = REPORT,
    reply: object = REPLY,
    stages: tuple[str, ...] = STAGES,
    end: str = "while :; do sleep 0.01; done",
    status: int = 0,
) -> Program:
    """A script that answers as the program does."""
    program = folder / "program"
    said = "".join(
        f'echo "{stage}, 0.10 s after the start" >> "$logs/gui.log"\n' for stage in stages
    )
    program.write_text(
        "#!/bin/sh\n"
        f"[ \"$1\" = doctor ] && echo '{json.dumps(report)}' && exit 0\n"
        f"[ \"$1\" = generate ] && echo '{json.dumps(reply)}' && exit 0\n"
        f"trap 'exit {status}' TERM\n"
        f'logs="$2/logs"; mkdir -p "$logs"\n{said}{end}\n'
    )
    program.chmod(0o755)
    return Program.here(program, folder)


def wait_for(path: Path) -> None:
    """Until a program wrote into a file."""
    end_s = time.monotonic() + 10
    while not path.exists() or not path.read_text():
        assert time.monotonic() < end_s, f"{path} is not written"
        time.sleep(0.01)


def test_sound_program_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(list(make_program(tmp_path).command)) == 0

    told = capsys.readouterr().out
    assert "text: a fox" in told
    assert all(stage in told for stage in STAGES)


def test_missing_package_is_named(tmp_path: Path) -> None:
    program = make_program(tmp_path, REPORT | {"versions": {"torch": "2", "gguf": None}})

    with pytest.raises(SmokeError, match="not inside: gguf"):
        check_doctor(program)


def test_missing_kernels_are_told(tmp_path: Path) -> None:
    kernels = {"instruction_set": None, "why_not": "the library is not there"}
    program = make_program(tmp_path, REPORT | {"cpu": {"kernels": kernels}})

    with pytest.raises(SmokeError, match="the library is not there"):
        check_doctor(program)


def test_too_few_tokens_fail(tmp_path: Path) -> None:
    program = make_program(tmp_path, reply={"text": "a", "ids": [1]})

    with pytest.raises(SmokeError, match="1 tokens and not 8"):
        check_generation(program)


def test_window_that_ends_before_its_model_is_told(tmp_path: Path) -> None:
    program = make_program(tmp_path, stages=STAGES[:2], end="echo no torch >&2; exit 3")

    with pytest.raises(SmokeError, match="the model is loaded\nno torch"):
        check_window(program)


def test_window_without_status_0_fails(tmp_path: Path) -> None:
    program = make_program(tmp_path, status=5)

    with pytest.raises(SmokeError, match="status 5"):
        check_window(program)


def test_subcommand_that_never_ends_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smoke_test, "LIMIT_S", 0.1)
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\nexec sleep 5\n")
    program.chmod(0o755)

    with pytest.raises(SmokeError, match="doctor did not end"):
        check_doctor(Program.here(program, tmp_path))


def test_logs_of_former_runs_do_not_count(tmp_path: Path) -> None:
    check_window(make_program(tmp_path))
    program = make_program(tmp_path, stages=STAGES[:1], end="exit 3")

    with pytest.raises(SmokeError, match="the engine is ready"):
        check_window(program)


def test_process_that_outlives_the_window_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smoke_test, "END_LIMIT_S", 0.2)
    end = "sh -c \"trap '' TERM; sleep 2\" & while :; do sleep 0.01; done"

    with pytest.raises(SmokeError, match="outlives"):
        check_window(make_program(tmp_path, end=end))


def test_program_that_fails_says_so_in_the_status(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = make_program(tmp_path, reply={"text": "", "ids": []})

    assert main(list(program.command)) == 1
    assert "0 tokens" in capsys.readouterr().err


def test_without_a_program_the_usage_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "smoke_test.py" in capsys.readouterr().out


def test_subcommands_of_windows_have_a_console() -> None:
    program = Program.here(Path("realm-desktop.exe"), Path())

    assert program.subcommands == ("realm-desktop-cli.exe",)


TELL_PID = 'echo $$ > "$2/pid"; while :; do sleep 0.01; done'


def is_alive(program: Program) -> bool:
    """Whether the window of a program that told its process id is there."""
    pid = (program.home / DATA / "pid").read_text().strip()
    return Path("/proc", pid).exists()


@pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")
def test_window_is_open_for_the_block_alone(tmp_path: Path) -> None:
    program = make_program(tmp_path, end=TELL_PID)

    with open_window(program) as stages:
        assert all(stage in stages for stage in STAGES)
        wait_for(tmp_path / DATA / "pid")
        assert is_alive(program)
    assert not is_alive(program)


@pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")
def test_fault_inside_the_block_ends_the_window_too(tmp_path: Path) -> None:
    program = make_program(tmp_path, end=TELL_PID)

    def fail() -> None:
        with open_window(program):
            wait_for(tmp_path / DATA / "pid")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not is_alive(program)
