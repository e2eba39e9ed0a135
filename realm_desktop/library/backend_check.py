"""What `doctor` says of this machine: whether its backends are sound, and all that a report needs.

`doctor` runs in a process of its own: it imports torch, and what it finds out may well be a crash.
Knows no Qt; waits, so it belongs in a thread that nobody else needs.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from realm_desktop.errors import EngineStopped
from realm_desktop.own_program import own_program

LIMIT_S: Final = 240.0
"""More than its own limits for the engine, the database and the window together."""


@dataclass(frozen=True, slots=True)
class BackendCheck:
    """How one device did.

    Attributes:
        device: Such as "cpu".
        backend: What computes attention on it.
        max_error: Largest difference from the definition.
        is_sound: Whether that is rounding.
        not_used: What failed the self-test of the device, with the reason.
    """

    device: str
    backend: str
    max_error: float
    is_sound: bool
    not_used: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MachineCheck:
    """What `doctor` says of this machine.

    Attributes:
        backends: One for each device.
        kernels: The instruction set of the compiled kernels; "" without them.
        why_no_kernels: The reason then.
        problems: What does not work, each with what to do.
    """

    backends: tuple[BackendCheck, ...]
    kernels: str
    why_no_kernels: str
    problems: tuple[tuple[str, str], ...] = ()


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

    Args:
        data_dir: The data folder in use.
        command: As of `check_machine`.

    Raises:
        EngineStopped: It ended without a report.
    """
    report = _report(command, ("--data-dir", str(data_dir)))
    return msgspec.json.format(msgspec.json.encode(report), indent=2).decode()


def _report(command: Sequence[str] | None, arguments: Sequence[str]) -> dict[str, Any]:
    try:
        done = subprocess.run(
            [*(command or own_program()), "doctor", "--json", *arguments],
            capture_output=True,
            timeout=LIMIT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _failure(str(error)) from error
    try:
        report = msgspec.json.decode(done.stdout, type=dict[str, Any])
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        said = done.stderr.decode("utf-8", "replace").strip()[-300:]
        raise _failure(said or f"its report cannot be read: {error}") from error
    # It also ends with a status other than 0 when its report names problems.
    if done.returncode and "problems" not in report:
        raise _failure(str(report.get("error", done.returncode)))
    return report


def _read(report: dict[str, Any]) -> MachineCheck:
    # Without torch there is no answer about kernels, but the problems say so.
    kernels = report["cpu"].get("kernels", {})
    return MachineCheck(
        tuple(
            BackendCheck(
                device,
                str(b["attention"]),
                float(b["max_error"]),
                bool(b["is_sound"]),
                tuple(map(str, b.get("not_used", ()))),
            )
            for device, b in report["backends"].items()
        ),
        str(kernels.get("instruction_set") or ""),
        str(kernels.get("why_not") or ""),
        tuple((str(p["what"]), str(p["advice"])) for p in report.get("problems", ())),
    )


def _failure(reason: str) -> EngineStopped:
    return EngineStopped(
        f"the check of the backends ended without a report: {reason}",
        advice="The log of the engine may say more.",
    )
