"""The smoke test of a frozen program passes a sound one, and names what is missing in others."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from installer import smoke_test
from installer.smoke_test import (
    STAGES,
    SmokeError,
    check_doctor,
    check_generation,
    check_window,
    main,
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
) -> Path:
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
    return program


def test_sound_program_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(make_program(tmp_path))]) == 0

    told = capsys.readouterr().out
    assert "text: a fox" in told
    assert all(stage in told for stage in STAGES)


def test_missing_package_is_named(tmp_path: Path) -> None:
    program = make_program(tmp_path, REPORT | {"versions": {"torch": "2", "gguf": None}})

    with pytest.raises(SmokeError, match="not inside: gguf"):
        check_doctor(program, tmp_path)


def test_missing_kernels_are_told(tmp_path: Path) -> None:
    kernels = {"instruction_set": None, "why_not": "the library is not there"}
    program = make_program(tmp_path, REPORT | {"cpu": {"kernels": kernels}})

    with pytest.raises(SmokeError, match="the library is not there"):
        check_doctor(program, tmp_path)


def test_too_few_tokens_fail(tmp_path: Path) -> None:
    program = make_program(tmp_path, reply={"text": "a", "ids": [1]})

    with pytest.raises(SmokeError, match="1 tokens and not 8"):
        check_generation(program, tmp_path)


def test_window_that_ends_before_its_model_is_told(tmp_path: Path) -> None:
    program = make_program(tmp_path, stages=STAGES[:2], end="echo no torch >&2; exit 3")

    with pytest.raises(SmokeError, match="the model is loaded\nno torch"):
        check_window(program, tmp_path / "data")


def test_window_without_status_0_fails(tmp_path: Path) -> None:
    program = make_program(tmp_path, status=5)

    with pytest.raises(SmokeError, match="status 5"):
        check_window(program, tmp_path / "data")


def test_process_that_outlives_the_window_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smoke_test, "END_LIMIT_S", 0.2)
    end = "sh -c \"trap '' TERM; sleep 2\" & while :; do sleep 0.01; done"

    with pytest.raises(SmokeError, match="outlives"):
        check_window(make_program(tmp_path, end=end), tmp_path / "data")


def test_program_that_fails_says_so_in_the_status(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = make_program(tmp_path, reply={"text": "", "ids": []})

    assert main([str(program)]) == 1
    assert "0 tokens" in capsys.readouterr().err


def test_without_a_program_the_usage_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "smoke_test.py" in capsys.readouterr().out
