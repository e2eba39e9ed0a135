"""Runs a frozen program as its user would, and says which part of it is missing.

    python3 installer/smoke_test.py build/packages/realm-desktop/realm-desktop

Three runs on fresh data folders: `doctor` finds every library and the kernels, the command line
generates eight tokens with the starter, and the window is shown, its engine process loads the starter,
and a request to end leads to status 0 with no process left. On Windows the twin with a console is run
for the subcommands, and what is left is not looked for. Standard library only, because it is also
run where nothing else is installed.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

NUM_TOKENS = 8
LIMIT_S = 300.0
"""For one step: torch is read from the disk, and a runner may have much else to do."""
END_LIMIT_S = 10.0
STAGES = ("the window is shown", "the engine is ready", "the model is loaded")
"""What the window's log says, in this order."""

DATA = "data"
"""The data folder of the runs, below the home folder."""

_POLL_S = 0.05


class SmokeError(Exception):
    """Something of the program is missing; the text says what."""


class Program(NamedTuple):
    """A program, and where it keeps its files.

    Attributes:
        command: Starts it.
        home: The home folder that it is given, as it sees it.
        home_outside: The same folder as seen from here; another one if the program is in a chroot.
    """

    command: tuple[str, ...]
    home: Path
    home_outside: Path

    @classmethod
    def here(cls, file: Path, home: Path) -> Program:
        """A program of this system."""
        return cls((str(file),), home, home)

    @property
    def subcommands(self) -> tuple[str, ...]:
        """Starts it for a subcommand: on Windows a twin that has a console."""
        last = self.command[-1]
        return (*self.command[:-1], last.replace(".exe", "-cli.exe"))


def main(arguments: Sequence[str]) -> int:
    """Run all checks on the program that the first argument names; returns the exit status."""
    if len(arguments) != 1:
        print(__doc__)
        return 2
    try:
        with tempfile.TemporaryDirectory() as folder:
            check(Program.here(Path(arguments[0]).resolve(), Path(folder)))
    except SmokeError as error:
        print(f"{arguments[0]}: {error}", file=sys.stderr)
        return 1
    return 0


def check(program: Program) -> None:
    """All three runs; prints what they say.

    Raises:
        SmokeError: Something is missing.
    """
    check_doctor(program)
    print(f"text: {check_generation(program)}")
    print(check_window(program))


def check_doctor(program: Program) -> None:
    """Every library has a version, and the kernels are in use.

    Raises:
        SmokeError: One is missing.
    """
    report = _answer(program, "doctor")
    missing = [name for name, version in report["versions"].items() if not version]
    if missing:
        raise SmokeError(f"these packages are not inside: {', '.join(missing)}")
    kernels = report["cpu"]["kernels"]
    if not kernels["instruction_set"]:
        raise SmokeError(f"the kernels are not in use: {kernels['why_not']}")


def check_generation(program: Program) -> str:
    """Eight tokens of the starter; their text.

    Raises:
        SmokeError: There are fewer.
    """
    asked = ("generate", "starter", "--chat", "Tell me a story about a fox.")
    reply = _answer(program, *asked, "--max-tokens", str(NUM_TOKENS))
    if len(reply["ids"]) != NUM_TOKENS:
        raise SmokeError(f"the starter made {len(reply['ids'])} tokens and not {NUM_TOKENS}")
    return str(reply["text"])


def check_window(program: Program) -> str:
    """Open the window, wait for its model, ask it to close; its log of the start.

    Raises:
        SmokeError: A stage is not reached, the status is not 0, or a process outlives the window.
    """
    with open_window(program) as stages:
        return stages


@contextlib.contextmanager
def open_window(program: Program) -> Iterator[str]:
    """A window with its model loaded, for the block; yields its log of the start, closes it after.

    Raises:
        SmokeError: A stage is not reached, the status is not 0, or a process outlives the window.
    """
    errors = program.home_outside / "window.stderr"
    logs = program.home_outside / DATA / "logs"
    # What former runs on the same data wrote there tells nothing of this one.
    former = {path: path.stat().st_size for path in logs.glob("*.log")}
    with errors.open("w", encoding="utf-8") as stream:
        window = subprocess.Popen(
            [*program.command, "--data-dir", str(program.home / DATA)],
            stdout=stream,
            stderr=stream,
            env=_environment(program.home),
            start_new_session=True,
        )
    try:
        yield _wait_for_stages(window, logs, former)
        _ask_to_end(window)
        status = window.wait(LIMIT_S)
    except BaseException as error:
        _kill(window)
        if isinstance(error, (SmokeError, subprocess.TimeoutExpired)):
            raise SmokeError(f"{error}\n{errors.read_text(encoding='utf-8')}") from error
        raise
    if status != 0:
        raise SmokeError(f"the window ended with status {status}")
    if os.name == "posix":
        _check_group_is_gone(window.pid)


def _ask_to_end(window: subprocess.Popen[bytes]) -> None:
    if os.name == "posix":
        window.send_signal(signal.SIGTERM)
    else:
        # Closes the window as a click would; Windows has no signal that asks.
        subprocess.run(["taskkill", "/PID", str(window.pid)], check=True)


def _kill(window: subprocess.Popen[bytes]) -> None:
    """End the window and its engine at once."""
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError):  # the window may have ended by itself
            os.killpg(window.pid, signal.SIGKILL)
    else:
        window.kill()
    window.wait()


def _wait_for_stages(
    window: subprocess.Popen[bytes], logs: Path, former: Mapping[Path, int]
) -> str:
    """The lines of the log that tell of the stages, once all are there."""
    end_s = time.monotonic() + LIMIT_S
    while True:
        has_ended = window.poll() is not None
        parts = [path.read_bytes()[former.get(path, 0) :] for path in logs.glob("*.log")]
        text = b"".join(parts).decode()
        missing = [stage for stage in STAGES if stage not in text]
        if not missing:
            lines = text.splitlines()
            return "\n".join(line for line in lines if any(stage in line for stage in STAGES))
        if has_ended or time.monotonic() > end_s:
            raise SmokeError(f"the log never says: {missing[0]}")
        time.sleep(_POLL_S)


def _check_group_is_gone(group_id: int) -> None:
    """The engine and whatever else the window started end with it."""
    end_s = time.monotonic() + END_LIMIT_S
    while time.monotonic() < end_s:
        try:
            os.killpg(group_id, 0)
        except ProcessLookupError:
            return
        time.sleep(_POLL_S)
    raise SmokeError("a process of the program outlives its window")


def _answer(program: Program, *arguments: str) -> dict[str, Any]:
    """What a subcommand says, read from its JSON."""
    try:
        done = subprocess.run(
            [*program.subcommands, *arguments, "--json"],
            capture_output=True,
            text=True,
            env=_environment(program.home),
            timeout=LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise SmokeError(f"{arguments[0]} did not end within {LIMIT_S:g} s") from error
    if done.returncode != 0:
        told = f"{done.stderr}\n{done.stdout}"
        raise SmokeError(f"{arguments[0]} ended with status {done.returncode}:\n{told}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _environment(home: Path) -> dict[str, str]:
    """Without a display unless there is one, and without anything of the user's or of Python's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    kept |= {"HOME": str(home), "XDG_DATA_HOME": str(home / "share")}
    if sys.platform == "linux" and "DISPLAY" not in kept:
        kept["QT_QPA_PLATFORM"] = "offscreen"
    return kept


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
