"""What `doctor` says of this machine: whether its backends are sound, and all that a report needs.

`doctor` runs in a process of its own: it imports torch, and what it finds out may well be a crash.
Knows no Qt; waits, so it belongs in a thread that nobody else needs.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from realm_desktop.errors import EngineStopped

LIMIT_S: Final = 120.0
"""torch alone takes seconds to import from a slow disk."""


@dataclass(frozen=True, slots=True)
class BackendCheck:
    """How one device did.

    Attributes:
        device: Such as "cpu".
        backend: What computes attention on it.
        max_error: Largest difference from the definition.
        is_sound: Whether that is rounding.
    """

    device: str
    backend: str
    max_error: float
    is_sound: bool


@dataclass(frozen=True, slots=True)
class MachineCheck:
    """What `doctor` says of this machine.

    Attributes:
        backends: One for each device.
        kernels: The instruction set of the compiled kernels; "" without them.
        why_no_kernels: The reason then.
    """

    backends: tuple[BackendCheck, ...]
    kernels: str
    why_no_kernels: str


def check_machine(command: Sequence[str] | None = None) -> MachineCheck:
    """Run the check; takes some seconds.

    Args:
        command: What writes the report; None is this program's own command line.

    Raises:
        EngineStopped: It ended without a report.
    """
    try:
        return _read(_report(command, ()))
    except (KeyError, TypeError, AttributeError) as error:
        raise _failure(f"its report cannot be read: {error}") from error


def machine_report(data_dir: Path, command: Sequence[str] | None = None) -> str:
    """All that `doctor` says, to be read by people who mend faults; takes some seconds.

    The home folder is written as `~`: its name is that of the user.

    Args:
        data_dir: The data folder in use.
        command: As of `check_machine`.

    Raises:
        EngineStopped: It ended without a report.
    """
    report = _report(command, ("--data-dir", str(data_dir)))
    text = msgspec.json.format(msgspec.json.encode(report), indent=2).decode()
    # As JSON writes it: separators of Windows are doubled there.
    home = msgspec.json.encode(str(Path.home())).decode().strip('"')
    return text.replace(home, "~") if len(home) > 1 else text


def _report(command: Sequence[str] | None, arguments: Sequence[str]) -> dict[str, Any]:
    try:
        done = subprocess.run(
            [*(command or _program()), "doctor", "--json", *arguments],
            capture_output=True,
            timeout=LIMIT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _failure(str(error)) from error
    if done.returncode:
        raise _failure(done.stderr.decode("utf-8", "replace").strip()[-300:])
    try:
        return msgspec.json.decode(done.stdout, type=dict[str, Any])
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise _failure(f"its report cannot be read: {error}") from error


def _program() -> list[str]:
    # An installed program is its own interpreter.
    is_installed = getattr(sys, "frozen", False)
    return [sys.executable] if is_installed else [sys.executable, "-m", "realm_desktop"]


def _read(report: dict[str, Any]) -> MachineCheck:
    kernels = report["cpu"]["kernels"]
    return MachineCheck(
        tuple(
            BackendCheck(device, str(b["attention"]), float(b["max_error"]), bool(b["is_sound"]))
            for device, b in report["backends"].items()
        ),
        str(kernels["instruction_set"] or ""),
        str(kernels["why_not"] or ""),
    )


def _failure(reason: str) -> EngineStopped:
    return EngineStopped(
        f"the check of the backends ended without a report: {reason}",
        advice="The log of the engine may say more.",
    )
